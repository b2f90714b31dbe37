"""Checking protocols from folders with their examples run, for users who bring their own and for the shipped ones."""

from pathlib import Path

from workflow.persistence.errors import ProtocolHashMismatchError
from workflow.protocols import library
from workflow.protocols.files.parse import parse_with_lines
from workflow.protocols.files.problems import Flaw, KeyPath, located
from workflow.protocols.model import Protocol
from workflow.rules.examples import failures
from workflow.rules.exploration import traps


def check_folder(path: Path) -> list[str]:
    """Return everything wrong with the protocol in a folder, or with all in folders below it; empty where sound.

    One line each, with file and line. Besides what a start asks, every course that the gates leave open is walked.
    """
    if (path / library.PROTOCOL_FILE).is_file():
        return _check(path)
    inside = sorted(library.protocol_folders(path), key=str) or [path]
    return [problem for folder in inside for problem in _check(folder)] or _twice(inside)


def _check(folder: library.Folder) -> list[str]:
    return library.check_folder(folder, failures) or _traps(folder)


def _traps(folder: library.Folder) -> list[str]:
    """Return how patients of a sound protocol get where nothing leads on, at the gate that its file states first."""
    protocol = library.load_folder(folder)
    at: KeyPath = ("caps", 0, "most") if protocol.caps else ("individual_decision", "rule")
    flaws = [
        Flaw(at=at, message=trap, allowed="a gate that some fact opens, or another way on") for trap in traps(protocol)
    ]
    file = library.shown(folder, library.PROTOCOL_FILE)
    return [str(problem) for problem in located(flaws, parse_with_lines(protocol.body, file)[1], file)]


def _twice(folders: list[library.Folder]) -> list[str]:
    """Return the folders whose version stands in another one already, so that nobody knows which is meant."""
    found: dict[str, library.Folder] = {}
    problems = []
    for folder in folders:
        ref = library.load_folder(folder).ref
        if ref in found:
            problems.append(f"{library.shown(folder, library.PROTOCOL_FILE)}:1: {ref} stands in {found[ref]} already")
        found.setdefault(ref, folder)
    return problems


def load_own(directory: Path | None) -> tuple[Protocol, ...]:
    """Return an installation's own protocols, their examples run; a copy of a shipped one is the shipped one.

    Raises UnsoundDirectoryError with all problems, ProtocolHashMismatchError where a shipped version has another body.
    """
    if directory is None:
        return ()
    return tuple(own for own in library.load_directory(directory, failures) if not _is_copy(own))


def _is_copy(own: Protocol) -> bool:
    known = library.shipped().named(own.ref)
    if known is not None and known.sha256 != own.sha256:
        raise ProtocolHashMismatchError(
            f"protocol {own.ref} has the hash {own.sha256[:12]} in COURSEWATCH_PROTOCOLS and is shipped with "
            f"{known.sha256[:12]}; give the changed body a version of its own"
        )
    return known is not None


def check_shipped() -> list[str]:
    """Return everything wrong with the shipped protocols, their examples run; empty where sound."""
    return [problem for folder in library.shipped_folders() for problem in _check(folder)]
