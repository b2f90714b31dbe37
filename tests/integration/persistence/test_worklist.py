"""The worklist: the longest overdue first, one expression for a window's status in SQL and in Python."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.integration.persistence.people import BERLIN, EVERYWHERE, PARIS, enrol, lock, outcome_of, treating_doctor
from tests.introduced import changing, seeing
from workflow.domain.windows import BLOCK_INTERVAL, Window
from workflow.persistence.due_rows import ANY_STATUS
from workflow.persistence.engine import Database
from workflow.persistence.outcome import Spans
from workflow.persistence.pages import Page
from workflow.persistence.patient_reads import load_spans
from workflow.persistence.patient_writes import write_outcome
from workflow.persistence.reach import Reach
from workflow.persistence.silent_then import Patience
from workflow.persistence.standing import SiteDays
from workflow.persistence.worklist import PastRow, WorklistRow, list_past_worklist, list_worklist

FIRST_DAY = date(2024, 1, 1)
NOW = datetime(2100, 1, 1, tzinfo=UTC)
WAITING = ANY_STATUS - {"unknown"}


def interval(anchor: int, on: date, **changes: object) -> Window:
    window = Window(
        rule=BLOCK_INTERVAL,
        course=1,
        label="block interval",
        anchor=anchor,
        anchor_on=on,
        protocol="p@1",
        expects=("block_started",),
        hard_min_on=on + timedelta(days=14),
        earliest_on=on + timedelta(days=14),
        target_on=on + timedelta(days=21),
        latest_on=on + timedelta(days=21),
        critical_from=on + timedelta(days=26),
    )
    return replace(window, **changes)  # type: ignore[arg-type]


def put_windows(database: Database, patient_id: str, *windows: Window, silent_from: date | None = None) -> None:
    with changing(database, treating_doctor.id) as connection:
        locked = lock(database, connection, patient_id)
        before = load_spans(connection, patient_id)
        outcome = replace(
            outcome_of(locked), before=before, after=Spans(before.states, windows), silent_from=silent_from
        )
        write_outcome(database, connection, outcome)


def rows(
    database: Database, today: date | SiteDays, *, statuses: frozenset[str] = WAITING, site: str | None = None
) -> tuple[WorklistRow, ...]:
    """Return the worklist of now, where it is `today`, everywhere or at each site."""
    days = SiteDays({}, today) if isinstance(today, date) else today
    with seeing(database) as connection:
        return list_worklist(
            connection, EVERYWHERE, today=days, now=NOW, page=Page(limit=500), statuses=statuses, site=site
        ).items


def rows_then(
    database: Database, day: date, *, statuses: frozenset[str] = WAITING, known_at: datetime | None = None
) -> tuple[PastRow, ...]:
    """Return the worklist as of a day."""
    with seeing(database) as connection:
        return list_past_worklist(
            connection,
            EVERYWHERE,
            today=day,
            known_at=known_at,
            patience=Patience(),
            now=NOW,
            page=Page(limit=500),
            statuses=statuses,
        ).items


def chance_window(chance: random.Random, anchor: int) -> Window:
    """Return a window with any of its thresholds absent, ended or not, as no protocol would write it."""
    on = FIRST_DAY + timedelta(days=chance.randrange(40))

    def maybe(probability: float = 0.7) -> date | None:
        return on + timedelta(days=chance.randrange(40)) if chance.random() < probability else None

    ended_on = maybe(0.5)
    return interval(
        anchor,
        on,
        rule=f"R-{anchor}",
        earliest_on=maybe(),
        latest_on=maybe(),
        critical_from=maybe(),
        target_on=maybe(),
        review_on=maybe(),
        end=chance.choice(("met", "closed")) if ended_on else None,
        ended_on=ended_on,
        ended_by=7 if ended_on else None,
        ended_because="block_started" if ended_on else None,
    )


def test_a_past_worklist_holds_what_waited_on_every_day(database: Database) -> None:
    enrol(database)
    chance = random.Random(20240101)
    windows = [chance_window(chance, number) for number in range(1, 301)]
    put_windows(database, "p1", *windows)
    with seeing(database) as connection:
        assert sorted(load_spans(connection, "p1").windows, key=lambda window: window.anchor) == windows
    seen: set[str] = set()
    for days in range(0, 90, 3):
        today = FIRST_DAY + timedelta(days=days)
        found = {row.window.id: row.window for row in rows_then(database, today) if row.window is not None}
        waiting = {
            window.id: window
            for window in windows
            if window.anchor_on <= today and window.status(today) not in {"met", "closed"}
        }
        assert found == waiting
        due = {key for key, window in waiting.items() if window.is_due(today)}
        assert {row.window.id for row in rows_then(database, today, statuses=frozenset({"due"})) if row.window} == due
        for status in ("upcoming", "open", "late", "critical"):
            of_status = {
                row.window.id for row in rows_then(database, today, statuses=frozenset({status})) if row.window
            }
            assert of_status == {key for key, window in waiting.items() if window.status(today) == status}
            seen |= {status} if of_status else set()
    assert seen == {"upcoming", "open", "late", "critical"}


def test_the_longest_overdue_come_first_and_pages_keep_the_order(database: Database) -> None:
    starts = {"p1": 10, "p2": 3, "p3": 7, "p4": 3}
    for number, (patient_id, day) in enumerate(starts.items()):
        enrol(database, patient_id, pseudonym=f"ALL-{number}")
        without_latest = interval(2, FIRST_DAY, rule="TR-900", latest_on=None, critical_from=None)
        put_windows(database, patient_id, interval(1, FIRST_DAY + timedelta(days=day)), without_latest)
    today = FIRST_DAY + timedelta(days=60)
    expected = [("p2", "TR-001"), ("p4", "TR-001"), ("p3", "TR-001"), ("p1", "TR-001")]
    expected += [(patient_id, "TR-900") for patient_id in starts]
    seen: list[tuple[str, str]] = []
    cursor: str | None = None
    for _ in range(3):
        with seeing(database) as connection:
            page = Page(limit=3, cursor=cursor)
            days = SiteDays({}, today)
            listing = list_worklist(connection, EVERYWHERE, today=days, now=NOW, page=page, statuses=ANY_STATUS)
        seen += [(row.patient_id, row.window.rule) for row in listing.items if row.window]
        cursor = listing.next_cursor
    assert (seen, cursor) == (expected, None)


def test_a_cursor_tells_no_date(database: Database) -> None:
    for number in range(2):
        enrol(database, f"p{number}", pseudonym=f"ALL-{number}")
        put_windows(database, f"p{number}", interval(1, FIRST_DAY))
    with seeing(database) as connection:
        listing = list_worklist(connection, EVERYWHERE, today=SiteDays({}, FIRST_DAY), now=NOW, page=Page(limit=1))
    assert listing.next_cursor is not None
    assert Page(cursor=listing.next_cursor).after(str, int) == ("p0", 1)


def test_silent_patients_are_listed_with_and_without_a_window(database: Database) -> None:
    enrol(database, "p1", pseudonym="ALL-1")
    enrol(database, "p2", pseudonym="ALL-2")
    enrol(database, "p3", pseudonym="ALL-3")
    put_windows(database, "p1", interval(1, FIRST_DAY), silent_from=FIRST_DAY + timedelta(days=8))
    put_windows(database, "p2", silent_from=FIRST_DAY + timedelta(days=8))
    put_windows(database, "p3", interval(1, FIRST_DAY))
    today = FIRST_DAY + timedelta(days=8)
    silent = rows(database, today, statuses=frozenset({"unknown"}))
    assert [(row.patient_id, row.window is None, row.status, row.unknown) for row in silent] == [
        ("p1", False, "upcoming", True),
        ("p2", True, None, True),
    ]
    assert [row.patient_id for row in rows(database, today)] == ["p1", "p3"]
    assert [row.unknown for row in rows(database, today)] == [True, False]
    assert rows(database, today - timedelta(days=1), statuses=frozenset({"unknown"})) == ()


def test_each_site_is_judged_by_its_own_date(database: Database) -> None:
    enrol(database, "p1")
    enrol(database, "p2", site=PARIS)
    for patient_id in ("p1", "p2"):
        put_windows(database, patient_id, interval(1, FIRST_DAY))
    latest = FIRST_DAY + timedelta(days=21)
    days = {BERLIN: latest + timedelta(days=1), PARIS: latest, "rome": latest}
    assert [(row.patient_id, row.status, row.as_of) for row in rows(database, SiteDays(days, FIRST_DAY))] == [
        ("p1", "late", latest + timedelta(days=1)),
        ("p2", "open", latest),
    ]
    assert [row.patient_id for row in rows(database, SiteDays(days, FIRST_DAY), site=PARIS)] == ["p2"]
    elsewhere = SiteDays({BERLIN: latest}, latest + timedelta(days=5))
    assert [(row.patient_id, row.status) for row in rows(database, elsewhere)] == [("p1", "open"), ("p2", "critical")]
    due = frozenset({"due", "late"})
    assert [row.patient_id for row in rows(database, SiteDays({BERLIN: FIRST_DAY}, latest), statuses=due)] == ["p2"]


def test_the_worklist_shows_only_what_is_within_reach(database: Database) -> None:
    enrol(database)
    put_windows(database, "p1", interval(1, FIRST_DAY))
    with seeing(database) as connection:
        for reach, count in ((Reach((BERLIN,)), 1), (Reach((PARIS,)), 0), (Reach(()), 0)):
            listing = list_worklist(connection, reach, today=SiteDays({}, FIRST_DAY), now=NOW, page=Page())
            assert len(listing.items) == count


def test_a_row_carries_the_state_of_that_day_and_the_owner(database: Database) -> None:
    enrol(database)
    put_windows(database, "p1", interval(1, FIRST_DAY))
    with changing(database, treating_doctor.id) as connection:
        locked = lock(database, connection)
        outcome = outcome_of(locked)
        heard_on = date(2023, 12, 1)
        state = replace(locked.state, owner="dr.a", deputy="dr.b", last_contact_on=heard_on)
        unchanged = load_spans(connection, "p1")
        write_outcome(database, connection, replace(outcome, state=state, before=unchanged, after=unchanged))
    (row,) = rows(database, FIRST_DAY)
    assert (row.state, row.owner, row.deputy, row.last_contact_on) == ("registered", "dr.a", "dr.b", heard_on)
    assert (row.pseudonym, row.site_id) == ("ALL-0001", BERLIN)


@pytest.mark.parametrize("days_known", [0, 1])
def test_a_past_worklist_shows_what_was_known_then(database: Database, days_known: int) -> None:
    clock = datetime(2024, 2, 1, tzinfo=UTC)
    first = replace(database, clock=lambda: clock)
    enrol(first)
    put_windows(first, "p1", interval(1, FIRST_DAY))
    ended = interval(1, FIRST_DAY, end="met", ended_on=FIRST_DAY + timedelta(days=20), ended_by=9)
    put_windows(replace(database, clock=lambda: clock + timedelta(days=1)), "p1", ended)
    known_at = clock + timedelta(days=days_known, hours=1)
    later = rows_then(database, date(2024, 1, 25), known_at=known_at)
    earlier = rows_then(database, date(2024, 1, 20), known_at=known_at)
    assert [row.window and row.window.id for row in later] == ([] if days_known else ["1:TR-001:f1"])
    assert [row.window and row.window.id for row in earlier] == ["1:TR-001:f1"]
    assert rows_then(database, date(2024, 1, 25), known_at=clock - timedelta(seconds=1)) == ()
