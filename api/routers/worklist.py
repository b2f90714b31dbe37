"""The worklist: who is late, critical, due or silent."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.answering import answered
from api.dependencies import CallerOf
from api.schemas import documentation as documented
from api.schemas.parameters import WorklistParameters
from workflow.persistence.pages import Page
from workflow.services import read_worklist
from workflow.services.read_worklist import WORTH_SHOWING, Wanted

router = APIRouter(prefix="/api/v1/worklist", tags=["worklist"])


def wanted_rows(parameters: WorklistParameters) -> Wanted:
    """Return which rows are asked for; without a status those that ask for attention."""
    return Wanted(
        as_of=parameters.as_of,
        known_at=parameters.known_at,
        statuses=frozenset(parameters.status) or WORTH_SHOWING,
        site=parameters.site,
        rule=parameters.rule,
    )


@router.get("", summary="Read the worklist", **documented.WORKLIST)
def listed(asked: CallerOf, wanted: Annotated[WorklistParameters, Query()]) -> Response:
    """List open windows, longest overdue first, with days past the latest day and the next threshold.

    Today, or as it stood on a day in what was known by an instant; then `site` is the one that treated the patient.
    """
    page = Page(wanted.limit, wanted.cursor)
    return answered(read_worklist.listed(asked.house, asked.actor, wanted_rows(wanted), page))
