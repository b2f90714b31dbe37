"""Counts requests for Prometheus: by method, route and status, never by anything of a patient."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from workflow.services.read_metrics import Metric, Metrics

CONTENT_TYPE = CONTENT_TYPE_LATEST
# A fact is recorded in a few milliseconds; the last bucket is the statement limit.
BUCKETS_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
Family = CounterMetricFamily | GaugeMetricFamily


@dataclass(slots=True)
class RequestMetrics:
    """One application's counters in a registry of its own, so that several may live in one process."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    requests: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    problems: Counter = field(init=False)

    def __post_init__(self) -> None:
        self.requests = Counter(
            "coursewatch_http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "coursewatch_http_request_seconds",
            "Time from the first byte of a request to the last of its answer.",
            ("method", "route"),
            buckets=BUCKETS_SECONDS,
            registry=self.registry,
        )
        self.problems = Counter(
            "coursewatch_http_problems",
            "Requests answered with a problem, by its code: refused, in conflict, stale, not allowed, broken.",
            ("code", "status"),
            registry=self.registry,
        )

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(seconds)

    def note_problem(self, code: str, status: int) -> None:
        """Count one answer that is a problem; codes are ours, a few dozen."""
        self.problems.labels(code, str(status)).inc()

    def text(self) -> bytes:
        """Return all counters in the text format of Prometheus."""
        return generate_latest(self.registry)


# A registry keeps its collectors by their identity.
@dataclass(frozen=True, slots=True, eq=False)
class HouseCollector(Collector):
    """Tells what a house reads of its installation, in the words of Prometheus."""

    metrics: Metrics

    def collect(self) -> Iterator[Family]:
        """Yield every metric; never raises for a database that does not answer."""
        return (family_of(metric) for metric in self.metrics.read())


def family_of(metric: Metric) -> Family:
    """Return a metric as Prometheus' client writes it."""
    kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    names = tuple(metric.samples[0][0]) if metric.samples else ()
    family: Family = kind(metric.name, metric.says, labels=names)
    for labels, value in metric.samples:
        family.add_metric(tuple(labels.values()), value)
    return family


def register(registry: CollectorRegistry, metrics: Metrics, also: Iterable[Collector] = ()) -> None:
    """Let a process's registry tell of its house, of the process itself, and of what else counts in it."""
    # When each series began is known to whoever scrapes it; saying so would double their number.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    for collector in (HouseCollector(metrics), *also):
        registry.register(collector)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
