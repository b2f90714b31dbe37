"""Says what of an upgrade would break a process that works with the tables from before it (docs/decisions/0027)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, inspect

Column = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as its database tells it: columns by name, and what refuses rows by its name and text."""

    columns: Mapping[str, Column]
    refusing: Mapping[str, str]


Tables = Mapping[str, Table]


def tables_of(connection: Connection) -> Tables:
    """Return the tables of the database that this connection reaches, as they are at this moment."""
    return {name: _table(connection, name) for name in inspect(connection).get_table_names()}


def _table(connection: Connection, name: str) -> Table:
    inspector = inspect(connection)
    unique = {str(index["name"]): f"unique {index['column_names']}" for index in _unique_indexes(connection, name)}
    checks = {str(check["name"]): f"check {check['sqltext']}" for check in inspector.get_check_constraints(name)}
    foreign = {
        str(key["name"]): f"{key['constrained_columns']} of {key['referred_table']}"
        for key in inspector.get_foreign_keys(name)
    }
    columns = {column["name"]: column for column in inspector.get_columns(name)}
    return Table(columns, {**unique, **checks, **foreign})


def _unique_indexes(connection: Connection, name: str) -> Iterator[Any]:
    return (index for index in inspect(connection).get_indexes(name) if index["unique"])


def harm(before: Tables, after: Tables) -> list[str]:
    """Return a line for everything that a process which knows the tables `before` would break at in those `after`."""
    found = []
    for name, table in before.items():
        if name not in after:
            found.append(f"{name} is gone")
            continue
        found += [f"{name}.{line}" for line in _harm_to(table, after[name])]
    return found


def _harm_to(before: Table, after: Table) -> Iterator[str]:
    for name, column in before.columns.items():
        left = after.columns.get(name)
        if left is None:
            yield f"{name} is gone"
        elif (str(left["type"]), left["nullable"]) != (str(column["type"]), column["nullable"]):
            yield f"{name} was {_said(column)} and is {_said(left)}"
    for name in after.columns.keys() - before.columns.keys():
        column = after.columns[name]
        if not column["nullable"] and column["default"] is None:
            yield f"{name} is new, and has no default for who does not know it"
    for name, text in after.refusing.items():
        if before.refusing.get(name) != text:
            yield f"{name} refuses rows: {text}"


def _said(column: Column) -> str:
    return f"{column['type']}{'' if column['nullable'] else ' NOT NULL'}"


@dataclass(slots=True)
class Statements:
    """What is sent to any database while it listens."""

    sent: list[str] = field(default_factory=list)

    def listen(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        """Take a statement down."""
        self.sent.append(" ".join(statement.split()))

    def blocking_indexes(self, tables: Tables) -> list[str]:
        """Return the index builds that keep writers of these tables waiting until they are done."""
        return [
            statement
            for statement in self.sent
            if statement.startswith(("CREATE INDEX", "CREATE UNIQUE INDEX"))
            and " CONCURRENTLY " not in statement
            and statement.partition(" ON ")[2].split()[0].strip('"').removeprefix("public.") in tables
        ]
