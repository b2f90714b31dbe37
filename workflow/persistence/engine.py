"""The two ways into a database, one that writes and one that reads, with the limits each dialect needs."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from select import POLLIN, poll
from typing import Literal, Protocol

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from workflow.clock import Clock, Stopwatch, monotonic, utc_now
from workflow.persistence.errors import DatabaseUrlError, PersistenceError
from workflow.persistence.faults import translated
from workflow.persistence.limits import DEFAULT_LIMITS, Limits
from workflow.persistence.tally import Tally

Dialect = Literal["sqlite", "postgresql"]
CONNECTIONS = 16
OWNER_ONLY = 0o600
CHECKPOINT_PAGES = 10_000
# A server that is gone without a word (a machine off, a cable out) is noticed in seconds: libpq's own wait is minutes.
_ON_A_DEAD_LINE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
_CLOCK = text("SELECT clock_timestamp()")


@dataclass(frozen=True)
class Database:
    """One database: `secret` makes its hash chain, `clock` stands in for its own clock in tests and rehearsals.

    `limits` are those that its connections were opened with; `stopwatch` measures how long a transaction has lasted.
    `tally` counts what happened at it in this process.
    """

    url: URL
    secret: bytes = field(repr=False)
    clock: Clock | None
    writer: Engine
    reader: Engine
    limits: Limits
    stopwatch: Stopwatch = monotonic
    tally: Tally = field(default_factory=Tally, repr=False, compare=False)

    @property
    def dialect(self) -> Dialect:
        """Which of the two kinds of database this is."""
        return "postgresql" if self.writer.dialect.name == "postgresql" else "sqlite"

    @property
    def writers(self) -> int:
        """How many may write at one time: as many as there are connections, of which SQLite has one that writes."""
        return CONNECTIONS if self.dialect == "postgresql" else 1

    @property
    def connections(self) -> dict[str, tuple[int, int]]:
        """How many connections are in use, and how many there may be, of those that write and of those that read."""
        pools = {"write": self.writer.pool, "read": self.reader.pool}
        return {name: (pool.checkedout(), pool.size()) for name, pool in pools.items() if isinstance(pool, QueuePool)}

    def write(self) -> AbstractContextManager[Connection]:
        """Open a transaction that may write; committed at the end, rolled back on any exception."""
        return self._transaction(self.writer)

    def read(self) -> AbstractContextManager[Connection]:
        """Open a transaction that sees one snapshot and cannot write."""
        return self._transaction(self.reader)

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        asked = monotonic()
        try:
            with translated(), engine.begin() as connection:
                if engine is self.writer:
                    self.tally.note_wait("transaction", monotonic() - asked)
                yield connection
        except PersistenceError as error:
            self.tally.note_error(type(error))
            raise

    def instant(self, connection: Connection) -> datetime:
        """Return the present instant by this database's clock, in UTC."""
        if self.clock is not None:
            return self.clock()
        if self.dialect == "sqlite":
            return utc_now()
        instant: datetime = connection.execute(_CLOCK).scalar_one()
        return instant.astimezone(UTC)

    def dispose(self) -> None:
        """Close all connections."""
        self.writer.dispose()
        self.reader.dispose()


