"""Whatever statement a process dies at, a transaction has happened as a whole or not at all."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, event

from tests.integration.persistence.contents import contents
from tests.integration.persistence.people import (
    PARIS,
    enrol,
    fact,
    lock,
    outcome_of,
    relapse,
    set_up_sites,
    treating_doctor,
)
from tests.introduced import seeing
from workflow.persistence.chain_check import broken_links
from workflow.persistence.engine import Database
from workflow.persistence.outcome import Membership
from workflow.persistence.patient_writes import write_outcome
from workflow.persistence.unit_of_work import writing


class CrashError(Exception):
    """The process died here, as far as the database can tell."""


@contextmanager
def crash_at(database: Database, statement: int) -> Iterator[list[int]]:
    """Cut the connection before the n-th statement, or before the commit where it comes first."""
    seen = [0]

    def die(connection: Connection) -> None:
        seen[0] += 1
        if seen[0] == statement:
            connection.invalidate()
            raise CrashError

    def on_statement(connection: Connection, *_: object) -> None:
        die(connection)

    event.listen(database.writer, "before_cursor_execute", on_statement)
    event.listen(database.writer, "commit", die)
    try:
        yield seen
    finally:
        event.remove(database.writer, "before_cursor_execute", on_statement)
        event.remove(database.writer, "commit", die)


def register(database: Database) -> None:
    with writing(database, treating_doctor) as unit:
        unit.note("register_patient", patient_id="p2")
        enrol(database, "p2", pseudonym="ALL-0002", key="k2", connection=unit.connection)


def record_a_start(database: Database) -> None:
    with writing(database, treating_doctor) as unit:
        locked = lock(database, unit.connection)
        start = fact(locked.last_seq + 1, "block_started", "2024-01-05", {"element": "R1"}, recorded_at=locked.now)
        write_outcome(database, unit.connection, outcome_of(locked, start, key="k1"))


def transfer(database: Database) -> None:
    with writing(database, treating_doctor) as unit:
        locked = lock(database, unit.connection)
        data = {"to": PARIS, "role": "transfer"}
        moved = fact(locked.last_seq + 1, "site_changed", "2024-01-05", data, recorded_at=locked.now)
        outcome = outcome_of(locked, moved)
        object.__setattr__(outcome, "memberships", (Membership(site_id=PARIS, role="treating"),))
        write_outcome(database, unit.connection, outcome)


@pytest.mark.parametrize("act", [register, record_a_start, transfer])
def test_a_crash_at_any_statement_leaves_nothing_half_written(
    database: Database, act: Callable[[Database], None]
) -> None:
    set_up_sites(database)
    enrol(database)
    relapse(database)
    before = contents(database)
    statement = 0
    while True:
        statement += 1
        try:
            with crash_at(database, statement) as seen:
                act(database)
        except CrashError:
            assert contents(database) == before, f"crashed at {statement}"
            continue
        break
    assert seen[0] == statement - 1
    assert statement > 4
    after = contents(database)
    assert after != before
    with seeing(database) as connection:
        assert broken_links(database, connection) == []
