"""What stands beside a backup: what is in it and how to know that it is whole, and nothing of any patient."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from workflow.persistence.backup.errors import UnsoundBackupError
from workflow.persistence.backup.files import OWNER_ONLY, digest_of
from workflow.persistence.engine import Dialect

# Raised by hand when a manifest can no longer be read by an older release.
FORMAT: Literal[1] = 1
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)


class Counts(_Part):
    """How many rows the very snapshot has that was copied."""

    patients: Count
    facts: Count
    alerts: Count
    seals: Count

    def __str__(self) -> str:
        told = ((self.patients, "patient"), (self.facts, "fact"), (self.alerts, "alert"), (self.seals, "seal"))
        return ", ".join(f"{number:,} {noun}{'' if number == 1 else 's'}" for number, noun in told)


class Contents(_Part):
    """What a database says about itself, read from one snapshot.

    `revision` is that of its tables, `usable_from` the oldest one whose processes may work on them; `newest_seal` is a
    hash; `secret_check` tells which secret made the chain, without telling the secret (None: nobody has opened it yet).
    """

    revision: str
    usable_from: str | None
    rehearsal: bool
    counts: Counts
    newest_seal: str | None
    secret_check: str | None


class Origin(_Part):
    """What made a backup: the release of Coursewatch, and the database with its tool.

    `server_major` and `tool_major` are the major releases of PostgreSQL and pg_dump; None on SQLite.
    """

    release: str
    dialect: Dialect
    database: str
    server_major: int | None = None
    tool_major: int | None = None


class Manifest(_Part):
    """One backup: `made_at` is the instant, in UTC, before its snapshot was taken."""

    format: Literal[1] = FORMAT
    made_at: Annotated[AwareDatetime, Field(strict=False)]
    origin: Origin
    contents: Contents
    size_bytes: Count
    sha256: Digest


def manifest_of(file: Path) -> Path:
    """Return where the manifest of a backup stands: beside it."""
    return file.with_name(f"{file.name}.json")


def write_manifest(manifest: Manifest, path: Path) -> None:
    """Write a manifest into a new file, readable by its owner only."""
    path.touch(mode=OWNER_ONLY, exist_ok=False)
    path.write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")


def read_manifest(file: Path) -> Manifest:
    """Return the manifest of a backup; raises UnsoundBackupError where there is none that can be read."""
    path = manifest_of(file)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UnsoundBackupError(
            f"the manifest {path} is missing: without it nobody can tell whether the backup is whole"
        ) from None
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "it is no text"
        raise UnsoundBackupError(f"the manifest {path} cannot be read: {why}") from None
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as invalid:
        where = ".".join(str(part) for part in invalid.errors()[0]["loc"])
        raise UnsoundBackupError(
            f"the manifest {path} is not one that this release reads{f' ({where})' if where else ''}"
        ) from None


def require_whole(file: Path, manifest: Manifest) -> None:
    """Raise UnsoundBackupError unless the file is, byte for byte, the one that the manifest was written for."""
    try:
        size = file.stat().st_size
        if size != manifest.size_bytes:
            raise UnsoundBackupError(
                f"{file} has {size:,} bytes, the manifest says {manifest.size_bytes:,}: it is not whole"
            )
        found = digest_of(file)
    except OSError as fault:
        raise UnsoundBackupError(f"{file} cannot be read: {fault.strerror}") from None
    if found != manifest.sha256:
        raise UnsoundBackupError(f"{file} is not what its manifest says: its SHA-256 is another one")
