"""Checks the hash chain of stored facts: what was altered, taken out or put in since it was recorded."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, select

from workflow.persistence.chain import GENESIS, fact_hash
from workflow.persistence.engine import Database
from workflow.persistence.faults import translated
from workflow.persistence.mapping import Columns, remarks_digest
from workflow.persistence.tables import FactTable, PatientTable
from workflow.persistence.tables.base import table_of

FACT, PATIENT = table_of(FactTable), table_of(PatientTable)


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """Where a patient's chain does not hold; `seq` None where its end is missing."""

    patient_id: str
    seq: int | None
    why: str


def broken_links(database: Database, connection: Connection) -> list[BrokenLink]:
    """Return every place where the stored facts are not those that were recorded, patient by patient."""
    found: list[BrokenLink] = []
    with translated():
        patients = connection.execute(select(PATIENT.c.id, PATIENT.c.head_hash).order_by(PATIENT.c.id)).all()
        for patient_id, head_hash in patients:
            statement = select(FACT).where(FACT.c.patient_id == patient_id).order_by(FACT.c.seq)
            rows = [dict(row) for row in connection.execute(statement).mappings()]
            found += _broken(database.secret, patient_id, rows, head_hash)
    return found


def _broken(secret: bytes, patient_id: str, rows: Iterable[Columns], head_hash: str) -> Iterable[BrokenLink]:
    expected = GENESIS
    for place, row in enumerate(rows, start=1):
        if row["seq"] != place or row["prev_hash"] != expected:
            yield BrokenLink(patient_id, row["seq"], "a fact before it is missing or was put in")
        elif fact_hash(secret, expected, row) != row["hash"]:
            yield BrokenLink(patient_id, row["seq"], "the row was altered")
        elif sha256(row["payload"].encode()).hexdigest() != row["payload_sha256"]:
            yield BrokenLink(patient_id, row["seq"], "the payload was altered")
        elif remarks_digest(row["note"], row["override"], row["reason"]) != row["remarks_sha256"]:
            yield BrokenLink(patient_id, row["seq"], "the note, the override or the reason was altered")
        expected = row["hash"]
    if expected != head_hash:
        yield BrokenLink(patient_id, None, "the newest facts are missing, or the patient's head was altered")
