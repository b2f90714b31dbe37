"""Protocols from folders: those shipped with the program, and those that users bring."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from workflow.domain.errors import CoursewatchError
from workflow.protocols.checks.coverage import coverage_flaws, example_flaws
from workflow.protocols.checks.names_in_examples import misnamed
from workflow.protocols.checks.structure import structure_flaws
from workflow.protocols.files.examples import Example, parse_examples_with_lines
from workflow.protocols.files.folders import (
    EXAMPLES_FILE,
    PROTOCOL_FILE,
    Folder,
    holds_protocol,
    is_folder,
    protocol_folders,
    shown,
    text_of,
)
from workflow.protocols.files.parse import parse_with_lines
from workflow.protocols.files.problems import Flaw, KeyPath, ProtocolError, ProtocolProblem, line_of, located
from workflow.protocols.model import Protocol, Protocols
from workflow.protocols.version_order import natural_order


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
        sound = _sound(folder)
    except ProtocolError as found:
        return [str(problem) for problem in found.problems]
    return [*_id_taken(folder, sound), *_failures(folder, sound, run_example)]


def load_directory(directory: Path, run_example: RunExample) -> tuple[Protocol, ...]:
    """Return the protocols of every folder at or below a directory, checked as `check_folder` does.

    Raises UnsoundDirectoryError with everything wrong with any of them, also where two are the same version, or where
    one has the id of a shipped protocol.
    """
    problems: list[str] = []
    found: list[tuple[Folder, Protocol]] = []
    for folder in _folders_of(directory):
        try:
            sound = _sound(folder)
        except ProtocolError as unsound:
            problems += map(str, unsound.problems)
            continue
        problems += [*_id_taken(folder, sound), *_failures(folder, sound, run_example)]
        found.append((folder, sound.protocol))
    problems += told_twice(found)
    if problems:
        raise UnsoundDirectoryError(problems)
    return tuple(protocol for _, protocol in found)


def _folders_of(directory: Path) -> list[Folder]:
    try:
        if is_folder(directory):
            return own_folders(directory)
    except ProtocolError as unreadable:
        raise UnsoundDirectoryError([str(problem) for problem in unreadable.problems]) from None
    raise UnsoundDirectoryError([f"{directory}: is no folder that can be read; protocols of your own stand in one"])


def own_folders(directory: Path) -> list[Folder]:
    """Return the folders of protocols at or below a directory, by name; empty where there are none.

    Raises ProtocolError for one that cannot be read.
    """
    inside = (directory,) if holds_protocol(directory) else protocol_folders(directory)
    return sorted(inside, key=str)


def told_twice(found: Iterable[tuple[Folder, Protocol]]) -> list[str]:
    """Return the folders whose version stands in another one before them, so that nobody knows which is meant.

    Versions that people count alike, 1 and 01, are one: neither of them is the newer one.
    """
    first: dict[object, tuple[Folder, Protocol]] = {}
    problems = []
    for folder, protocol in found:
        place, other = first.setdefault((protocol.id, natural_order(protocol.version)), (folder, protocol))
        if other is not protocol:
            alike = "" if other.ref == protocol.ref else f"counts as {other.ref}, which "
            flaw = Flaw(
                at=("version",),
                message=f"{protocol.ref} {alike}stands in {place} already",
                allowed="a version that no other folder has",
            )
            problems += told_of(protocol, folder, [flaw])
    return problems


def told_of(protocol: Protocol, folder: Folder, flaws: Iterable[Flaw]) -> list[str]:
    """Return flaws of a sound protocol as lines, each at its key in the protocol's file."""
    file = shown(folder, PROTOCOL_FILE)
    return [str(problem) for problem in located(flaws, parse_with_lines(protocol.body, file)[1], file)]


def place_of(ref: str, directory: Path) -> str | None:
    """Return where one of the directory's protocols says which version it is, as `file:line: version`, or None."""
    for folder in own_folders(directory):
        file = shown(folder, PROTOCOL_FILE)
        protocol, lines = parse_with_lines(text_of(folder, PROTOCOL_FILE), file)
        if protocol.ref == ref:
            return f"{file}:{line_of(('version',), lines)}: version"
    return None


def _id_taken(folder: Folder, sound: "_Sound") -> list[str]:
    """Return that another text has the id of a shipped protocol; an exact copy of that one is that one."""
    protocol = sound.protocol
    if protocol.id not in shipped().ids or shipped().pinned(protocol.sha256) is not None:
        return []
    flaw = Flaw(
        at=("id",),
        message=f"{protocol.id} is a protocol of this release: names mean the same in every hospital",
        allowed="an id of your own, with the name of your hospital in it",
    )
    return told_of(protocol, folder, [flaw])


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
class _FileReader:
    """Reads file after file, so that the problems of one do not hide those of the other."""

    folder: Folder
    problems: list[ProtocolProblem] = field(default_factory=list)

    def read(self, name: str, parse: Callable[[str, str], tuple[Read, Lines]]) -> tuple[Read, Lines] | None:
        """Return what `parse` makes of a file, or None and the problems kept."""
        try:
            return parse(text_of(self.folder, name), shown(self.folder, name))
        except ProtocolError as invalid:
            self.problems += invalid.problems
            return None


def _sound(folder: Folder) -> _Sound:
    reader = _FileReader(folder)
    protocol_read = reader.read(PROTOCOL_FILE, parse_with_lines)
    examples_read = reader.read(EXAMPLES_FILE, parse_examples_with_lines)
    problems = reader.problems
    if protocol_read is not None:
        protocol, lines = protocol_read
        flaws = structure_flaws(protocol)
        if examples_read is not None:
            examples, example_lines = examples_read
            # Examples that speak of something else show nothing; what they leave unshown would hide why.
            slips = misnamed(protocol, examples)
            flaws += [] if slips else coverage_flaws(protocol, examples)
            of_examples = slips or example_flaws(protocol, examples)
            problems += located(of_examples, example_lines, shown(folder, EXAMPLES_FILE))
            if not problems and not flaws:
                return _Sound(protocol=protocol, examples=examples, lines=example_lines)
        problems += located(flaws, lines, shown(folder, PROTOCOL_FILE))
    raise ProtocolError(problems)
