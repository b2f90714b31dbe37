"""The writes of one transaction on SQLite: statements built once, sent one after the other."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Insert, String, Table, Update, bindparam, func, insert, null, text, true, update
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from workflow.persistence.errors import StaleVersionError
from workflow.persistence.ledger import CHANGING
from workflow.persistence.rows import Rows
from workflow.persistence.tables import (
    AccessLogTable,
    AlertEventTable,
    AlertTable,
    FactTable,
    IdempotencyTable,
    NoticeTable,
    PatientTable,
    StateSpanTable,
    WindowSpanTable,
)
from workflow.persistence.tables.base import table_of

PATIENT = table_of(PatientTable)
STATES = table_of(StateSpanTable)
WINDOWS = table_of(WindowSpanTable)
ALERTS, NOTICES = table_of(AlertTable), table_of(NoticeTable)

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
        WINDOWS.c.valid_from == bindparam("of_valid_from"),
    )
    .values(known_to=bindparam("now"))
)
SNAPSHOT = ("site_id", "pseudonym", "state_json", "engine", "silent_from", "owner", "deputy", "last_contact_on")
JUDGED = ("version", "last_seq", "head_hash", "open_alerts", "next_due_at", "judged_by", "ledger_at", "changed_at")
UPDATED = (*JUDGED, *SNAPSHOT)


def _update_patient(columns: Iterable[str]) -> Update:
    return (
        update(PATIENT)
        .where(PATIENT.c.id == bindparam("of_id"), PATIENT.c.version == bindparam("seen"))
        .values({name: bindparam(name) for name in columns})
    )


CHANGE_ALERTS = (
    update(ALERTS).where(ALERTS.c.id == bindparam("of_id")).values({name: bindparam(name) for name in CHANGING})
)
WITHDRAW_NOTICES = (
    update(NOTICES)
    .where(
        NOTICES.c.alert_id == bindparam("of_alert_id"),
        NOTICES.c.step >= bindparam("from_step"),
        NOTICES.c.id == func.coalesce(bindparam("of_notice_id", type_=String()), NOTICES.c.id),
        NOTICES.c.status == text("'pending'"),
    )
    .values(status=text("'withdrawn'"), settled_at=bindparam("now"), leased_by=null(), leased_until=null())
)
ACCOUNT_NOTICES = update(NOTICES).where(NOTICES.c.id == bindparam("of_id")).values(accounted=true())


@dataclass(frozen=True, slots=True)
class Prepared:
    """One statement as SQLite's driver takes it: for each `?` the row's column, and what turns its value into SQLite's.

    Core works this out for every execution anew, which costs more than the execution itself.
    """

    sql: str
    bound: tuple[tuple[str, Callable[[Any], Any] | None], ...]

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Execute for each row, and return how many rows of the table the last statement met."""
        bound = self.bound
        told = [tuple([row[name] if turn is None else turn(row[name]) for name, turn in bound]) for row in rows]
        return connection.exec_driver_sql(self.sql, told[0] if len(told) == 1 else told).rowcount


def prepared(statement: Insert | Update, columns: Iterable[str]) -> Prepared:
    """Return a statement for rows of these columns."""
    dialect = SQLiteDialect_pysqlite(paramstyle="qmark")
    compiled = statement.compile(dialect=dialect, column_keys=list(columns))
    names = compiled.positiontup or ()
    kinds = {name: compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names}
    return Prepared(str(compiled), tuple((name, kinds[name]) for name in names))


def _columns(table: Table) -> list[str]:
    # SQLite counts by itself what is an id of no other meaning.
    return [column.name for column in table.columns if column is not table.autoincrement_column]


ADD_ANSWER = prepared(INSERT_ANSWER, _columns(table_of(IdempotencyTable)))
ADD_FACTS = prepared(INSERT_FACTS, _columns(table_of(FactTable)))
ADD_ACCESS = prepared(INSERT_ACCESS, _columns(table_of(AccessLogTable)))
ADD_STATES = prepared(INSERT_STATES, _columns(STATES))
ADD_WINDOWS = prepared(INSERT_WINDOWS, _columns(WINDOWS))
END_STATES = prepared(CLOSE_STATES, ())
END_WINDOWS = prepared(CLOSE_WINDOWS, ())
ADD_ALERTS = prepared(insert(ALERTS), _columns(ALERTS))
CHANGE_ALERT_ROWS = prepared(CHANGE_ALERTS, ())
ADD_EVENTS = prepared(insert(table_of(AlertEventTable)), _columns(table_of(AlertEventTable)))
WITHDRAW = prepared(WITHDRAW_NOTICES, ())
ADD_NOTICES = prepared(insert(NOTICES), _columns(NOTICES))
ACCOUNT = prepared(ACCOUNT_NOTICES, ())
CHANGE_PATIENT = prepared(_update_patient(UPDATED), ())
CHANGE_JUDGED = prepared(_update_patient(JUDGED), ())


def store(connection: Connection, rows: Rows) -> None:
    """Write all rows of a transaction; raises StaleVersionError where the patient moved on."""
    if rows.answer is not None:
        ADD_ANSWER.run(connection, [rows.answer])
    for statement, batch in (
        (ADD_FACTS, rows.facts),
        (END_STATES, rows.closed_states),
        (ADD_STATES, rows.opened_states),
        (END_WINDOWS, rows.closed_windows),
        (ADD_WINDOWS, rows.opened_windows),
        (ADD_ALERTS, rows.alerts),
        (CHANGE_ALERT_ROWS, rows.changed_alerts),
        (ADD_EVENTS, rows.alert_events),
        (WITHDRAW, rows.withdrawn),
        (ADD_NOTICES, rows.notices),
        (ACCOUNT, rows.accounted),
    ):
        if batch:
            statement.run(connection, batch)
    patient = {**rows.patient, "of_id": rows.patient["id"]}
    if (CHANGE_PATIENT if rows.with_snapshot else CHANGE_JUDGED).run(connection, [patient]) != 1:
        raise StaleVersionError(str(StaleVersionError.__doc__))
    ADD_ACCESS.run(connection, [rows.access])
