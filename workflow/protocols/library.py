"""Protocols from folders: those shipped with the program, and those that users bring."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

from workflow.domain.errors import CoursewatchError
from workflow.protocols.checks.coverage import coverage_flaws, example_flaws
from workflow.protocols.checks.structure import structure_flaws
from workflow.protocols.files.examples import Example, parse_examples_with_lines
from workflow.protocols.files.parse import parse_with_lines
from workflow.protocols.files.problems import KeyPath, ProtocolError, ProtocolProblem, line_of, located
from workflow.protocols.model import Protocol, Protocols

PROTOCOL_FILE = "protocol.toml"
EXAMPLES_FILE = "examples.toml"
# A hundred times the shipped ones; anything larger is no protocol.
LARGEST_FILE_BYTES = 1_000_000

Folder = Traversable | Path


class UnsoundDirectoryError(CoursewatchError):
    """Protocols of the installation's own cannot be used; each problem stands on a line."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(("protocols of your own cannot be used, so nothing starts:", *self.problems)))


RunExample = Callable[[Example, Protocol], list[str]]
Read = TypeVar("Read")
Lines = Mapping[KeyPath, int]


@cache
def shipped() -> Protocols:
    """Return the protocols shipped with the program, by id and, of one id, oldest version first; raises ProtocolError.

    Their examples are run by the tests and by `coursewatch protocol check`, since the rules that run them stand above.
    """
    return Protocols(load_folder(folder) for folder in shipped_folders())


def shipped_folders() -> tuple[Folder, ...]:
    """Return the folders of the shipped protocols, superseded versions included, by name."""
    return tuple(sorted(protocol_folders(files("workflow.protocols")), key=lambda folder: folder.name))


def protocol_folders(inside: Folder) -> Iterator[Folder]:
    """Yield every folder with a protocol at any depth inside another; nothing is sought below a protocol's own."""
    for entry in inside.iterdir():
        if not entry.is_dir():
            continue
        if entry.joinpath(PROTOCOL_FILE).is_file():
            yield entry
        else:
            yield from protocol_folders(entry)


def load_folder(folder: Folder) -> Protocol:
    """Return the protocol of a folder once both of its files pass every check but the running of the examples.

    Raises ProtocolError with all problems of both files.
    """
    return _sound(folder).protocol


def examples_of(folder: Folder) -> tuple[Example, ...]:
    """Return the worked examples of a folder's protocol; raises ProtocolError with all problems of both files."""
    return _sound(folder).examples


def check_folder(folder: Folder, run_example: RunExample) -> list[str]:
    """Return everything wrong with the protocol of a folder, one line each; empty where it may be used.

    `run_example` answers in what an example does not hold. Examples are run only once both files are sound.
    """
    try:
        return _failures(folder, _sound(folder), run_example)
    except ProtocolError as found:
        return [str(problem) for problem in found.problems]


def load_directory(directory: Path, run_example: RunExample) -> tuple[Protocol, ...]:
    """Return the protocols of every folder at or below a directory, checked as `check_folder` does.

    Raises UnsoundDirectoryError with everything wrong with any of them, also where two are the same version.
    """
    if not directory.is_dir():
        raise UnsoundDirectoryError([f"{directory}: is no folder that can be read; protocols of your own stand in one"])
    problems: list[str] = []
    places: dict[str, tuple[Folder, Protocol]] = {}
    own = (directory,) if (directory / PROTOCOL_FILE).is_file() else protocol_folders(directory)
    for folder in sorted(own, key=str):
        try:
            sound = _sound(folder)
        except ProtocolError as found:
            problems += map(str, found.problems)
            continue
        problems += _failures(folder, sound, run_example)
        ref = sound.protocol.ref
        if ref in places:
            problems.append(f"{shown(folder, PROTOCOL_FILE)}:1: {ref} stands in {places[ref][0]} already")
        places.setdefault(ref, (folder, sound.protocol))
    if problems:
        raise UnsoundDirectoryError(problems)
    return tuple(protocol for _, protocol in places.values())


def _failures(folder: Folder, sound: "_Sound", run_example: RunExample) -> list[str]:
    """Return what the examples of a sound folder do not hold, one line each."""
    file = shown(folder, EXAMPLES_FILE)
    return [
        f"{file}:{line_of(('examples', place), sound.lines)}: examples[{place}] {example.name}: {failure}"
        for place, example in enumerate(sound.examples)
        for failure in run_example(example, sound.protocol)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sound:
    """Both files of a folder, read and checked; `lines` are those of the examples."""

    protocol: Protocol
    examples: tuple[Example, ...]
    lines: Lines


@dataclass(slots=True)
class _Attempt:
    """Reads file after file, so that the problems of one do not hide those of the other."""

    folder: Folder
    problems: list[ProtocolProblem] = field(default_factory=list)

    def read(self, name: str, parse: Callable[[str, str], tuple[Read, Lines]]) -> tuple[Read, Lines] | None:
        """Return what `parse` makes of a file, or None and the problems kept."""
        try:
            return parse(_text(self.folder, name), shown(self.folder, name))
        except ProtocolError as invalid:
            self.problems += invalid.problems
            return None


def _sound(folder: Folder) -> _Sound:
    attempt = _Attempt(folder)
    protocol_read = attempt.read(PROTOCOL_FILE, parse_with_lines)
    examples_read = attempt.read(EXAMPLES_FILE, parse_examples_with_lines)
    problems = attempt.problems
    if protocol_read is not None:
        protocol, lines = protocol_read
        flaws = structure_flaws(protocol)
        if examples_read is not None:
            examples, example_lines = examples_read
            flaws += coverage_flaws(protocol, examples)
            problems += located(example_flaws(protocol, examples), example_lines, shown(folder, EXAMPLES_FILE))
            if not problems and not flaws:
                return _Sound(protocol=protocol, examples=examples, lines=example_lines)
        problems += located(flaws, lines, shown(folder, PROTOCOL_FILE))
    raise ProtocolError(problems)


def shown(folder: Folder, name: str) -> str:
    """Return how a problem names a file of a folder."""
    return str(folder / name) if isinstance(folder, Path) else f"{folder.name}/{name}"


def _text(folder: Folder, name: str) -> str:
    """Return a file's text with its line ends as line feeds, so that one protocol has one hash on every machine."""
    try:
        content = folder.joinpath(name).read_bytes()
    except OSError as missing:
        raise _whole_file(folder, name, f"cannot be read: {missing.strerror}") from None
    if len(content) > LARGEST_FILE_BYTES:
        raise _whole_file(folder, name, f"has {len(content)} bytes")
    try:
        return content.decode().replace("\r\n", "\n")
    except UnicodeDecodeError as invalid:
        line = content.count(b"\n", 0, invalid.start) + 1
        raise _whole_file(folder, name, f"byte {invalid.start} is not UTF-8", line) from None


def _whole_file(folder: Folder, name: str, message: str, line: int = 1) -> ProtocolError:
    return ProtocolError(
        [
            ProtocolProblem(
                file=shown(folder, name),
                line=line,
                key="the whole file",
                message=message,
                allowed=f"a folder with {PROTOCOL_FILE} and {EXAMPLES_FILE}: UTF-8, {LARGEST_FILE_BYTES} bytes at most",
            )
        ]
    )
