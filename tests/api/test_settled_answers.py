"""Whether an answer about what was known can still change: a fact appears a little after the instant it is dated at."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from tests.api.ward import Ward
from workflow.bootstrap import build
from workflow.clock import Stopwatch
from workflow.domain.actor import LOCAL_ADMIN
from workflow.persistence.errors import DatabaseBusyError
from workflow.persistence.limits import Limits
from workflow.persistence.unit_of_work import reading
from workflow.services import record_fact, sites
from workflow.services.clocks import Clocks, settled
from workflow.services.house import House
from workflow.services.read_patient import Seen, see

NOTE = {"type": "note_added", "occurred_on": "2025-01-10", "data": {"text": "seen"}}
HORIZON = timedelta(seconds=13)
TICK = timedelta(milliseconds=1)
PATHS = ("", "/history", "/windows", "/windows/1:TR-001:f4/explanation")


def told(ward: Ward, patient: str, known_at: datetime) -> Seen:
    """Return what is answered, without the access row whose writing would wait for the writer."""
    with reading(ward.house.database, LOCAL_ADMIN) as unit:
        return see(ward.house, LOCAL_ADMIN, patient, Clocks(known_at=known_at), unit, with_facts=True)


def with_stopwatch(ward: Ward, stopwatch: Stopwatch) -> House:
    return replace(ward.house, database=replace(ward.house.database, stopwatch=stopwatch))


@dataclass
class BeforeTheCommit:
    """A stopwatch that somebody else reads the patient by, whenever the writer looks at it."""

    ward: Ward
    patient: str
    seen: list[tuple[datetime, Seen]] = field(default_factory=list)

    def __call__(self) -> float:
        """Read as of now, and say that no time has passed."""
        known_at = self.ward.clock()
        self.seen.append((known_at, told(self.ward, self.patient, known_at)))
        return 0.0


def test_what_is_being_written_is_not_seen_and_the_answer_says_that_it_may_change(ward: Ward) -> None:
    patient = ward.relapsed()
    reader = BeforeTheCommit(ward, patient)
    record_fact.record(with_stopwatch(ward, reader), LOCAL_ADMIN, patient, NOTE)
    known_at, before = reader.seen[-1]
    after = told(ward, patient, known_at)

    assert [fact.type for fact in before.facts or ()][-1] == "protocol_chosen"
    assert [fact.type for fact in after.facts or ()][-1] == "note_added"
    assert after.facts is not None
    assert after.facts[-1].recorded_at < known_at
    assert (before.settled, after.settled) == (False, False)


def test_an_answer_is_settled_once_whoever_read_the_clock_by_then_has_ended(ward: Ward) -> None:
    patient = ward.relapsed()
    known_at = ward.clock()

    ward.clock.now = known_at + HORIZON - 2 * TICK
    assert told(ward, patient, known_at).settled is False
    ward.clock.now = known_at + HORIZON - TICK
    assert told(ward, patient, known_at).settled is True


def test_the_limits_are_those_that_the_installation_has_chosen(ward: Ward) -> None:
    chosen = ward.house.settings.with_(statement_timeout_seconds=2.0, lock_timeout_seconds=1.5)
    other = build(chosen, clock=ward.clock)
    limits, known_at = other.database.limits, ward.clock()
    other.close()

    assert limits == Limits(statement_seconds=2.0, lock_seconds=1.5)
    assert not settled(other, known_at, known_at + timedelta(seconds=5.4))
    assert settled(other, known_at, known_at + timedelta(seconds=5.5))


@pytest.mark.parametrize("lasted", [0.0, 8.0])
def test_who_writes_no_longer_than_a_lock_and_a_statement_may_last_is_done(ward: Ward, lasted: float) -> None:
    patient = ward.relapsed()
    record_fact.record(with_stopwatch(ward, iter([100.0, 100.0 + lasted]).__next__), LOCAL_ADMIN, patient, NOTE)

    assert ward.get(f"/patients/{patient}/history").json()["items"][-1]["type"] == "note_added"


def test_who_has_written_for_longer_is_told_to_try_again_and_nothing_is_stored(ward: Ward) -> None:
    patient = ward.relapsed()
    before = ward.get(f"/patients/{patient}/history").json()
    slow = with_stopwatch(ward, iter([100.0, 108.001]).__next__)

    with pytest.raises(DatabaseBusyError, match="nothing was stored, try again"):
        record_fact.record(slow, LOCAL_ADMIN, patient, NOTE)
    assert ward.get(f"/patients/{patient}/history").json() == before


def test_a_sites_new_setting_is_stored_however_many_patients_wait_for_it(ward: Ward) -> None:
    slow = with_stopwatch(ward, iter([100.0, 200.0]).__next__)

    assert sites.put(slow, LOCAL_ADMIN, "north", {"silent_after_days": 5}).status == 200


def test_whatever_is_recorded_after_it_a_settled_answer_stays_as_it_is(ward: Ward) -> None:
    patient = ward.after_first_block()
    known_at = ward.clock()
    ward.clock.now = known_at + HORIZON

    def answered() -> list[object]:
        bodies = [ward.get(f"/patients/{patient}{path}", known_at=known_at.isoformat()).json() for path in PATHS]
        # The version is the one to send along when writing: always today's.
        return [{name: value for name, value in body.items() if name != "version"} for body in bodies]

    first = answered()
    ward.recorded(patient, "block_started", "2025-01-30", {"element": "R2"})
    ward.recorded(patient, "counts_recorded", "2025-01-10", {"sampled_on": "2025-01-10", "anc": 500})
    ward.recorded(patient, "died", "2025-02-03")

    assert answered() == first


@pytest.mark.parametrize("path", PATHS)
def test_only_who_asks_with_known_at_is_told_whether_it_is_settled(edge: Ward, path: str) -> None:
    patient = edge.after_first_block()
    past = edge.clock()
    edge.clock.now = past + HORIZON

    def told_so(**clocks: str) -> object:
        answer = edge.get(f"/patients/{patient}{path}", **clocks)
        assert answer.status_code == 200, answer.text
        return answer.json().get("settled", "absent")

    assert (told_so(), told_so(as_of="2025-06-30")) == ("absent", "absent")
    assert told_so(known_at=past.isoformat()) is True
    assert told_so(known_at=past.isoformat(), as_of="2025-06-30") is True
    assert told_so(known_at=edge.clock().isoformat()) is False
    assert told_so(known_at=(past + timedelta(days=1)).isoformat()) is False
