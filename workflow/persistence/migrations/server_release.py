"""Which releases of PostgreSQL this one works on: an older server would fail later, in the middle of a request."""

from sqlalchemy import Connection

from workflow.persistence.errors import UnsupportedServerError

# The oldest that all of it was tried on (docs/operations.md).
OLDEST_POSTGRESQL = 15


def require_supported_server(connection: Connection) -> None:
    """Raise UnsupportedServerError where the server is an older PostgreSQL; SQLite comes with Python."""
    dialect = connection.dialect
    if dialect.name != "postgresql" or dialect.server_version_info is None:
        return
    if int(dialect.server_version_info[0]) < OLDEST_POSTGRESQL:
        found = ".".join(str(number) for number in dialect.server_version_info)
        raise UnsupportedServerError(
            f"the server is PostgreSQL {found}, and this release needs {OLDEST_POSTGRESQL} or later; nothing was "
            "changed. Upgrade the server, or name a database on a newer one in COURSEWATCH_DATABASE"
        )
