"""Checking protocols from folders with their examples run, for users who bring their own and for the shipped ones."""

from pathlib import Path

from workflow.protocols import library
from workflow.protocols.files.folders import Folder
from workflow.protocols.files.problems import Flaw, KeyPath, ProtocolError
from workflow.protocols.model import Protocol
from workflow.rules.examples import failures
from workflow.rules.exploration import traps
from workflow.rules.one_off import unnoticed


def check_folder(path: Path) -> list[str]:
    """Return everything wrong with the protocol in a folder, or with all in folders below it; empty where sound.

    One line each, with file and line. Besides what a start asks, every course that the gates leave open is walked, and
    the examples must notice each number that is one off.
    """
    try:
        inside = library.own_folders(path) or [path]
    except ProtocolError as unreadable:
        return [str(problem) for problem in unreadable.problems]
    problems = [problem for folder in inside for problem in _check(folder)]
    return problems or library.told_twice((folder, library.load_folder(folder)) for folder in inside)


def _check(folder: Folder) -> list[str]:
    return library.check_folder(folder, failures) or _proven(folder)


def _proven(folder: Folder) -> list[str]:
    """Return what only many runs of a sound protocol show: courses with no way on, and numbers that nobody tested."""
    protocol, examples = library.load_folder(folder), library.examples_of(folder)
    return library.told_of(protocol, folder, [*_traps(protocol), *unnoticed(protocol, examples)])


def _traps(protocol: Protocol) -> list[Flaw]:
    """Return how patients get where nothing leads on, at the gate that the protocol's file states first."""
    at: KeyPath = ("caps", 0, "most") if protocol.caps else ("individual_decision", "rule")
    return [
        Flaw(at=at, message=trap, allowed="a gate that some fact opens, or another way on") for trap in traps(protocol)
    ]


def load_own(directory: Path | None) -> tuple[Protocol, ...]:
    """Return an installation's own protocols, their examples run; an exact copy of a shipped one is the shipped one.

    Raises UnsoundDirectoryError with all problems.
    """
    if directory is None:
        return ()
    own = library.load_directory(directory, failures)
    return tuple(protocol for protocol in own if library.shipped().pinned(protocol.sha256) is None)


def check_shipped() -> list[str]:
    """Return everything wrong with the shipped protocols, their examples run; empty where sound."""
    return [problem for folder in library.shipped_folders() for problem in _check(folder)]
