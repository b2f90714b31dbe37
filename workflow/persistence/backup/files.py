"""Files that appear whole under their name or not at all, and never in the place of another."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

OWNER_ONLY = 0o600
CHUNK_BYTES = 1024 * 1024
# What a folder is called in which a backup or a restored file is being written; it is left behind by a kill alone.
UNFINISHED = ".coursewatch-unfinished-"


@contextmanager
def workplace(beside: Path) -> Iterator[Path]:
    """Give a folder on the disk of a file that is to appear, for its owner only; removed with all that is in it."""
    folder = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=beside.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def settle(file: Path) -> None:
    """Return when the disk has what was written into a file."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def publish(file: Path, name: Path) -> None:
    """Let a settled file appear under its name; raises FileExistsError where something has that name already."""
    try:
        os.link(file, name)
    except FileExistsError:
        raise
    except OSError:
        # A network folder may know no second name for a file. Whoever takes the name in this very moment is lost.
        if name.exists():
            raise FileExistsError from None
        file.rename(name)
    with suppress(OSError):  # not every network folder can be settled
        settle(name.parent)


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    digest = sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
