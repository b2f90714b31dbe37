"""One made-up patient's facts on days counted from the first relapse, before anybody knows which dates these are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from workflow.domain.calendar import add_days
from workflow.domain.case import Case
from workflow.simulation.chance import Chance


@dataclass(frozen=True, slots=True)
class Day:
    """A day inside a fact's data, counted from the first relapse."""

    number: int


@dataclass(frozen=True, slots=True)
class Told:
    """A fact of a story: what happened on which day, counted from the first relapse."""

    day: int
    type: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualFact:
    """A fact of a cohort, ready to be written into a file: `data` is what JSON holds, dates as YYYY-MM-DD."""

    patient: str
    type: str
    occurred_on: date
    data: Mapping[str, object]


@dataclass(slots=True, kw_only=True)
class Story:
    """What is told of one patient; `today` is the day on which it stands still, counted from the first relapse.

    `outside_marrow` is the site beside the marrow, or instead of it, that the latest relapse was found at. `case` is
    the first relapse as strategies ask for it; from the second on there is none.
    """

    chance: Chance
    sex: str
    outside_marrow: str | None = None
    case: Case | None = None
    today: int = 0
    facts: list[Told] = field(default_factory=list)

    def tell(self, day: int, fact_type: str, /, **data: object) -> None:
        """Tell what happened on a day; what is None is left out."""
        self.facts.append(Told(day, fact_type, {name: value for name, value in data.items() if value is not None}))

    @property
    def last_day(self) -> int:
        """The day of the newest fact."""
        return max(told.day for told in self.facts)

    def dated(self, patient: str, today: date) -> list[VirtualFact]:
        """Return the facts in the order of their days, `today` of the story being this date."""

        def on(day: int) -> date:
            return add_days(today, day - self.today)

        def written(value: object) -> object:
            if isinstance(value, Day):
                return on(value.number).isoformat()
            if isinstance(value, Mapping):
                return {name: written(part) for name, part in value.items()}
            return value

        return [
            VirtualFact(
                patient=patient,
                type=told.type,
                occurred_on=on(told.day),
                data={name: written(value) for name, value in told.data.items()},
            )
            for told in sorted(self.facts, key=lambda told: told.day)
        ]
