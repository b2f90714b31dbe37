"""The cohort: how many patients stand where."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.answering import answered
from api.dependencies import CallerOf
from api.schemas import documentation as documented
from api.schemas.parameters import CensusParameters
from workflow.services import count_states
from workflow.services.clocks import Clocks
from workflow.services.count_states import CensusFilter

router = APIRouter(prefix="/api/v1/cohort", tags=["cohort"])


@router.get("/states", summary="Count patients by state", **documented.COUNT_STATES)
def states(asked: CallerOf, wanted: Annotated[CensusParameters, Query()]) -> Response:
    """Count the patients whom this key may see by state, treating site and protocol, today or at two past clocks.

    A state that nobody is in has no row. Before the first fact of their course patients stand as `registered`.
    """
    clocks = Clocks(as_of=wanted.as_of, known_at=wanted.known_at)
    census = CensusFilter(site=wanted.site, protocol=wanted.protocol)
    return answered(count_states.counted(asked.house, asked.actor, census, clocks))
