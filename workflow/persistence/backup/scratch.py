"""A database for a drill only: made or found empty, and rid of all that the drill has restored into it."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import SQLAlchemyError

from workflow.persistence.backup import postgresql, sqlite
from workflow.persistence.backup.errors import RestoreError, TakenError, UnsoundBackupError
from workflow.persistence.backup.manifest import Manifest
from workflow.persistence.engine import Dialect, parse_url
from workflow.persistence.errors import PermissionDeniedError, PersistenceError

# What the databases and folders of drills are called; a drill that was killed leaves one of them behind.
DRILL_DATABASE = "coursewatch_drill_"
DRILL_FOLDER = "coursewatch-drill-"
_PLACE = text(
    "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = current_database()"
)
_LEFT_OVER = text("SELECT datname FROM pg_database WHERE starts_with(datname, :prefix) ORDER BY datname")


class Scratch(Protocol):
    """What a drill restores into: made when it begins and removed when it ends, each told in a few words.

    Removing may be ended in the middle and begun anew.
    """

    @property
    def url(self) -> str:
        """Where the database is, once it is made, password included: for the driver's eyes only."""

    def make(self) -> str:
        """Make it empty, or see that it is; raises RestoreError, and then it is left as it is."""

    def filling(self, manifest: Manifest) -> AbstractContextManager[None]:
        """Be told, around a restore of this backup, by how it ends whether what is there afterwards is the drill's."""

    def remove(self) -> str:
        """Remove what the drill has restored, and nothing of anybody else's; raises LeftBehindError."""


class LeftBehindError(RestoreError):
    """What a drill had restored could not be removed again: it holds patient data."""


@dataclass(slots=True)
class Claim:
    """Knows whether what stands in a place that somebody chose is what a drill has restored there.

    `begun` is the backup of a restore that did not say that it left everything as it was, `done` whether it said that
    all is there. In between, where it was ended from outside or the server was lost at the end, what is there tells.
    """

    begun: Manifest | None = None
    done: bool = False

    @contextmanager
    def filling(self, manifest: Manifest) -> Iterator[None]:
        """Learn from a restore by how it ends."""
        self.begun = manifest
        try:
            yield
        except (RestoreError, UnsoundBackupError):
            self.begun = None
            raise
        self.done = True

    def covers(self, is_there: Callable[[Manifest], bool]) -> bool:
        """Whether what is there is the drill's; `is_there` is asked in doubt whether it is this very backup."""
        return self.done or (self.begun is not None and is_there(self.begun))


@dataclass(slots=True)
class NewFolder:
    """A SQLite file in a temporary folder that nobody else can read; TMPDIR says where."""

    folder: Path | None = None

    @property
    def url(self) -> str:
        """Where the file is."""
        assert self.folder is not None
        return URL.create("sqlite", database=str(self.folder / "drill.sqlite3")).render_as_string()

    def make(self) -> str:
        """Make the folder."""
        self.folder = Path(tempfile.mkdtemp(prefix=DRILL_FOLDER))
        return f"a file in {self.folder}"

    def filling(self, _manifest: Manifest) -> AbstractContextManager[None]:
        """Do nothing: all that is in the folder is the drill's."""
        return nullcontext()

    def remove(self) -> str:
        """Remove the folder."""
        if self.folder is None:
            return "nothing was made"
        try:
            if self.folder.exists():
                shutil.rmtree(self.folder)
        except OSError as fault:
            raise LeftBehindError(
                f"{self.folder} holds patient data and could not be removed: {fault.strerror}"
            ) from None
        return f"{self.folder} is gone"


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A SQLite file that somebody chose and that is not there yet."""

    url: str
    claim: Claim = field(default_factory=Claim)

    def make(self) -> str:
        """See that the file is not there."""
        with _drills_named():
            return str(sqlite.require_no_file(parse_url(self.url)))

    @contextmanager
    def filling(self, manifest: Manifest) -> Iterator[None]:
        """Learn whether the file that is there afterwards is the drill's."""
        with _drills_named(), self.claim.filling(manifest):
            yield

    def remove(self) -> str:
        """Remove the file that was restored."""
        url = parse_url(self.url)
        try:
            if not self.claim.covers(lambda manifest: sqlite.holds(url, manifest)):
                return "no file was put there, so none is removed"
            sqlite.remove_file(url)
        except OSError as fault:
            raise LeftBehindError(f"the file holds patient data and could not be removed: {fault.strerror}") from None
        return "the file is gone"


