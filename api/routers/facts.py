"""Facts: recording one, trying one, countersigning one."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.answering import answered, existing_fact
from api.dependencies import Sent, SentOrNothing, no_parameters
from api.schemas import documentation as documented
from api.schemas.parameters import PreviewParameters
from workflow.services import confirm_fact, record_fact

router = APIRouter(prefix="/api/v1/patients/{patient_id:uuid}/facts", tags=["facts"])


@router.post("", status_code=201, summary="Record a fact", **documented.RECORD_FACT)
async def record(
    patient_id: documented.PatientId, sent: Sent, wanted: Annotated[PreviewParameters, Query()]
) -> Response:
    """Record one fact, or with `preview=true` learn what recording it would answer.

    A late fact is always accepted. A refusal (409) names the rule, its source, the arithmetic, the earliest date, and
    what to send to override.
    """
    answer = await sent.turns.carry_out(
        record_fact.record,
        sent.house,
        sent.actor,
        str(patient_id),
        sent.raw,
        conditions=replace(sent.conditions, preview=wanted.preview),
    )
    return answered(answer)


@router.post(
    "/{fact_id}/confirmation",
    status_code=201,
    dependencies=[Depends(no_parameters)],
    summary="Countersign a fact",
    **documented.CONFIRM_FACT,
)
async def confirm(patient_id: documented.PatientId, fact_id: documented.FactId, sent: SentOrNothing) -> Response:
    """Countersign, as a clinician, a fact that counts already but waits for it; the body may be left out."""
    answer = await sent.turns.carry_out(
        confirm_fact.confirm,
        sent.house,
        sent.actor,
        str(patient_id),
        existing_fact(fact_id),
        sent.raw,
        conditions=sent.conditions,
    )
    return answered(answer)
