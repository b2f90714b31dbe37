"""The writes of one transaction on PostgreSQL: one statement, so that the network is crossed once."""

import json
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import Column, Connection, Table, text
from sqlalchemy.dialects.postgresql.base import PGDialect

from workflow.persistence.errors import StaleVersionError
from workflow.persistence.mapping import Columns
from workflow.persistence.rows import Rows
from workflow.persistence.sqlite_writes import UPDATED
from workflow.persistence.tables import (
    AccessLogTable,
    FactTable,
    IdempotencyTable,
    PatientTable,
    StateSpanTable,
    WindowSpanTable,
)
from workflow.persistence.tables.base import table_of

_DIALECT = PGDialect()  # type: ignore[no-untyped-call]
_COUNTED_BY_DATABASE = "id"


def store(connection: Connection, rows: Rows) -> None:
    """Write all rows of a transaction; raises StaleVersionError where the patient moved on."""
    parameters = {
        **rows.patient,
        **{f"{ANSWER}_{name}": value for name, value in (rows.answer or NO_ANSWER).items()},
        **{f"{ACCESS}_{name}": value for name, value in rows.access.items()},
        "facts": _json(rows.facts),
        "closed_states": _json(rows.closed_states),
        "opened_states": _json(rows.opened_states),
        "closed_windows": _json(rows.closed_windows),
        "opened_windows": _json(rows.opened_windows),
    }
    if connection.execute(STORE, parameters).rowcount != 1:
        raise StaleVersionError(str(StaleVersionError.__doc__))


def _json(batch: list[Columns]) -> str:
    return json.dumps(batch, default=_written, separators=(",", ":"), ensure_ascii=False) if batch else "[]"


def _written(value: object) -> str:
    assert isinstance(value, date | datetime)
    return value.isoformat()


def _kind(column: Column[object]) -> str:
    return str(column.type.compile(_DIALECT))


def _columns(table: Table) -> list[Column[object]]:
    counted = "id" if table.c[0].name == _COUNTED_BY_DATABASE and not _kind(table.c[0]).startswith("VARCHAR") else None
    return [column for column in table.columns if column.name != counted]


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _insert_batch(table: Table, parameter: str, *, after: str = "") -> str:
    """Return the insert of a JSON list; `after` names a part whose rows must be closed before."""
    columns = _columns(table)
    names = _quoted(column.name for column in columns)
    shape = ", ".join(f'"{column.name}" {_kind(column)}' for column in columns)
    first = f" WHERE (SELECT count(*) FROM {after}) >= 0" if after else ""  # noqa: S608
    return (
        f"INSERT INTO {table.name} ({names}) SELECT {names} "  # noqa: S608
        f"FROM json_to_recordset(CAST(:{parameter} AS json)) AS row({shape}){first}"
    )


def _insert_one(table: Table, prefix: str, condition: str = "") -> str:
    columns = _columns(table)
    values = ", ".join(f"CAST(:{prefix}_{column.name} AS {_kind(column)})" for column in columns)
    return f"INSERT INTO {table.name} ({_quoted(column.name for column in columns)}) SELECT {values} {condition}"


def _close(table: Table, parameter: str, keys: Iterable[str]) -> str:
    names = ("patient_id", *keys)
    shape = ", ".join(f'"of_{name}" {_kind(table.c[name])}' for name in names)
    same = " AND ".join(f"span.{name} IS NOT DISTINCT FROM row.of_{name}" for name in names if name != "patient_id")
    return (
        f"UPDATE {table.name} AS span SET known_to = CAST(:changed_at AS timestamptz) "  # noqa: S608
        f"FROM json_to_recordset(CAST(:{parameter} AS json)) AS row({shape}) "
        f"WHERE span.patient_id = CAST(:id AS text) AND span.known_to IS NULL AND {same} RETURNING 1"
    )


ANSWER, ACCESS = "answer", "access"
ANSWER_GIVEN = "WHERE CAST(:answer_key AS text) IS NOT NULL"
NO_ANSWER: Columns = {column.name: None for column in table_of(IdempotencyTable).columns}
STATES, WINDOWS, PATIENT = table_of(StateSpanTable), table_of(WindowSpanTable), table_of(PatientTable)
# The parts of one statement run in no stated order, except where one reads another: a window's new version may
# come only after the old one is closed, since only one of them may be current.
STORE = text(
    f"WITH answered AS ({_insert_one(table_of(IdempotencyTable), ANSWER, ANSWER_GIVEN)}), "  # noqa: S608
    f"recorded AS ({_insert_batch(table_of(FactTable), 'facts')}), "
    f"closed_states AS ({_close(STATES, 'closed_states', ('valid_from', 'state', 'course', 'valid_to'))}), "
    f"opened_states AS ({_insert_batch(STATES, 'opened_states', after='closed_states')}), "
    f"closed_windows AS ({_close(WINDOWS, 'closed_windows', ('course', 'rule', 'anchor'))}), "
    f"opened_windows AS ({_insert_batch(WINDOWS, 'opened_windows', after='closed_windows')}), "
    f"logged AS ({_insert_one(table_of(AccessLogTable), ACCESS)}) "
    "UPDATE patient SET "
    + ", ".join(f"{name} = CAST(:{name} AS {_kind(PATIENT.c[name])})" for name in UPDATED)
    + " WHERE id = CAST(:id AS text) AND version = CAST(:seen AS integer)"
)
