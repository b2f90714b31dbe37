"""What lists are read from: the states and the windows of a patient with their days of validity."""

from datetime import date

from workflow.domain.patient import PatientState
from workflow.domain.spans import StateSpan
from workflow.domain.windows import Window


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


def window_spans(state: PatientState) -> tuple[Window, ...]:
    """Return the patient's windows, and as they stood before their thresholds moved: on each day one of each stands."""
    return (*state.windows, *state.earlier_windows)
