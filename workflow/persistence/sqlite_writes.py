"""The writes of one transaction on SQLite: statements built once, sent one after the other."""

from sqlalchemy import Connection, bindparam, insert, update

from workflow.persistence.errors import StaleVersionError
from workflow.persistence.rows import Rows
from workflow.persistence.tables import (
    AccessLogTable,
    FactTable,
    IdempotencyTable,
    PatientTable,
    StateSpanTable,
    WindowSpanTable,
)
from workflow.persistence.tables.base import table_of

PATIENT = table_of(PatientTable)
STATES = table_of(StateSpanTable)
WINDOWS = table_of(WindowSpanTable)

# Built once: a statement built for each call costs five times as much as the same one built before.
INSERT_ANSWER = insert(table_of(IdempotencyTable))
INSERT_FACTS = insert(table_of(FactTable))
INSERT_ACCESS = insert(table_of(AccessLogTable))
INSERT_STATES = insert(STATES)
INSERT_WINDOWS = insert(WINDOWS)
CLOSE_STATES = (
    update(STATES)
    .where(
        STATES.c.patient_id == bindparam("of_patient_id"),
        STATES.c.known_to.is_(None),
        STATES.c.valid_from == bindparam("of_valid_from"),
        STATES.c.state == bindparam("of_state"),
        STATES.c.course.is_not_distinct_from(bindparam("of_course")),
        STATES.c.valid_to.is_not_distinct_from(bindparam("of_valid_to")),
    )
    .values(known_to=bindparam("now"))
)
CLOSE_WINDOWS = (
    update(WINDOWS)
    .where(
        WINDOWS.c.patient_id == bindparam("of_patient_id"),
        WINDOWS.c.known_to.is_(None),
        WINDOWS.c.course == bindparam("of_course"),
        WINDOWS.c.rule == bindparam("of_rule"),
        WINDOWS.c.anchor == bindparam("of_anchor"),
    )
    .values(known_to=bindparam("now"))
)
UPDATED = (
    *("version", "site_id", "pseudonym", "state_json", "engine", "last_seq", "head_hash", "open_alerts"),
    *("next_due_at", "silent_from", "owner", "deputy", "last_contact_on", "changed_at"),
)
UPDATE_PATIENT = (
    update(PATIENT)
    .where(PATIENT.c.id == bindparam("of_id"), PATIENT.c.version == bindparam("seen"))
    .values({name: bindparam(name) for name in UPDATED})
)


def store(connection: Connection, rows: Rows) -> None:
    """Write all rows of a transaction; raises StaleVersionError where the patient moved on."""
    if rows.answer is not None:
        connection.execute(INSERT_ANSWER, rows.answer)
    for statement, batch in (
        (INSERT_FACTS, rows.facts),
        (CLOSE_STATES, rows.closed_states),
        (INSERT_STATES, rows.opened_states),
        (CLOSE_WINDOWS, rows.closed_windows),
        (INSERT_WINDOWS, rows.opened_windows),
    ):
        if batch:
            connection.execute(statement, batch)
    patient = {**rows.patient, "of_id": rows.patient["id"]}
    if connection.execute(UPDATE_PATIENT, patient).rowcount != 1:
        raise StaleVersionError(str(StaleVersionError.__doc__))
    connection.execute(INSERT_ACCESS, rows.access)
