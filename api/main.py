"""Where uvicorn begins: the application as the environment describes it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from logging import INFO

from fastapi import FastAPI

from api.app import create_app
from api.logs import configure_logs
from workflow.bootstrap import build
from workflow.clock import Clock
from workflow.settings import Settings


def app_from_environment(clock: Clock | None = None, *, least_logged: int = INFO) -> FastAPI:
    """Return the application for the variables COURSEWATCH_…, its house closed when the server stops.

    A demo hands in `clock`, which stands in for the database's own and which its scheduler lives by too, and the level
    of `logging` from which on anything is logged.

    For `uvicorn api.main:app_from_environment --factory`. It never migrates; raises where the database is not there,
    or stands at another revision.
    """
    configure_logs(least=least_logged)
    house = build(Settings.from_environment(os.environ), clock=clock)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        house.close()

    app = create_app(house)
    app.router.lifespan_context = lifespan
    return app
