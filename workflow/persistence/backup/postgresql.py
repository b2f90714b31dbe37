"""Dumps one snapshot of a PostgreSQL database while processes write, and restores it into an empty one."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import URL, Connection, text

from workflow.persistence.backup.app_role import AppRole, require_app_role
from workflow.persistence.backup.contents import contents
from workflow.persistence.backup.errors import BackupError, RestoreError, TakenError, ToolError
from workflow.persistence.backup.manifest import Contents, Manifest, Origin
from workflow.persistence.backup.pg_tools import TRANSACTION_TIMEOUT_SINCE, Tool, run_tool
from workflow.persistence.backup.sqlite import Progress
from workflow.persistence.engine import postgresql_engine
from workflow.persistence.faults import translated
from workflow.persistence.migrations import grants
from workflow.persistence.tables import METADATA

LOCK_SECONDS = 30.0
_SETTINGS = {
    "lock_timeout": f"{LOCK_SECONDS * 1000:.0f}",
    # The whole database is read or written, and one session waits for another while that is done.
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}
_SNAPSHOT = {"default_transaction_isolation": "repeatable read", "default_transaction_read_only": "on"}
_VERSION = text("SELECT current_setting('server_version'), current_setting('server_version_num')::int / 10000")
_EXPORT = text("SELECT pg_export_snapshot()")
_OURS = (
    "FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = 'public' AND NOT EXISTS "
    "(SELECT 1 FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')"
)
_TABLES = text(f"SELECT count(*) {_OURS} AND relkind = 'r'")
# Whatever stands in the schema by itself, of any kind, and neither came with an extension nor is part of something
# else, as the sequence of a column is: tables first, for what belongs to one goes with it.
_OBJECTS = text(
    "SELECT object.type, object.identity FROM pg_depend AS kept, "
    "pg_identify_object(kept.classid, kept.objid, 0) AS object "
    "WHERE kept.refclassid = 'pg_namespace'::regclass AND kept.refobjid = 'public'::regnamespace "
    "AND kept.deptype = 'n' AND kept.classid <> 'pg_extension'::regclass AND NOT EXISTS "
    "(SELECT 1 FROM pg_depend AS part WHERE part.classid = kept.classid AND part.objid = kept.objid "
    "AND part.objsubid = 0 AND part.deptype IN ('e', 'i')) ORDER BY object.type <> 'table', object.identity"
)
# What DROP calls by another word than PostgreSQL itself does. An aggregate over nothing is named `one()`, which
# DROP AGGREGATE does not take.
_DROPPED_AS = {"statistics object": "statistics", "aggregate": "routine"}
# pg_dump refuses to leave out rows; who is not the owner would be refused in the middle, and not told why.
_KEPT_FROM_US = text(
    f"SELECT relname {_OURS} AND relkind IN ('r', 'S') AND (NOT pg_has_role(current_user, relowner, 'USAGE') "
    "OR row_security_active(pg_class.oid)) ORDER BY relname LIMIT 1"
)
# A session whose program was killed works on until it next asks for more: at a commit, that is too late.
_END_RESTORES = text(
    "SELECT pg_terminate_backend(pid, :patience_ms) FROM pg_stat_activity "
    "WHERE application_name = 'pg_restore' AND datname = current_database() AND usename = current_user"
)
_MAY_CREATE = text("SELECT has_schema_privilege(current_user, 'public', 'CREATE')")
# Nobody's by default is PostgreSQL's rule for tables, not for functions; some of ours read as the owner does.
_FUNCTIONS = text(
    "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS "
    "(SELECT 1 FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')"
)
# A name may hold a %, which is no parameter.
_AS_IT_IS = {"no_parameters": True}
_IN_HAND = re.compile(r"(?:dumping contents of|processing data for) table ")


@contextmanager
def connected(url: URL, settings: dict[str, str] | None = None) -> Iterator[Connection]:
    """Open a session without the limits that keep a ward's requests short."""
    engine = postgresql_engine(url, _SETTINGS | (settings or {}), pool_timeout=LOCK_SECONDS)
    try:
        with translated(), engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def dump(url: URL, target: Path, tool: Tool, progress: Progress) -> tuple[Contents, Origin]:
    """Dump one snapshot into a file that is there and empty, and say what is in that very snapshot.

    Raises BackupError where this role does not see every row, ToolError where pg_dump does not fit or fails. The
    origin's release is left empty.
    """
    with connected(url, _SNAPSHOT) as connection:
        snapshot = connection.execute(_EXPORT).scalar_one()
        server, server_major = connection.execute(_VERSION).one()
        _require_fitting_dump(tool, server, server_major)
        found = contents(connection)
        _require_all_rows(connection)
        tables = connection.execute(_TABLES).scalar_one()
        told = ("--format=custom", f"--file={target}", f"--snapshot={snapshot}")
        limit = f"--lock-wait-timeout={LOCK_SECONDS * 1000:.0f}"
        run_tool(tool, (*told, limit), url, _counting(tables, progress))
    database = f"PostgreSQL {server}, pg_dump {tool.version}"
    return found, Origin(
        release="", dialect="postgresql", database=database, server_major=server_major, tool_major=tool.major
    )


