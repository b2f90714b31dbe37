"""A hand-over and somebody of the former hospital at one time: who waited for the patient sees what was decided."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest
from sqlalchemy import text

from tests.integration.persistence.people import PARIS, enrol, fact, lock, outcome_of, set_up_sites, treating_doctor
from tests.introduced import changing, seeing
from workflow.persistence.engine import Database
from workflow.persistence.outcome import LockedPatient, Membership
from workflow.persistence.patient_reads import lock_patient
from workflow.persistence.patient_writes import write_outcome
from workflow.persistence.unit_of_work import writing

SOMEBODY_WAITS = text("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
LONGEST_WAIT_SECONDS = 30.0


def somebody_waits(database: Database) -> bool:
    """Return, once somebody waits for a lock, that they do; who waits too long is turned away by the database."""
    with seeing(database) as connection:
        return any(connection.execute(SOMEBODY_WAITS).scalar_one() for _ in range(100_000))


@pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
def test_who_began_before_a_hand_over_and_waited_for_it_is_not_let_in_any_more(database: Database) -> None:
    set_up_sites(database)
    enrol(database)
    begun, locked = Event(), Event()

    def of_the_former_hospital() -> LockedPatient | None:
        with writing(database, treating_doctor) as unit:
            begun.set()
            assert locked.wait(LONGEST_WAIT_SECONDS)
            return lock_patient(database, unit.connection, "p1", unit.reach)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(of_the_former_hospital)
        assert begun.wait(LONGEST_WAIT_SECONDS)
        with changing(database, treating_doctor.id) as connection:
            patient = lock(database, connection)
            locked.set()
            moved = fact(2, "site_changed", "2024-01-01", {"to": PARIS}, recorded_at=patient.now)
            handed_over = (Membership(site_id=PARIS, role="treating"),)
            write_outcome(database, connection, replace(outcome_of(patient, moved), memberships=handed_over))
            assert somebody_waits(database)
        assert waiting.result() is None
