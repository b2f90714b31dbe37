"""Who waited for a patient acts upon the patient as they are after the wait, not as they were before it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Connection

from tests.integration.persistence.people import (
    BERLIN,
    PARIS,
    admin,
    enrol,
    fact,
    lock,
    outcome_of,
    set_up_sites,
    treating_doctor,
)
from tests.integration.races.waiting import LONGEST_WAIT_SECONDS, until_somebody_waits
from tests.introduced import changing
from workflow.persistence.engine import Database
from workflow.persistence.outcome import LockedPatient, Membership
from workflow.persistence.patient_writes import write_outcome
from workflow.persistence.silence import store_silent_days
from workflow.persistence.sites import find_site, put_site

# On SQLite nobody waits inside a transaction: there is one writer.
pytestmark = pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)


@pytest.fixture
def patient(database: Database) -> Database:
    """Give a database with a patient in Berlin."""
    set_up_sites(database)
    enrol(database)
    return database


def locked_after_waiting_for(database: Database, act: Callable[[Connection], None]) -> LockedPatient:
    """Let somebody act upon the patient, and somebody else wait meanwhile for the lock; return what they then hold."""

    def wait() -> LockedPatient:
        with changing(database) as connection:
            return lock(database, connection)

    with ThreadPoolExecutor(1) as other:
        with changing(database, treating_doctor.id) as connection:
            act(connection)
            waiting = other.submit(wait)
            until_somebody_waits(database)
        return waiting.result(LONGEST_WAIT_SECONDS)


def hand_over(database: Database, connection: Connection) -> None:
    """Transfer the patient to Paris."""
    locked = lock(database, connection)
    moved = fact(locked.last_seq + 1, "site_changed", "2024-01-01", {"to": PARIS}, recorded_at=locked.now)
    outcome = outcome_of(locked, moved)
    write_outcome(database, connection, replace(outcome, memberships=(Membership(site_id=PARIS, role="treating"),)))


def test_who_waited_while_a_patient_was_handed_over_sees_the_new_site_and_its_time_zone(patient: Database) -> None:
    locked = locked_after_waiting_for(patient, lambda connection: hand_over(patient, connection))
    assert (locked.version, locked.sites, locked.time_zone) == (2, (PARIS,), "Europe/Paris")


def test_who_waited_while_a_site_was_set_anew_goes_by_the_new_setting(patient: Database) -> None:
    def set_anew(connection: Connection) -> None:
        setting = find_site(connection, BERLIN)
        assert setting is not None
        put_site(connection, replace(setting, silent_after_days=3), patient.instant(connection), admin.id)
        lock(patient, connection)
        store_silent_days(connection, {"p1": None})

    locked = locked_after_waiting_for(patient, set_anew)
    assert (locked.version, locked.practice.silent_after_days) == (1, 3)
