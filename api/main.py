"""Where uvicorn begins: the application as the environment describes it."""

import os
from collections.abc import AsyncIterator, Iterable
from contextlib import ExitStack, asynccontextmanager
from logging import INFO

from fastapi import FastAPI
from prometheus_client.registry import Collector

from api.app import create_app
from api.draining import Draining
from api.logs import configure_logs
from api.tracing import traced
from workflow.bootstrap import build
from workflow.clock import Clock
from workflow.settings import Settings


def app_from_environment(
    clock: Clock | None = None,
    *,
    least_logged: int = INFO,
    draining: Draining | None = None,
    also_measured: Iterable[Collector] = (),
) -> FastAPI:
    """Return the application for the variables COURSEWATCH_…, its house closed when the server stops.

    A demo hands in `clock`, which stands in for the database's own and which its scheduler lives by too, and the level
    of `logging` from which on anything is logged; a server that drains hands in where it says so, one that does
    more than answer (`also_measured`) what counts that.

    For `uvicorn api.main:app_from_environment --factory`. It never migrates; raises where the database is not there,
    or stands at another revision.
    """
    configure_logs(least=least_logged)
    settings = Settings.from_environment(os.environ)
    house = build(settings, clock=clock)
    closing = ExitStack()
    closing.callback(house.close)
    traces = closing.enter_context(traced(settings, "coursewatch-api"))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        with closing:
            yield

    app = create_app(house, draining, also_measured=also_measured, traces=traces)
    app.router.lifespan_context = lifespan
    return app
