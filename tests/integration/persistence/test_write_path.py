"""The write path: what one transaction about a patient writes, and when it writes nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tests.conftest import SECRET
from tests.integration.persistence.people import (
    BERLIN,
    ENGINE,
    EVERYWHERE,
    PARIS,
    answer,
    enrol,
    fact,
    lock,
    outcome_of,
    record,
    relapse,
    set_up_sites,
    spans_of,
    treating_doctor,
)
from tests.introduced import changing, seeing
from workflow.persistence.engine import Database
from workflow.persistence.errors import (
    AlreadyCorrectedError,
    DuplicatePseudonymError,
    IdempotencyKeyTakenError,
    ImportKeyTakenError,
    StaleVersionError,
)
from workflow.persistence.mapping import read_snapshot
from workflow.persistence.outcome import Membership, NewFact
from workflow.persistence.patient_reads import find_answer, load_facts, load_spans, lock_patient, read_patient
from workflow.persistence.patient_writes import forget_answers, write_outcome
from workflow.persistence.reach import Reach
from workflow.persistence.rows import answer_row
from workflow.persistence.sqlite_writes import INSERT_ANSWER

START = {"element": "R1"}


def count_rows(database: Database, table: str) -> int:
    with seeing(database) as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608


def test_a_registered_patient_can_be_locked_with_sites_time_zone_and_snapshot(database: Database) -> None:
    set_up_sites(database)
    enrol(database)
    with changing(database, treating_doctor.id) as connection:
        locked = lock(database, connection)
    assert (locked.version, locked.last_seq, locked.engine, locked.open_alerts) == (1, 1, ENGINE, 0)
    assert (locked.sites, locked.treating_site, locked.time_zone) == ((BERLIN,), BERLIN, "Europe/Berlin")
    assert locked.state.state == "registered"
    assert locked.pseudonym == "ALL-0001"


def test_a_site_without_settings_has_the_time_zone_utc(database: Database) -> None:
    enrol(database)
    with changing(database, treating_doctor.id) as connection:
        assert lock(database, connection).time_zone == "UTC"


def test_a_fact_raises_the_version_and_is_read_back_as_it_was(database: Database) -> None:
    enrol(database)
    with changing(database, treating_doctor.id) as connection:
        locked = lock(database, connection)
        first = fact(2, "relapse_diagnosed", "2024-01-02", {"relapse_site": "isolated_bm"}, recorded_at=locked.now)
        assert write_outcome(database, connection, outcome_of(locked, first)) == 2
    with seeing(database) as connection:
        facts = load_facts(connection, "p1")
        row = read_patient(connection, "p1", EVERYWHERE, locked.now)
    assert facts[1] == first
    assert [known.seq for known in facts] == [1, 2]
    assert row is not None
    assert (row.version, row.state.state, row.site_id, row.sites) == (2, "relapse_diagnosed", BERLIN, (BERLIN,))


def test_the_clock_read_after_the_lock_is_later_than_everything_recorded(database: Database) -> None:
    enrol(database)
    instants = [record(database, "note_added", "2024-01-01", {"text": "seen"}).now for _ in range(5)]
    with seeing(database) as connection:
        recorded = [known.recorded_at for known in load_facts(connection, "p1")]
    assert recorded[1:] == instants
    assert sorted(set(recorded)) == recorded


def test_a_clock_that_stands_still_or_steps_back_never_gives_an_earlier_instant(database: Database) -> None:
    stopped = replace(database, clock=lambda: datetime(2024, 5, 1, tzinfo=UTC))
    enrol(stopped)
    first = record(stopped, "note_added", "2024-01-01", {"text": "seen"}).now
    turned_back = replace(database, clock=lambda: datetime(2024, 4, 1, tzinfo=UTC))
    second = record(turned_back, "note_added", "2024-01-01", {"text": "seen"}).now
    assert first == datetime(2024, 5, 1, microsecond=1, tzinfo=UTC)
    assert second == first + timedelta(microseconds=1)


def test_a_stale_version_is_refused_and_nothing_is_written(database: Database) -> None:
    enrol(database)
    with changing(database, treating_doctor.id) as connection:
        seen = lock(database, connection)
    record(database, "note_added", "2024-01-01", {"text": "seen"})
    late = fact(3, "note_added", "2024-01-01", {"text": "too late"}, recorded_at=seen.now)
    with pytest.raises(StaleVersionError, match="read it again"), changing(database, treating_doctor.id) as connection:
        write_outcome(database, connection, outcome_of(seen, late))
    assert count_rows(database, "fact") == 2
    assert count_rows(database, "access_log") == 2


def test_spans_end_in_what_is_known_and_begin_anew(database: Database) -> None:
    enrol(database)
    relapse(database)
    with seeing(database) as connection:
        stored = load_spans(connection, "p1")
        row = read_patient(connection, "p1", EVERYWHERE, datetime.now(UTC))  # noqa: TID251 -- any present instant will do
        rows = connection.execute(text("SELECT state, valid_to, known_to FROM state_span ORDER BY id")).all()
    assert row is not None
    assert [(span.state, span.valid_to) for span in stored.states] == [
        (span.state, span.valid_to) for span in spans_of(row.state).states
    ]
    assert [(state, known_to is None) for state, _, known_to in rows] == [
        ("registered", False),
        ("registered", True),
        ("relapse_diagnosed", True),
    ]


def test_an_answer_is_found_again_by_its_actor_only(database: Database) -> None:
    enrol(database, key="k1")
    with changing(database, treating_doctor.id) as connection:
        connection.execute(INSERT_ANSWER, answer_row(answer("k2", body='{"site":1}'), database.instant(connection)))
    with seeing(database) as connection:
        assert find_answer(connection, "a-doctor", "k1") == answer("k1")
        assert find_answer(connection, "a-doctor", "k2") == answer("k2", body='{"site":1}')
        assert find_answer(connection, "a-nurse", "k1") is None


def test_a_key_used_a_second_time_is_refused_and_nothing_is_written(database: Database) -> None:
    enrol(database, key="k1")
    with pytest.raises(IdempotencyKeyTakenError):
        record(database, "note_added", "2024-01-01", {"text": "again"}, key="k1")
    assert count_rows(database, "fact") == 1


def test_old_answers_are_forgotten_and_newer_ones_kept(database: Database) -> None:
    with changing(database, treating_doctor.id) as connection:
        for key, month in (("old", 1), ("new", 2)):
            connection.execute(INSERT_ANSWER, answer_row(answer(key), datetime(2024, month, 1, tzinfo=UTC)))
        assert forget_answers(connection, datetime(2024, 2, 1, tzinfo=UTC)) == 1
        assert find_answer(connection, "a-doctor", "old") is None
        assert find_answer(connection, "a-doctor", "new") is not None


def test_a_patient_in_a_traceback_or_log_shows_neither_pseudonym_nor_course(database: Database) -> None:
    enrol(database)
    with changing(database, treating_doctor.id) as connection:
        locked = lock(database, connection)
        row = read_patient(connection, "p1", EVERYWHERE, locked.now)
    shown = repr((locked, row, database))
    assert "p1" in shown
    assert [word for word in ("ALL-0001", "2020-01-01", SECRET.decode()) if word in shown] == []


def test_a_pseudonym_is_registered_once_a_site(database: Database) -> None:
    enrol(database)
    enrol(database, "p2", site=PARIS)
    with pytest.raises(DuplicatePseudonymError, match="registered at this site already") as refused:
        enrol(database, "p3")
    assert "ALL-0001" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert count_rows(database, "patient") == 2


def test_a_fact_is_corrected_once(database: Database) -> None:
    enrol(database)
    relapse(database)
    with changing(database, treating_doctor.id) as connection:
        locked = lock(database, connection)
        wrong = load_facts(connection, "p1")[1]
        void = replace(wrong, seq=3, operation="void", target_seq=2, recorded_at=locked.now)
        write_outcome(database, connection, replace(outcome_of(locked), facts=(NewFact(void),)))
    with changing(database, treating_doctor.id) as connection:
        locked = lock(database, connection)
        again = replace(void, seq=4, recorded_at=locked.now)
        with pytest.raises(AlreadyCorrectedError):
            write_outcome(database, connection, replace(outcome_of(locked), facts=(NewFact(again),)))
        connection.rollback()
    with seeing(database) as connection:
        assert load_facts(connection, "p1")[2] == void


def test_an_import_key_is_taken_once_a_patient(database: Database) -> None:
    for patient_id in ("p1", "p2"):
        enrol(database, patient_id, pseudonym=patient_id)
        with changing(database, treating_doctor.id) as connection:
            locked = lock(database, connection, patient_id)
            note = fact(2, "note_added", "2024-01-01", {"text": "seen"}, recorded_at=locked.now)
            write_outcome(database, connection, replace(outcome_of(locked), facts=(NewFact(note, "external:1"),)))
    with changing(database, treating_doctor.id) as connection:
        locked = lock(database, connection, "p2")
        note = fact(3, "note_added", "2024-01-01", {"text": "seen"}, recorded_at=locked.now)
        with pytest.raises(ImportKeyTakenError):
            write_outcome(database, connection, replace(outcome_of(locked), facts=(NewFact(note, "external:1"),)))
        connection.rollback()


def test_many_facts_of_one_transaction_share_their_instant(database: Database) -> None:
    enrol(database)
    with changing(database, treating_doctor.id) as connection:
        locked = lock(database, connection)
        facts = [
            fact(2, "relapse_diagnosed", "2024-01-02", {"relapse_site": "isolated_bm"}, recorded_at=locked.now),
            fact(3, "block_started", "2024-01-03", START, recorded_at=locked.now),
            fact(4, "block_completed", "2024-01-08", {"given": "as_planned"}, recorded_at=locked.now),
        ]
        write_outcome(database, connection, outcome_of(locked, *facts))
    with seeing(database) as connection:
        assert list(load_facts(connection, "p1")[1:]) == facts
        assert len(load_spans(connection, "p1").states) == 4


def test_who_may_see_a_patient_follows_the_memberships_of_now(database: Database) -> None:
    enrol(database)
    in_paris, in_berlin = Reach((PARIS,)), Reach((BERLIN, "rome"))
    with changing(database, treating_doctor.id) as connection:
        assert lock_patient(database, connection, "p1", in_paris) is None
        assert lock_patient(database, connection, "nobody", EVERYWHERE) is None
        locked = lock_patient(database, connection, "p1", in_berlin)
        assert locked is not None
        shared = (
            *locked.memberships,
            Membership(site_id=PARIS, role="shared", until_at=locked.now + timedelta(days=1)),
        )
        write_outcome(database, connection, replace(outcome_of(locked), memberships=shared))
    with changing(database, treating_doctor.id) as connection:
        shared_now = lock_patient(database, connection, "p1", in_paris)
        assert shared_now is not None
        assert shared_now.memberships == shared
        assert shared_now.sites == (BERLIN, PARIS)
        later = replace(database, clock=lambda: shared_now.now + timedelta(days=2))
        assert lock_patient(later, connection, "p1", in_paris) is None
        assert read_patient(connection, "p1", in_paris, shared_now.now) is not None
        assert read_patient(connection, "p1", in_paris, shared_now.now + timedelta(days=2)) is None
    with changing(database, treating_doctor.id) as connection:
        transferred = (Membership(site_id=PARIS, role="treating"),)
        write_outcome(database, connection, replace(outcome_of(lock(database, connection)), memberships=transferred))
    with changing(database, treating_doctor.id) as connection:
        assert lock_patient(database, connection, "p1", in_berlin) is None
        locked = lock(database, connection)
        assert (locked.treating_site, locked.sites) == (PARIS, (PARIS,))
        assert read_snapshot(locked.state_json) == locked.state
