"""Puts a backup into an empty database: all of it or nothing, and never over what is there."""

from dataclasses import dataclass
from pathlib import Path

from workflow.persistence.backup import postgresql, sqlite
from workflow.persistence.backup.errors import RestoreError
from workflow.persistence.backup.files import Tell
from workflow.persistence.backup.manifest import Manifest, read_manifest, require_whole
from workflow.persistence.backup.pg_tools import find_tool
from workflow.persistence.backup.sqlite import Progress
from workflow.persistence.engine import parse_url
from workflow.persistence.migrations import is_readable, newest_revision

_KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A restored database: what its manifest says, and what is left to do.

    `older` where it needs `db upgrade`; `granted` is False where the app role is missing and nothing was granted to it.
    """

    manifest: Manifest
    older: bool
    granted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """What a backup is restored with: the app's role, and the folder of pg_restore where it is not on PATH.

    `tell` hears what became of restores that were killed.
    """

    app_role: str
    pg_bin: Path | None = None
    progress: Progress = lambda _done, _all: None
    tell: Tell = lambda _: None


def restore_backup(file: Path, database_url: str, restoring: Restoring) -> Restored:
    """Restore a backup into the empty database at this URL, on PostgreSQL the owner's.

    Raises UnsoundBackupError where the file is not what its manifest says, RestoreError where the database is not
    empty or of another kind or the release too old for the backup, ToolError where pg_restore does not fit or fails.
    """
    manifest = read_manifest(file)
    require_fitting(manifest, database_url)
    require_whole(file, manifest)
    granted = put_back(file, manifest, database_url, restoring)
    return Restored(manifest=manifest, older=manifest.contents.revision != newest_revision(), granted=granted)


def require_fitting(manifest: Manifest, database_url: str) -> None:
    """Raise RestoreError where this release or this kind of database cannot take the backup."""
    dialect, contents = parse_url(database_url).get_backend_name(), manifest.contents
    if manifest.origin.dialect != dialect:
        raise RestoreError(
            f"the backup is of a {_KINDS[manifest.origin.dialect]} database and cannot be restored into "
            f"{_KINDS[dialect]}; name a database of its kind with --database"
        )
    if not is_readable(contents.revision, contents.usable_from):
        raise RestoreError(
            f"the backup is at revision {contents.revision}, made by release {manifest.origin.release}; this release "
            f"knows {newest_revision()} at most: restore with that release or a later one"
        )


def put_back(file: Path, manifest: Manifest, database_url: str, restoring: Restoring) -> bool:
    """Restore a backup that was found whole and fitting; return whether the app role has its rights."""
    url = parse_url(database_url)
    if manifest.origin.dialect == "sqlite":
        sqlite.restore_file(file, manifest, url, restoring.progress, restoring.tell)
        return True
    tool = find_tool("pg_restore", restoring.pg_bin)
    postgresql.restore_dump(file, manifest, url, tool, restoring.progress)
    return postgresql.settle_in(url, restoring.app_role)
