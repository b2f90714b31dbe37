"""Puts the application together around a house: routes, pages, errors, the edge."""

from collections.abc import Iterable
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.routing import APIRoute
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import NoOpTracer
from prometheus_client.registry import Collector
from starlette.staticfiles import StaticFiles

from api.admission import Admission
from api.attempts import WrongKeys
from api.docs import SWAGGER_FILES, docs
from api.draining import Draining
from api.edge import Edge
from api.errors import answer_errors
from api.metrics import RequestMetrics, register
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
from api.tracing import telemetry_of
from api.turns import Turns
from workflow.services.house import House
from workflow.services.read_metrics import Metrics

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


def create_app(
    house: House,
    draining: Draining | None = None,
    *,
    also_measured: Iterable[Collector] = (),
    traces: TracerProvider | None = None,
) -> FastAPI:
    """Return the application that serves this house; whoever made the house closes it.

    A server that lets requests run out before it ends says so in `draining`. `also_measured` counts in this process
    too; requests are traced by `traces`, if there is one, which whoever made it ends.
    """
    app = FastAPI(
        title="Coursewatch",
        summary="Facts in, judgement out: the course of relapsed childhood ALL.",
        version=version("coursewatch"),
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
        telemetry=telemetry_of(traces),
    )
    app.state.house = house
    app.state.draining = draining or Draining()
    app.state.metrics = RequestMetrics()
    register(app.state.metrics.registry, Metrics(house=house), also_measured)
    app.state.turns = Turns(house, traces.get_tracer("coursewatch") if traces else NoOpTracer())
    app.state.wrong_keys = WrongKeys(house.clock)
    app.add_middleware(Admission, settings=house.settings)
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