@dataclass(frozen=True, slots=True)
class NewDatabase:
    """A new database on the server of another one, made and dropped by the role of that URL."""

    server: str = field(repr=False)
    name: str

    @property
    def url(self) -> str:
        """Where the database is."""
        return parse_url(self.server).set(database=self.name).render_as_string(hide_password=False)

    def make(self) -> str:
        """Make the database, with the encoding of the other one."""
        try:
            with _outside_transactions(self.server) as connection:
                left = connection.execute(_LEFT_OVER, {"prefix": DRILL_DATABASE}).scalars().all()
                encoding, collate, ctype = connection.execute(_PLACE).one()
                connection.exec_driver_sql(
                    f"CREATE DATABASE {self.name} TEMPLATE template0 ENCODING '{encoding}' "
                    f"LC_COLLATE '{collate}' LC_CTYPE '{ctype}'"
                )
        except PermissionDeniedError:
            raise RestoreError(
                "this role may make no database for the drill: ALTER ROLE … CREATEDB, or name an empty one with --into"
            ) from None
        others = f"; left by drills that run or were killed, with patient data: {', '.join(left)}" if left else ""
        return f"the database {self.name}{others}"

    def filling(self, _manifest: Manifest) -> AbstractContextManager[None]:
        """Do nothing: all that is in the database is the drill's."""
        return nullcontext()

    def remove(self) -> str:
        """Drop the database, whoever is connected to it."""
        try:
            with _outside_transactions(self.server) as connection:
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
        except (PersistenceError, SQLAlchemyError):
            raise LeftBehindError(f"the database {self.name} holds patient data and could not be dropped") from None
        return f"the database {self.name} is dropped"


@dataclass(frozen=True, slots=True)
class GivenDatabase:
    """An empty PostgreSQL database that somebody chose; it is empty again afterwards."""

    url: str = field(repr=False)
    claim: Claim = field(default_factory=Claim)

    def make(self) -> str:
        """See that the database is empty."""
        with postgresql.connected(parse_url(self.url)) as connection, _drills_named():
            postgresql.require_empty(connection)
        return f"the database {parse_url(self.url).database}"

    @contextmanager
    def filling(self, manifest: Manifest) -> Iterator[None]:
        """Learn whether what is in the database afterwards is the drill's."""
        with _drills_named(), self.claim.filling(manifest):
            yield

    def remove(self) -> str:
        """Drop every object that was restored: there was none before."""
        url = parse_url(self.url)
        try:
            with postgresql.connected(url) as connection:
                if not self.claim.covers(lambda manifest: postgresql.holds(connection, manifest)):
                    return f"nothing was restored into the database {url.database}, so it is left as it is"
                postgresql.drop_all(connection)
                connection.commit()
        except (PersistenceError, SQLAlchemyError):
            raise LeftBehindError(
                f"the database {url.database} may hold patient data and could not be emptied: look at it"
            ) from None
        return f"the database {url.database} is empty again"


def scratch_for(dialect: Dialect, server: str, into: str | None, drill_id: str) -> Scratch:
    """Return what a drill restores a backup of this kind into; raises RestoreError where the URLs are of another kind.

    `server` is the installation's own database, beside which a new one is made; `into` one that was chosen.
    """
    chosen = into or server
    if dialect != parse_url(chosen).get_backend_name() and (into is not None or dialect == "postgresql"):
        raise RestoreError(
            "the backup is of a database of another kind: name one of its kind with --into, or its server with "
            "--database"
        )
    if dialect == "sqlite":
        return NewFolder() if into is None else GivenFile(into)
    return NewDatabase(server, DRILL_DATABASE + drill_id) if into is None else GivenDatabase(into)


@contextmanager
def _drills_named() -> Iterator[None]:
    """Say of a place that was chosen for drills and is taken what has taken it as a rule."""
    try:
        yield
    except TakenError as taken:
        raise TakenError(
            f"{taken}. If it is for drills alone: one is running there (wait for it), or was killed there and left "
            "patient data behind (remove them, and drill again)"
        ) from None


@contextmanager
def _outside_transactions(url: str) -> Iterator[Connection]:
    """Open a session in which a database can be made and dropped."""
    with postgresql.connected(parse_url(url)) as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")
