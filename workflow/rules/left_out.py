"""Which refused row explains that a later one is not possible: the chart walked as if the refused rows were there."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from workflow.domain.chart import TRANSITIONS, Transition
from workflow.domain.facts.base import Payload
from workflow.domain.facts.treatment import ConsolidationDecided, HsctCancelled, TreatmentIntentChanged

Rows = frozenset[int]


@dataclass(slots=True)
class LeftOut:
    """States in which the patient might be had refused rows been taken, each with the fewest rows that it takes.

    Only names of states are followed, guards only where the fact itself answers them: this explains a refusal,
    it decides nothing. Rows are whatever numbers the caller names them by.
    """

    might_be: dict[str, Rows] = field(default_factory=dict)
    anywhere: list[tuple[str, int]] = field(default_factory=list)

    def refused(self, row: int, fact_type: str, data: Payload | None, state: str) -> None:
        """Leave a row out that was refused in `state` for a reason of its own."""
        with_row: dict[str, Rows] = {}
        for world, rows in {**self.might_be, state: Rows()}.items():
            for reached in destinations(world, fact_type, data):
                _keep(with_row, reached, rows | {row})
        for world, rows in with_row.items():
            _keep(self.might_be, world, rows)
        self.might_be.pop(state, None)

    def not_possible(self, row: int, fact_type: str, data: Payload | None, state: str) -> tuple[int, ...]:
        """Leave a row out that `state` does not allow; return the rows left out before without which it fails."""
        worlds = self._worlds(state)
        explaining = (rows for world, rows in worlds.items() if destinations(world, fact_type, data))
        because = min(explaining, key=lambda rows: (len(rows), sorted(rows)), default=Rows())
        if because:
            self.might_be = _after(worlds, fact_type, data)
        else:
            self.refused(row, fact_type, data, state)
        return tuple(sorted(because))

    def refused_undated(self, row: int, fact_type: str) -> None:
        """Leave a row out whose day cannot be read: it might have stood anywhere."""
        self.anywhere.append((fact_type, row))

    def taken(self, fact_type: str, data: Payload, state: str) -> None:
        """Go on after a fact that was taken and led to `state`."""
        if self.might_be:
            self.might_be = _after(self.might_be, fact_type, data)
            self.might_be.pop(state, None)

    def _worlds(self, state: str) -> dict[str, Rows]:
        worlds = dict(self.might_be)
        for fact_type, row in self.anywhere:
            for world, rows in {**worlds, state: Rows()}.items():
                for reached in destinations(world, fact_type, None):
                    _keep(worlds, reached, rows | {row})
        worlds.pop(state, None)
        return worlds


def _after(worlds: dict[str, Rows], fact_type: str, data: Payload | None) -> dict[str, Rows]:
    after: dict[str, Rows] = {}
    for world, rows in worlds.items():
        for reached in destinations(world, fact_type, data) or (world,):
            _keep(after, reached, rows)
    return after


def _keep(worlds: dict[str, Rows], state: str, rows: Rows) -> None:
    known = worlds.get(state)
    if known is None or len(rows) < len(known):
        worlds[state] = rows


def destinations(state: str, fact_type: str, data: Payload | None) -> tuple[str, ...]:
    """Return the states to which a fact might lead, as far as its own data decide; `data` None: unknown."""
    return tuple(dict.fromkeys(_reached(state, fact_type, data)))


def _reached(state: str, fact_type: str, data: Payload | None) -> Iterator[str]:
    for arrow in _arrows(state, fact_type):
        if all(_might_hold(name, data) for name in arrow.when):
            yield arrow.dest
            if not arrow.when:
                return


@cache
def _arrows(state: str, fact_type: str) -> tuple[Transition, ...]:
    return tuple(arrow for arrow in TRANSITIONS if (arrow.source, arrow.fact) == (state, fact_type))


def _might_hold(name: str, data: Payload | None) -> bool:
    guard, _, wanted = name.partition(":")
    if guard == "decides" and isinstance(data, ConsolidationDecided):
        return data.decision == wanted
    if guard == "next" and isinstance(data, HsctCancelled):
        return data.next_ == wanted
    if guard == "decides_intent" and isinstance(data, TreatmentIntentChanged):
        return data.intent == wanted
    return True
