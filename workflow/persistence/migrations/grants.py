"""What the app role may do on PostgreSQL: everything its work needs, and no way to rewrite the past."""

from sqlalchemy import Connection, text

from workflow.persistence.tables import APPEND_ONLY, METADATA

_ROLE_EXISTS = text("SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = :role AND rolname <> current_user)")
_ROLE_KNOWN = text("SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = :role)")
# Answers are forgotten after 30 days; nothing else is ever deleted by the app.
_DELETED_FROM = ("idempotency",)


def apply(connection: Connection, role: str) -> None:
    """Grant the app role its rights; does nothing on SQLite, or where the role does not exist or is the owner."""
    if connection.dialect.name != "postgresql":
        return
    if not connection.execute(_ROLE_EXISTS, {"role": role}).scalar_one():
        return
    quoted = connection.dialect.identifier_preparer.quote(role)
    existing = set(connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars())
    for table in METADATA.tables:
        if table in existing:
            connection.exec_driver_sql(f"REVOKE ALL ON {table} FROM {quoted}")
            connection.exec_driver_sql(f"GRANT {_rights(table)} ON {table} TO {quoted}")
    connection.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {quoted}")
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {quoted}")
    connection.exec_driver_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quoted}")


def missing(connection: Connection, role: str) -> bool:
    """Whether there is no such role to grant anything to; on SQLite there are no roles, and none is missed."""
    if connection.dialect.name != "postgresql":
        return False
    return connection.execute(_ROLE_KNOWN, {"role": role}).scalar_one() is False


def _rights(table: str) -> str:
    if table in APPEND_ONLY:
        return "SELECT, INSERT"
    return "SELECT, INSERT, UPDATE, DELETE" if table in _DELETED_FROM else "SELECT, INSERT, UPDATE"
