"""What repeats and what keeps quiet: deferrals, snoozes, what was resolved by hand, and notices that reached nobody."""

from datetime import date, datetime

from tests.spec.judged_files import (
    JudgedFile,
    a_judged_block,
    at,
    deferred,
    started,
    watched_until,
)
from workflow.domain.alerts import DeadNotice

LATE_ON = date(2025, 1, 29)


def test_what_is_critical_is_told_every_three_days_weekends_included() -> None:
    judged = a_judged_block()
    watched_until(judged, "2025-02-09")
    assert judged.told[-3:] == [("RM-05", at(day, "07:30")) for day in ("2025-02-02", "2025-02-05", "2025-02-08")]


def test_an_outage_is_told_of_once_and_three_days_later_again() -> None:
    judged = a_judged_block()
    watched_until(judged, "2025-02-03")
    judged.look(at("2025-02-12"))
    assert [told for told in judged.told if told[0] == "RM-05"] == [
        ("RM-05", at("2025-02-02", "07:30")),
        ("RM-05", at("2025-02-05", "07:30")),
    ]
    assert judged.alert("RM-05").repeat_on == date(2025, 2, 15)


def test_a_deferral_silences_the_repeats_until_its_review_day_is_over() -> None:
    judged = a_judged_block()
    watched_until(judged, "2025-02-03")
    judged.know(at("2025-02-04"), deferred("2025-02-04", "2025-02-10"))
    assert judged.next_due_at == at("2025-02-11", "00:00")
    watched_until(judged, "2025-02-11")
    # After the review day both ask: that it has passed, and what is critical still; not in the night.
    assert judged.told[-2:] == [("RM-05", at("2025-02-11", "07:30")), ("CW-01", at("2025-02-11", "07:30"))]


def test_a_deferral_withdraws_a_repeat_that_is_to_be_sent_and_never_the_first_notice() -> None:
    judged = a_judged_block()
    watched_until(judged, "2025-02-02")
    judged.look(at("2025-02-05", "00:00"))
    assert judged.told[-1] == ("RM-05", at("2025-02-05", "07:30"))
    judged.know(at("2025-02-05", "06:00"), deferred("2025-02-04", "2025-02-10"))
    assert judged.told[-1] == ("RM-05", at("2025-02-02", "07:30"))

    other = a_judged_block()
    other.look(at("2025-02-02", "00:00"))
    other.know(at("2025-02-02", "06:00"), deferred("2025-02-01", "2025-02-10"))
    assert other.told == [("RM-05", at("2025-02-02", "07:30"))]


def test_a_deferral_without_a_review_day_silences_nothing() -> None:
    judged = a_judged_block()
    watched_until(judged, "2025-02-03")
    judged.know(at("2025-02-04"), deferred("2025-02-04", None))
    watched_until(judged, "2025-02-05")
    assert judged.told[-1] == ("RM-05", at("2025-02-05", "07:30"))


def test_another_deferral_takes_the_place_of_the_first() -> None:
    judged = a_judged_block()
    judged.look(at("2025-01-22"))
    judged.know(at("2025-01-22"), deferred("2025-01-22", "2025-01-25"))
    judged.look(at("2025-01-26", "10:00"))
    judged.know(at("2025-01-27"), deferred("2025-01-27", "2025-01-31"))
    reviews = {alert.key.threshold_on: alert.status for alert in judged.alerts if alert.key.reminder == "CW-01"}
    assert reviews == {date(2025, 1, 26): "resolved"}
    watched_until(judged, "2025-02-01")
    assert judged.alert("CW-01").key.threshold_on == date(2025, 2, 1)


def test_a_deferral_taken_back_at_night_mails_at_the_next_hour() -> None:
    judged = a_judged_block()
    watched_until(judged, "2025-02-03")
    judged.know(at("2025-02-04"), deferred("2025-02-04", "2025-02-20"))
    watched_until(judged, "2025-02-09")
    judged.know(at("2025-02-09", "23:00"), lambda file: file.void(file.facts[-1]))
    assert judged.told[-1] == ("RM-05", at("2025-02-10", "07:30"))


