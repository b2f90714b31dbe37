"""The tick that seals: what grew and nothing else, once, in one chain, however many processes tick."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from tests.integration.recorded import NEWEST, Recorded, add, course
from tests.introduced import seeing
from workflow.bootstrap import build
from workflow.persistence import seals
from workflow.persistence.seal_check import broken_seals
from workflow.persistence.tables import AccessLogTable
from workflow.persistence.tables.base import table_of
from workflow.services.house import House
from workflow.services.seal_chains import seal_chains

SEALERS = 4
LOG = table_of(AccessLogTable)


def heads(house: House) -> list[tuple[int, str, int]]:
    with seeing(house.database) as connection:
        return [tuple(row)[:3] for row in connection.execute(select(seals.HEAD).order_by(*seals.HEAD.primary_key))]


def test_a_seal_covers_every_chain_and_the_next_one_only_what_grew(courses: Recorded) -> None:
    (first,) = seal_chains(courses.house)
    assert (first.number, first.patients, first.prev_hash) == (1, 2, "")
    add(courses.house, courses.a, "note_added", "2025-02-01", {"text": "seen"})
    (second,) = seal_chains(courses.house)
    assert (second.number, second.patients, second.prev_hash) == (2, 1, first.hash)
    assert heads(courses.house) == sorted(
        [(1, courses.a, NEWEST), (1, courses.b, NEWEST + 1), (2, courses.a, NEWEST + 1)]
    )


def test_without_anything_new_there_is_no_seal_and_no_row_in_the_access_log(courses: Recorded) -> None:
    assert len(list(seal_chains(courses.house))) == 1
    assert list(seal_chains(courses.house)) == []
    with seeing(courses.house.database) as connection:
        rows = connection.execute(select(LOG.c.actor_id, LOG.c["items"]).where(LOG.c.action == "seal_chains")).all()
    assert [tuple(row) for row in rows] == [("scheduler", 2)]


def test_more_chains_than_one_seal_takes_are_sealed_one_seal_after_the_other(
    courses: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    course(courses.house, "C-1")
    monkeypatch.setattr(seals.unsealed_heads, "__defaults__", (2,))
    assert [seal.patients for seal in seal_chains(courses.house)] == [2, 1]
    assert courses.findings() == []


@pytest.fixture
def houses(courses: Recorded) -> Iterator[list[House]]:
    """Give several houses on the database of the courses, as several processes would have."""
    built = [build(courses.house.settings) for _ in range(SEALERS)]
    yield built
    for house in built:
        house.close()


def test_sealers_at_one_time_make_one_chain_of_seals_and_seal_nothing_twice(
    courses: Recorded, houses: list[House]
) -> None:
    for number in range(6):
        ready = Barrier(SEALERS)

        def seal(house: House, ready: Barrier = ready) -> int:
            ready.wait(timeout=30)
            return sum(made.patients for made in seal_chains(house))

        add(courses.house, courses.a, "note_added", "2025-02-01", {"text": f"round {number}"})
        with ThreadPoolExecutor(SEALERS) as pool:
            assert sum(pool.map(seal, houses)) == (1 if number else 2)
    with seeing(courses.house.database) as connection:
        assert list(broken_seals(courses.house.database, connection)) == []
        newest = seals.newest_seal(connection)
    assert newest is not None
    assert newest.number == 6
