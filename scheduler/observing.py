"""What is told of a scheduler's work while it works: counts, and a span for each job and each delivery."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from opentelemetry.trace import NoOpTracer, StatusCode, Tracer

from scheduler.metrics import DONE, FAILED, SchedulerMetrics
from workflow.clock import monotonic


@dataclass(frozen=True, slots=True)
class Observer:
    """Counts in `metrics`, and traces with `tracer`; without one of these nothing is traced."""

    metrics: SchedulerMetrics = field(default_factory=SchedulerMetrics)
    tracer: Tracer = field(default_factory=NoOpTracer)

    @contextmanager
    def job(self, name: str) -> Iterator[None]:
        """Time and count one run of a job; what it raises goes on, counted as failed."""
        began, outcome = monotonic(), FAILED
        try:
            with self._span("job", job=name):
                yield
            outcome = DONE
        finally:
            self.metrics.seconds.labels(name).observe(monotonic() - began)
            self.metrics.runs.labels(name, outcome).inc()

    @contextmanager
    def delivery(self, channel: str) -> Iterator[None]:
        """Trace one delivery, from its claim to its end."""
        with self.metrics.in_flight.track_inprogress(), self._span("delivery", channel=channel):
            yield

    def attempted(self, channel: str, outcome: str, *, given_up: bool) -> None:
        """Count an attempt that was noted, and whether the notice was given up with it."""
        self.metrics.attempts.labels(channel, outcome).inc()
        if given_up:
            self.metrics.given_up.inc()

    @contextmanager
    def _span(self, name: str, **attributes: str) -> Iterator[None]:
        told = {f"coursewatch.{key}": value for key, value in attributes.items()}
        # An exception's message may quote a patient's row: only its class is told.
        with self.tracer.start_as_current_span(
            name, attributes=told, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except Exception as fault:
                span.set_attribute("error.type", type(fault).__name__)
                span.set_status(StatusCode.ERROR)
                raise
