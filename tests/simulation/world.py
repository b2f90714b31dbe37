"""One simulated year: patients, people, schedulers, a jumping clock; whatever happens is drawn from one seed."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any, TypeAlias

from tests.integration.alerts.checks import key_of
from tests.integration.alerts.hospitals import SITES, Hospitals, outcome_of
from tests.integration.alerts.reading import Entry, Learnt, Looked
from tests.simulation import people
from tests.simulation.clocks import SimulatedClock
from tests.simulation.network import Network
from tests.simulation.schedulers import Scheduler
from workflow.clock import today_in
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.delivery import Claimed
from workflow.services import act_on_alert
from workflow.services.correct_facts import correct_facts
from workflow.services.import_facts import import_facts
from workflow.services.import_rows import rows_of
from workflow.services.record_fact import record

Steps: TypeAlias = Iterator[timedelta]
PATIENTS = 50
# How often somebody writes something down about a patient, and how many of them leave for good after that.
VISITS, LEAVES = (4, 8), 0.97
YEAR = timedelta(days=365)
SCHEDULERS = ("one", "two", "three")
# Of a hundred steps of a scheduler, so many are its last.
CRASHES = 2
RESTARTED_AFTER = (timedelta(minutes=1), timedelta(hours=2), timedelta(hours=30), timedelta(days=9))
JUMPS_A_YEAR = 8
OUTAGES_A_YEAR = 6
JUMPS = (-4.0, -1.0, -0.1, 0.2, 1.0, 3.0)
DEEDS = ("acknowledge", "snooze", "resolve")
# What a patient's people do, how often.
WRITE, CORRECT, CORRECT_BACK, HAND_OVER = 60, 14, 6, 4


@dataclass(slots=True)
class Sent:
    """A message handed over: which notice, and how much had happened to alerts by then."""

    notice_id: str
    alert_id: str
    last_event: int


@dataclass(slots=True)
class World:
    """Everything that lives, in the order in which it is its turn; `told` is the log of what happened."""

    hospitals: Hospitals[SimulatedClock]
    clock: SimulatedClock
    chance: Random
    patients: list[str] = field(default_factory=list)
    histories: dict[str, list[Entry]] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    sent_messages: list[Sent] = field(default_factory=list)
    network: Network = field(init=False)
    schedulers: list[Scheduler] = field(init=False)
    _turns: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.network = Network(self.chance)
        self.schedulers = [
            Scheduler(name, self.hospitals.house, self.network, self.clock, self.chance, self) for name in SCHEDULERS
        ]

    def live(self) -> None:
        """Let a year go by."""
        end = self.clock.true + YEAR
        for scheduler in self.schedulers:
            self._begin_scheduler(scheduler)
        for number in range(PATIENTS):
            self._go_on(self._care(number), after=YEAR * self.chance.random() * 0.9)
        for _ in range(JUMPS_A_YEAR):
            self._go_on(self._wrong_clock(), after=YEAR * self.chance.random())
        for _ in range(OUTAGES_A_YEAR):
            self._go_on(self._outage(), after=YEAR * self.chance.random())
        while self._turns and self._turns[0][0] <= end:
            at, _number, turn = heappop(self._turns)
            self.clock.true = max(self.clock.true, at)
            turn()
        for scheduler in self.schedulers:
            scheduler.crash()
        self._turns.clear()

    def tell(self, what: str) -> None:
        """Note what happened."""
        self.told.append(f"{self.clock.true:%Y-%m-%d %H:%M:%S} {what}")

    def swept(self, patient_id: str) -> None:
        """Note that a patient was looked at."""
        self.histories[patient_id].append(Looked(self.clock()))

    def sent(self, claimed: Claimed) -> None:
        """Note that a message is about to be handed over, and what had happened to alerts by then."""
        notice = claimed.notice
        self.sent_messages.append(Sent(notice.id, notice.alert_id, self.hospitals.last_event()))

    def _begin_scheduler(self, scheduler: Scheduler) -> None:
        life = scheduler.live()

        def turn() -> None:
            if self.chance.randrange(100) < CRASHES:
                scheduler.crash()
                self.tell(f"{scheduler.name} begins its life {scheduler.lives}")
                self._at(self.chance.choice(RESTARTED_AFTER), partial(self._begin_scheduler, scheduler))
            else:
                self._at(next(life), turn)

        self._at(timedelta(hours=self.chance.uniform(0, 24)), turn)

    def _go_on(self, steps: Steps, *, after: timedelta) -> None:
        def turn() -> None:
            pause = next(steps, None)
            if pause is not None:
                self._go_on(steps, after=pause)

        self._at(after, turn)

    def _at(self, after: timedelta, turn: Callable[[], None]) -> None:
        heappush(self._turns, (self.clock.true + after, next(self._numbers), turn))

    def _wrong_clock(self) -> Steps:
        by = timedelta(days=self.chance.choice(JUMPS))
        self.clock.jump(by)
        self.tell(f"the clock jumps by {by}")
        yield timedelta(hours=self.chance.choice((1, 8, 40)))
        self.clock.jump(timedelta(0))
        self.tell("the clock is right again")

    def _outage(self) -> Steps:
        self.network.down = True
        yield timedelta(hours=self.chance.choice((1, 8, 40, 100)))
        self.network.down = False

    def _care(self, number: int) -> Steps:
        """Enrol a patient, and write down what happens to them until the year is over."""
        site = self.chance.choice(sorted(SITES))
        pseudonym = f"ALL-{number:04}"
        today = today_in(SITES[site].time_zone, self.clock())
        registration = people.a_registration(pseudonym, site, today)
        occurred_on = registration.pop("occurred_on")
        rows = [
            {"type": "patient_registered", "occurred_on": occurred_on, "data": registration},
            *people.a_beginning(today - timedelta(days=self.chance.choice((0, 0, 3, 24, 40)))),
        ]
        content = "\n".join(json.dumps({**row, "patient": pseudonym}) for row in rows).encode()
        result = import_facts(self.hospitals.house, LOCAL_ADMIN, list(rows_of(content, "begun.ndjson")))
        assert result.rows[0].outcome == "accepted", result
        patient_id = self.hospitals.newest_patient()
        self.patients.append(patient_id)
        self.histories[patient_id] = []
        self._learn(patient_id, f"{pseudonym} begins at {site}")
        for _ in range(self.chance.randint(*VISITS)):
            yield timedelta(days=self.chance.choice((0.02, 1, 3, 8, 15, 26)) * self.chance.uniform(0.8, 1.2))
            self._do_something(patient_id)
        if self.chance.random() < LEAVES:
            left = {"type": "lost_to_follow_up", "occurred_on": str(self._today(patient_id)), "data": {}}
            self._write(patient_id, "leaves", partial(record, self.hospitals.house, LOCAL_ADMIN, patient_id, left))

    def _do_something(self, patient_id: str) -> None:
        luck = self.chance.randrange(100)
        house, today = self.hospitals.house, self._today(patient_id)
        if luck < WRITE:
            raw = people.what_comes_next(self.chance, self.hospitals.brief(patient_id).state, today)
            self._write(patient_id, raw["type"], partial(record, house, LOCAL_ADMIN, patient_id, raw))
        elif luck < WRITE + CORRECT + CORRECT_BACK:
            facts = self.hospitals.facts(patient_id)
            back = luck >= WRITE + CORRECT
            change = people.a_correction_taken_back(facts) if back else people.a_correction(self.chance, facts)
            if change is not None:
                self._write(patient_id, "correct", partial(correct_facts, house, LOCAL_ADMIN, patient_id, change))
        elif luck < WRITE + CORRECT + CORRECT_BACK + HAND_OVER:
            raw = people.a_transfer(self.chance.choice(sorted(SITES)), today)
            self._write(patient_id, "hand over", partial(record, house, LOCAL_ADMIN, patient_id, raw))
        else:
            self._act_on_an_alert(patient_id)

    def _write(self, patient_id: str, name: str, act: Callable[[], Any]) -> None:
        answer = outcome_of(act)
        self._learn(patient_id, f"{patient_id} {name}: {answer if isinstance(answer, str) else 'accepted'}")

    def _learn(self, patient_id: str, what: str) -> None:
        last = self.hospitals.brief(patient_id).last_seq
        if last > self.known.get(patient_id, 0):
            self.known[patient_id] = last
            self.histories[patient_id].append(Learnt(last))
        self.tell(what)

    def _act_on_an_alert(self, patient_id: str) -> None:
        there = [row for row in self.hospitals.rows("alert", [patient_id]) if row["status"] != "resolved"]
        if not there:
            return
        row = self.chance.choice(there)
        deed = self.chance.choice(DEEDS)
        raw: dict[str, Any] = {"reason": "seen"}
        if deed == "snooze":
            raw["until"] = (self.clock() + timedelta(hours=self.chance.choice((5, 30, 70)))).isoformat()
        answer = outcome_of(partial(getattr(act_on_alert, deed), self.hospitals.house, LOCAL_ADMIN, row["id"], raw))
        if not isinstance(answer, str):
            by_hand = frozenset({key_of(row)} if deed == "resolve" else ())
            self.histories[patient_id].append(Looked(self.clock(), by_hand))
        self.tell(f"{patient_id} {deed} {row['reminder']}: {answer if isinstance(answer, str) else 'done'}")

    def _today(self, patient_id: str) -> date:
        return today_in(SITES[self.hospitals.brief(patient_id).site].time_zone, self.clock())
