"""Counts for Prometheus what the clock does in this process: jobs, attempts to deliver, jumps of the clock."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from workflow.domain.delivery import Result

DONE, FAILED = "done", "failed"
# From a tick with nothing to do to a sweep after an upgrade.
BUCKETS_SECONDS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0)


@dataclass(slots=True)
class SchedulerMetrics:
    """One scheduler's counters in a registry of its own; no label names a recipient, a notice or a patient."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    runs: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    attempts: Counter = field(init=False)
    given_up: Counter = field(init=False)
    in_flight: Gauge = field(init=False)
    clock_jumps: Counter = field(init=False)

    def __post_init__(self) -> None:
        registry = self.registry
        self.runs = Counter("coursewatch_job_runs", "Runs of jobs.", ("job_name", "outcome"), registry=registry)
        self.seconds = Histogram(
            "coursewatch_job_seconds",
            "How long runs of jobs took.",
            ("job_name",),
            buckets=BUCKETS_SECONDS,
            registry=registry,
        )
        self.attempts = Counter(
            "coursewatch_delivery_attempts",
            "Attempts to deliver a notice that were noted.",
            ("channel", "outcome"),
            registry=registry,
        )
        self.given_up = Counter("coursewatch_notices_given_up", "Notices that became dead letters.", registry=registry)
        self.in_flight = Gauge("coursewatch_deliveries_in_flight", "Notices being delivered.", registry=registry)
        self.clock_jumps = Counter("coursewatch_clock_jumps", "Jumps of this machine's clock.", registry=registry)

    def expect(self, jobs: Iterable[str], channels: Iterable[str]) -> None:
        """Begin these at 0, so that the first of a kind is seen as one more and not as always there."""
        for job in jobs:
            for outcome in (DONE, FAILED):
                self.runs.labels(job, outcome)
        for channel in channels:
            for result in get_args(Result):
                self.attempts.labels(channel, result)

    def text(self) -> bytes:
        """Return all that is registered in the text format of Prometheus."""
        return generate_latest(self.registry)
