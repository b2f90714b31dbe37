"""Those whom other rules have judged, or nobody: after an upgrade everybody, read piece by piece along their index."""

from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, or_, select, tuple_, union_all

from workflow.persistence.faults import translated
from workflow.persistence.patients import PATIENT

PATIENTS_A_PAGE = 200
# Readiness asks every few seconds, and an upgrade lets everybody wait: nobody needs to know more than "a thousand".
COUNTED_AT_MOST = 1000
_BY_NOBODY = PATIENT.c.judged_by.is_(None)
_BY_LESSER = PATIENT.c.judged_by < bindparam("judged_by")
_BY_GREATER = PATIENT.c.judged_by > bindparam("judged_by")
# Pieces of the index `ix_patient_judged_by`: by an unequal sign every patient would be read.
_PIECES = (_BY_NOBODY, _BY_LESSER, _BY_GREATER)
_ORDER = (PATIENT.c.judged_by, PATIENT.c.id)
OTHERWISE = select(PATIENT.c.id).where(or_(*_PIECES))
# Each cut by itself and in the order of that index. In any other order a planner who remembers that nearly all waited
# looks through everybody for the few who are left.
SOME_OTHERWISE = tuple(select(PATIENT.c.id).where(piece).order_by(*_ORDER).limit(COUNTED_AT_MOST) for piece in _PIECES)
_SOME = union_all(*(select(part.subquery()) for part in SOME_OTHERWISE)).limit(COUNTED_AT_MOST)
COUNT = select(func.count()).select_from(_SOME.subquery("waiting"))
_FOUND = select(*_ORDER).order_by(*_ORDER).limit(PATIENTS_A_PAGE)
_FIRST = tuple(_FOUND.where(piece) for piece in _PIECES)
# Behind a place nothing else bounds a piece from below: PostgreSQL would begin there, and walk to the place.
_BEHIND = tuple_(*_ORDER) > tuple_(bindparam("of_rules"), bindparam("after"))
_NEXT = (
    _FOUND.where(_BY_NOBODY, PATIENT.c.id > bindparam("after")),
    _FOUND.where(_BY_LESSER, _BEHIND),
    _FOUND.where(_BEHIND),
)


class Place(NamedTuple):
    """Where in the backlog a patient stands: in which piece of it, by the rules that have judged them, and by id."""

    piece: int
    judged_by: str | None
    patient_id: str


def backlog(connection: Connection, *, judged_by: str, behind: Place | None = None) -> tuple[Place, ...]:
    """Return the next patients, `behind` a place, whom other rules than `judged_by` have judged, or nobody."""
    told = {"judged_by": judged_by}
    with translated():
        if behind:
            here = {"of_rules": behind.judged_by, "after": behind.patient_id}
            found = connection.execute(_NEXT[behind.piece], told | here).all()
            if found:
                return tuple(Place(behind.piece, *row) for row in found)
        for piece in range(behind.piece + 1 if behind else 0, len(_PIECES)):
            found = connection.execute(_FIRST[piece], told).all()
            if found:
                return tuple(Place(piece, *row) for row in found)
    return ()


def count_backlog(connection: Connection, *, judged_by: str) -> int:
    """Return how many patients other rules than `judged_by` have judged, or nobody, counted to COUNTED_AT_MOST."""
    with translated():
        return int(connection.execute(COUNT, {"judged_by": judged_by}).scalar_one())
