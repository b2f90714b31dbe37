"""Files that appear whole under their name or not at all, and never in the place of another."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

Tell: TypeAlias = Callable[[str], None]
"""Called with a line for whoever has started the work."""

OWNER_ONLY = 0o600
CHUNK_BYTES = 1024 * 1024
# What a folder is called in which a backup or a restored file is being written; it is left behind by a kill alone.
UNFINISHED = ".coursewatch-unfinished-"
# Whoever works in such a folder writes all the time. Were one taken from somebody who lives, their work would end with
# an error, and nothing half would appear.
ABANDONED_AFTER_SECONDS = 12 * 60 * 60


@contextmanager
def workplace(beside: Path, tell: Tell) -> Iterator[Path]:
    """Give a folder on the disk of a file that is to appear, for its owner only; removed with all that is in it.

    What others have left there who were killed is removed first: it is patients' data. `tell` hears of it, and of a
    folder that could not be removed: what was published stands all the same.
    """
    folder = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=beside.parent))
    try:
        for left in folder.parent.glob(f"{UNFINISHED}*"):
            _remove_abandoned(left, folder, tell)
        yield folder
    finally:
        try:
            _remove(folder, tell)
        except BaseException:
            # Ended from outside while it removes.
            _remove(folder, tell)
            raise


def _remove(folder: Path, tell: Tell) -> None:
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as fault:
        tell(f"{folder} may hold patients' data and could not be removed; remove it: {fault.strerror or fault}")


def _remove_abandoned(left: Path, newest: Path, tell: Tell) -> None:
    """Remove a folder that nobody has written in for long, by the disk's own clock, which has just stamped `newest`."""
    try:
        written = max(path.stat().st_mtime for path in (left, *left.iterdir()))
        if newest.stat().st_mtime - written < ABANDONED_AFTER_SECONDS:
            return
        shutil.rmtree(left)
    except FileNotFoundError:
        return  # whoever worked there has ended meanwhile
    except OSError as fault:
        tell(f"{left} may hold patients' data, left by a command that was killed; remove it: {fault.strerror or fault}")
    else:
        tell(f"{left}, left by a command that was killed, is removed.")


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
        # A network folder may know no second name for a file: the name is taken first, then the file put there.
        name.touch(mode=OWNER_ONLY, exist_ok=False)
        try:
            file.replace(name)
        except BaseException:
            if file.exists():
                name.unlink()
            raise
    with suppress(OSError):  # not every network folder can be settled
        settle(name.parent)


def is_published(file: Path, name: Path) -> bool:
    """Whether this very file stands under that name: also known where publishing it was ended in the middle."""
    try:
        return name.samefile(file)
    except FileNotFoundError:
        return name.exists() and not file.exists()


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    digest = sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
