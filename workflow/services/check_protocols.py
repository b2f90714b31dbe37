"""Checking protocols from folders with their examples run, for users who bring their own and for the shipped ones."""

from pathlib import Path

from workflow.protocols import library
from workflow.rules.examples import failures


def check_folder(path: Path) -> list[str]:
    """Return everything wrong with the protocol in a folder, one line each with file and line; empty where sound."""
    return library.check_folder(path, failures)


def check_shipped() -> list[str]:
    """Return everything wrong with the shipped protocols, their examples run; empty where sound."""
    return [problem for folder in library.shipped_folders() for problem in library.check_folder(folder, failures)]
