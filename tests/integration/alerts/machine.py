"""The machine of the laws: wards write, correct, hand over, while sweeps come at any time and the clock jumps."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from random import Random
from typing import Any, TypeAlias

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.integration.alerts import acts
from tests.integration.alerts.checks import key_of, require_as_read
from tests.integration.alerts.hospitals import BEGUN_AT, SITES, HandClock, Hospitals, outcome_of
from tests.integration.alerts.reading import Entry, Key, Learnt, Looked, Moment, Settled, moments
from tests.simulation import people
from workflow.clock import today_in
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.site_practice import SitePractice
from workflow.services.house import Answer
from workflow.services.register_patient import register
from workflow.services.sweep import sweep

NUMBERS = count(1)
STEPS = (
    *("write",) * 8,
    *("correct",) * 4,
    *("correct_back",) * 4,
    "move",
    "bring_in",
    *("hand_over",) * 2,
    *("act_upon_alert",) * 2,
    *("wait",) * 3,
    *("look",) * 2,
    *("jump",) * 2,
    "restart",
    "set_site",
)
PAUSES = (timedelta(hours=3), timedelta(hours=17), timedelta(days=1), timedelta(days=4), timedelta(days=9))
# Before most steps some time goes by, so that few steps make a course.
BETWEEN = (timedelta(0), timedelta(hours=11), timedelta(days=2), timedelta(days=6))
JUMPS = (-4.0, -1.2, -0.3, 0.3, 1.2, 3.0)
WEEKS_LATER = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Handled:
    """Somebody acted upon an alert of a patient; `by_hand` holds it where they resolved it."""

    which: int
    looked: Looked


# What became known of which patient, when everybody was looked at, what was set, what was done about an alert.
Noted: TypeAlias = dict[int, int] | datetime | SitePractice | Handled
House: TypeAlias = Hospitals[HandClock]
Ledger: TypeAlias = tuple[dict[Any, Any], dict[Any, datetime]]


class Alerts(RuleBasedStateMachine):
    """Two houses with the same patients: one is swept at any times and restarted, the other only at the very end.

    Sweeps of the first read a clock that jumps back and forth, but never beyond the next entry: what an entry is dated
    by is true in both.
    """

    def __init__(self, swept: House, alone: House) -> None:
        super().__init__()
        self.swept, self.alone = swept, alone
        self.patients: dict[int, list[str]] = {id(swept): [], id(alone): []}
        self.pseudonyms: list[str] = []
        self.log: list[Noted] = []
        self.now = BEGUN_AT
        self.chance, self.which = Random(0), 0
        for house in (swept, alone):
            house.clock.set(BEGUN_AT)
            house.set(SITES)

    @initialize()
    def admit(self) -> None:
        for self.which, site in enumerate(("berlin", "honolulu")):
            self._register(site)
            for raw in people.a_beginning(self._today()):
                self._both("begin", acts.recording(self.which, raw))
        event("begun")

    @rule(chance=st.randoms(use_true_random=False), step=st.sampled_from(STEPS), which=st.sampled_from([0, 0, 1]))
    def go_on(self, chance: Random, step: str, which: int) -> None:
        """Do one thing: one rule for all of them, for the machine leaves out whole rules in most of its runs."""
        self.chance, self.which = chance, which
        self.now += chance.choice(BETWEEN)
        getattr(self, step)()

    def write(self) -> None:
        """Write down what comes next."""
        raw = people.what_comes_next(self.chance, self.swept.state(self._patient).state, self._today())
        self._both(raw["type"], acts.recording(self.which, raw))

    def correct(self) -> None:
        """Correct one of the last facts."""
        raw = people.a_correction(self.chance, self.swept.facts(self._patient))
        if raw is not None:
            self._both("correct", acts.correcting(self.which, raw))

    def correct_back(self) -> None:
        """Take the last correction back."""
        raw = people.a_correction_taken_back(self.swept.facts(self._patient))
        if raw is not None:
            self._both("correct back", acts.correcting(self.which, raw))

    def move(self) -> None:
        """Move the last facts to the other patient."""
        there = people.standing(self.swept.facts(self._patient))[-self.chance.choice((1, 2)) :]
        if there:
            self._both("move", acts.moving(self.which, 1 - self.which, [fact.id for fact in there]))

    def bring_in(self) -> None:
        """Import two facts at once."""
        state = self.swept.state(self._patient).state
        told = [people.what_comes_next(self.chance, state, self._today()) for _ in range(2)]
        self._both("import", acts.importing(self.pseudonyms[self.which], told))

    def hand_over(self) -> None:
        """Transfer the patient to another hospital, or to the same."""
        raw = people.a_transfer(self.chance.choice(sorted(SITES)), self._today())
        self._both("hand over", acts.recording(self.which, raw))

    def act_upon_alert(self) -> None:
        """Acknowledge, snooze or resolve an alert; whoever does so has looked at the list, in both houses."""
        self._look_in_both()
        there = [row for row in self.swept.rows("alert", [self._patient]) if row["status"] != "resolved"]
        if not there:
            return
        key = key_of(self.chance.choice(there))
        deed = self.chance.choice(sorted(acts.UPON_ALERTS))
        until = self.now + timedelta(hours=self.chance.choice((5, 30, 70)))
        raw = {"reason": "seen", **({"until": until.isoformat()} if deed == "snooze" else {})}
        if self._both(deed, acts.acting_upon(self.which, key, deed, raw)):
            by_hand = frozenset({key} if deed == "resolve" else ())
            self.log.append(Handled(self.which, Looked(self.now, by_hand)))

    def wait(self) -> None:
        """Let some days go by."""
        self.now += self.chance.choice(PAUSES)

    def look(self) -> None:
        """Sweep."""
        self._look_at(self.now)

    def jump(self) -> None:
        """Sweep while the clock is wrong; where it runs ahead, nobody writes before it is right again."""
        wrong = self.now + timedelta(days=self.chance.choice(JUMPS))
        self._look_at(wrong)
        self.now = max(self.now, wrong)

    def restart(self) -> None:
        """End the program and start it again."""
        self.swept.restart()

    def set_site(self) -> None:
        """Set something of a site otherwise, and judge anew at once.

        What had passed by the old one and was seen by nobody is not caught up: the past of a site is not judged by.
        """
        self._look_in_both()
        practice = acts.set_otherwise(self.chance, SITES[self.chance.choice(sorted(SITES))])
        self.log.append(practice)
        for house in (self.swept, self.alone):
            house.clock.set(self.now)
            house.set({practice.id: practice})
        self._look_in_both()

    @property
    def _patient(self) -> str:
        return self._ids(self.swept)[self.which]

    def _ids(self, house: House) -> list[str]:
        return self.patients[id(house)]

    def _register(self, site: str) -> None:
        self.pseudonyms.append(f"ALL-{next(NUMBERS)}")
        raw = people.a_registration(self.pseudonyms[-1], site, today_in(SITES[site].time_zone, self.now))
        for house in (self.swept, self.alone):
            answer = self._done_in(house, partial(register, house.house, LOCAL_ADMIN, raw))
            assert isinstance(answer, dict)
            self._ids(house).append(answer["id"])
        self._note_what_is_known()

    def _both(self, name: str, act: acts.Act) -> bool:
        """Do the same in both houses at the same time; both must answer the same. Return whether it was accepted."""
        first, second = (
            self._done_in(house, partial(act, house, self._ids(house))) for house in (self.swept, self.alone)
        )
        refused = first if isinstance(first, str) else None
        assert refused == (second if isinstance(second, str) else None)
        event(f"{name}: {refused or 'accepted'}")
        self._note_what_is_known()
        return refused is None

    def _done_in(self, house: House, act: Callable[[], Answer]) -> dict[str, Any] | str:
        house.clock.set(self.now)
        told = outcome_of(act)
        if house is self.alone:
            # Both houses' clocks go on alike, however often each was read.
            self.now = max(self.now, house.clock.now)
        return told

    def _note_what_is_known(self) -> None:
        known = [self.swept.brief(patient_id).last_seq for patient_id in self._ids(self.swept)]
        self.log.append(dict(enumerate(known)))

    def _look_at(self, at: datetime) -> None:
        self._sweep(self.swept, at)
        self.log.append(at)

    def _look_in_both(self) -> None:
        self._look_at(self.now)
        self._sweep(self.alone, self.now)

    def _sweep(self, house: House, at: datetime) -> None:
        house.clock.set(at)
        sweep(house.house, _raised)

    def _today(self) -> date:
        return today_in(SITES[self.swept.brief(self._patient).site].time_zone, self.now)

    def teardown(self) -> None:
        if not self.pseudonyms:
            return
        self.now += WEEKS_LATER
        self._look_in_both()
        self._require_nothing_new()
        swept, alone = self._ledger_of(self.swept), self._ledger_of(self.alone)
        for house in (self.swept, self.alone):
            house.forget(self._ids(house))
        assert swept[0] == alone[0], "alerts differ by how often they were looked for"
        # What nobody had looked at before the patient was handed over is told to the new site alone.
        both = swept[1].keys() & alone[1].keys()
        assert {key: swept[1][key] for key in both} == {key: alone[1][key] for key in both}
        told_alone, told_swept = ({key[:-2] for key in ledger[1]} for ledger in (alone, swept))
        assert told_alone <= told_swept, "only where nobody looked somebody was told"

    def _require_nothing_new(self) -> None:
        """Law 7.4: judged again, right away, nothing is new."""
        names, ids = ("alert", "alert_event", "notice"), self._ids(self.swept)
        before = [self.swept.rows(name) for name in names], self.swept.next_due(ids)
        self.swept.judge_anew(ids)
        self._sweep(self.swept, self.now)
        assert ([self.swept.rows(name) for name in names], self.swept.next_due(ids)) == before

    def _ledger_of(self, house: House) -> Ledger:
        """Return a house's alerts and when their first notices are due; in the swept house both are as read."""
        alerts: dict[Any, Any] = {}
        first_due: dict[Any, datetime] = {}
        notices = house.rows("notice")
        for which, patient_id in enumerate(self._ids(house)):
            own = house.rows("alert", [patient_id])
            by_id: dict[str, Key] = {row["id"]: key_of(row) for row in own}
            told = [row for row in notices if row["alert_id"] in by_id]
            if house is self.swept:
                require_as_read(self._moments(which), own, told)
            for row in own:
                alerts[which, *key_of(row)] = (row["episode"], row["status"], row["resolution"], row["course"])
            first_due |= {
                (which, *by_id[row["alert_id"]], row["episode"], row["channel"], row["recipient"]): row["due_at"]
                for row in told
                if row["step"] == 0
            }
        return alerts, first_due

    def _moments(self, which: int) -> list[Moment]:
        entries: list[Entry] = []
        last = 0
        for noted in self.log:
            if isinstance(noted, SitePractice):
                entries.append(Settled(noted))
            elif isinstance(noted, datetime):
                entries.append(Looked(noted))
            elif isinstance(noted, Handled):
                entries += [noted.looked] if noted.which == which else []
            elif noted.get(which, last) > last:
                last = noted[which]
                entries.append(Learnt(last))
        facts = self.swept.facts(self._ids(self.swept)[which])
        return list(moments(facts, entries, self.swept.house.protocols, SITES))


def _raised(fault: Exception) -> None:
    raise fault