def open_database(
    url: str,
    *,
    secret: bytes,
    clock: Clock | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Database:
    """Return the database at this URL, connecting on first use; raises DatabaseUrlError.

    Without `clock` the database's own clock is used: PostgreSQL's, or this process's beside a SQLite file.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        writer = sqlite_engine(parsed, lock_timeout_seconds=limits.lock_seconds, writes=True)
        reader = sqlite_engine(parsed, lock_timeout_seconds=limits.lock_seconds, writes=False)
    else:
        session = {
            "statement_timeout": f"{limits.statement_seconds * 1000:.0f}",
            "lock_timeout": f"{limits.lock_seconds * 1000:.0f}",
            # Among very many patients PostgreSQL takes our lists for dear, and compiles each for longer than it runs.
            "jit": "off",
        }
        snapshot = {
            "default_transaction_isolation": "repeatable read",
            "default_transaction_read_only": "on",
            # What a list finds depends on the days asked about; a plan for any days would read the whole history.
            "plan_cache_mode": "force_custom_plan",
        }
        writer = postgresql_engine(parsed, session, pool_timeout=limits.lock_seconds)
        reader = postgresql_engine(parsed, session | snapshot, pool_timeout=limits.lock_seconds)
    return Database(url=parsed, secret=secret, clock=clock, writer=writer, reader=reader, limits=limits)


def parse_url(url: str) -> URL:
    """Return a database URL with our driver named; raises DatabaseUrlError saying what is possible."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseUrlError(_url_help("cannot be read")) from None
    if parsed.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise DatabaseUrlError(_url_help(f"names {parsed.drivername}"))
    if not parsed.database or parsed.database == ":memory:":
        raise DatabaseUrlError(_url_help("names no file"))
    return parsed


def name_of(url: str) -> str:
    """Return which database a URL names, for people: its kind, and its file, or its name and server. No password."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return f"the SQLite database {Path(str(parsed.database)).absolute()}"
    host = parsed.host or parsed.query.get("host")
    server = f" on {host}" if isinstance(host, str) else ""
    port = f", port {parsed.port}" if parsed.port else ""
    return f"the PostgreSQL database {parsed.database or parsed.username or 'of this user'}{server}{port}"


def _url_help(found: str) -> str:
    return (
        f"the database URL {found}; use sqlite:///PATH for a file, or postgresql://USER@HOST/NAME with the password "
        "in COURSEWATCH_DATABASE_PASSWORD_FILE"
    )


def sqlite_engine(url: URL, *, lock_timeout_seconds: float, writes: bool) -> Engine:
    """Return an engine on a SQLite file.

    Writers queue for one connection instead of fighting for the file's lock: that keeps the slowest of them short.
    """
    _make_private(Path(str(url.database)))
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=1 if writes else CONNECTIONS,
        max_overflow=0,
        pool_timeout=lock_timeout_seconds,
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": lock_timeout_seconds},
    )
    event.listen(engine, "connect", _set_up_sqlite(writes=writes))
    event.listen(engine, "begin", _begin_writing if writes else _begin_reading)
    return engine


def postgresql_engine(url: URL, session: dict[str, str], *, pool_timeout: float) -> Engine:
    """Return an engine on PostgreSQL whose sessions start with these settings."""
    settings = {"timezone": "UTC", **session}
    chosen = " ".join(f"-c {name}={value.replace(' ', chr(92) + ' ')}" for name, value in settings.items())
    given = url.query.get("options", "")
    options = f"{given if isinstance(given, str) else ' '.join(given)} {chosen}".strip()
    engine = create_engine(
        url.difference_update_query(["options"]),
        hide_parameters=True,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=pool_timeout,
        connect_args={
            "options": options,
            "application_name": "coursewatch",
            **{name: value for name, value in _ON_A_DEAD_LINE.items() if name not in url.query},
        },
    )
    event.listen(engine, "checkout", _require_silent)
    return engine


class _Line(Protocol):
    """What of a driver's connection is looked at."""

    def fileno(self) -> int:
        """Return the file descriptor of its socket."""


def _require_silent(connection: _Line, _entry: ConnectionPoolEntry, _lent: object) -> None:
    """Have a connection replaced that has ended while nobody used it: a server that goes says so, unasked.

    To look costs a hundredth of a millisecond, and to ask each time (`pool_pre_ping`) several ways to the server.
    """
    unasked = poll()
    unasked.register(connection, POLLIN)
    if unasked.poll(0):
        raise DisconnectionError


def _make_private(file: Path) -> None:
    """Make the folder and the file readable by their owner only, before the first patient is in it.

    A file that is there is not opened: closing it again would drop the locks that SQLite holds on it anywhere in this
    process, and the next process would take the log of changes away from under this one.
    """
    if file.is_file() and os.access(file, os.R_OK | os.W_OK):
        return
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
    except OSError as fault:
        if isinstance(fault, FileExistsError) and file.is_file() and os.access(file, os.R_OK | os.W_OK):
            return  # another process was first
        raise DatabaseUrlError(f"the database file {file} cannot be made or opened: {fault.strerror}") from None


def _set_up_sqlite(*, writes: bool) -> Callable[[object, ConnectionPoolEntry], None]:
    pragmas = [
        # A checkpoint holds up the one writer; a log of at most 40 MB makes it rare and lets it write each page once.
        *(["journal_mode=WAL", f"wal_autocheckpoint={CHECKPOINT_PAGES}"] if writes else ["query_only=ON"]),
        "synchronous=FULL",
        "foreign_keys=ON",
        # Without it, INSERT OR REPLACE would delete rows behind the triggers that refuse a delete.
        "recursive_triggers=ON",
    ]

    def set_up(connection: object, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return set_up


def _begin_writing(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
