"""A hundred thousand patients from a few hundred: whose course is quiet today is copied, row by row, in SQL."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection, Date, Table, bindparam, text

from workflow.persistence.tables import (
    FactTable,
    PatientSiteTable,
    PatientTable,
    StateSpanTable,
    WindowSpanTable,
)
from workflow.persistence.tables.base import Row, table_of

TABLES: tuple[type[Row], ...] = (PatientTable, PatientSiteTable, FactTable, StateSpanTable, WindowSpanTable)
COPIES_AT_ONCE = 20
TEMPLATE, COPY = "bench_template", "bench_copy"
# Nobody is silent and no window comes near its latest day, so that copies add nothing to today's worklist.
_QUIET = f"""
    CREATE TABLE {TEMPLATE} AS SELECT id FROM patient
    WHERE (silent_from IS NULL OR silent_from > :soon) AND NOT EXISTS (
        SELECT 1 FROM window_span WHERE patient_id = patient.id AND known_to IS NULL AND ended_as IS NULL
        AND (latest_on <= :soon OR critical_from <= :soon))
"""  # noqa: S608 -- our own table names


def choose_quiet(connection: Connection, soon: date) -> None:
    """Remember whose course asks for nothing until the day `soon`."""
    connection.execute(text(_QUIET).bindparams(bindparam("soon", soon, Date())))
    connection.execute(text(f"CREATE TABLE {COPY} (number integer PRIMARY KEY)"))


def multiply(connection: Connection, *, patients: int) -> None:
    """Copy the quiet patients with everything about them until there are so many patients, give or take a copy."""
    quiet = int(connection.execute(text(f"SELECT count(*) FROM {TEMPLATE}")).scalar_one())  # noqa: S608 -- our own table name
    there = int(connection.execute(text("SELECT count(*) FROM patient")).scalar_one())
    done = int(connection.execute(text(f"SELECT coalesce(max(number), 0) FROM {COPY}")).scalar_one())  # noqa: S608 -- our own table name
    copies = max(0, round((patients - there) / quiet))
    for numbers in _batches(done + 1, done + copies):
        connection.execute(text(f"INSERT INTO {COPY} VALUES (:number)"), [{"number": number} for number in numbers])  # noqa: S608 -- our own table name
        for model in TABLES:
            connection.execute(text(_copying(table_of(model))), {"first": numbers[0], "last": numbers[-1]})


def _batches(first: int, last: int) -> Iterator[range]:
    for begin in range(first, last + 1, COPIES_AT_ONCE):
        yield range(begin, min(begin + COPIES_AT_ONCE, last + 1))


def _copying(table: Table) -> str:
    """Return the insert of every template's rows under the ids of its copies, which end on the copy's number."""
    owner = "id" if table.name == "patient" else "patient_id"
    other = {
        owner: f"substr(row.{owner}, 1, 28) || substr(CAST(100000000 + number AS text), 2)",
        "pseudonym": "row.pseudonym || '-' || number",
    }
    names = [column.name for column in table.columns if column is not table.autoincrement_column]
    quoted = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(other.get(name, f'row."{name}"') for name in names)
    return (
        f"INSERT INTO {table.name} ({quoted}) SELECT {values} FROM {table.name} AS row "  # noqa: S608 -- our own table names
        f"JOIN {TEMPLATE} ON {TEMPLATE}.id = row.{owner} CROSS JOIN {COPY} WHERE number BETWEEN :first AND :last"
    )
