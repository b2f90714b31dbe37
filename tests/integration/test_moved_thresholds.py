"""Lists tell of a window whose thresholds moved what was true on each day, on both kinds of database."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.databases import Urls
from tests.integration.recorded import NEWEST, Recorded, add, owner, recorded
from tests.introduced import seeing
from workflow.domain.actor import LOCAL_ADMIN
from workflow.persistence.migrations import downgrade, upgrade
from workflow.persistence.pages import Page
from workflow.persistence.patient_reads import load_facts
from workflow.rules.fold import fold, until
from workflow.services.correct_facts import correct_facts
from workflow.services.fold_anew import fold_all_anew
from workflow.services.read_worklist import Wanted, rows

STARTED_ON, INTERRUPTED_ON, RESUMED_ON = date(2025, 2, 18), date(2025, 3, 17), date(2025, 3, 27)
ANY = frozenset({"upcoming", "open", "late", "critical"})
DAYS = [STARTED_ON + timedelta(days=days) for days in (0, 20, 25, 26, 27, 28, 29, 35, 37, 38, 39, 45)]


@pytest.fixture
def ward(database_urls: Urls, tmp_path: Path) -> Iterator[Recorded]:
    """Give a ward where an infusion is interrupted for ten days from the day before its last."""
    with recorded(database_urls, tmp_path) as ward:
        facts: tuple[tuple[str, str, dict[str, object]], ...] = (
            ("block_completed", "2025-02-02", {"given": "as_planned"}),
            ("protocol_chosen", "2025-02-10", {"protocol": "all-rez-bfm-2002@1"}),
            ("protocol_chosen", "2025-02-10", {"protocol": "blinatumomab-rr"}),
            ("block_started", str(STARTED_ON), {"element": "CYCLE_1"}),
            ("therapy_interrupted", str(INTERRUPTED_ON), {}),
            ("therapy_resumed", str(RESUMED_ON), {}),
        )
        for fact in facts:
            add(ward.house, ward.a, *fact)
        yield ward


def listed(ward: Recorded, day: date) -> set[tuple[str, str]]:
    found = rows(ward.house, LOCAL_ADMIN, Wanted(as_of=day, statuses=ANY), Page(limit=200)).rows
    return {(row.window.id, str(row.status)) for row, _ in found if row.patient_id == ward.a and row.window}


def folded(ward: Recorded, day: date) -> set[tuple[str, str]]:
    with seeing(ward.house.database) as connection:
        facts = load_facts(connection, ward.a)
    state = fold(until(facts, day), ward.house.protocols)
    return {(window.id, window.status(day)) for window in state.windows if window.status(day) in ANY}


def test_on_every_day_the_worklist_tells_what_the_fold_tells(ward: Recorded) -> None:
    assert [(day, listed(ward, day)) for day in DAYS] == [(day, folded(ward, day)) for day in DAYS]


def test_while_the_infusion_stands_still_it_is_neither_due_nor_late(ward: Recorded) -> None:
    def stands(day: date) -> list[tuple[str | None, bool, date | None, int]]:
        everything = Wanted(as_of=day, statuses=ANY | {"due"}, rule="TR-040")
        found = rows(ward.house, LOCAL_ADMIN, everything, Page()).rows
        windows = [(row.status, row.due, row.window) for row, _ in found]
        return [(status, due, window.paused_on, window.interrupted_days) for status, due, window in windows if window]

    assert stands(date(2025, 3, 16)) == [("upcoming", True, None, 0)]
    assert stands(date(2025, 3, 26)) == [("open", False, INTERRUPTED_ON, 0)]
    assert stands(date(2025, 3, 27)) == [("upcoming", True, None, 10)]
    assert stands(date(2025, 3, 29)) == [("late", False, None, 10)]


def test_storage_holds_each_stand_and_nothing_else_before_and_after_a_correction(ward: Recorded) -> None:
    stands = "SELECT count(*) FROM window_span WHERE patient_id = :a AND rule = 'TR-040' AND known_to IS NULL"
    assert (ward.one(stands), ward.findings()) == (3, [])

    resumption = NEWEST + 6
    voided = {"corrections": [{"voids": f"f{resumption}", "reason": "it goes on tomorrow"}]}
    assert correct_facts(ward.house, LOCAL_ADMIN, ward.a, voided).status == 200
    assert (ward.one(stands), ward.findings()) == (2, [])
    assert [(day, listed(ward, day)) for day in DAYS] == [(day, folded(ward, day)) for day in DAYS]


def test_a_former_release_finds_one_row_for_each_window_and_the_next_upgrade_its_stands_again(ward: Recorded) -> None:
    current = "SELECT count(*) FROM window_span WHERE patient_id = :a AND rule = 'TR-040' AND known_to IS NULL"
    of_anchor = f"{current} AND valid_from = '{STARTED_ON}'"
    downgrade(ward.urls.owner, revision="0004")
    assert (ward.one(current), ward.one(of_anchor)) == (1, 1)

    upgrade(ward.urls.owner)
    ward.tamper("UPDATE patient SET engine = 'others'")
    with owner(ward.urls) as database:
        fold_all_anew(database, ward.house.protocols, ward.house.engine, lambda _: None)
    assert (ward.one(current), ward.findings()) == (3, [])
