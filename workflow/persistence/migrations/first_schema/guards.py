"""Triggers that refuse to change what is only ever appended, so that not even a mistake of ours rewrites the past."""

from collections.abc import Iterable

from alembic import op

APPEND_ONLY = ("fact", "alert_event", "attempt", "access_log", "site_setting", "protocol_version", "seal")
_REFUSE = "is append-only: rows are never updated or deleted"


def create() -> None:
    """Create the triggers of this database's dialect."""
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '% {_REFUSE}', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
        )
    guard(APPEND_ONLY)


def guard(tables: Iterable[str]) -> None:
    """Create the triggers of these tables."""
    if op.get_context().dialect.name == "postgresql":
        _guard_on_postgresql(tables)
    else:
        _guard_on_sqlite(tables)


def drop() -> None:
    """Drop what does not go with its table."""
    if op.get_context().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute("DROP FUNCTION refuse_change()")


def _guard_on_postgresql(tables: Iterable[str]) -> None:
    for table in tables:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _guard_on_sqlite(tables: Iterable[str]) -> None:
    for table in tables:
        for act in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_append_only_{act} BEFORE {act.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} {_REFUSE}'); END"
            )
