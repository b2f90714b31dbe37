"""The folders in which protocols stand: each found once, and read with care, since people of all kinds write there."""

from collections.abc import Iterator
from importlib.resources.abc import Traversable
from os.path import lexists
from pathlib import Path
from stat import S_ISREG

from workflow.protocols.files.problems import ProtocolError, ProtocolProblem

PROTOCOL_FILE = "protocol.toml"
EXAMPLES_FILE = "examples.toml"
# A hundred times the shipped ones; anything larger is no protocol.
LARGEST_FILE_BYTES = 1_000_000
_FILES = f"a folder with {PROTOCOL_FILE} and {EXAMPLES_FILE}: UTF-8, {LARGEST_FILE_BYTES} bytes at most"
READABLE = "a folder that this user may read; a name that begins with a dot is passed over"

Folder = Traversable | Path


def protocol_folders(inside: Folder) -> Iterator[Folder]:
    """Yield every folder with a protocol at any depth inside another; nothing is sought below a protocol's own.

    Names that begin with a dot are passed over: behind them Kubernetes keeps what the links of a ConfigMap lead to.
    Each folder is come to once, however many links lead there. Raises ProtocolError for one that cannot be read.
    """
    yield from _inside(inside, {_real(inside)})


def _inside(folder: Folder, come_to: set[Folder]) -> Iterator[Folder]:
    for entry in _folders(folder):
        if _real(entry) in come_to:
            continue
        come_to.add(_real(entry))
        if holds_protocol(entry):
            yield entry
        else:
            yield from _inside(entry, come_to)


def _folders(folder: Folder) -> list[Folder]:
    """Return the folders in a folder by name, those that are only links after all others."""
    try:
        entries: list[Folder] = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError as fault:
        raise _unreadable(str(folder), fault) from None
    return sorted(filter(is_folder, entries), key=lambda entry: (_is_link(entry), entry.name))


def is_folder(entry: Folder) -> bool:
    """Whether something is a folder; raises ProtocolError where nobody lets this user know."""
    try:
        return entry.is_dir()
    except OSError as fault:
        raise _unreadable(str(entry), fault) from None


def holds_protocol(folder: Folder) -> bool:
    """Whether a folder is that of a protocol, though the file be one that cannot be read."""
    if isinstance(folder, Path):
        return lexists(folder / PROTOCOL_FILE)
    return folder.joinpath(PROTOCOL_FILE).is_file()


def text_of(folder: Folder, name: str) -> str:
    """Return a file's text without a byte order mark and with line feeds, so that it has one hash on every machine.

    Only a regular file of a size that can be one is opened. Raises ProtocolError.
    """
    try:
        content = _bytes_of(folder, name)
    except OSError as fault:
        raise _whole_file(folder, name, f"cannot be read: {fault.strerror}") from None
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as invalid:
        line = content.count(b"\n", 0, invalid.start) + 1
        raise _whole_file(folder, name, f"byte {invalid.start} is not UTF-8", line) from None


def shown(folder: Folder, name: str) -> str:
    """Return how a problem names a file of a folder."""
    return str(folder / name) if isinstance(folder, Path) else f"{folder.name}/{name}"


def _bytes_of(folder: Folder, name: str) -> bytes:
    file = folder.joinpath(name)
    if isinstance(file, Path):
        found = file.stat()
        if not S_ISREG(found.st_mode):
            raise _whole_file(folder, name, "is no file that holds a text")
        if found.st_size > LARGEST_FILE_BYTES:
            raise _whole_file(folder, name, f"has {found.st_size} bytes")
    with file.open("rb") as opened:
        content = opened.read(LARGEST_FILE_BYTES + 1)
    if len(content) > LARGEST_FILE_BYTES:
        raise _whole_file(folder, name, f"has more than {LARGEST_FILE_BYTES} bytes")
    return content


def _real(folder: Folder) -> Folder:
    return folder.resolve() if isinstance(folder, Path) else folder


def _is_link(folder: Folder) -> bool:
    return isinstance(folder, Path) and folder.is_symlink()


def _whole_file(folder: Folder, name: str, message: str, line: int = 1) -> ProtocolError:
    file = shown(folder, name)
    return ProtocolError([ProtocolProblem(file=file, line=line, key="the whole file", message=message, allowed=_FILES)])


def _unreadable(folder: str, fault: OSError) -> ProtocolError:
    message = f"cannot be read: {fault.strerror}"
    return ProtocolError(
        [ProtocolProblem(file=folder, line=1, key="the whole folder", message=message, allowed=READABLE)]
    )
