"""Several notices in one transaction: what becomes of each is what becomes of it alone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.integration.delivery.late_ward import TOLD_AT, WARD, LateWard, addresses
from tests.introduced import changing, seeing
from workflow.domain.delivery import DELIVERED, LEASE
from workflow.persistence.access_log import read_access
from workflow.persistence.ledger import NOTICE
from workflow.persistence.pages import Page
from workflow.services import deliver_notices
from workflow.services.deliver_notices import claim_prepared, prepare, settle_delivered

SECOND = timedelta(seconds=1)
UNLEASED = {"leased_by": None, "leased_until": None}


def test_those_that_are_claimed_are_prepared_as_each_alone_would_be(ward: LateWard) -> None:
    ward.more_notices(addresses(3))
    prepared = claim_prepared(ward.house, "w1", busy=addresses(1), limit=10)
    assert {claimed.recipient for claimed, _ in prepared} == {WARD, *addresses(3)[1:]}
    assert [message for _, message in prepared] == [prepare(ward.house, claimed) for claimed, _ in prepared]
    leases = {(notice["leased_by"], notice["leased_until"]) for notice in ward.notices() if notice["leased_by"]}
    assert leases == {("w1", TOLD_AT + LEASE)}


def test_nothing_is_claimed_where_nothing_is_due_or_no_hand_is_free(ward: LateWard) -> None:
    assert claim_prepared(ward.house, "w1", busy=(), limit=0) == ()
    ward.clock.now = TOLD_AT - SECOND
    assert claim_prepared(ward.house, "w1", busy=(), limit=10) == ()
    assert ward.notice()["leased_by"] is None


def test_what_is_resolved_is_withdrawn_and_what_is_snoozed_put_off_instead_of_being_sent(ward: LateWard) -> None:
    until = TOLD_AT + timedelta(hours=5)
    ward.change_alert(status="snoozed", snoozed_until=until)
    ((_, message),) = claim_prepared(ward.house, "w1", busy=(), limit=10)
    assert message is None
    assert ward.notice() == {**ward.notice(), "status": "pending", "due_at": until, **UNLEASED}
    ward.change_alert(status="resolved")
    ward.clock.now = until
    ((_, message),) = claim_prepared(ward.house, "w1", busy=(), limit=10)
    assert message is None
    assert ward.notice() == {**ward.notice(), "status": "withdrawn", "settled_at": until, **UNLEASED}


def test_nothing_is_claimed_where_one_of_them_cannot_be_written(
    ward: LateWard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwritable(*_: object) -> None:
        raise KeyError

    ward.more_notices(addresses(3))
    monkeypatch.setattr(deliver_notices, "written", unwritable)
    with pytest.raises(KeyError):
        claim_prepared(ward.house, "w1", busy=(), limit=10)
    assert {notice["leased_by"] for notice in ward.notices()} == {None}


def test_each_that_is_begun_leaves_an_access_row_of_its_patient(ward: LateWard) -> None:
    ward.more_notices(addresses(2))
    claim_prepared(ward.house, "w1", busy=(), limit=10)
    with seeing(ward.house.database) as connection:
        rows = read_access(connection, patient_id=ward.patient, page=Page(limit=3)).items
    assert [(row.actor_id, row.action) for row in rows] == [("scheduler", "deliver_notice")] * 3


def test_those_that_went_out_are_delivered_and_an_attempt_of_each_is_noted(ward: LateWard) -> None:
    ward.more_notices(addresses(3))
    claims = [claimed for claimed, _ in claim_prepared(ward.house, "w1", busy=(), limit=10)]
    ward.clock.now += SECOND
    assert settle_delivered(ward.house, claims) == {claimed.notice.id for claimed in claims}
    done = {"status": "delivered", "attempts": 1, "settled_at": TOLD_AT + SECOND, **UNLEASED}
    assert all(notice == {**notice, **done} for notice in ward.notices())
    assert ward.log() == [("w1", "delivered", None)] * 4
    assert set(ward.attempts_at()) == {TOLD_AT + SECOND}


def test_what_went_out_is_delivered_whoever_has_it_by_now_and_when_it_was_delivered_first(ward: LateWard) -> None:
    asleep = ward.claim_one("asleep")
    ward.clock.now += LEASE
    awake = ward.claim_one("awake")
    assert settle_delivered(ward.house, [asleep]) == {asleep.notice.id}
    first = ward.clock.now
    ward.clock.now += SECOND
    assert settle_delivered(ward.house, [awake]) == {awake.notice.id}
    assert ward.notice() == {
        **ward.notice(),
        "status": "delivered",
        "attempts": 2,
        "settled_at": first,
        **UNLEASED,
    }
    assert ward.log() == [("asleep", "delivered", None), ("awake", "delivered", None)]


def test_one_that_was_withdrawn_or_given_up_and_went_out_after_all_is_delivered(ward: LateWard) -> None:
    ward.more_notices(addresses(1))
    claims = [claimed for claimed, _ in claim_prepared(ward.house, "w1", busy=(), limit=10)]
    ward.record("block_started", "2025-01-29", {"element": "R2"})
    assert {notice["status"] for notice in ward.notices()} == {"withdrawn"}
    settle_delivered(ward.house, claims)
    assert {notice["status"] for notice in ward.notices()} == {"delivered"}


def test_one_that_somebody_is_changing_is_passed_over_without_waiting(ward: LateWard) -> None:
    """On SQLite nobody changes anything while another one does."""
    if ward.house.database.dialect == "sqlite":
        claimed = ward.claim_one()
        assert settle_delivered(ward.house, [claimed]) == {claimed.notice.id}
        return
    ward.more_notices(addresses(2))
    claims = [claimed for claimed, _ in claim_prepared(ward.house, "w1", busy=(), limit=10)]
    locked, *others = (claimed.notice.id for claimed in claims)
    with changing(ward.house.database) as connection:
        connection.execute(select(NOTICE.c.id).where(NOTICE.c.id == locked).with_for_update())
        assert settle_delivered(ward.house, claims) == set(others)
    ward.settle(claims[0], DELIVERED)
    assert {(notice["status"], notice["attempts"]) for notice in ward.notices()} == {("delivered", 1)}
