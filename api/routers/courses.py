"""A patient's courses: history, timing windows, the proof of one, and what can be recorded next."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.answering import answered, existing_name
from api.dependencies import CallerOf, no_parameters
from api.schemas import documentation as documented
from api.schemas.parameters import ClockParameters, HistoryParameters
from workflow.services import read_history, read_windows
from workflow.services.clocks import Clocks

router = APIRouter(prefix="/api/v1/patients/{patient_id:uuid}", tags=["courses"])


@router.get("/history", summary="Read the history", **documented.HISTORY)
def history(
    asked: CallerOf, patient_id: documented.PatientId, wanted: Annotated[HistoryParameters, Query()]
) -> Response:
    """Read every fact in clinical order, with the state before and after it, its verdicts, who and when."""
    answer = read_history.history(
        asked.house,
        asked.actor,
        str(patient_id),
        Clocks(as_of=wanted.as_of, known_at=wanted.known_at),
        include_superseded=wanted.include_superseded,
    )
    return answered(answer)


@router.get("/windows", summary="Read all timing windows", **documented.WINDOWS)
def windows(asked: CallerOf, patient_id: documented.PatientId, wanted: Annotated[ClockParameters, Query()]) -> Response:
    """Read all timing windows of all courses with their status and verdict."""
    clocks = Clocks(as_of=wanted.as_of, known_at=wanted.known_at)
    return answered(read_windows.windows(asked.house, asked.actor, str(patient_id), clocks))


@router.get("/windows/{window_id}/explanation", summary="Read the proof of a window", **documented.EXPLANATION)
def explanation(
    asked: CallerOf,
    patient_id: documented.PatientId,
    window_id: documented.WindowId,
    wanted: Annotated[ClockParameters, Query()],
) -> Response:
    """Read the proof of one window: anchor, rule, protocol version and hash, arithmetic, source, boundary."""
    patient = str(patient_id)
    window = existing_name(window_id, "window of this patient")
    clocks = Clocks(as_of=wanted.as_of, known_at=wanted.known_at)
    return answered(read_windows.explanation(asked.house, asked.actor, patient, window, clocks))


@router.get(
    "/next-steps",
    dependencies=[Depends(no_parameters)],
    summary="Read what can be recorded next",
    **documented.NEXT_STEPS,
)
def next_steps(asked: CallerOf, patient_id: documented.PatientId) -> Response:
    """Read every fact type as it stands today: allowed or not, why not, from when, what it would need."""
    return answered(read_windows.next_steps(asked.house, asked.actor, str(patient_id)))