def test_what_is_acknowledged_is_not_resolved_and_repeats() -> None:
    judged = a_judged_block()
    watched_until(judged, "2025-02-02")
    judged.act(at("2025-02-02", "10:00"), "acknowledged", "RM-05")
    watched_until(judged, "2025-02-05")
    assert (judged.alert("RM-05").status, judged.told[-1]) == ("acknowledged", ("RM-05", at("2025-02-05", "07:30")))


def test_what_is_snoozed_is_told_to_nobody_and_wakes_at_its_hour() -> None:
    judged = a_judged_block()
    judged.look(at("2025-01-29", "00:00"))
    until = at("2025-01-31", "06:00")
    judged.act(at("2025-01-29", "06:00"), "snoozed", "RM-04", until)
    assert "RM-04" not in [told[0] for told in judged.told]
    assert judged.next_due_at == until
    assert not judged.look(at("2025-01-31", "05:59")).events
    woken = judged.look(until)
    assert [(event.kind, event.episode) for event in woken.events] == [("woken", 1)]
    assert (judged.alert("RM-04").status, judged.told[-1]) == ("open", ("RM-04", at("2025-01-31", "07:30")))


def test_a_start_resolves_what_is_snoozed() -> None:
    judged = a_judged_block()
    judged.look(at("2025-01-29"))
    judged.act(at("2025-01-29", "10:00"), "snoozed", "RM-04", at("2025-01-31"))
    judged.know(at("2025-01-30"), started("2025-01-30"))
    assert judged.standing[-1] == ("RM-04", "resolved", "by_fact", 1)
    assert not judged.look(at("2025-01-31", "10:00")).anything


def test_what_was_resolved_by_hand_stays_so_while_its_window_does() -> None:
    judged = a_judged_block()
    judged.look(at("2025-01-29"))
    judged.act(at("2025-01-29", "10:00"), "resolved", "RM-04")
    assert not judged.look(at("2025-01-30")).anything
    judged.know(at("2025-01-30"), started("2025-01-30"))
    assert judged.standing[-1:] == [("RM-04", "resolved", "by_hand", 1)]
    judged.know(at("2025-01-30", "12:00"), lambda file: file.void(file.facts[-1]))
    assert judged.standing[-1:] == [("RM-04", "open", None, 2)]


def test_a_window_resolved_by_hand_is_still_told_when_it_becomes_critical() -> None:
    judged = a_judged_block()
    judged.look(at("2025-01-29"))
    judged.act(at("2025-01-29", "10:00"), "resolved", "RM-04")
    watched_until(judged, "2025-02-02")
    assert judged.told[-1] == ("RM-05", at("2025-02-02", "07:30"))


def died(judged: JudgedFile, reminder: str, when: datetime) -> DeadNotice:
    """Return a notice of an alert that was given up."""
    notice = next(each for each in judged.notices if each.alert_id == judged.alert(reminder).id)
    return DeadNotice(
        id=notice.id, alert_id=notice.alert_id, recipient=notice.recipient, channel=notice.channel, died_at=when
    )


def test_a_notice_that_reached_nobody_is_an_alert_told_to_everybody_else() -> None:
    judged = a_judged_block()
    judged.look(at("2025-01-29", "00:00"))
    dead = died(judged, "RM-04", at("2025-01-29", "10:00"))
    changes = judged.look(at("2025-01-29", "11:00"), dead=(dead,))
    (failure,) = changes.raised
    assert (failure.key.reminder, failure.key.threshold_on) == ("CW-02", LATE_ON)
    assert [(notice.channel, notice.recipient) for notice in changes.notices] == [("log", "log")]
    assert changes.accounted == (dead.id,)
    judged.know(at("2025-01-30"), started("2025-01-30"))
    assert judged.standing[-1] == ("CW-02", "resolved", "by_fact", 1)


def test_a_failed_notice_of_a_failed_notice_raises_nothing_more() -> None:
    judged = a_judged_block()
    judged.look(at("2025-01-29", "00:00"))
    judged.look(at("2025-01-29", "11:00"), dead=(died(judged, "RM-04", at("2025-01-29", "10:00")),))
    changes = judged.look(at("2025-01-30", "11:00"), dead=(died(judged, "CW-02", at("2025-01-30", "10:00")),))
    assert (changes.raised, changes.notices, len(changes.accounted)) == ((), (), 1)
