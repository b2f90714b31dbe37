"""The limits between the timing classes: every month, operator and citation of them stands here, and only here."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from workflow.domain.calendar import add_months

# 002, Table 2, as cited there for every COG class.
_COG = "002, Table 2 [16,26,28,29,36]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A limit between two classes, in calendar months after a day (clamped to the last day of the month).

    `day_itself` says on which side the day of the limit falls: "before" makes the relation `<=`, "after" makes it `<`.
    `disputed_on_the_day` are contradictions between the sources that touch that day and no other.
    """

    rule: str
    months: int
    since: Literal["the diagnosis", "the end of frontline therapy"]
    day_itself: Literal["before", "after"]
    source: str
    disputed_on_the_day: tuple[str, ...] = ()

    def limit(self, since: date) -> date:
        """Return the day of the limit."""
        return add_months(since, self.months)

    def is_before(self, relapse_on: date, since: date) -> bool:
        """Return whether the relapse belongs to the earlier of the two classes."""
        limit = self.limit(since)
        return relapse_on < limit or (relapse_on == limit and self.day_itself == "before")

    def line(self, relapse_on: date, since: date) -> str:
        """Return the comparison as people check it: `2024-01-05 < 2022-09-29 + 18 months = 2024-03-29`."""
        before, after = ("<=", ">") if self.day_itself == "before" else ("<", ">=")
        sign = before if self.is_before(relapse_on, since) else after
        return f"{relapse_on} {sign} {since} + {self.months} months = {self.limit(since)}"

    def told(self, relapse_on: date, since: date) -> str:
        """Return the comparison with what it is counted from."""
        return f"counted from {self.since}, {self.line(relapse_on, since)}"

    def disputes(self, relapse_on: date, since: date) -> tuple[str, ...]:
        """Return the contradictions that this relapse meets by falling on the very day of the limit."""
        return self.disputed_on_the_day if relapse_on == self.limit(since) else ()


# Exactly 18 months is early: where an operator is printed it is "<18", and COG, said to coincide, goes on with "18-36".
BFM_VERY_EARLY = Cut(
    rule="TR-034",
    months=18,
    since="the diagnosis",
    day_itself="after",
    source="002, Table 2 and Table 5 note [42]",
    disputed_on_the_day=("C03",),
)
# Exactly 6 months is early: every statement of "late" says "more than 6 months".
BFM_EARLY = Cut(
    rule="TR-035",
    months=6,
    since="the end of frontline therapy",
    day_itself="before",
    source="002, Table 2 and Table 5 note [22,42]",
    disputed_on_the_day=("C04",),
)
COG_VERY_EARLY = Cut(rule="TR-036", months=18, since="the diagnosis", day_itself="after", source=_COG)
# Exactly 36 months is late: "late" is printed with its operator, ">=36", and "early" as "within 36" without one.
COG_EARLY = Cut(
    rule="TR-037",
    months=36,
    since="the diagnosis",
    day_itself="after",
    source=_COG,
    disputed_on_the_day=("C09",),
)
PDQ_EARLY = Cut(
    rule="TR-038",
    months=6,
    since="the end of frontline therapy",
    day_itself="before",
    source="004, Postreinduction therapy",
)
