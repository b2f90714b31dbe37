"""The last step of every act upon a patient: all rows of one transaction, written or refused together."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from workflow.persistence import postgresql_writes, sqlite_writes
from workflow.persistence.chain import GENESIS
from workflow.persistence.engine import Database
from workflow.persistence.faults import translated
from workflow.persistence.outcome import Answer, Membership, Outcome, Registration
from workflow.persistence.rows import Rows, answer_row, rows_of, rows_of_registration
from workflow.persistence.sqlite_writes import INSERT_ANSWER
from workflow.persistence.tables import IdempotencyTable, PatientSiteTable, PatientTable
from workflow.persistence.tables.base import table_of

PATIENT_SITE = table_of(PatientSiteTable)
ANSWER = table_of(IdempotencyTable)
INSERT_PATIENT = insert(table_of(PatientTable))
INSERT_MEMBERSHIPS = insert(PATIENT_SITE)
CURRENT_MEMBERSHIPS = select(PATIENT_SITE.c.site_id, PATIENT_SITE.c.role, PATIENT_SITE.c.until_at).where(
    PATIENT_SITE.c.patient_id == bindparam("of_patient_id"),
    PATIENT_SITE.c.until_at.is_(None) | (PATIENT_SITE.c.until_at > bindparam("now")),
)
DELETE_ANSWERS = delete(ANSWER).where(ANSWER.c.made_at < bindparam("before"))
END_MEMBERSHIPS = (
    update(PATIENT_SITE)
    .where(
        PATIENT_SITE.c.patient_id == bindparam("of_patient_id"),
        PATIENT_SITE.c.site_id == bindparam("of_site_id"),
        PATIENT_SITE.c.until_at.is_(None) | (PATIENT_SITE.c.until_at > bindparam("now")),
    )
    .values(until_at=bindparam("now"))
)


def write_outcome(database: Database, connection: Connection, outcome: Outcome) -> int:
    """Write everything an outcome changes, any number of facts at once; return the patient's new version.

    Raises StaleVersionError, IdempotencyKeyTakenError, AlreadyCorrectedError, ImportKeyTakenError, and
    DuplicatePseudonymError where a correction or a transfer leads to a pseudonym taken at that site.
    """
    with translated():
        if outcome.memberships is not None:
            _change_memberships(connection, outcome.patient.id, outcome.memberships, outcome.patient.now)
        _store(database, connection, rows_of(outcome, database.secret))
    return outcome.patient.version + (1 if outcome.facts else 0)


def register_patient(database: Database, connection: Connection, registration: Registration) -> int:
    """Write a new patient with all facts that came along; return version 1.

    Raises DuplicatePseudonymError, IdempotencyKeyTakenError.
    """
    rows = rows_of_registration(registration, database.secret)
    begun = {
        **{name: value for name, value in rows.patient.items() if name != "seen"},
        "version": 0,
        "engine": registration.engine,
        "last_seq": 0,
        "head_hash": GENESIS,
        "external_id": registration.external_id,
        "registered_at": registration.now,
    }
    treating = {
        "patient_id": registration.patient_id,
        "site_id": registration.site_id,
        "since_at": registration.now,
        "role": "treating",
        "until_at": None,
    }
    with translated():
        connection.execute(INSERT_PATIENT, begun)
        connection.execute(INSERT_MEMBERSHIPS, treating)
        _store(database, connection, rows)
    return 1


def remember_answer(connection: Connection, answer: Answer, at: datetime) -> None:
    """Store the first answer to a request that is about no patient; raises IdempotencyKeyTakenError."""
    with translated():
        connection.execute(INSERT_ANSWER, answer_row(answer, at))


def forget_answers(connection: Connection, before: datetime) -> int:
    """Delete the answers stored before an instant (they are kept for 30 days); return how many there were."""
    with translated():
        return connection.execute(DELETE_ANSWERS, {"before": before}).rowcount


def _store(database: Database, connection: Connection, rows: Rows) -> None:
    if database.dialect == "postgresql":
        postgresql_writes.store(connection, rows)
    else:
        sqlite_writes.store(connection, rows)


def _change_memberships(connection: Connection, patient_id: str, wanted: tuple[Membership, ...], now: datetime) -> None:
    """End the memberships that are wanted no longer, and begin the new ones; both at the same instant."""
    found = connection.execute(CURRENT_MEMBERSHIPS, {"of_patient_id": patient_id, "now": now})
    current = {Membership(site_id=row.site_id, role=row.role, until_at=row.until_at) for row in found}
    ended = [{"of_patient_id": patient_id, "of_site_id": gone.site_id, "now": now} for gone in current - set(wanted)]
    begun = [
        {"patient_id": patient_id, "site_id": new.site_id, "since_at": now, "role": new.role, "until_at": new.until_at}
        for new in wanted
        if new not in current
    ]
    if ended:
        connection.execute(END_MEMBERSHIPS, ended)
    if begun:
        connection.execute(INSERT_MEMBERSHIPS, begun)
