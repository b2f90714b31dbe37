"""What lists are read from: the states and windows of a patient with their days of validity."""

from dataclasses import dataclass
from datetime import date

from workflow.domain.patient import PatientState


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSpan:
    """The patient was in `state` from `valid_from` up to, not including, `valid_to` (None: still)."""

    course: int | None
    state: str
    valid_from: date
    valid_to: date | None


def state_spans(state: PatientState) -> tuple[StateSpan, ...]:
    """Return the patient's states over time, one span a state, without gap or overlap."""
    ends: list[date | None] = [change.on for change in state.trail[1:]]
    return tuple(
        StateSpan(course=change.course, state=change.state, valid_from=change.on, valid_to=end)
        for change, end in zip(state.trail, [*ends, None], strict=True)
    )
