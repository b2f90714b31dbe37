"""Classifications: a relapse described in the request, classified by the published tables."""

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.answering import answered
from api.dependencies import Sent, no_parameters
from api.schemas import documentation as documented
from workflow.services import classify_case

router = APIRouter(prefix="/api/v1/classifications", tags=["classifications"])


@router.post("", dependencies=[Depends(no_parameters)], summary="Classify a relapse", **documented.CLASSIFY)
def classify(sent: Sent) -> Response:
    """Classify one relapse: timing, site and risk groups under all schemes, and what each strategy recommends.

    Nothing is stored but the access row, and nothing is guessed: what cannot be computed is null, or indeterminate,
    with a reason. Where a date is missing but every class that the others allow leads to the same group or decision,
    that one is given. Recommendations are computed from published tables; they are no treatment decisions.
    """
    return answered(classify_case.classified(sent.house, sent.actor, sent.raw))
