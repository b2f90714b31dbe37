"""Connections by which tests look at, and set up, whatever stands in a database: introduced as who sees all sites."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from workflow.domain.actor import LOCAL_ADMIN
from workflow.persistence.engine import Database

# Row-level security shows nothing to the app role that was not introduced; units of work do that for the program.
_INTRODUCE = text(
    "SELECT set_config('app.actor', :actor, true), set_config('app.sites', :sites, true), "
    "set_config('app.reached', '', true)"
)


def introduce(connection: Connection, actor_id: str = LOCAL_ADMIN.id, sites: str = "*") -> None:
    """Tell PostgreSQL who acts in this transaction, and for which sites; SQLite asks nobody."""
    if connection.dialect.name == "postgresql":
        connection.execute(_INTRODUCE, {"actor": actor_id, "sites": sites})


@contextmanager
def seeing(database: Database) -> Iterator[Connection]:
    """Open a transaction that reads what stands at all sites."""
    with database.read() as connection:
        introduce(connection)
        yield connection


@contextmanager
def changing(database: Database, actor_id: str = LOCAL_ADMIN.id) -> Iterator[Connection]:
    """Open a transaction that writes at all sites; what is logged or answered in it is this actor's."""
    with database.write() as connection:
        introduce(connection, actor_id)
        yield connection
