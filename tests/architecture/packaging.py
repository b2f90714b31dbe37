"""Finds out where an interpreter takes our packages from, and what a lock file pins for which reason."""

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import Requirement

from tests.architecture.tree import PACKAGES

WHERE_FROM = """
import importlib.util, json, sys
found = {name: importlib.util.find_spec(name) for name in sys.argv[1:]}
print(json.dumps({name: spec.origin if spec else None for name, spec in found.items()}))
"""
# A host, an address, a file of somebody's machine, a direct reference, or an option that brings one of them in.
PLACES = re.compile(r"://|\bfile:|\s@\s|(^|\s)[~/.][\w./-]*/|^-(?!-hash)|--(?!hash)[a-z-]+", re.MULTILINE)
OURS = re.compile(r"coursewatch \(pyproject\.toml(?::(?P<group>[\w-]+))?\)")


def foreign_packages(tree: Path, python: Path) -> list[str]:
    """Return a line for each of our packages that this interpreter would not import from this tree.

    The interpreter is asked from an empty folder and without its environment variables, as `coursewatch` is run.
    """
    with tempfile.TemporaryDirectory() as elsewhere:
        answer = subprocess.run(
            [python, "-I", "-c", WHERE_FROM, *PACKAGES], cwd=elsewhere, capture_output=True, text=True, check=True
        )
    origins: dict[str, str | None] = json.loads(answer.stdout)
    return [
        f"{name} is imported from {origin or 'nowhere'}, not from {expected}: is a package of that name installed?"
        for name, origin in origins.items()
        if origin != str(expected := tree / name / "__init__.py")
    ]


@dataclass
class Pin:
    """One entry of a lock file: the requirement, how many hashes it has, and who asked for it."""

    requirement: Requirement
    hashes: int = 0
    asked_for_by: set[str] = field(default_factory=set)

    @property
    def version(self) -> str:
        """The one version this entry allows."""
        (only,) = self.requirement.specifier
        assert only.operator == "=="
        return only.version


def read_lock(lock: Path) -> Iterator[Pin]:
    """Yield the entries of a lock file as `uv pip compile` writes them: requirement, hashes, `# via` comments."""
    entry: Pin | None = None
    for line in lock.read_text(encoding="utf-8").splitlines():
        text = line.strip().removesuffix("\\").strip()
        if not line.startswith(" "):
            if entry:
                yield entry
            entry = Pin(Requirement(text))
        elif entry and text.startswith("--hash=sha256:"):
            entry.hashes += 1
        elif entry and (ours := OURS.search(text)):
            entry.asked_for_by.add(ours["group"] or "runtime")
    if entry:
        yield entry
