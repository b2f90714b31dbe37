"""Which patients carry which of many pseudonyms: asked once for a whole file, not once a row."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from workflow.persistence.faults import translated
from workflow.persistence.patients import PATIENT, member_of
from workflow.persistence.reach import Reach

# Below the number of parameters that every SQLite of today takes.
_AT_A_TIME = 10_000


def ids_by_pseudonym(
    connection: Connection, pseudonyms: Iterable[str], reach: Reach, *, now: datetime
) -> dict[str, tuple[str, ...]]:
    """Return the ids of the patients within reach that carry one of these pseudonyms, by pseudonym."""
    wanted = sorted(set(pseudonyms))
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(wanted), _AT_A_TIME):
        for pseudonym, patient_id in _rows(connection, wanted[start : start + _AT_A_TIME], reach, now):
            found[pseudonym] = (*found.get(pseudonym, ()), patient_id)
    return found


def carried_by_another(connection: Connection, pseudonym: str, site: str, *, but: str | None) -> bool:
    """Whether a patient treated at this site carries the pseudonym; the one whose id is `but` does not count."""
    statement = select(PATIENT.c.id).where(PATIENT.c.site_id == site, PATIENT.c.pseudonym == pseudonym)
    with translated():
        return any(patient_id != but for patient_id in connection.execute(statement).scalars())


def _rows(connection: Connection, pseudonyms: Sequence[str], reach: Reach, now: datetime) -> Sequence[tuple[str, str]]:
    statement = select(PATIENT.c.pseudonym, PATIENT.c.id).where(PATIENT.c.pseudonym.in_(pseudonyms))
    if reach.sites is not None:
        statement = statement.where(member_of(reach.sites, now))
    with translated():
        return [(row.pseudonym, row.id) for row in connection.execute(statement.order_by(PATIENT.c.id))]
