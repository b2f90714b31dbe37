"""Puts the application together around a house: routes, pages, errors, the edge."""

from importlib.metadata import version

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.staticfiles import StaticFiles

from api.docs import SWAGGER_FILES, docs
from api.edge import Edge
from api.errors import answer_errors
from api.metrics import RequestMetrics
from api.openapi import document
from api.pages.rendering import STATIC
from api.routers import (
    alerts,
    classifications,
    cohort,
    corrections,
    courses,
    facts,
    health,
    pages,
    patients,
    protocols,
    schemas,
    sites,
    worklist,
)
from api.turns import Turns
from workflow.services.house import House

# The route that is asked most stands first: routes are tried in this order.
ROUTERS = (
    facts,
    patients,
    courses,
    corrections,
    worklist,
    alerts,
    classifications,
    cohort,
    sites,
    protocols,
    schemas,
    health,
    pages,
)


def create_app(house: House) -> FastAPI:
    """Return the application that serves this house; whoever made the house closes it."""
    app = FastAPI(
        title="Coursewatch",
        summary="Facts in, judgement out: the course of relapsed childhood ALL.",
        version=version("coursewatch"),
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
        # FastAPI's own telemetry would hand exception messages to a collector; they may quote a patient's row.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.house = house
    app.state.metrics = RequestMetrics()
    app.state.turns = Turns(house)
    app.add_middleware(Edge, metrics=app.state.metrics)
    answer_errors(app)
    for room in ROUTERS:
        app.include_router(room.router)
    app.add_api_route("/docs", docs, include_in_schema=False)
    app.mount("/static/swagger", StaticFiles(directory=SWAGGER_FILES))
    app.mount("/static", StaticFiles(directory=STATIC))
    app.openapi = document(app)  # type: ignore[method-assign]
    return app


def _operation_id(route: APIRoute) -> str:
    """Return a short name that code generators make functions of, e.g. `facts_record`."""
    return f"{route.tags[0] if route.tags else 'page'}_{route.name}"
