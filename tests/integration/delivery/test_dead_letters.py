"""A notice that reached nobody becomes an alert of its own, told elsewhere; and that is where it ends."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.databases import Urls
from tests.integration.delivery.late_ward import TOLD_AT, WARD, LateWard, late_ward
from workflow.domain.contacts import SERVER_LOG, Recipient
from workflow.domain.delivery import Attempted

NEVER = Attempted("permanent", "email: RCPT answered 550 5.1.1")
COLLEAGUE = Recipient("email", "ward-4@north.example")
HOUR = timedelta(hours=1)


@pytest.fixture
def given_up(ward: LateWard) -> LateWard:
    """Give a ward whose notice was given up, not swept since."""
    ward.settle(ward.claim_one(), NEVER)
    return ward


def test_the_next_sweep_raises_an_alert_of_it_and_tells_the_log(given_up: LateWard) -> None:
    report = given_up.sweep(TOLD_AT + HOUR)
    assert [(passed.alert.key.reminder, passed.alert.key.window_key) for passed in report.raised] == [
        ("CW-02", "1:TR-001:f4")
    ]
    about = given_up.notice_to(SERVER_LOG)
    # At the site's next hour of notices.
    assert (about["status"], about["due_at"]) == ("pending", TOLD_AT + timedelta(days=1))
    assert given_up.notice_to(WARD)["status"] == "dead"
    assert given_up.sweep(TOLD_AT + 2 * HOUR).raised == []


def test_a_failure_to_tell_of_it_raises_nothing_more(given_up: LateWard) -> None:
    given_up.sweep(TOLD_AT + HOUR)
    given_up.clock.now = TOLD_AT + timedelta(days=1)
    given_up.settle(given_up.claim_one(), NEVER)
    assert given_up.notice_to(SERVER_LOG)["status"] == "dead"
    before = given_up.notices()
    for hours in range(1, 30):
        report = given_up.sweep(TOLD_AT + timedelta(days=1, hours=hours))
        assert (report.raised, report.notices) == ([], 0)
    assert given_up.notices() == before


def test_the_block_that_starts_ends_it_too_and_withdraws_what_tells_of_it(given_up: LateWard) -> None:
    given_up.sweep(TOLD_AT + HOUR)
    given_up.record("block_started", "2025-01-29", {"element": "R2"})
    assert set(given_up.alerts().values()) == {"resolved"}
    assert given_up.notice_to(SERVER_LOG)["status"] == "withdrawn"


def test_a_notice_given_up_after_its_alert_was_resolved_raises_nothing(ward: LateWard) -> None:
    claimed = ward.claim_one()
    ward.settle(claimed, NEVER)
    ward.record("block_started", "2025-01-29", {"element": "R2"})
    assert ward.sweep(TOLD_AT + HOUR).raised == []
    assert "CW-02" not in ward.alerts()


@pytest.fixture
def two(database_urls: Urls, tmp_path: Path) -> Iterator[LateWard]:
    """Give a ward that tells two people."""
    with late_ward(database_urls, tmp_path, contacts=(WARD.address, COLLEAGUE.address)) as ward:
        ward.clock.now = TOLD_AT
        yield ward


def test_those_who_can_be_reached_are_told_of_the_one_who_cannot(two: LateWard) -> None:
    (lost,) = (each for each in two.claim() if each.recipient == WARD)
    two.settle(lost, NEVER)
    two.sweep(TOLD_AT + HOUR)
    told = {(notice["channel"], notice["recipient"]) for notice in two.notices() if notice["due_at"] != TOLD_AT}
    assert told == {COLLEAGUE, SERVER_LOG}
