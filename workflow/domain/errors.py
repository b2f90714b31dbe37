"""The errors and refusals of the house: an error is for the broken, a refusal is an answer with its way out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime


class CoursewatchError(Exception):
    """Something is broken or impossible; every error of this program derives from this one."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with what was sent: the field's path, the rule as a stable code, and the way out."""

    field: str
    code: str
    message: str

    def within(self, path: str) -> "Problem":
        """Return the same problem where what was read stands at `path` of a larger request."""
        field = f"{path}.{self.field}" if path else self.field
        return replace(self, field=field, message=self.message.replace(self.field, field, 1))


class InvalidInputError(CoursewatchError):
    """What was sent cannot be read as a fact: its shape, a unit or a date is impossible (HTTP 422)."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{problem.field}: {problem.message}" for problem in self.problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a well-formed fact is not recorded, and what would make it pass.

    `status` is the HTTP status that says the same: 403 role, 409 state, gate or order, 422 shape, unit or date.
    `possible` names the fact types that the state does accept; `override` is what to send to pass a gate.
    """

    code: str
    title: str
    detail: str
    status: int = 409
    field: str | None = None
    rule: str | None = None
    source: str | None = None
    arithmetic: str | None = None
    earliest_on: date | None = None
    latest_at: datetime | None = None
    override: dict[str, object] | None = None
    possible: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    because_of: tuple[str, ...] = ()
