"""Sweeps after an upgrade: who is due comes first, and the many whom other rules have judged a part at a time."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import select, update

from scheduler.jobs import sweeping, tick
from scheduler.main import at_work
from tests.api.ward import Ward, opened_ward
from tests.integration.crowds import copy_patients
from tests.introduced import changing, seeing
from workflow.persistence.backlog import PATIENTS_A_PAGE
from workflow.persistence.heartbeats import find_heartbeat
from workflow.persistence.patients import PATIENT
from workflow.services import sweep as sweeps
from workflow.services.rounds import Rounds
from workflow.services.run_sweep import SWEEP, run_sweep
from workflow.services.sweep import sweep

PROCESS = "0a1b2c3d"
RECORDED_AT = datetime(2025, 1, 13, 9, tzinfo=UTC)
LATE_AT = datetime(2025, 1, 31, 10, tzinfo=UTC)
OTHERS, DUE = 7, 3
BEFORE = "0 the rules of the release before"
AFTER = "z the rules of a release that was taken back"


@pytest.fixture
def ward(database_url: str, tmp_path: Path) -> Iterator[Ward]:
    """Open a ward on each kind of database."""
    with opened_ward(database_url, tmp_path) as opened:
        opened.clock.now = RECORDED_AT
        yield opened


@pytest.fixture
def backlog(ward: Ward) -> list[str]:
    """Return the ids of patients for whom nothing is due, as an upgrade finds them: judged by others, or by nobody."""
    patients = [ward.register(pseudonym=f"OTHER-{number}") for number in range(OTHERS)]
    judged_by_others(ward, *patients)
    with changing(ward.house.database) as connection:
        for patient, rules in ((patients[0], AFTER), (patients[3], None)):
            connection.execute(update(PATIENT).where(PATIENT.c.id == patient).values(judged_by=rules))
    return patients


@pytest.fixture
def due(ward: Ward, backlog: list[str]) -> list[str]:
    """Return the ids of patients behind them whose next block has become late."""
    patients = [ward.after_first_block(pseudonym=f"DUE-{number}") for number in range(DUE)]
    judged_by_others(ward, *patients)
    assert max(backlog) < min(patients)
    ward.clock.now = LATE_AT
    return patients


def judged_by_others(ward: Ward, *patients: str) -> None:
    with changing(ward.house.database) as connection:
        connection.execute(update(PATIENT).where(PATIENT.c.id.in_(patients)).values(judged_by=BEFORE))


def judged(ward: Ward) -> set[str]:
    """Return the ids of those whom the rules of today have judged."""
    with seeing(ward.house.database) as connection:
        return set(connection.scalars(select(PATIENT.c.id).where(PATIENT.c.judged_by == ward.house.judged_by)))


def so_many(patients: int) -> Rounds:
    """Return rounds that stay with the backlog for so many patients: of a stopwatch that goes on when it is read."""
    return Rounds(seconds=patients + 1, stopwatch=count().__next__)


def hear(monkeypatch: pytest.MonkeyPatch, heard: Callable[[str], None]) -> None:
    """Let `heard` know of each patient whom a sweep is about to judge."""
    judge = sweeps.judged_now

    def judged_now(house: object, unit: object, held: object) -> object:
        heard(held.locked.id)  # type: ignore[attr-defined]
        return judge(house, unit, held)  # type: ignore[arg-type]

    monkeypatch.setattr(sweeps, "judged_now", judged_now)


def test_who_is_due_comes_first_then_a_part_of_the_others_and_the_next_sweep_goes_on(
    ward: Ward, backlog: list[str], due: list[str]
) -> None:
    job = sweeping(so_many(2))
    found, noted = [], []
    for _ in range(4):
        tick(job, ward.house, PROCESS)
        found.append((len(judged(ward) & set(due)), len(judged(ward) & set(backlog))))
        with seeing(ward.house.database) as connection:
            heartbeat = find_heartbeat(connection, SWEEP)
        assert heartbeat is not None
        assert heartbeat.finished_at is not None
        noted.append((heartbeat.finished_at > heartbeat.started_at >= LATE_AT, heartbeat.report["patients"]))
    assert found == [(DUE, 2), (DUE, 4), (DUE, 6), (DUE, 7)]
    assert noted == [(True, DUE + 2), (True, 2), (True, 2), (True, 1)]


def test_who_falls_due_meanwhile_does_not_wait_for_the_others(ward: Ward, backlog: list[str], due: list[str]) -> None:
    ward.clock.now = RECORDED_AT
    rounds = so_many(2)
    sweep(ward.house, rounds=rounds)
    assert judged(ward) & set(due) == set()
    ward.clock.now = LATE_AT
    report = sweep(ward.house, rounds=rounds)
    assert {passed.patient_id for passed in report.raised} == set(due)
    assert judged(ward) & set(backlog) < set(backlog)


def test_without_limits_everybody_is_judged_and_who_is_due_first(
    ward: Ward, backlog: list[str], due: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    hear(monkeypatch, order.append)
    run = run_sweep(ward.house, PROCESS)
    assert (run.report.patients, len(order)) == (OTHERS + DUE, OTHERS + DUE)
    assert order[:DUE] == due
    # By the rules that have judged them: by none, by some that sort before today's, and behind.
    assert order[DUE:] == [backlog[3], *backlog[1:3], *backlog[4:], backlog[0]]


def test_a_sweep_that_is_asked_to_end_does_so_between_two_patients(
    ward: Ward, backlog: list[str], due: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for judges in (2, DUE + 2):
        rounds, order = Rounds(), list[str]()

        def heard(patient: str, order: list[str] = order, rounds: Rounds = rounds, judges: int = judges) -> None:
            order.append(patient)
            if len(order) == judges:
                rounds.end()

        with monkeypatch.context() as patched:
            hear(patched, heard)
            assert sweep(ward.house, rounds=rounds).patients == judges
            assert sweep(ward.house, rounds=rounds).patients == 0
        judged_by_others(ward, *backlog, *due)
        with changing(ward.house.database) as connection:
            again = update(PATIENT).where(PATIENT.c.id.in_(due)).values(next_due_at=RECORDED_AT)
            connection.execute(again)


def test_a_process_that_is_told_to_end_waits_for_one_patient_and_not_for_all(
    ward: Ward, backlog: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, asked_to_end, end = Event(), Event(), Rounds.end

    def heard(_: str) -> None:
        begun.set()
        assert asked_to_end.wait(timeout=60)

    def ends(rounds: Rounds) -> None:
        end(rounds)
        asked_to_end.set()

    hear(monkeypatch, heard)
    monkeypatch.setattr(Rounds, "end", ends)
    with at_work(ward.house):
        assert begun.wait(timeout=60)
    assert len(judged(ward) & set(backlog)) == 1


def test_who_cannot_be_judged_is_tried_once_a_round_and_holds_up_nobody(
    ward: Ward, backlog: list[str], due: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = {backlog[3], backlog[1], due[0]}
    tried: list[str] = []

    def heard(patient: str) -> None:
        tried.append(patient)
        if patient in broken:
            raise ValueError("a damaged row")

    hear(monkeypatch, heard)
    rounds, failed = so_many(2), []
    for _ in range(6):
        failed.append(sweep(ward.house, rounds=rounds).failed.total())
        assert len(tried) == len(set(tried))
        tried.clear()
    assert judged(ward) == {*backlog, *due} - broken
    # The one who is due is tried by every sweep; the others when the rounds come by.
    assert failed[:2] == [3, 1]
    assert sum(failed) > len(failed) + 2


def test_where_another_process_is_at_work_the_next_ones_are_left_to_it_and_looked_for_later(ward: Ward) -> None:
    ward.register()
    sweep(ward.house)
    with changing(ward.house.database) as connection:
        copy_patients(connection, "copy", 2 * PATIENTS_A_PAGE + 1, BEFORE)
    rounds = Rounds(seconds=60.0, stopwatch=lambda: 0.0)
    found = []
    for patient in rounds.whom(ward.house):
        found.append(patient)
        if len(found) == 3:
            rounds.met_another()
    assert found == copies(1, 3) + copies(PATIENTS_A_PAGE + 1, 2 * PATIENTS_A_PAGE + 1)
    assert list(islice(rounds.whom(ward.house), 4)) == copies(1, 4)


def test_a_sweep_without_limits_leaves_nobody_to_others(ward: Ward) -> None:
    ward.register()
    sweep(ward.house)
    with changing(ward.house.database) as connection:
        copy_patients(connection, "copy", PATIENTS_A_PAGE + 1, BEFORE)
    rounds, found = Rounds(), []
    for patient in rounds.whom(ward.house):
        found.append(patient)
        rounds.met_another()
    assert found == copies(1, PATIENTS_A_PAGE + 1)


def copies(first: int, last: int) -> list[str]:
    return [f"copy-{10000 + number}" for number in range(first, last + 1)]


def test_a_sweep_tells_whom_another_one_judged_meanwhile(
    ward: Ward, backlog: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert judged(ward).isdisjoint(backlog)
    met: list[bool] = []
    monkeypatch.setattr(Rounds, "met_another", lambda _: met.append(True))
    rounds = Rounds()
    whom = list(rounds.whom(ward.house))
    sweep(ward.house)
    assert met == []
    monkeypatch.setattr(Rounds, "whom", lambda *_: iter(whom))
    assert sweep(ward.house, rounds=rounds).patients == 0
    assert len(met) == OTHERS
