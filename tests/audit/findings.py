"""What an audit found: vulnerabilities, those that were looked at and left, and what could not be asked about."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

SUFFICIENT_WORDS = 3


@dataclass(frozen=True, slots=True)
class Leave:
    """A vulnerability that was looked at and may stay until a day."""

    id: str
    package: str
    reason: str
    until: date

    def covers(self, found: "Vulnerability") -> bool:
        """Whether it is this vulnerability that was looked at."""
        return self.package == found.package and self.id in found.ids


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """A known vulnerability of a package in the version that we pin; `ids` are all its names."""

    package: str
    version: str
    ids: tuple[str, ...]
    fixed_in: tuple[str, ...]
    description: str

    @property
    def told(self) -> str:
        """Say what it is and what to do about it."""
        way_out = (
            f"raise it to {' or '.join(self.fixed_in)}: make lock"
            if self.fixed_in
            else "no version mends it: do without the package, or say in tests/audit/exceptions.toml why it may stay"
        )
        return f"{self.package} {self.version}: {', '.join(self.ids)}: {self.description[:200]} ({way_out})"


@dataclass(frozen=True, slots=True)
class Audit:
    """One audit: how many packages were asked about, which nobody knew, and what is known of the others."""

    packages: int
    unasked: tuple[str, ...]
    vulnerabilities: tuple[Vulnerability, ...]


def read_audit(dependencies: Iterable[Mapping[str, Any]]) -> Audit:
    """Read what pip-audit prints with `-f json`: packages with their vulnerabilities, or with why they were skipped."""
    found = list(dependencies)
    return Audit(
        packages=len(found),
        unasked=tuple(package["name"] for package in found if "skip_reason" in package),
        vulnerabilities=tuple(
            Vulnerability(
                package["name"],
                package["version"],
                (vulnerability["id"], *vulnerability.get("aliases", ())),
                tuple(vulnerability["fix_versions"]),
                vulnerability.get("description", ""),
            )
            for package in found
            for vulnerability in package.get("vulns", ())
        ),
    )


def read_leaves(file: Path) -> tuple[Leave, ...]:
    """Read the exceptions; raises ValueError for one without id, package, reason in words, or last day."""
    with file.open("rb") as text:
        entries = tomllib.load(text).get("exception", [])
    for entry in entries:
        if set(entry) != {"id", "package", "reason", "until"} or not isinstance(entry["until"], date):
            raise ValueError(f"{file.name}: an exception needs id, package, reason and until (a date): {entry}")
        if len(entry["reason"].split()) < SUFFICIENT_WORDS:
            raise ValueError(f"{file.name}: say in a sentence why {entry['id']} may stay")
    return tuple(Leave(**entry) for entry in entries)


def judged(audit: Audit, leaves: Iterable[Leave], today: date) -> tuple[list[str], list[str]]:
    """Return what fails the audit and what is only told, a line each."""
    fails: list[str] = []
    told: list[str] = []
    unused = list(leaves)
    for vulnerability in audit.vulnerabilities:
        leave = next((one for one in unused if one.covers(vulnerability)), None)
        if leave is None:
            fails.append(vulnerability.told)
            continue
        unused.remove(leave)
        if leave.until < today:
            fails.append(f"{vulnerability.told}; it might stay until {leave.until} only: {leave.reason}")
        else:
            told.append(f"{vulnerability.package}: {leave.id} stays until {leave.until}: {leave.reason}")
    asked_all = not audit.unasked
    told += [f"{leave.package}: {leave.id} is known no longer; take its exception out" for leave in unused if asked_all]
    return fails, told
