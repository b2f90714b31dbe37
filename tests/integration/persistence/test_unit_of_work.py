"""How long a unit of work may last, and from which instant a reader has seen everything."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.integration.persistence.people import treating_doctor
from tests.introduced import seeing
from workflow.persistence.access_log import read_access
from workflow.persistence.engine import Database
from workflow.persistence.errors import DatabaseBusyError
from workflow.persistence.limits import Limits
from workflow.persistence.pages import Page
from workflow.persistence.unit_of_work import reading, writing

LIMITS = Limits(statement_seconds=2.0, lock_seconds=0.5)


def lasting(database: Database, seconds: float) -> Database:
    """Return the database as one whose transactions last so long."""
    looked: Iterator[float] = iter([1000.0, 1000.0 + seconds])
    return replace(database, limits=LIMITS, stopwatch=looked.__next__)


def acts(database: Database) -> int:
    with seeing(database) as connection:
        return len(read_access(connection, page=Page(10)).items)


def test_the_limits_follow_from_those_of_a_lock_and_of_a_statement() -> None:
    assert (LIMITS.oldest_commit_seconds, LIMITS.settles_after.total_seconds()) == (2.5, 4.5)


def test_who_writes_within_the_limit_is_stored(database: Database) -> None:
    with writing(lasting(database, 2.5), treating_doctor) as unit:
        unit.note("record_fact")

    assert acts(database) == 1


def test_who_writes_for_longer_is_rolled_back(database: Database) -> None:
    with pytest.raises(DatabaseBusyError, match="too long"), writing(lasting(database, 2.6), treating_doctor) as unit:
        unit.note("record_fact")

    assert acts(database) == 0


def test_who_dates_no_fact_may_take_longer(database: Database) -> None:
    with writing(lasting(database, 600.0), treating_doctor, bounded=False) as unit:
        unit.note("put_site")

    assert acts(database) == 1


def test_a_reader_begins_before_whatever_it_reads(database: Database) -> None:
    with writing(database, treating_doctor) as unit:
        written_at = unit.instant()
    with reading(database, treating_doctor) as unit:
        assert written_at <= unit.began_at <= unit.instant()
