"""What the app role may do on PostgreSQL: everything its work needs, and no way to rewrite the past."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

from workflow.persistence.migrations.site_fence import FUNCTIONS
from workflow.persistence.tables import METADATA

_ROLE_EXISTS = text("SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = :role AND rolname <> current_user)")
_ROLE_KNOWN = text("SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = :role)")
# Also of an earlier revision, which may lack some.
_COLUMNS = text("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'")
_DATABASE = text("SELECT current_database()")
_FUNCTION_STANDS = text("SELECT to_regproc('public.' || :name) IS NOT NULL")
# Answers are forgotten after 30 days, and sessions that have ended by now; nothing else is ever deleted by the app.
_DELETED_FROM = ("idempotency", "ended_session")
# Nothing else is ever changed by the app. What a release changes anew is granted by its upgrade; what it changes no
# longer stays granted while processes of the release before may run beside it.
CHANGED: Mapping[str, Sequence[str]] = {
    "patient": (
        *("version", "site_id", "pseudonym", "state_json", "engine", "last_seq", "head_hash", "open_alerts"),
        *("next_due_at", "judged_by", "ledger_at", "silent_from", "owner", "deputy", "last_contact_on", "changed_at"),
    ),
    "patient_site": ("until_at",),
    "state_span": ("known_to",),
    "window_span": ("known_to",),
    "alert": (
        *("status", "episode", "step", "repeat_on", "quiet_until", "snoozed_until", "acknowledged_by", "reason"),
        *("resolution", "resolved_at", "resolved_by_seq", "proof"),
    ),
    "notice": ("status", "settled_at", "leased_by", "leased_until", "attempts", "due_at", "accounted"),
    "api_key": ("revoked_at",),
    "actor_grant": ("revoked_at",),
    "heartbeat": ("process", "period_seconds", "started_at", "finished_at", "report"),
    "installation": ("secret_check",),
}


def apply(connection: Connection, role: str) -> None:
    """Grant the app role its rights; does nothing on SQLite, or where the role does not exist or is the owner."""
    if connection.dialect.name != "postgresql":
        return
    if not connection.execute(_ROLE_EXISTS, {"role": role}).scalar_one():
        return
    quote = connection.dialect.identifier_preparer.quote
    existing: dict[str, list[str]] = {}
    for table, column in connection.execute(_COLUMNS):
        existing.setdefault(table, []).append(column)
    # A table of one's own could stand in the way of ours; nobody but the owner makes any, not even for a session.
    connection.exec_driver_sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    connection.exec_driver_sql(
        f"REVOKE TEMPORARY ON DATABASE {quote(connection.execute(_DATABASE).scalar_one())} FROM PUBLIC"
    )
    for table in METADATA.tables:
        if table in existing:
            connection.exec_driver_sql(f"REVOKE ALL ON {table} FROM PUBLIC, {quote(role)}")
            connection.exec_driver_sql(f"GRANT {_rights(table, existing[table])} ON {table} TO {quote(role)}")
    for function in FUNCTIONS:
        if connection.execute(_FUNCTION_STANDS, {"name": function}).scalar_one():
            # A restored database gives it to everybody, as PostgreSQL does by itself.
            connection.exec_driver_sql(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
            connection.exec_driver_sql(f"GRANT EXECUTE ON FUNCTION {function} TO {quote(role)}")
    connection.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {quote(role)}")
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {quote(role)}")
    connection.exec_driver_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quote(role)}")


def missing(connection: Connection, role: str) -> bool:
    """Whether there is no such role to grant anything to; on SQLite there are no roles, and none is missed."""
    if connection.dialect.name != "postgresql":
        return False
    return connection.execute(_ROLE_KNOWN, {"role": role}).scalar_one() is False


def gives(right: str, table: str, column: str | None) -> bool:
    """Whether the app role may do this, like SELECT, with a table, or with a column of it."""
    if right == "UPDATE":
        return column in CHANGED.get(table, ())
    return right in {"SELECT", "INSERT"} or (right == "DELETE" and table in _DELETED_FROM)


def _rights(table: str, existing: Sequence[str]) -> str:
    rights = ["SELECT", "INSERT"]
    if changed := [column for column in CHANGED.get(table, ()) if column in existing]:
        rights.append(f"UPDATE ({', '.join(changed)})")
    if table in _DELETED_FROM:
        rights.append("DELETE")
    return ", ".join(rights)
