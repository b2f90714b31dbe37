"""For the machines that watch over this one: alive, ready, and how much is asked."""

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.answering import answered
from api.dependencies import house_of, no_parameters
from api.metrics import CONTENT_TYPE
from api.schemas import documentation as documented
from workflow.services import health

router = APIRouter(tags=["health"], dependencies=[Depends(no_parameters)])


@router.get("/health/live", summary="Is this process alive?", **documented.LIVE)
async def live() -> Response:
    """Say that this process answers; nothing else is asked."""
    return JSONResponse({"status": "alive"})


@router.get("/health/ready", summary="Can this process serve, and does somebody sweep?", **documented.READY)
def ready(request: Request) -> Response:
    """Say whether this process can serve, and when patients were last swept for what fell due.

    503 while its database does not answer or has another revision, while the last sweep, by whichever process, is
    older than three periods (then nothing is raised, and nobody is told), and from when it was told to end.
    """
    if request.app.state.draining.begun:
        return answered(health.draining())
    return answered(health.ready(house_of(request)))


@router.get("/metrics", response_class=Response, summary="Read request metrics", **documented.METRICS)
def metrics(request: Request) -> Response:
    """Read counts and times of requests by route, in the text format of Prometheus."""
    return Response(request.app.state.metrics.text(), headers={"Content-Type": CONTENT_TYPE})
