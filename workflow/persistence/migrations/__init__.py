"""Brings a database's tables to the revision that this release works with, and refuses to work with another."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from workflow.persistence.engine import Database, parse_url, postgresql_engine, sqlite_engine
from workflow.persistence.errors import WrongRevisionError
from workflow.persistence.faults import translated
from workflow.persistence.installation import allow_processes_from, usable_from
from workflow.persistence.migrations import grants

APP_ROLE = "coursewatch_app"
# The oldest revision whose processes can work on the tables of this release's: raised by a migration that takes away
# what they need (docs/decisions/0027).
USABLE_FROM = "0006"
# Long enough for an index over a large table; a migration waits for nobody else's lock longer than that.
LOCK_TIMEOUT_SECONDS = 30.0
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('coursewatch migrations'))")


def upgrade(url: str, *, app_role: str = APP_ROLE, revision: str = "head") -> None:
    """Bring the database at `url` to a revision and grant the app role its rights; raises DatabaseUnavailableError.

    On PostgreSQL the URL is the owner's. The app role is only granted where it exists.
    """
    with translated(), _owner(url) as engine, engine.begin() as connection:
        _prepare(connection)
        command.upgrade(_config(connection=connection), revision)
        if revision == "head":
            allow_processes_from(connection, USABLE_FROM)
        grants.apply(connection, app_role)


def downgrade(url: str, *, revision: str = "base") -> None:
    """Take the database back to a revision; `base` drops every table and all that is in it."""
    with translated(), _owner(url) as engine, engine.begin() as connection:
        _prepare(connection)
        command.downgrade(_config(connection=connection), revision)


def current_revision(url: str) -> str | None:
    """Return the revision of the database at `url`, or None where it has no tables of ours."""
    with translated(), _owner(url) as engine, engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def app_role_missing(url: str, app_role: str) -> bool:
    """Return whether the app role does not exist, so that the upgrade of the database at `url` granted it nothing."""
    with translated(), _owner(url) as engine, engine.connect() as connection:
        return grants.missing(connection, app_role)


def newest_revision() -> str | None:
    """Return the revision that this release works with."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def require_current(database: Database) -> None:
    """Raise WrongRevisionError unless this release can work on the database; nothing is migrated.

    That is one at the revision of this release, or at a newer one that says that it leaves this one's tables usable:
    a process that runs while its database is upgraded goes on, and one that is started again does too.
    """
    with database.read() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        known = _known_revisions()
        if found == known[0] or (found and found not in known and usable_from(connection) in known):
            return
    raise WrongRevisionError(
        f"the database is at revision {found or 'none'}, this release works with {known[0]}; "
        "run `coursewatch db upgrade` as the owner of the database, or start the release that made it"
    )


def _known_revisions() -> list[str]:
    """Return the revisions of this release, the newest first."""
    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()]


@contextmanager
def _owner(url: str) -> Iterator[Engine]:
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = sqlite_engine(parsed, lock_timeout_seconds=LOCK_TIMEOUT_SECONDS, writes=True)
    else:
        limits = {"lock_timeout": f"{LOCK_TIMEOUT_SECONDS * 1000:.0f}"}
        engine = postgresql_engine(parsed, limits, pool_timeout=LOCK_TIMEOUT_SECONDS)
    try:
        yield engine
    finally:
        engine.dispose()


def _prepare(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(_ONE_AT_A_TIME)


def _config(**attributes: Any) -> Config:  # noqa: ANN401 -- what Alembic takes
    config = Config()
    config.set_main_option("script_location", "workflow.persistence:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes.update(attributes)
    return config
