"""Whom a sweep has to look at: found by the hints in the patients' rows, never by reading their courses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, null, select, text, union, update

from workflow.persistence.backlog import COUNTED_AT_MOST, OTHERWISE, PATIENTS_A_PAGE, SOME_OTHERWISE, count_backlog
from workflow.persistence.faults import translated
from workflow.persistence.ledger import ALERT, NOTICE
from workflow.persistence.patients import PATIENT

_SOON = select(PATIENT.c.id).where(PATIENT.c.next_due_at <= bindparam("now"))
# In the very words of the index `ix_notice_unaccounted`: by any other ones every notice there ever was is read.
_UNDELIVERED = (
    select(ALERT.c.patient_id)
    .join(NOTICE, NOTICE.c.alert_id == ALERT.c.id)
    .where(NOTICE.c.status == text("'dead'"), text("NOT notice.accounted"))
)
_DUE = union(_SOON, OTHERWISE, _UNDELIVERED).subquery("due")
_OVERDUE = union(_SOON, _UNDELIVERED).subquery("due")
DUE, OVERDUE = (
    select(found.c.id).where(found.c.id > bindparam("after")).order_by(found.c.id).limit(PATIENTS_A_PAGE)
    for found in (_DUE, _OVERDUE)
)
# Each part is cut by itself: a union would read all of a million who wait for an upgrade before it is cut.
_PARTS = (
    _SOON.order_by(PATIENT.c.next_due_at).limit(COUNTED_AT_MOST),
    *SOME_OTHERWISE,
    _UNDELIVERED.limit(COUNTED_AT_MOST),
)
_SOME = union(*(select(part.subquery()) for part in _PARTS)).subquery("some")
_COUNTED = select(_SOME).limit(COUNTED_AT_MOST).subquery("waiting")
WAITING = select(func.count()).select_from(_COUNTED)
# In the order of their ids, as everybody locks who locks more than one.
LOCK_TREATED = (
    select(PATIENT.c.id).where(PATIENT.c.site_id == bindparam("of_site_id")).order_by(PATIENT.c.id).with_for_update()
)
# Due whatever the clock says: who was judged by nobody; the instant is from when on what passes is due at its own time.
WAKE = (
    update(PATIENT)
    .where(PATIENT.c.site_id == bindparam("of_site_id"))
    .values(judged_by=null(), next_due_at=bindparam("now"))
)
OLDEST_DUE = select(func.min(PATIENT.c.next_due_at)).where(PATIENT.c.next_due_at <= bindparam("now"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many patients wait for a sweep, and how many of these of other rules, each counted to COUNTED_AT_MOST.

    `oldest_due_at` is since when the first of those waits for whom something is due.
    """

    patients: int
    of_other_rules: int
    oldest_due_at: datetime | None


def due_patients(connection: Connection, *, now: datetime, judged_by: str | None, after: str = "") -> Sequence[str]:
    """Return the next patients, by id behind `after`, for whom something is due at `now` or was judged by others.

    Somebody is also due of whom a notice was given up that no alert tells of. None for `judged_by`: it does not matter
    who judged.
    """
    told = {"now": now, "after": after} | ({} if judged_by is None else {"judged_by": judged_by})
    with translated():
        return connection.execute(OVERDUE if judged_by is None else DUE, told).scalars().all()


def who_waits(connection: Connection, *, now: datetime, judged_by: str) -> Waiting:
    """Return who waits for a sweep at `now`; nobody's time has come where only other rules have judged them."""
    told = {"now": now, "judged_by": judged_by}
    with translated():
        return Waiting(
            patients=connection.execute(WAITING, told).scalar_one(),
            of_other_rules=count_backlog(connection, judged_by=judged_by),
            oldest_due_at=connection.execute(OLDEST_DUE, {"now": now}).scalar_one(),
        )


def lock_treated(connection: Connection, site_id: str) -> None:
    """Lock everybody whom a site treats, in the order of their ids."""
    with translated():
        connection.execute(LOCK_TREATED, {"of_site_id": site_id}).all()


def wake_patients(connection: Connection, site_id: str, now: datetime) -> None:
    """Let the next sweep judge everybody anew whom a site treats, locked by now; neither version nor chain changes."""
    with translated():
        connection.execute(WAKE, {"of_site_id": site_id, "now": now})
