"""Acts upon alerts, judged purely: what goes with a resolved alert, and what an act does beside what fell due."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

from tests.facts import PatientFile, a_relapsed_patient
from workflow.domain.alerts import Alert, DeadNotice, LedgerChanges
from workflow.domain.errors import Refusal
from workflow.domain.site_practice import SitePractice
from workflow.rules.acts import Act
from workflow.rules.judge import judge, judge_act
from workflow.rules.occasion import Occasion, Side

LATE, CRITICAL = datetime(2025, 1, 30, 0, 1, tzinfo=UTC), datetime(2025, 2, 3, 0, 1, tzinfo=UTC)
HALF_PAST_SEVEN = timedelta(hours=7, minutes=29)
SITE = SitePractice(id="berlin", time_zone="UTC", contacts=("ward@berlin.example",))
IDS: Iterator[int] = count()


def after_r1() -> PatientFile:
    file = a_relapsed_patient()
    file.add("block_started", date(2025, 1, 8), element="R1")
    file.add("block_completed", date(2025, 1, 13), given="as_planned")
    return file


FILE = after_r1()


def occasion(now: datetime, *dead: DeadNotice) -> Occasion:
    return Occasion(now=now, new_id=lambda: f"id-{next(IDS)}", prove=lambda *_: "{}", dead=dead)


def swept(now: datetime, ledger: tuple[Alert, ...] = (), *dead: DeadNotice) -> LedgerChanges:
    side = Side(FILE.state, SITE)
    return judge(side, side, ledger, occasion(now, *dead))


def done(now: datetime, ledger: tuple[Alert, ...], deed: Act) -> LedgerChanges:
    changes = judge_act(Side(FILE.state, SITE), ledger, occasion(now), deed)
    assert isinstance(changes, LedgerChanges), changes
    return changes


def named(ledger: tuple[Alert, ...], reminder: str) -> Alert:
    return next(alert for alert in ledger if alert.key.reminder == reminder)


def a_deed(alert: Alert, deed: str, until: datetime | None = None) -> Act:
    return Act(alert_id=alert.id, deed=deed, actor_id="nurse", reason="why", until=until)  # type: ignore[arg-type]


def nothing_more(now: datetime, changes: LedgerChanges) -> None:
    again = swept(now, changes.alerts)
    assert not again.anything
    assert again.next_due_at == changes.next_due_at


def test_what_tells_of_a_failed_notice_ends_with_the_last_alert_of_its_window() -> None:
    ledger = swept(LATE).alerts
    late, plan = named(ledger, "RM-04"), named(ledger, "RM-02")
    dead = DeadNotice(id="n", alert_id=late.id, recipient="ward@berlin.example", channel="email", died_at=LATE)
    ledger = swept(LATE, ledger, dead).alerts
    assert named(ledger, "CW-02").status == "open"

    first = done(LATE, ledger, a_deed(late, "resolved"))
    assert named(first.alerts, "CW-02").status == "open"
    last = done(LATE, first.alerts, a_deed(plan, "resolved"))

    failed = named(last.alerts, "CW-02")
    assert (failed.status, failed.resolution) == ("resolved", "by_hand")
    assert [(event.kind, event.actor_id) for event in last.events] == [("resolved", "nurse")] * 2
    nothing_more(LATE, last)


def test_an_alert_about_a_failed_notice_is_resolved_alone() -> None:
    ledger = swept(LATE).alerts
    dead = DeadNotice(
        id="n", alert_id=named(ledger, "RM-04").id, recipient="ward@berlin.example", channel="email", died_at=LATE
    )
    ledger = swept(LATE, ledger, dead).alerts

    changes = done(LATE, ledger, a_deed(named(ledger, "CW-02"), "resolved"))
    assert {alert.key.reminder for alert in changes.changed} == {"CW-02"}
    nothing_more(LATE, changes)


def test_a_repeat_that_was_due_in_the_same_moment_is_not_told_of_a_snoozed_alert() -> None:
    ledger = swept(CRITICAL).alerts
    critical = named(ledger, "RM-05")
    later = CRITICAL + timedelta(days=3)

    told = swept(later, ledger)
    assert [notice.step for notice in told.notices] == [1]
    changes = done(later, ledger, a_deed(critical, "snoozed", later + timedelta(days=1)))
    assert changes.notices == ()
    assert {gone.alert_id for gone in changes.withdrawn} == {critical.id}
    assert changes.next_due_at == later + timedelta(days=1)
    nothing_more(later, changes)


def test_what_is_found_open_again_and_resolved_in_one_act_is_told_to_nobody() -> None:
    ledger = swept(LATE).alerts
    late = replace(named(ledger, "RM-04"), status="resolved", resolution="by_setting", resolved_at=LATE)
    ledger = tuple(late if alert.id == late.id else alert for alert in ledger)

    changes = done(LATE, ledger, a_deed(late, "resolved"))
    assert [event.kind for event in changes.events] == ["reopened", "resolved"]
    assert [notice.alert_id for notice in changes.notices] == []
    nothing_more(LATE, changes)


def test_every_act_is_done_once() -> None:
    ledger = swept(LATE).alerts
    for deed, until in (("acknowledged", None), ("snoozed", LATE + timedelta(days=1)), ("resolved", None)):
        changes = done(LATE, ledger, a_deed(named(ledger, "RM-04"), deed, until))
        assert [event.kind for event in changes.events] == [deed]
        nothing_more(LATE, changes)


def test_a_snooze_lasts_to_the_very_threshold_and_then_the_graver_one_is_told_as_well() -> None:
    ledger = swept(LATE).alerts
    changes = done(LATE, ledger, a_deed(named(ledger, "RM-04"), "snoozed", CRITICAL - timedelta(minutes=1)))
    refused = judge_act(
        Side(FILE.state, SITE), ledger, occasion(LATE), a_deed(named(ledger, "RM-04"), "snoozed", CRITICAL)
    )

    assert isinstance(refused, Refusal)
    assert refused.latest_at == CRITICAL - timedelta(minutes=1)
    woken = swept(CRITICAL, changes.alerts)
    assert [event.kind for event in woken.events] == ["raised", "woken"]
    told = {alert.id: alert.key.reminder for alert in woken.alerts}
    assert {told[notice.alert_id] for notice in woken.notices} == {"RM-04", "RM-05"}
    assert {notice.due_at for notice in woken.notices} == {CRITICAL + HALF_PAST_SEVEN}
