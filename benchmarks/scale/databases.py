"""One PostgreSQL as a hospital would set it, and on it a database for each number of patients."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.server import OWNER_DATABASE, coursewatch, database_of_two_roles, postgresql

# For a machine with 16 GB or more that is PostgreSQL's own. fsync, full_page_writes and synchronous_commit stay on.
SETTINGS = {
    "shared_buffers": "2GB",
    "effective_cache_size": "8GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_completion_target": "0.9",
    "random_page_cost": "1.1",
    "max_connections": "120",
}


@dataclass(frozen=True, slots=True)
class Place:
    """One database: as the superuser, the owner and the app role reach it, and the folder of its secret."""

    superuser: str
    owner: str
    app: str
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a process of Coursewatch is told."""
        return {
            "COURSEWATCH_DATABASE": self.app,
            OWNER_DATABASE: self.owner,
            "COURSEWATCH_SECRET_FILE": str(self.folder / "secret"),
            "COURSEWATCH_DATA_DIR": str(self.folder),
        }


@contextmanager
def hospital_server(data: Path) -> Iterator["Server"]:
    """Start the PostgreSQL of a folder, made where it is not there, and stop it at the end."""
    data.mkdir(parents=True, exist_ok=True)
    with postgresql(data / "postgresql", SETTINGS) as admin:
        yield Server(admin, data)


@dataclass(frozen=True, slots=True)
class Server:
    """A running PostgreSQL; `data` is the folder that it and the secret stand in."""

    admin: str
    data: Path

    def existing(self, name: str) -> Place | None:
        """Return the database of this name at the newest revision, if it was made to its end."""
        with connected(self.admin) as connection:
            found = connection.execute(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
            ).fetchone()
        if not found or found[0] != _DONE:
            return None
        place = self._place(name)
        if name.startswith(MIGRATED):
            coursewatch("db", "upgrade", environment=place.environment | {"COURSEWATCH_DATABASE": place.owner})
        return place

    def made(self, name: str, *, migrated: bool = True) -> Place:
        """Make a fresh database of this name in the place of one that was not finished, at the newest revision."""
        with connected(self.admin) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        database_of_two_roles(self.admin, name)
        place = self._place(name)
        if migrated:
            # For rehearsal, so that a process can be told to live on the day on which the courses end.
            owner = place.environment | {"COURSEWATCH_DATABASE": place.owner}
            coursewatch("db", "upgrade", "--rehearsal", environment=owner)
        return place

    def finish(self, name: str) -> None:
        """Remember that a database was made to its end."""
        with connected(self.admin) as connection:
            connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(_DONE)))

    def _place(self, name: str) -> Place:
        head, _, tail = self.admin.partition("?")
        scheme, _, host = head.rpartition("/")[0].partition("://")
        host = host.rpartition("@")[2]
        superuser, owner, app = (
            f"{scheme}://{role}@{host}/{name}" + (f"?{tail}" if tail else "")
            for role in ("postgres", "coursewatch_owner", "coursewatch_app")
        )
        return Place(superuser, owner, app, self.data)


# By what the names of our own databases begin; those of the reference have other tables.
MIGRATED = ("load_", "delivery_")
_DONE = "made to its end"


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    """Open a connection of our own to a database of the benchmark, each statement its own transaction."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


def bytes_of(folder: Path) -> int:
    """Return how much the files of a folder hold."""
    return sum((Path(parent) / name).stat().st_size for parent, _, names in os.walk(folder) for name in names)
