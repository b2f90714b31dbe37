"""Passwords and secrets: read from files, never from a variable, and shown to nobody."""

import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from workflow.settings.variables import PREFIX, SettingsError

LEAST_SECRET_BYTES = 32
CREDENTIAL_MODE = 0o440


def password_in(file: Path, variable: str) -> str:
    """Return the password in a file, which `variable` names; raises SettingsError.

    Its group may read it, in containers that of all who need it; everybody may not.
    """
    try:
        password, mode = file.read_text(encoding="utf-8").strip(), stat.S_IMODE(file.stat().st_mode)
    except OSError as fault:
        raise SettingsError(f"{PREFIX}{variable}: {file} cannot be read: {fault.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{PREFIX}{variable}: {file} must be text in UTF-8") from None
    if mode & stat.S_IRWXO:
        raise SettingsError(f"{PREFIX}{variable}: everybody on this machine can read {file}; run: chmod o= {file}")
    if not password:
        raise SettingsError(f"{PREFIX}{variable}: {file} is empty; the password is its one line")
    return password


def read_or_make_secret(path: Path, make: Callable[[], str]) -> bytes:
    """Return the secret in this file; on first use the file is made, readable by its owner only.

    Raises SettingsError where the file is short or open to others: the secret proves that no row was altered.
    """
    if not path.exists():
        _make_secret_file(path, make())
    return read_secret(path)


def read_secret(path: Path) -> bytes:
    """Return the secret in this file, which is not made; raises SettingsError where it is missing, short or open."""
    try:
        secret = path.read_bytes().strip()
    except OSError as fault:
        raise SettingsError(f"{PREFIX}SECRET_FILE: {path} cannot be read: {fault.strerror}") from None
    if len(secret) < LEAST_SECRET_BYTES:
        raise SettingsError(
            f"{path}: the secret is shorter than {LEAST_SECRET_BYTES} bytes; restore it from the backup, "
            "or move the file away to have a new one made for a new database"
        )
    if open_to_others(path.stat()):
        raise SettingsError(f"{path}: others can read the secret; run: chmod 600 {path}")
    return secret


def open_to_others(status: os.stat_result) -> bool:
    """Tell whether anybody but its owner and root has a right to a file."""
    mode = stat.S_IMODE(status.st_mode)
    # A credential of systemd is root's and read-only; its one reader stands in an access list, which shows as a right
    # of root's group. Without such a list nobody but root is of that group, and in some containers the one who runs.
    handed_over = status.st_uid == status.st_gid == 0 and mode == CREDENTIAL_MODE
    return bool(mode & (stat.S_IRWXG | stat.S_IRWXO)) and not handed_over


def _make_secret_file(path: Path, secret: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written under another name first: whoever finds the file finds the whole secret in it.
    descriptor, whole = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        # Another process of this installation may be first; then its secret is read next.
        with suppress(FileExistsError):
            os.link(whole, path)
    finally:
        Path(whole).unlink()
