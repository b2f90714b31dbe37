"""Brings a database's tables to the revision that this release works with, and refuses to work with another."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from workflow.persistence.engine import Database, parse_url, postgresql_engine, sqlite_engine
from workflow.persistence.errors import EarlierRevisionError, WrongRevisionError
from workflow.persistence.faults import translated
from workflow.persistence.installation import allow_processes_from, usable_from
from workflow.persistence.migrations import grants
from workflow.persistence.migrations.patience import SHORT_LOCK_SECONDS, alone, patiently
from workflow.persistence.migrations.server_release import require_supported_server

APP_ROLE = "coursewatch_app"
# The oldest revision whose processes can work on the tables of this release's: raised by a migration that takes away
# what they need (docs/decisions/0027).
USABLE_FROM = "0007"
# On SQLite a migration waits so long for the only writer.
LOCK_TIMEOUT_SECONDS = 30.0


def upgrade(
    url: str, *, app_role: str = APP_ROLE, revision: str = "head", tell: Callable[[str], None] = lambda _: None
) -> None:
    """Bring the database at `url` to a revision and grant the app role its rights, while processes work at it.

    On PostgreSQL the URL is the owner's. The app role is only granted where it exists. Each migration is a transaction
    of its own, and whatever is done stays done when it is interrupted. A database of a newer release that lets this one
    work on its tables is left as it is.

    Raises WrongRevisionError for one that does not, UnsupportedServerError, DatabaseUnavailableError, and
    DatabaseBusyError where its tables are in use for too long; `tell` hears that it waits for them.
    """
    with translated(), _owner(url) as engine, alone(engine):
        with engine.connect() as connection:
            require_supported_server(connection)
            if _is_of_newer_release(connection):
                tell(f"The database is at {revision_of(connection)}, of a newer release; this one works on its tables.")
                return
        patiently(partial(_to_revision, engine, revision, app_role), tell)
        patiently(partial(_grant, engine, app_role), tell)


def _to_revision(engine: Engine, revision: str, app_role: str) -> None:
    """Migrate; whoever waits for the newest revision finds with it the rights that its processes need."""

    def applied(*, ctx: MigrationContext, heads: Collection[str], **_: object) -> None:
        if heads == {newest_revision()} and ctx.connection is not None:
            allow_processes_from(ctx.connection, USABLE_FROM)
            grants.apply(ctx.connection, app_role)

    with translated(), engine.connect() as connection:
        command.upgrade(_config(connection=connection, on_version_apply=applied), revision)


def _grant(engine: Engine, app_role: str) -> None:
    with translated(), engine.begin() as connection:
        grants.apply(connection, app_role)


def _is_of_newer_release(connection: Connection) -> bool:
    found, known = revision_of(connection), _known_revisions()
    if found is None or found in known:
        return False
    if usable_from(connection) in known:
        return True
    raise WrongRevisionError(
        f"the database is at revision {found}, of a newer release, which leaves no tables that this one works on "
        f"(revision {known[0]}); start the release that made it, or restore a backup from before its upgrade"
    )


def downgrade(url: str, *, revision: str = "base") -> None:
    """Take the database back to a revision; `base` drops every table and all that is in it."""
    with translated(), _owner(url) as engine, alone(engine), engine.begin() as connection:
        command.downgrade(_config(connection=connection, on_version_apply=()), revision)


def current_revision(url: str) -> str | None:
    """Return the revision of the database at `url`, or None where it has no tables of ours."""
    with translated(), _owner(url) as engine, engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def app_role_missing(url: str, app_role: str) -> bool:
    """Return whether the app role does not exist, so that the upgrade of the database at `url` granted it nothing."""
    with translated(), _owner(url) as engine, engine.connect() as connection:
        return grants.missing(connection, app_role)


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the database that this connection reaches; None where it has no tables of ours."""
    with translated():
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    """Return the revision that this release works with."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def require_current(database: Database) -> None:
    """Raise WrongRevisionError unless this release can work on the database; nothing is migrated.

    That is one at the revision of this release, or at a newer one that says that it leaves this one's tables usable:
    a process that runs while its database is upgraded goes on, and one that is started again does too.
    """
    with database.read() as connection:
        found = revision_of(connection)
        known = _known_revisions()
        if found == known[0] or (found and found not in known and usable_from(connection) in known):
            return
    wrong = EarlierRevisionError if found is None or found in known else WrongRevisionError
    raise wrong(
        f"the database is at revision {found or 'none'}, this release works with {known[0]}; "
        "run `coursewatch db upgrade` as the owner of the database, or start the release that made it"
    )


def is_readable(revision: str, usable_since: str | None) -> bool:
    """Whether this release can work on tables of this revision, or bring them to its own.

    `usable_since` is the oldest revision whose processes can work on them, where the tables say so.
    """
    known = _known_revisions()
    return revision in known or usable_since in known


def _known_revisions() -> list[str]:
    """Return the revisions of this release, the newest first."""
    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()]


@contextmanager
def _owner(url: str) -> Iterator[Engine]:
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = sqlite_engine(parsed, lock_timeout_seconds=LOCK_TIMEOUT_SECONDS, writes=True)
    else:
        limits = {"lock_timeout": f"{SHORT_LOCK_SECONDS * 1000:.0f}"}
        engine = postgresql_engine(parsed, limits, pool_timeout=LOCK_TIMEOUT_SECONDS)
    try:
        yield engine
    finally:
        engine.dispose()


def _config(**attributes: Any) -> Config:  # noqa: ANN401 -- what Alembic takes
    config = Config()
    config.set_main_option("script_location", "workflow.persistence:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes.update(attributes)
    return config
