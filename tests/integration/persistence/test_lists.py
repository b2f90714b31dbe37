"""Lists: pages that neither repeat nor lose a row, filters, and only what is within reach."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.integration.persistence.people import (
    BERLIN,
    EVERYWHERE,
    PARIS,
    enrol,
    lock,
    outcome_of,
    relapse,
    treating_doctor,
)
from tests.introduced import changing, seeing
from workflow.domain.errors import InvalidInputError
from workflow.persistence.engine import Database
from workflow.persistence.outcome import Membership
from workflow.persistence.pages import BadCursorError, Page, cursor_of
from workflow.persistence.patient_lists import PatientFilter, list_patients
from workflow.persistence.patient_writes import write_outcome
from workflow.persistence.patients import find_by_pseudonym
from workflow.persistence.reach import Reach
from workflow.persistence.standing import SiteDays, Today

TODAY = date(2024, 3, 1)
NOW = datetime(2100, 1, 1, tzinfo=UTC)
ANY = PatientFilter()


def ids(database: Database, wanted: PatientFilter, *, reach: Reach = EVERYWHERE, today: Today = TODAY) -> list[str]:
    with seeing(database) as connection:
        listing = list_patients(connection, reach, wanted, today=today, page=Page(), now=NOW)
    assert listing.next_cursor is None
    return [row.id for row in listing.items]


def test_pages_hold_every_patient_once_while_others_come(database: Database) -> None:
    for number in range(7):
        enrol(database, f"p{number}0", pseudonym=f"ALL-{number}")
    seen: list[str] = []
    cursor: str | None = None
    for page_number in range(4):
        with seeing(database) as connection:
            page = Page(limit=2, cursor=cursor)
            listing = list_patients(connection, EVERYWHERE, ANY, today=TODAY, page=page, now=NOW)
        seen += [row.id for row in listing.items]
        cursor = listing.next_cursor
        enrol(database, f"o{page_number}", pseudonym=f"new-{page_number}")
    assert seen == [f"p{number}0" for number in range(7)]
    assert cursor is None


def test_a_full_last_page_has_no_next_one(database: Database) -> None:
    for number in range(2):
        enrol(database, f"p{number}", pseudonym=f"ALL-{number}")
    with seeing(database) as connection:
        listing = list_patients(connection, EVERYWHERE, ANY, today=TODAY, page=Page(limit=2), now=NOW)
    assert (len(listing.items), listing.next_cursor) == (2, None)


@pytest.mark.parametrize("cursor", ["", "!", "bm8", cursor_of(1), cursor_of("a", "b"), "W1tdXQ", "x" * 5000, "é"])
def test_a_cursor_from_elsewhere_is_refused(database: Database, cursor: str) -> None:
    with seeing(database) as connection, pytest.raises(BadCursorError, match="leave it out"):
        list_patients(connection, EVERYWHERE, ANY, today=TODAY, page=Page(cursor=cursor), now=NOW)


@pytest.mark.parametrize("limit", [0, 501, -1])
def test_a_limit_out_of_range_is_refused(limit: int) -> None:
    with pytest.raises(InvalidInputError, match="limit must lie between 1 and 500"):
        Page(limit=limit)


def test_patients_are_filtered_by_state_and_relapse_number_of_a_day(database: Database) -> None:
    enrol(database, "p1", pseudonym="ALL-1")
    enrol(database, "p2", pseudonym="ALL-2")
    relapse(database, "p2", on="2024-02-01")
    assert ids(database, PatientFilter(state="registered")) == ["p1"]
    assert ids(database, PatientFilter(state="relapse_diagnosed")) == ["p2"]
    assert ids(database, PatientFilter(relapse_number=1)) == ["p2"]
    assert ids(database, PatientFilter(state="registered"), today=date(2024, 1, 31)) == ["p1", "p2"]
    assert ids(database, PatientFilter(state="relapse_diagnosed"), today=date(2024, 1, 31)) == []
    assert ids(database, PatientFilter(state="registered"), today=date(2023, 11, 30)) == ["p1", "p2"]


def test_a_list_tells_what_was_known_at_an_instant(database: Database) -> None:
    enrol(database)
    with seeing(database) as connection:
        before = database.instant(connection)
    relapse(database)
    with seeing(database) as connection:
        now = database.instant(connection)
        then = list_patients(
            connection,
            EVERYWHERE,
            PatientFilter(state="registered"),
            today=TODAY,
            page=Page(),
            now=now,
            known_at=before,
        )
        later = list_patients(
            connection, EVERYWHERE, PatientFilter(state="registered"), today=TODAY, page=Page(), now=now, known_at=now
        )
    assert ([row.id for row in then.items], later.items) == (["p1"], ())


def test_silent_patients_are_found_from_the_first_silent_day_on(database: Database) -> None:
    enrol(database)
    with changing(database, treating_doctor.id) as connection:
        outcome = replace(outcome_of(lock(database, connection)), silent_from=TODAY)
        write_outcome(database, connection, outcome)
    assert ids(database, PatientFilter(status="unknown"), today=SiteDays({}, TODAY)) == ["p1"]
    assert ids(database, PatientFilter(status="unknown"), today=SiteDays({}, TODAY - timedelta(days=1))) == []


def test_only_patients_within_reach_are_listed_and_found(database: Database) -> None:
    enrol(database, "p1")
    enrol(database, "p2", site=PARIS)
    with changing(database, treating_doctor.id) as connection:
        locked = lock(database, connection, "p2")
        shared = (*locked.memberships, Membership(site_id="rome", role="shared"))
        write_outcome(database, connection, replace(outcome_of(locked), memberships=shared))
    assert ids(database, ANY) == ["p1", "p2"]
    assert ids(database, ANY, reach=Reach((BERLIN,))) == ["p1"]
    assert ids(database, ANY, reach=Reach(("rome",))) == ["p2"]
    assert ids(database, ANY, reach=Reach(())) == []
    assert ids(database, PatientFilter(site="rome"), today=SiteDays({}, TODAY)) == ["p2"]
    assert ids(database, PatientFilter(site="rome")) == []
    assert ids(database, PatientFilter(site=BERLIN), reach=Reach((PARIS,))) == []
    with seeing(database) as connection:
        found = find_by_pseudonym(connection, "ALL-0001", EVERYWHERE, now=NOW)
        assert [(row.site_id, row.sites) for row in found] == [(BERLIN, (BERLIN,)), (PARIS, (PARIS, "rome"))]
        assert [row.id for row in find_by_pseudonym(connection, "ALL-0001", Reach(("rome",)), now=NOW)] == ["p2"]
        assert [row.id for row in find_by_pseudonym(connection, "ALL-0001", EVERYWHERE, site=BERLIN, now=NOW)] == ["p1"]
        assert find_by_pseudonym(connection, "all-0001", EVERYWHERE, now=NOW) == ()
