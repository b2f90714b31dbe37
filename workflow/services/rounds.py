"""Whom a sweep takes: everybody for whom something is due, and then a part of those whom other rules have judged."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from math import inf
from threading import Event

from workflow.clock import Stopwatch, monotonic
from workflow.domain.actor import SCHEDULER
from workflow.persistence.backlog import Place, backlog
from workflow.persistence.due_patients import due_patients
from workflow.persistence.installation import rules_of_upgrade
from workflow.persistence.unit_of_work import UnitOfWork, reading
from workflow.services.house import House


@dataclass(slots=True, kw_only=True)
class Rounds:
    """The sweeps of one process: how long each stays with the backlog, and how far in it they have come.

    The backlog are the patients whom other rules have judged: after an upgrade that is everybody, and nobody's alerts
    wait for it. Each sweep stays with it for so many `seconds` and the next one goes on from there, and from the
    beginning after the end, so that who cannot be judged holds nobody up. As they come, all of it is taken by each.
    """

    seconds: float = inf
    stopwatch: Stopwatch = monotonic
    _reached: Place | None = None
    _met_another: bool = False
    _asked_to_end: Event = field(default_factory=Event)

    def end(self) -> None:
        """Let the sweep that runs, and every later one, end before its next patient."""
        self._asked_to_end.set()

    def met_another(self) -> None:
        """Hear that another process was at work on the last patient meanwhile: the next ones are left to it too."""
        self._met_another = self.seconds < inf

    def whom(self, house: House) -> Iterator[str]:
        """Yield the ids of those whom a sweep takes, who is due first; no transaction stays open meanwhile."""
        for patient_id in chain(_due(house), self._of_backlog(house)):
            if self._asked_to_end.is_set():
                return
            yield patient_id

    def _of_backlog(self, house: House) -> Iterator[str]:
        until = self.stopwatch() + self.seconds
        while page := _backlog_behind(house, self._reached):
            for place in page:
                if self.stopwatch() >= until:
                    return
                self._reached, self._met_another = place, False
                yield place.patient_id
                if self._met_another:
                    self._reached = page[-1]
                    break
        self._reached = None


def _due(house: House) -> Iterator[str]:
    after = ""
    while True:
        with reading(house.database, SCHEDULER) as unit:
            page = due_patients(unit.connection, now=unit.instant(), judged_by=None, after=after)
        yield from page
        if not page:
            return
        after = page[-1]


def _backlog_behind(house: House, reached: Place | None) -> tuple[Place, ...]:
    with reading(house.database, SCHEDULER) as unit:
        if not judges_everybody(house, unit):
            return ()
        return backlog(unit.connection, judged_by=house.judged_by, behind=reached)


def judges_everybody(house: House, unit: UnitOfWork) -> bool:
    """Whether this process judges everybody anew whom other rules have judged: not after an upgrade to other rules.

    Then it raises what falls due, and leaves the rest to the processes of that release: two that judged each other's
    patients anew, sweep by sweep, would raise and resolve the same alerts for ever.
    """
    return rules_of_upgrade(unit.connection) in {None, house.judged_by}
