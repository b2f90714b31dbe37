"""Copies a SQLite file while processes write to it, and puts a copy in the place of none."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import URL, text

from workflow.persistence.backup.contents import contents
from workflow.persistence.backup.errors import BackupError, RestoreError, TakenError
from workflow.persistence.backup.files import OWNER_ONLY, Tell, digest_of, publish, settle, workplace
from workflow.persistence.backup.manifest import Contents, Manifest, require_whole
from workflow.persistence.engine import sqlite_engine
from workflow.persistence.faults import translated

Progress: TypeAlias = Callable[[int, int], None]
"""Called with how much is done and how much there is, in whatever the work counts."""

# Four megabytes a step: the process answers a signal and moves its bar in between.
PAGES_A_STEP = 1024
SQLITE_VERSION = sqlite3.sqlite_version
LOCK_SECONDS = 30.0
BESIDE = ("-wal", "-shm", "-journal")
_TAKE_SNAPSHOT = text("SELECT count(*) FROM sqlite_master")
CHUNK_BYTES = 1024 * 1024


def copy_online(url: URL, target: Path, progress: Progress) -> Contents:
    """Copy the database as one snapshot into a new file, check the copy, and say what is in it.

    The snapshot is held while it is copied, so no writer waits and none makes the copy begin anew; meanwhile the log of
    changes beside the database grows. Raises BackupError, DatabaseBusyError or DatabaseUnavailableError.
    """
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
    engine = sqlite_engine(url, lock_timeout_seconds=LOCK_SECONDS, writes=False)
    try:
        with translated(), engine.connect() as connection:
            connection.execute(_TAKE_SNAPSHOT)
            _copy(connection.connection.driver_connection, target, progress)
    except sqlite3.Error as fault:
        raise BackupError(f"the database could not be copied: {_named(fault)}") from None
    finally:
        engine.dispose()
    settle(target)
    return contents_of_file(target)


def _copy(source: sqlite3.Connection | None, target: Path, progress: Progress) -> None:
    assert source is not None
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        source.backup(copy, pages=PAGES_A_STEP, progress=lambda _, left, pages: progress(pages - left, pages))
        # The log of changes would be a second file, and whoever keeps the first alone would keep half a database.
        copy.execute("PRAGMA journal_mode = DELETE")
        (sound,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
        broken = copy.execute("PRAGMA foreign_key_check").fetchone()
    if sound != "ok" or broken is not None:
        raise BackupError(
            "the database is damaged (the copy does not pass integrity_check): stop what writes to it, keep its files "
            "as they are, and restore the newest backup that passes the drill"
        )


def contents_of_file(file: Path) -> Contents:
    """Return what a SQLite file holds that nobody writes to."""
    engine = sqlite_engine(URL.create("sqlite", database=str(file)), lock_timeout_seconds=LOCK_SECONDS, writes=False)
    try:
        with translated(), engine.connect() as connection:
            return contents(connection)
    finally:
        engine.dispose()


def require_no_file(url: URL) -> Path:
    """Return where the database file is to stand; raises RestoreError where one stands already, or what is left of it.

    A log of changes that was left behind would be applied to the restored file and break it.
    """
    target = Path(str(url.database))
    there = [str(path) for path in (target, *_beside(target)) if path.exists()]
    if there:
        raise TakenError(
            f"{', '.join(there)}: there is a database already, or what is left of one; stop every process that uses "
            "it and move all of these files away, or name another database"
        )
    return target


def _beside(file: Path) -> list[Path]:
    return [file.with_name(file.name + ending) for ending in BESIDE]


def restore_file(file: Path, manifest: Manifest, url: URL, progress: Progress, tell: Tell) -> None:
    """Let the backup appear as the database file, whole or not at all; raises RestoreError, UnsoundBackupError."""
    target = require_no_file(url)
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with workplace(target, tell) as folder:
            whole = folder / target.name
            _copy_bytes(file, whole, manifest.size_bytes, progress)
            # What is checked is what was written.
            require_whole(whole, manifest)
            # A file that appears from here on is not replaced either; but a log alone would be applied to ours.
            require_no_file(url)
            publish(whole, target)
    except FileExistsError:
        raise RestoreError(f"{target} has appeared meanwhile; it was left as it is") from None
    except OSError as fault:
        raise RestoreError(f"{target} could not be written: {fault.strerror}") from None


def _copy_bytes(file: Path, target: Path, size: int, progress: Progress) -> None:
    done = 0
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with file.open("rb") as source, os.fdopen(descriptor, "wb") as copy:
        while chunk := source.read(CHUNK_BYTES):
            copy.write(chunk)
            done += len(chunk)
            progress(done, size)
        copy.flush()
        os.fsync(copy.fileno())


def holds(url: URL, manifest: Manifest) -> bool:
    """Whether the database file is this very backup, as it was; raises OSError where that cannot be told."""
    target = Path(str(url.database))
    return target.exists() and target.stat().st_size == manifest.size_bytes and digest_of(target) == manifest.sha256


def remove_file(url: URL) -> None:
    """Remove a database file that was restored for a drill, and what SQLite keeps beside it."""
    target = Path(str(url.database))
    for path in (target, *_beside(target)):
        path.unlink(missing_ok=True)


def _named(fault: sqlite3.Error) -> str:
    name = getattr(fault, "sqlite_errorname", type(fault).__name__)
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
        return f"there is no space left where it is written, or the disk fails ({name})"
    return f"it is damaged or no database ({name})" if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) else name
