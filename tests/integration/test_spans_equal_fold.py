"""Facts are the truth: what the lists are read from equals the fold, for the whole cohort, on past days and today."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from tests.databases import Urls
from tests.introduced import seeing
from workflow.bootstrap import build
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.spans import StateSpan
from workflow.domain.windows import Window
from workflow.persistence.mapping import read_snapshot
from workflow.persistence.pages import Page
from workflow.persistence.patient_reads import load_facts, load_spans, read_patient
from workflow.persistence.reach import Reach
from workflow.rules.fold import effective, fold, until
from workflow.services.house import House
from workflow.services.import_facts import import_facts
from workflow.services.import_rows import read_rows
from workflow.services.patient_write import spans_of
from workflow.services.read_worklist import Wanted, rows
from workflow.settings import Settings

COHORT = Path(__file__).resolve().parents[1] / "data" / "cohort.csv"
DAYS = (date(2017, 5, 1), date(2020, 2, 29), date(2023, 3, 26), date(2026, 6, 30), date(2026, 7, 9))
WAITING = ("upcoming", "open", "late", "critical")
MANY = 500


@pytest.fixture
def house(database_urls: Urls, tmp_path: Path) -> Iterator[House]:
    """Give a house with the cohort imported, on each kind of database."""
    settings = Settings.from_environment(
        {"COURSEWATCH_DATABASE": database_urls.app, "COURSEWATCH_DATA_DIR": str(tmp_path / "data")}
    )
    house = build(settings)
    import_facts(house, LOCAL_ADMIN, read_rows(COHORT))
    yield house
    house.close()


def test_snapshots_spans_and_past_worklists_of_the_cohort_equal_the_fold(house: House) -> None:
    with seeing(house.database) as connection:
        _require_snapshots_and_spans(house, connection)
        for day in DAYS:
            listed = Counter(_listed(house, day))
            assert listed == Counter(_folded(house, connection, day))
            assert listed.total() > 0


def _require_snapshots_and_spans(house: House, connection: Connection) -> None:
    now = house.database.instant(connection)
    for patient_id in _patients(connection):
        folded = fold(load_facts(connection, patient_id), house.protocols)
        row = read_patient(connection, patient_id, Reach.everywhere(), now)
        assert row is not None
        assert read_snapshot(row.state_json) == folded
        stored, expected = load_spans(connection, patient_id), spans_of(folded)
        assert [_days(span) for span in stored.states] == [_days(span) for span in expected.states]
        assert Counter(stored.windows) == Counter(expected.windows)


def _days(span: StateSpan) -> tuple[int | None, str, date, date | None]:
    return (span.course, span.state, span.valid_from, span.valid_to)


def _patients(connection: Connection) -> list[str]:
    return list(connection.execute(text("SELECT id FROM patient ORDER BY id")).scalars())


def _listed(house: House, day: date) -> Iterator[tuple[str, str, str, str]]:
    for status in WAITING:
        cursor: str | None = None
        while True:
            wanted = Wanted(as_of=day, statuses=frozenset({status}))
            found = rows(house, LOCAL_ADMIN, wanted, Page(limit=MANY, cursor=cursor))
            for row, _day in found.rows:
                assert row.window is not None
                yield (row.patient_id, row.window.id, status, row.state)
            cursor = found.next_cursor
            if cursor is None:
                break


def _folded(house: House, connection: Connection, day: date) -> Iterator[tuple[str, str, str, str]]:
    for patient_id in _patients(connection):
        facts = until(effective(load_facts(connection, patient_id)), day)
        state = fold(facts, house.protocols)
        for window in state.windows:
            if _waits(window, day):
                yield (patient_id, window.id, window.status(day), state.state)


def _waits(window: Window, day: date) -> bool:
    return window.status(day) in WAITING
