"""Makes a backup of a whole database while processes write to it, with a manifest beside it; whole or not at all."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workflow.persistence.backup import postgresql, sqlite
from workflow.persistence.backup.errors import BackupError
from workflow.persistence.backup.files import OWNER_ONLY, Tell, digest_of, is_published, publish, settle, workplace
from workflow.persistence.backup.manifest import Contents, Manifest, Origin, manifest_of, write_manifest
from workflow.persistence.backup.pg_tools import find_tool
from workflow.persistence.backup.sqlite import Progress
from workflow.persistence.engine import parse_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What a backup is made with: when, by which release, and the folder of pg_dump where it is not on PATH.

    `tell` hears what became of backups that were killed.
    """

    now: datetime
    release: str
    pg_bin: Path | None = None
    progress: Progress = lambda _done, _all: None
    tell: Tell = lambda _: None


def back_up(database_url: str, file: Path, making: Making) -> Manifest:
    """Write one snapshot of the database into a new file and return its manifest, which stands beside it then.

    On PostgreSQL the URL is the owner's. Where the file appears, its manifest is there already. Raises BackupError,
    ToolError, DatabaseBusyError or DatabaseUnavailableError; nothing has the file's name then.
    """
    beside = manifest_of(file)
    _require_free(file, beside)
    try:
        with workplace(file, making.tell) as folder:
            whole, told = folder / file.name, folder / beside.name
            contents, origin = _written(database_url, whole, making)
            manifest = Manifest(
                made_at=making.now,
                origin=origin.model_copy(update={"release": making.release}),
                contents=contents,
                size_bytes=whole.stat().st_size,
                sha256=digest_of(whole),
            )
            write_manifest(manifest, told)
            settle(told)
            try:
                publish(told, beside)
                publish(whole, file)
            except BaseException:
                # Ended at any point: a manifest goes that has no backup, and none that has one.
                if is_published(told, beside) and not is_published(whole, file):
                    beside.unlink()
                raise
    except FileExistsError:
        raise BackupError(f"{file} or {beside.name} has appeared meanwhile; it was left as it is") from None
    except OSError as fault:
        raise BackupError(f"{file} could not be written: {fault.strerror}") from None
    return manifest


def _require_free(*files: Path) -> None:
    for file in files:
        if file.exists():
            raise BackupError(f"{file} is there already, and no backup is ever overwritten; choose another name")


def _written(database_url: str, target: Path, making: Making) -> tuple[Contents, Origin]:
    """Write the settled file, and say what is in it and what made it."""
    url = parse_url(database_url)
    if url.get_backend_name() == "sqlite":
        contents = sqlite.copy_online(url, target, making.progress)
        return contents, Origin(release="", dialect="sqlite", database=f"SQLite {sqlite.SQLITE_VERSION}")
    tool = find_tool("pg_dump", making.pg_bin)
    target.touch(mode=OWNER_ONLY, exist_ok=False)
    made = postgresql.dump(url, target, tool, making.progress)
    settle(target)
    return made
