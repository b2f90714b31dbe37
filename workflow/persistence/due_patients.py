"""Whom a sweep has to look at: found by the hints in the patients' rows, never by reading their courses."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, false, func, or_, select, union

from workflow.persistence.faults import translated
from workflow.persistence.ledger import ALERT, NOTICE
from workflow.persistence.patients import PATIENT

PATIENTS_A_PAGE = 200
_SOON = select(PATIENT.c.id).where(PATIENT.c.next_due_at <= bindparam("now"))
# Two ranges of an index, where an unequal sign would read every patient.
_OTHERWISE = select(PATIENT.c.id).where(
    or_(
        PATIENT.c.judged_by.is_(None),
        PATIENT.c.judged_by < bindparam("judged_by"),
        PATIENT.c.judged_by > bindparam("judged_by"),
    )
)
_UNDELIVERED = (
    select(ALERT.c.patient_id)
    .join(NOTICE, NOTICE.c.alert_id == ALERT.c.id)
    .where(NOTICE.c.status == "dead", NOTICE.c.accounted.is_(false()))
)
_DUE = union(_SOON, _OTHERWISE, _UNDELIVERED).subquery("due")
DUE = select(_DUE.c.id).where(_DUE.c.id > bindparam("after")).order_by(_DUE.c.id).limit(PATIENTS_A_PAGE)
OLDEST_DUE = select(func.min(PATIENT.c.next_due_at))


def due_patients(connection: Connection, *, now: datetime, judged_by: str, after: str = "") -> Sequence[str]:
    """Return the next patients, by id behind `after`, for whom something is due at `now` or was judged by others.

    Somebody is also due of whom a notice was given up that no alert tells of.
    """
    with translated():
        return connection.execute(DUE, {"now": now, "judged_by": judged_by, "after": after}).scalars().all()


def oldest_due_at(connection: Connection) -> datetime | None:
    """Return when the patient who has waited longest for a sweep was to be judged; None where nobody waits."""
    with translated():
        found: datetime | None = connection.execute(OLDEST_DUE).scalar_one()
        return found
