"""What lists are read from: the states and windows of a patient with their days of validity."""

from dataclasses import dataclass
from datetime import date

from workflow.domain.patient import PatientState


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSpan:
    """The patient was in `state` from `valid_from` up to, not including, `valid_to` (None: still).

    All that while `site_id` treated them, and the course had pinned `protocol` (id@version).
    """

    course: int | None
    state: str
    site_id: str | None
    protocol: str | None
    valid_from: date
    valid_to: date | None


def state_spans(state: PatientState) -> tuple[StateSpan, ...]:
    """Return the patient's states over time, without gap or overlap; a change of site or protocol begins a new one."""
    ends: list[date | None] = [change.on for change in state.trail[1:]]
    return tuple(
        StateSpan(
            course=change.course,
            state=change.state,
            site_id=change.site,
            protocol=change.protocol,
            valid_from=change.on,
            valid_to=end,
        )
        for change, end in zip(state.trail, [*ends, None], strict=True)
    )
