"""The writes of one transaction on PostgreSQL: one statement, so that the network is crossed once."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache

from sqlalchemy import Column, Connection, Table, TextClause, text
from sqlalchemy.dialects.postgresql.base import PGDialect

from workflow.persistence.errors import StaleVersionError
from workflow.persistence.ledger import CHANGING
from workflow.persistence.rows import Rows
from workflow.persistence.sqlite_writes import JUDGED, UPDATED
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

_DIALECT = PGDialect()  # type: ignore[no-untyped-call]
_COUNTED_BY_DATABASE = "id"


def store(connection: Connection, rows: Rows) -> None:
    """Write all rows of a transaction; raises StaleVersionError where the patient moved on."""
    parts = tuple(part for part in PARTS if getattr(rows, part))
    parameters = {**rows.patient, **{f"{ACCESS}_{name}": value for name, value in rows.access.items()}}
    if rows.answer is not None:
        parameters |= {f"{ANSWER}_{name}": value for name, value in rows.answer.items()}
    parameters |= {part: _json(getattr(rows, part)) for part in parts if part != ANSWER}
    if connection.execute(statement_of(parts, with_snapshot=rows.with_snapshot), parameters).rowcount != 1:
        raise StaleVersionError(str(StaleVersionError.__doc__))


@cache
def statement_of(parts: tuple[str, ...], *, with_snapshot: bool) -> TextClause:
    """Return the one statement for a choice of PARTS, each built and prepared once; few of the choices ever come up.

    The parts of a statement run in no stated order, except where one reads another: a window's new version may come
    only after the old one is closed, since only one of them may be current. None sees what another one writes: the
    notices that are added are not among those that are withdrawn.
    """
    written = [f"{part}_written AS ({_part(part, parts)})" for part in parts]
    logged = f"logged AS ({_insert_one(table_of(AccessLogTable), ACCESS)})"
    changed = _update_patient(UPDATED if with_snapshot else JUDGED)
    return text(f"WITH {', '.join([*written, logged])} {changed}")


def _part(part: str, parts: tuple[str, ...]) -> str:
    if part == ANSWER:
        return _insert_one(table_of(IdempotencyTable), ANSWER)
    if part in ADDED:
        return _insert_batch(ADDED[part], part)
    if part in CHANGED:
        return CHANGED[part]
    closing, _, spans = part.partition("_")
    table, keys = SPANS[spans]
    if closing == "closed":
        return _close(table, part, keys)
    return _insert_batch(table, part, after=f"closed_{spans}_written" if f"closed_{spans}" in parts else "")


def _json(batch: object) -> str:
    return json.dumps(batch, default=_written, separators=(",", ":"), ensure_ascii=False)


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
    first = f" WHERE (SELECT count(*) FROM {after}) >= 0" if after else ""  # noqa: S608 -- built from our own table definitions
    return (
        f"INSERT INTO {table.name} ({names}) SELECT {names} "  # noqa: S608 -- built from our own table definitions
        f"FROM json_to_recordset(CAST(:{parameter} AS json)) AS row({shape}){first}"
    )


def _insert_one(table: Table, prefix: str) -> str:
    columns = _columns(table)
    values = ", ".join(f"CAST(:{prefix}_{column.name} AS {_kind(column)})" for column in columns)
    return f"INSERT INTO {table.name} ({_quoted(column.name for column in columns)}) VALUES ({values})"  # noqa: S608 -- our own names


def _close(table: Table, parameter: str, keys: Iterable[str]) -> str:
    names = ("patient_id", *keys)
    shape = ", ".join([*(f'"of_{name}" {_kind(table.c[name])}' for name in names), '"now" TIMESTAMPTZ'])
    same = " AND ".join(f"span.{name} IS NOT DISTINCT FROM row.of_{name}" for name in names if name != "patient_id")
    return (
        f"UPDATE {table.name} AS span SET known_to = row.now "  # noqa: S608 -- built from our own table definitions
        f"FROM json_to_recordset(CAST(:{parameter} AS json)) AS row({shape}) "
        f"WHERE span.patient_id = CAST(:id AS text) AND span.known_to IS NULL AND {same} RETURNING 1"
    )


def _change_alerts() -> str:
    columns = [ALERT.c[name] for name in CHANGING]
    shape = ", ".join(f'"{column.name}" {_kind(column)}' for column in columns)
    told = ", ".join(f"{column.name} = row.{column.name}" for column in columns)
    return (
        f"UPDATE alert SET {told} FROM json_to_recordset(CAST(:changed_alerts AS json)) "  # noqa: S608 -- our own names
        f'AS row("of_id" VARCHAR, {shape}) WHERE alert.id = row.of_id RETURNING 1'
    )


def _update_patient(columns: Iterable[str]) -> str:
    changed = ", ".join(f"{name} = CAST(:{name} AS {_kind(PATIENT.c[name])})" for name in columns)
    return f"UPDATE patient SET {changed} WHERE id = CAST(:id AS text) AND version = CAST(:seen AS integer)"  # noqa: S608 -- our own names


STATES, WINDOWS, PATIENT = table_of(StateSpanTable), table_of(WindowSpanTable), table_of(PatientTable)
SPANS = {
    "states": (STATES, ("valid_from", "state", "course", "valid_to")),
    "windows": (WINDOWS, ("course", "rule", "anchor", "valid_from")),
}
ALERT = table_of(AlertTable)
ADDED = {
    "facts": table_of(FactTable),
    "alerts": ALERT,
    "alert_events": table_of(AlertEventTable),
    "notices": table_of(NoticeTable),
}
CHANGED = {
    "changed_alerts": _change_alerts(),
    "withdrawn": (
        "UPDATE notice SET status = 'withdrawn', settled_at = row.now, leased_by = NULL, "
        "leased_until = NULL FROM json_to_recordset(CAST(:withdrawn AS json)) "
        'AS row("of_alert_id" VARCHAR, "from_step" INTEGER, "of_notice_id" VARCHAR, "now" TIMESTAMPTZ) '
        "WHERE notice.alert_id = row.of_alert_id AND notice.step >= row.from_step AND notice.status = 'pending' "
        "AND notice.id = COALESCE(row.of_notice_id, notice.id) "
        "RETURNING 1"
    ),
    "accounted": (
        "UPDATE notice SET accounted = TRUE FROM json_to_recordset(CAST(:accounted AS json)) "
        'AS row("of_id" VARCHAR) WHERE notice.id = row.of_id RETURNING 1'
    ),
}
ANSWER, ACCESS = "answer", "access"
# What a transaction may write besides the patient's row and the access row; what it does not write costs nothing.
PARTS = (
    *(ANSWER, "facts", "closed_states", "opened_states", "closed_windows", "opened_windows"),
    *("alerts", "changed_alerts", "alert_events", "withdrawn", "notices", "accounted"),
)
