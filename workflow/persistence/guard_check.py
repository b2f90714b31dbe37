"""Finds the triggers that should refuse to change what is only ever appended, and are gone or switched off."""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from workflow.persistence.faults import translated
from workflow.persistence.tables import APPEND_ONLY

_STANDING = {
    "sqlite": text("SELECT name FROM sqlite_master WHERE type = 'trigger'"),
    "postgresql": text(
        "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
        "WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND pg_table_is_visible(pg_class.oid)"
    ),
}
_ACTS = {"sqlite": ("_update", "_delete"), "postgresql": ("",)}


def missing_guards(connection: Connection) -> Iterator[str]:
    """Yield the name of each trigger that is not there or does not fire."""
    dialect = connection.dialect.name
    with translated():
        standing = set(connection.execute(_STANDING[dialect]).scalars())
    for table in APPEND_ONLY:
        yield from (name for act in _ACTS[dialect] if (name := f"{table}_append_only{act}") not in standing)
