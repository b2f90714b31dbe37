"""Which patients carry which of many pseudonyms: asked once for a whole file, not once a row."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, text

from workflow.domain.facts.types import REGISTRATION
from workflow.persistence.faults import translated
from workflow.persistence.patients import PATIENT, member_of
from workflow.persistence.reach import Reach
from workflow.persistence.tables import FactTable
from workflow.persistence.tables.base import table_of

FACT = table_of(FactTable)
PSEUDONYM_TAKEN = text("SELECT pseudonym_taken(CAST(:site AS text), CAST(:wanted AS text), CAST(:but AS text))")

# Below the number of parameters that every SQLite of today takes.
_AT_A_TIME = 10_000


def ids_by_pseudonym(
    connection: Connection, pseudonyms: Iterable[str], reach: Reach, *, now: datetime
) -> dict[str, tuple[str, ...]]:
    """Return the ids of the patients within reach that carry one of these pseudonyms, by pseudonym.

    One that nobody carries any more, since the registration was corrected, still names whom it named.
    """
    wanted = sorted(set(pseudonyms))
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(wanted), _AT_A_TIME):
        for pseudonym, patient_id in _rows(connection, wanted[start : start + _AT_A_TIME], reach, now):
            found[pseudonym] = (*found.get(pseudonym, ()), patient_id)
    for pseudonym, patient_ids in _former(connection, reach, now).items():
        if pseudonym in set(wanted) - found.keys():
            found[pseudonym] = tuple(sorted(patient_ids))
    return found


def carried_by_another(connection: Connection, pseudonym: str, site: str, *, but: str | None) -> bool:
    """Whether a patient treated at this site carries the pseudonym; the one whose id is `but` does not count.

    It may be a site out of reach, so PostgreSQL is asked by a function that its row-level security does not hold.
    """
    if connection.dialect.name == "postgresql":
        with translated():
            return bool(connection.execute(PSEUDONYM_TAKEN, {"site": site, "wanted": pseudonym, "but": but}).scalar())
    statement = select(PATIENT.c.id).where(PATIENT.c.site_id == site, PATIENT.c.pseudonym == pseudonym)
    with translated():
        return any(patient_id != but for patient_id in connection.execute(statement).scalars())


def _former(connection: Connection, reach: Reach, now: datetime) -> dict[str, set[str]]:
    """Return whom every pseudonym of a corrected registration ever named."""
    anew = FACT.alias()
    corrected = select(anew.c.patient_id).where(anew.c.type == REGISTRATION, anew.c.op == "supersede")
    statement = (
        select(FACT.c.patient_id, FACT.c.payload)
        .join(PATIENT, PATIENT.c.id == FACT.c.patient_id)
        .where(FACT.c.patient_id.in_(corrected), FACT.c.type == REGISTRATION)
    )
    if reach.sites is not None:
        statement = statement.where(member_of(reach.sites, now))
    named: dict[str, set[str]] = {}
    with translated():
        for row in connection.execute(statement):
            named.setdefault(json.loads(row.payload)["pseudonym"], set()).add(row.patient_id)
    return named


def _rows(connection: Connection, pseudonyms: Sequence[str], reach: Reach, now: datetime) -> Sequence[tuple[str, str]]:
    statement = select(PATIENT.c.pseudonym, PATIENT.c.id).where(PATIENT.c.pseudonym.in_(pseudonyms))
    if reach.sites is not None:
        statement = statement.where(member_of(reach.sites, now))
    with translated():
        return [(row.pseudonym, row.id) for row in connection.execute(statement.order_by(PATIENT.c.id))]
