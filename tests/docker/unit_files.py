"""Reads unit files of systemd as far as our tests ask: sections of settings, each of which may stand several times."""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.tree import ROOT

FOLDER = ROOT / "docker" / "systemd"
PROGRAM = "/opt/coursewatch/current/bin/coursewatch"
_ASSIGNMENT = re.compile(r"#?(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)")


@dataclass(frozen=True)
class Unit:
    """One unit file: its name and, by section, each setting's values in their order."""

    name: str
    sections: dict[str, dict[str, list[str]]]

    def values(self, setting: str) -> list[str]:
        """Return what a setting of the service says, an empty list where it says nothing."""
        return self.sections["Service"].get(setting, [])

    def environment(self) -> dict[str, str]:
        """Return the variables that the unit itself sets."""
        return dict(value.split("=", 1) for value in self.values("Environment"))


def read_unit(file: Path) -> Unit:
    """Read a unit file whose lines are not continued."""
    sections: dict[str, dict[str, list[str]]] = {}
    section: dict[str, list[str]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), defaultdict(list))
            continue
        name, _, value = line.partition("=")
        section[name].append(value)
    return Unit(file.name, sections)


def services() -> list[Unit]:
    """Return the units that run a command."""
    return [read_unit(file) for file in sorted(FOLDER.glob("*.service"))]


def examples_in(file: Path) -> dict[str, str]:
    """Return the variables of an environment file, those too that stand in it as a comment."""
    found = (_ASSIGNMENT.fullmatch(line) for line in file.read_text(encoding="utf-8").splitlines())
    return {match["name"]: match["value"] for match in found if match}
