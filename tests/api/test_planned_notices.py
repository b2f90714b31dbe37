"""When a notice was to be sent, at any instant: whatever becomes of it later, a settled answer stays."""

from datetime import timedelta

from tests.api.ledger import acted, alert_id, late_patient, notices
from tests.api.ward import Ward
from workflow.domain.delivery import DELIVERED, Attempted, Claimed
from workflow.services.deliver_notices import claim, settle

EVERYTHING = ["open", "acknowledged", "snoozed", "resolved"]
LATER = Attempted("temporary", "email: RCPT answered 450 4.2.1")
LATE, PLAN = "RM-04", "RM-02"


def handed_out(ward: Ward) -> dict[str, Claimed]:
    """Return the notices of a late block and of a plan, both in the hands of a worker, by reminder."""
    late_patient(ward)
    names = {alert_id(ward, reminder): reminder for reminder in (LATE, PLAN)}
    claims = [claimed for _ in names for claimed in claim(ward.house, "w1", busy=(), limit=1)]
    held = {names[claimed.notice.alert_id]: claimed for claimed in claims}
    assert held.keys() == {LATE, PLAN}
    return held


def test_a_settled_answer_stays_whatever_becomes_of_its_notices_later(ward: Ward) -> None:
    held = handed_out(ward)
    acted(ward, "resolve", alert_id(ward, PLAN), "treating_doctor")
    then = str(ward.clock.now)
    ward.clock.now += timedelta(days=1)
    before = ward.get("/alerts", known_at=then, status=EVERYTHING).json()
    assert before["settled"] is True

    # The one was withdrawn by then and had gone out nevertheless; the other is put off.
    settle(ward.house, held[PLAN], DELIVERED)
    settle(ward.house, held[LATE], LATER)
    assert notices(ward, alert_id(ward, PLAN))[0]["status"] == "delivered"

    assert ward.get("/alerts", known_at=then, status=EVERYTHING).json() == before


def test_at_an_instant_notices_are_what_was_planned_by_then(ward: Ward) -> None:
    held = handed_out(ward)
    settle(ward.house, held[PLAN], DELIVERED)
    ward.clock.now += timedelta(minutes=1)

    def of(reminder: str, known_at: str) -> list[dict[str, object]]:
        items = ward.get("/alerts", known_at=known_at, reminder=reminder).json()["items"]
        return [notice for item in items for notice in item["notices"]]

    (planned,) = of(PLAN, str(ward.clock.now))
    assert (planned["id"], planned["step"], planned["channel"]) == (held[PLAN].notice.id, 0, "log")
    became = ("status", "settled_at", "attempts", "outcomes", "recipient")
    assert [planned[name] for name in became] == [None] * len(became)
    made_at = held[LATE].notice.made_at
    assert of(LATE, str(made_at - timedelta(microseconds=1))) == []
    assert len(of(LATE, str(made_at))) == 1


def test_a_notice_that_is_put_off_is_told_with_the_hour_it_was_planned_for(ward: Ward) -> None:
    held = handed_out(ward)
    late = alert_id(ward, LATE)
    (before,) = notices(ward, late)
    settle(ward.house, held[LATE], LATER)

    (after,) = notices(ward, late)
    assert (after["due_at"], after["status"], after["attempts"]) == (before["due_at"], "pending", 1)
    assert claim(ward.house, "w2", busy=(), limit=10) == ()
