"""Whether the numbers of one timing rule can be: in order, in one unit each, and said why where there are none."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from workflow.domain.calendar import add_months, days_between
from workflow.protocols.files.problems import Flaw, KeyPath
from workflow.protocols.model import WindowRule

# In the order in which their days come; a critical day is the only one that must come strictly later.
ORDER = ("hard_min", "earliest", "target", "latest", "critical")
ORDER_IN_WORDS = "hard_min <= earliest <= target <= latest < critical"
# Four years hold every length that so many months can have; any four would do.
_MONTH_STARTS = tuple(date(2024 + month // 12, 1 + month % 12, 1) for month in range(48))


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """One number of a rule: so many days or calendar months after the anchor."""

    name: str
    number: int
    unit: str

    @property
    def key(self) -> str:
        """Its key in the file."""
        return f"{self.name}_{self.unit}"

    @property
    def days(self) -> tuple[int, int]:
        """The fewest and the most days it can be."""
        if self.unit == "days":
            return self.number, self.number
        lengths = [days_between(start, add_months(start, self.number)) for start in _MONTH_STARTS]
        return min(lengths), max(lengths)

    def comes_by(self, later: "Threshold") -> bool:
        """Whether this one never comes after `later`; before it, where that is the critical one."""
        mine, its = (self.number, later.number) if self.unit == later.unit else (self.days[1], later.days[0])
        return mine < its if later.name == "critical" else mine <= its


def thresholds(window: WindowRule) -> tuple[Threshold, ...]:
    """Return the numbers that a rule states, in the order of their days; months win over days."""
    return tuple(found[-1] for name in ORDER if (found := _stated(window, name)))


def threshold_flaws(window: WindowRule, at: KeyPath) -> Iterator[Flaw]:
    """Yield numbers out of order, one threshold in both units, and a window without numbers that does not say why."""
    for name in ORDER:
        if len(_stated(window, name)) > 1:
            message = f"{name} stands in days and in months"
            yield Flaw(at=(*at, f"{name}_days"), message=message, allowed="one of the two")
    stated = thresholds(window)
    for earlier, later in pairwise(stated):
        if not earlier.comes_by(later):
            relation = "must come after" if later.name == "critical" else "lies before"
            message = f"{later.number} {later.unit} {relation} {earlier.key} = {earlier.number}"
            yield Flaw(at=(*at, later.key), message=message, allowed=_room(earlier, later))
    if not stated and window.note is None:
        yield Flaw(at=at, message="has no threshold, and no note says why", allowed="a threshold, or a note")


def _stated(window: WindowRule, name: str) -> list[Threshold]:
    numbers = ((unit, getattr(window, f"{name}_{unit}", None)) for unit in ("days", "months"))
    return [Threshold(name=name, number=number, unit=unit) for unit, number in numbers if number is not None]


def _room(earlier: Threshold, later: Threshold) -> str:
    if earlier.unit != later.unit:
        return f"{ORDER_IN_WORDS}, whatever the length of the months"
    least = earlier.number + (1 if later.name == "critical" else 0)
    return f"{least} or more: {ORDER_IN_WORDS}"