def _require_fitting_dump(tool: Tool, server: str, server_major: int) -> None:
    if tool.major < server_major:
        why = f"cannot dump a server of {server}"
    elif server_major < TRANSACTION_TIMEOUT_SINCE <= tool.major:
        why = f"makes backups that a server of {server} cannot take back"
    else:
        return
    raise ToolError(
        f"{tool.path} is of PostgreSQL {tool.version} and {why}: name the folder of a pg_dump of {server_major} in "
        "COURSEWATCH_PG_BIN"
    )


def _require_all_rows(connection: Connection) -> None:
    kept = connection.execute(_KEPT_FROM_US).scalar_one_or_none()
    if kept is not None:
        role = connection.exec_driver_sql("SELECT current_user").scalar_one()
        raise BackupError(
            f"the role {role} does not own the table {kept} or does not see all its rows: make the backup as the "
            "owner, the role that runs `coursewatch db upgrade`"
        )


def contents_of_database(url: URL) -> Contents:
    """Return what a PostgreSQL database holds."""
    with connected(url, _SNAPSHOT) as connection:
        return contents(connection)


def app_role_of_database(url: URL, role: str) -> AppRole:
    """Return the role that processes work as on a PostgreSQL database; raises RestoreError where they could not."""
    with connected(url, _SNAPSHOT) as connection:
        return require_app_role(connection, role)


def require_empty(connection: Connection) -> None:
    """Raise RestoreError unless the database holds nothing, and this role may make tables in it."""
    if connection.execute(_OBJECTS).first() is not None:
        raise TakenError(
            "the database is not empty, and nothing is ever restored over what is there: make a new one "
            "(CREATE DATABASE … OWNER …), or name another"
        )
    if not connection.execute(_MAY_CREATE).scalar_one():
        raise RestoreError(
            "this role may not make tables here: restore as the role that is to own them, which `coursewatch db "
            "upgrade` runs as"
        )


def holds(connection: Connection, manifest: Manifest) -> bool:
    """Whether what was restored here last, if anything, is this very backup, as it was; waits until that is settled."""
    connection.execute(_END_RESTORES, {"patience_ms": int(LOCK_SECONDS * 1000)})
    return connection.execute(_OBJECTS).first() is not None and contents(connection) == manifest.contents


def drop_all(connection: Connection) -> None:
    """Drop whatever stands in the schema, in this transaction."""
    # Looked at anew each time: one takes others with it, and what is named wrongly is an error, not left behind unseen.
    while (found := connection.execute(_OBJECTS).first()) is not None:
        kind, name = found
        connection.exec_driver_sql(f"DROP {_DROPPED_AS.get(kind, kind)} {name} CASCADE", execution_options=_AS_IT_IS)


def restore_dump(file: Path, manifest: Manifest, url: URL, tool: Tool, progress: Progress) -> None:
    """Restore a dump in one transaction; raises RestoreError or ToolError, and then the database is as it was."""
    with connected(url, _SNAPSHOT) as connection:
        require_empty(connection)
        server, server_major = connection.execute(_VERSION).one()
    _require_fitting(manifest, tool, server, server_major)
    # Roles and rights are the new installation's own; a schema's own objects are all that is ours.
    told = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--schema=public")
    run_tool(tool, (*told, str(file)), url, _counting(len(METADATA.tables), progress))


def _require_fitting(manifest: Manifest, tool: Tool, server: str, server_major: int) -> None:
    made_by, made_on = manifest.origin.tool_major or 0, manifest.origin.server_major or 0
    if tool.major < made_by:
        raise ToolError(
            f"the backup was made by pg_dump {made_by}, which {tool.path} of PostgreSQL {tool.version} cannot read: "
            f"name the folder of a pg_restore of {made_by} in COURSEWATCH_PG_BIN"
        )
    if server_major < made_on:
        raise ToolError(
            f"the backup is of PostgreSQL {made_on}, this server is {server}: restore it on {made_on} or later"
        )
    if server_major < TRANSACTION_TIMEOUT_SINCE <= tool.major:
        raise ToolError(
            f"{tool.path} of PostgreSQL {tool.version} says what a server of {server} does not understand: name the "
            "folder of a pg_restore of the server's own release in COURSEWATCH_PG_BIN"
        )


def settle_in(url: URL, app_role: str) -> bool:
    """Grant the app role its rights and count the new tables for the planner; return whether there is that role."""
    with connected(url) as connection:
        for function in connection.execute(_FUNCTIONS).scalars().all():
            connection.exec_driver_sql(f"REVOKE ALL ON ROUTINE {function} FROM PUBLIC", execution_options=_AS_IT_IS)
        grants.apply(connection, app_role)
        connection.commit()
        # A transaction for each table: in one for all of them, this and the server's own count wait for each other.
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
        return not grants.missing(connection, app_role)


def _counting(tables: int, progress: Progress) -> Callable[[str], None]:
    """Return what turns the lines of pg_dump and pg_restore into tables done."""
    numbers = count(1)

    def hear(line: str) -> None:
        if _IN_HAND.search(line):
            progress(next(numbers), tables)

    return hear
