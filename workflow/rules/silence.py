"""Of whom nothing has been heard: `unknown` stands beside late or critical, never instead of them."""

from datetime import date, timedelta

from workflow.domain.chart import IN_TREATMENT
from workflow.domain.patient import PatientState
from workflow.protocols.model import Protocol, Protocols

# Domain model §4: the default where neither site nor protocol says otherwise; in days.
SILENT_AFTER_DAYS = 7


def silent_from(state: PatientState, protocols: Protocols, site_days: int | None = None) -> date | None:
    """Return the first day on which the patient counts as silent, or None outside treatment.

    The site's setting (days) wins over the protocol's.
    """
    protocol = protocols.pinned(state.course.protocol_sha) if state.course else None
    return silence_begins(state.state, state.last_contact_on, protocol, site_days)


def silence_begins(
    state: str, last_contact_on: date | None, protocol: Protocol | None, site_days: int | None = None
) -> date | None:
    """Return the same of a patient in `state`, last heard of on a day, whose course has pinned a protocol."""
    if state not in IN_TREATMENT or last_contact_on is None:
        return None
    days = site_days or (protocol.silent_after_days if protocol else SILENT_AFTER_DAYS)
    return last_contact_on + timedelta(days=days + 1)


def is_silent(state: PatientState, as_of: date, protocols: Protocols, site_days: int | None = None) -> bool:
    """Whether nothing has been recorded for longer than protocol or site allow."""
    since = silent_from(state, protocols, site_days)
    return since is not None and as_of >= since
