"""Corrections: versions superseded or voided, facts moved to the right patient."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.answering import answered
from api.dependencies import Sent
from api.schemas import documentation as documented
from api.schemas.parameters import PreviewParameters
from workflow.services.correct_facts import correct_facts
from workflow.services.move_facts import move_facts

router = APIRouter(prefix="/api/v1", tags=["corrections"])


@router.post("/patients/{patient_id:uuid}/corrections", summary="Correct facts", **documented.CORRECT_FACTS)
async def correct(
    patient_id: documented.PatientId, sent: Sent, wanted: Annotated[PreviewParameters, Query()]
) -> Response:
    """Supersede or void facts of one patient, one or a batch that stands or falls together, each with its reason.

    A version is corrected once: of two people who correct the same one the second gets 409. Facts that lose their step
    in the chart by it are named (409) unless `keep_conflicts` is sent; then they stand as conflicts to review.
    """
    conditions = replace(sent.conditions, preview=wanted.preview)
    answer = await sent.turns.carry_out(
        correct_facts, sent.house, sent.actor, str(patient_id), sent.raw, conditions=conditions
    )
    return answered(answer)


@router.post("/corrections/move", summary="Move facts to the right patient", **documented.MOVE_FACTS)
async def move(sent: Sent, wanted: Annotated[PreviewParameters, Query()]) -> Response:
    """Void facts that were entered for the wrong patient and record them for the right one, atomically.

    Each end names the other. The key must reach both patients. `If-Match` is the version of the patient moved from.
    """
    conditions = replace(sent.conditions, preview=wanted.preview)
    return answered(await sent.turns.carry_out(move_facts, sent.house, sent.actor, sent.raw, conditions=conditions))
