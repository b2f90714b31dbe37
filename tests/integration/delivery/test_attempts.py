"""What becomes of a notice after each attempt, whoever makes it and however late its worker comes back."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.databases import Urls
from tests.integration.delivery.late_ward import TOLD_AT, LateWard, late_ward
from tests.introduced import seeing
from workflow.domain.delivery import DELIVERED, LEASE, MOST_ATTEMPTS, Attempted, Claimed
from workflow.persistence.access_log import read_access
from workflow.persistence.pages import Page
from workflow.rules.backoff import FIRST_WAIT, LONGEST_WAIT
from workflow.services.deliver_notices import prepare

LATER = Attempted("temporary", "email: RCPT answered 450 4.2.1")
NEVER = Attempted("permanent", "email: RCPT answered 550 5.1.1")
SECOND = timedelta(seconds=1)
UNLEASED = {"leased_by": None, "leased_until": None}


def overtaken(ward: LateWard) -> tuple[Claimed, Claimed]:
    """Return a notice in the hands of a worker who fell asleep, and of another one who took it over."""
    asleep = ward.claim_one("asleep")
    assert prepare(ward.house, asleep) is not None
    ward.clock.now += LEASE
    return asleep, ward.claim_one("awake")


def test_a_delivered_notice_is_done(ward: LateWard) -> None:
    claimed = ward.claim_one()
    ward.clock.now += SECOND
    ward.settle(claimed, DELIVERED)
    done = {"status": "delivered", "attempts": 1, "settled_at": TOLD_AT + SECOND, **UNLEASED}
    assert ward.notice() == {**ward.notice(), **done}
    assert (ward.log(), ward.attempts_at()) == ([("w1", "delivered", None)], [TOLD_AT + SECOND])
    assert ward.claim() == ()


def test_a_failure_that_may_pass_is_tried_again_after_a_wait(ward: LateWard) -> None:
    ward.settle(ward.claim_one(), LATER)
    waiting = {"status": "pending", "attempts": 1, "due_at": TOLD_AT + FIRST_WAIT, "settled_at": None, **UNLEASED}
    assert ward.notice() == {**ward.notice(), **waiting}
    ward.clock.now = TOLD_AT + FIRST_WAIT - SECOND
    assert ward.claim() == ()
    ward.clock.now += SECOND
    ward.settle(ward.claim_one("w2"), LATER)
    assert ward.notice()["due_at"] == TOLD_AT + 3 * FIRST_WAIT
    assert ward.log() == [("w1", "temporary", LATER.detail), ("w2", "temporary", LATER.detail)]


def test_a_notice_that_fails_each_time_is_given_up(ward: LateWard) -> None:
    for attempt in range(1, MOST_ATTEMPTS + 1):
        ward.clock.now += LONGEST_WAIT
        ward.settle(ward.claim_one(), LATER)
        assert ward.notice()["attempts"] == attempt
    dead = {"status": "dead", "settled_at": ward.clock.now, **UNLEASED}
    assert ward.notice() == {**ward.notice(), **dead}
    assert len(ward.log()) == MOST_ATTEMPTS
    ward.clock.now += 100 * LONGEST_WAIT
    assert ward.claim() == ()


def test_a_failure_that_will_not_pass_gives_it_up_at_once(ward: LateWard) -> None:
    ward.settle(ward.claim_one(), NEVER)
    assert ward.notice() == {**ward.notice(), "status": "dead", "attempts": 1, "settled_at": TOLD_AT, **UNLEASED}
    assert ward.log() == [("w1", "permanent", NEVER.detail)]


def test_beginning_to_send_renews_the_lease(ward: LateWard) -> None:
    claimed = ward.claim_one()
    ward.clock.now += LEASE - SECOND
    assert prepare(ward.house, claimed) is not None
    assert ward.notice()["leased_until"] == ward.clock.now + LEASE


def test_a_worker_whose_lease_is_over_may_go_on_where_nobody_took_its_notice(ward: LateWard) -> None:
    claimed = ward.claim_one()
    ward.clock.now += 10 * LEASE
    assert prepare(ward.house, claimed) is not None
    ward.clock.now += 10 * LEASE
    ward.settle(claimed, LATER)
    assert ward.notice()["due_at"] == ward.clock.now + FIRST_WAIT


def test_a_worker_who_lost_its_notice_does_not_begin_to_send_it(ward: LateWard) -> None:
    asleep, awake = overtaken(ward)
    assert prepare(ward.house, asleep) is None
    assert prepare(ward.house, awake) is not None
    assert ward.notice()["leased_by"] == "awake"


def test_a_worker_who_comes_back_late_with_a_failure_changes_nothing_and_is_noted(ward: LateWard) -> None:
    asleep, awake = overtaken(ward)
    before = ward.notice()
    ward.settle(asleep, NEVER)
    assert ward.notice() == {**before, "attempts": 1}
    ward.settle(awake, DELIVERED)
    assert ward.log() == [("asleep", "permanent", NEVER.detail), ("awake", "delivered", None)]
    assert (ward.notice()["status"], ward.notice()["attempts"]) == ("delivered", 2)


def test_a_message_that_went_out_is_delivered_whoever_has_the_notice_by_now(ward: LateWard) -> None:
    asleep, awake = overtaken(ward)
    ward.settle(asleep, DELIVERED)
    delivered = ward.notice()
    assert delivered == {**delivered, "status": "delivered", "attempts": 1, **UNLEASED}
    # The other one has not begun, and now never will; had it begun, its failure would not undo the delivery.
    assert prepare(ward.house, awake) is None
    ward.settle(awake, NEVER)
    assert ward.notice() == {**delivered, "attempts": 2}


def test_the_same_message_goes_out_again_under_the_same_identity(ward: LateWard) -> None:
    asleep, awake = overtaken(ward)
    again = prepare(ward.house, awake)
    assert again is not None
    assert again.notice_id == asleep.notice.id == ward.notice()["id"]
    ward.settle(asleep, DELIVERED)
    ward.clock.now += SECOND
    ward.settle(awake, DELIVERED)
    assert ward.log() == [("asleep", "delivered", None), ("awake", "delivered", None)]
    # It was delivered when it was delivered first.
    assert ward.notice() == {**ward.notice(), "attempts": 2, "settled_at": ward.clock.now - SECOND}


def test_one_that_was_given_up_and_had_gone_out_after_all_is_delivered(ward: LateWard) -> None:
    asleep, awake = overtaken(ward)
    ward.settle(awake, NEVER)
    assert ward.notice()["status"] == "dead"
    ward.settle(asleep, DELIVERED)
    assert ward.notice()["status"] == "delivered"
    assert ward.sweep(ward.clock.now + SECOND).raised == []


def test_the_block_that_starts_before_a_worker_begins_withdraws_the_notice(ward: LateWard) -> None:
    claimed = ward.claim_one()
    ward.record("block_started", "2025-01-29", {"element": "R2"})
    assert ward.notice() == {**ward.notice(), "status": "withdrawn", "attempts": 0, **UNLEASED}
    assert prepare(ward.house, claimed) is None
    assert ward.log() == []


def test_a_message_on_its_way_when_the_block_starts_is_delivered_if_it_arrives(ward: LateWard) -> None:
    claimed = ward.claim_one()
    assert prepare(ward.house, claimed) is not None
    ward.record("block_started", "2025-01-29", {"element": "R2"})
    ward.settle(claimed, DELIVERED)
    assert ward.notice()["status"] == "delivered"


@pytest.mark.parametrize("outcome", [LATER, NEVER])
def test_a_message_on_its_way_when_the_block_starts_is_withdrawn_if_it_fails(
    ward: LateWard, outcome: Attempted
) -> None:
    claimed = ward.claim_one()
    assert prepare(ward.house, claimed) is not None
    ward.record("block_started", "2025-01-29", {"element": "R2"})
    ward.settle(claimed, outcome)
    assert (ward.notice()["status"], ward.notice()["attempts"]) == ("withdrawn", 1)
    assert len(ward.log()) == 1


def test_a_notice_of_a_resolved_alert_is_withdrawn_even_where_nobody_did_so(ward: LateWard) -> None:
    claimed = ward.claim_one()
    ward.change_alert(status="resolved")
    assert prepare(ward.house, claimed) is None
    assert ward.notice() == {**ward.notice(), "status": "withdrawn", "settled_at": TOLD_AT, **UNLEASED}


def test_a_notice_of_a_snoozed_alert_is_put_off_until_then(ward: LateWard) -> None:
    claimed = ward.claim_one()
    until = TOLD_AT + timedelta(hours=5)
    ward.change_alert(status="snoozed", snoozed_until=until)
    assert prepare(ward.house, claimed) is None
    assert ward.notice() == {**ward.notice(), "status": "pending", "due_at": until, "attempts": 0, **UNLEASED}
    ward.clock.now = until
    assert prepare(ward.house, ward.claim_one("w2")) is not None


def test_the_notice_of_an_acknowledged_alert_is_sent(ward: LateWard) -> None:
    ward.change_alert(status="acknowledged")
    assert prepare(ward.house, ward.claim_one()) is not None


def test_by_default_a_message_holds_a_link_and_nothing_of_the_patient(ward: LateWard) -> None:
    message = prepare(ward.house, ward.claim_one())
    assert message is not None
    told = f"{message.subject} {message.text} {message.html}"
    assert "A-1" not in told
    assert "R1" not in told
    assert message.link in message.text
    assert message.recipient == "ward-3@north.example"


def test_a_message_says_what_the_alert_is_about_where_the_site_has_chosen_so(
    database_urls: Urls, tmp_path: Path
) -> None:
    with late_ward(
        database_urls, tmp_path, MAIL_CONTENT="full", PUBLIC_URL="https://cw.example/", TIME_ZONE="Pacific/Auckland"
    ) as ward:
        ward.clock.now = TOLD_AT + timedelta(days=1)
        message = prepare(ward.house, ward.claim_one())
        assert message is not None
        assert message.link == f"https://cw.example/alerts/{message.alert_id}"
        # The day is the site's: in Auckland it is the 31st already.
        for told in (
            "Patient: A-1",
            "Since: 2025-01-29, 22 days after the start of R1 (2025-01-07)",
            "This notice: 2025-01-30, 23 days after the start of R1 (2025-01-07)",
            "associated with",
        ):
            assert told in message.text, message.text


def test_who_begins_to_send_leaves_an_access_row_of_the_patient(ward: LateWard) -> None:
    prepare(ward.house, ward.claim_one())
    with seeing(ward.house.database) as connection:
        rows = read_access(connection, patient_id=ward.patient, page=Page(limit=1)).items
    assert [(row.actor_id, row.action) for row in rows] == [("scheduler", "deliver_notice")]
