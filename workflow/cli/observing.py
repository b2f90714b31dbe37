"""Lets a process of the clock be watched: its traces, and where it tells its health and metrics."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from workflow.cli.talk import say
from workflow.settings import Settings

if TYPE_CHECKING:
    from scheduler.observing import Observer
    from workflow.services.house import House


@contextmanager
def observing(settings: Settings) -> "Iterator[Observer]":
    """Give what hears of every job and delivery, with spans where COURSEWATCH_TRACES_URL is set."""
    from api.tracing import traced
    from scheduler.observing import Observer

    with traced(settings, "coursewatch-scheduler") as traces:
        yield Observer(tracer=traces.get_tracer("coursewatch")) if traces else Observer()


@contextmanager
def watched(settings: Settings, house: "House") -> "Iterator[Observer]":
    """Give the same, and tell health and metrics at COURSEWATCH_WATCH_HOST and _PORT where a port is set."""
    from api.metrics import register
    from scheduler.watch_server import answers_of, watch_served
    from workflow.services.health import ready
    from workflow.services.read_metrics import Metrics

    def readiness() -> tuple[int, str]:
        answer = ready(house)
        return answer.status, answer.body

    with observing(settings) as observer:
        if settings.watch_port is None:
            yield observer
            return
        register(observer.metrics.registry, Metrics(house=house))
        host = settings.watch_host
        with watch_served(host, settings.watch_port, answers_of(readiness, observer.metrics.text)) as port:
            say(f"Health and metrics are told at http://{f'[{host}]' if ':' in host else host}:{port}")
            yield observer
