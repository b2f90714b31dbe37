"""One status expression: SQL says of any window on any day what the window itself says, on both databases."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from tests.integration.persistence.people import enrol
from tests.integration.persistence.test_worklist import interval
from tests.introduced import introduce
from workflow.domain.windows import DUE_WITHIN_DAYS, Window
from workflow.persistence.engine import Database
from workflow.persistence.mapping import window_to_row
from workflow.persistence.patients import WINDOW
from workflow.persistence.standing import DUE, matches_status, status

BEGUN = date(2024, 2, 20)
# Close together, so that thresholds, ends and days often fall on one another and round a leap day.
DAYS = st.integers(0, 12).map(lambda days: BEGUN + timedelta(days=days))
MAYBE = st.none() | DAYS
STATUSES = ("upcoming", "open", "late", "critical", "met", "closed")


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Return a window with thresholds absent or in any order, ended or not: more than any protocol would write."""
    thresholds = {name: draw(MAYBE) for name in ("hard_min_on", "earliest_on", "target_on", "latest_on")}
    end = draw(st.sampled_from((None, "met", "closed")))
    return interval(
        1,
        draw(DAYS),
        **thresholds,
        critical_from=draw(MAYBE),
        review_on=draw(MAYBE),
        end=end,
        ended_on=draw(MAYBE) if end else None,
    )


@pytest.fixture
def enrolled(database: Database) -> Database:
    """Give a database with one patient, whose windows each example puts in and takes back."""
    enrol(database)
    return database


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(drawn=st.lists(windows(), min_size=1, max_size=8), day=DAYS)
def test_sql_and_the_window_agree(enrolled: Database, drawn: list[Window], day: date) -> None:
    with enrolled.writer.connect() as connection:
        introduce(connection)
        put_in(connection, drawn)
        found = connection.execute(select(WINDOW.c.anchor, status(WINDOW, day).label("said")))
        statuses = {row.anchor: row.said for row in found}
        named = {(anchor, name) for name in STATUSES for anchor in those_that(connection, name, day)}
        due = set(those_that(connection, DUE, day))
        connection.rollback()
    told = {number: window.status(day) for number, window in enumerate(drawn)}
    assert statuses == told
    assert named == set(told.items())
    assert due == {number for number, window in enumerate(drawn) if window.is_due(day)}


def put_in(connection: Connection, drawn: list[Window]) -> None:
    """Write these windows, numbered by their anchors."""
    known = {"patient_id": "p1", "known_from": datetime(2024, 2, 1, tzinfo=UTC), "known_to": None}
    rows = [window_to_row(window) | known | {"anchor": number} for number, window in enumerate(drawn)]
    connection.execute(insert(WINDOW), rows)


def those_that(connection: Connection, name: str, day: date) -> Iterable[int]:
    """Return the numbers of the windows of which SQL says this word."""
    return connection.execute(select(WINDOW.c.anchor).where(matches_status(WINDOW, name, day))).scalars()


def test_a_window_is_due_from_three_days_before_its_latest_day_to_that_day() -> None:
    latest = BEGUN + timedelta(days=21)
    window = interval(1, BEGUN)
    due = [days for days in range(40) if window.is_due(BEGUN + timedelta(days=days))]
    assert due == list(range((latest - BEGUN).days - DUE_WITHIN_DAYS, (latest - BEGUN).days + 1))
