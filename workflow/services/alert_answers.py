"""The shapes of alerts (contract §3.4): pure functions from the ledger to JSON."""

from collections.abc import Iterable, Mapping
from typing import Any

from workflow.domain.alerts import Alert, LedgerChanges
from workflow.domain.facts.fact import fact_id
from workflow.knowledge.reminders import reminder_of
from workflow.persistence.alert_history import ToldNotice
from workflow.persistence.alert_lists import AlertRow
from workflow.services.answers import Shape


def alert_shape(patient_id: str, alert: Alert) -> Shape:
    """Return an alert as it stands; who acknowledged and why is told while that holds, later its events tell it."""
    row = reminder_of(alert.key.reminder)
    held = alert.status in {"acknowledged", "snoozed"} or alert.resolution == "by_hand"
    return {
        "id": alert.id,
        "patient": patient_id,
        "course": alert.course,
        "window": alert.key.window_key,
        "rule": alert.rule,
        "reminder": alert.key.reminder,
        "title": row.title,
        "sentence": row.sentence,
        "source": row.source,
        "stage": alert.stage,
        "severity": alert.severity,
        "threshold_on": alert.key.threshold_on,
        "raised_at": alert.raised_at,
        "episode": alert.episode,
        "status": alert.status,
        "acknowledged_by": alert.acknowledged_by if alert.status == "acknowledged" else None,
        "snoozed_until": alert.snoozed_until if alert.status == "snoozed" else None,
        "reason": alert.reason if held else None,
        "resolution": alert.resolution,
        "resolved_at": alert.resolved_at,
        "resolved_by_fact": fact_id(alert.resolved_by_seq) if alert.resolved_by_seq else None,
    }


def open_alerts(patient_id: str, alerts: Iterable[Alert]) -> list[Shape]:
    """Return the alerts of one patient that are not resolved, the gravest first, then the oldest."""
    unresolved = [alert for alert in alerts if not alert.resolved]
    unresolved.sort(key=lambda alert: (-alert.gravity[0], -alert.gravity[1], alert.raised_at, alert.id))
    return [alert_shape(patient_id, alert) for alert in unresolved]


def changed_alerts(patient_id: str, changes: LedgerChanges) -> list[Shape]:
    """Return the alerts that an act raised or changed, before (null: it was not there) and after."""
    before = {alert.id: alert_shape(patient_id, alert) for alert in changes.stood}
    after = (alert_shape(patient_id, alert) for alert in (*changes.changed, *changes.raised))
    told = [{"id": shape["id"], "before": before.get(str(shape["id"])), "after": shape} for shape in after]
    return [each for each in told if each["before"] != each["after"]]


def line_shape(row: AlertRow, notices: Iterable[ToldNotice], *, with_recipients: bool = False) -> Shape:
    """Return an alert in a list of many patients': whose it is, and who was told."""
    return {
        **alert_shape(row.patient_id, row.alert),
        "pseudonym": row.pseudonym,
        "site": row.site_id,
        "notices": [notice_shape(notice, with_recipient=with_recipients) for notice in notices],
    }


def notice_shape(notice: ToldNotice, *, with_recipient: bool) -> Shape:
    """Return a notice with what became of each attempt, null at a past instant; the recipient for whom it is meant."""
    tries = notice.attempts
    return {
        "id": notice.id,
        "episode": notice.episode,
        "step": notice.step,
        "channel": notice.channel,
        "recipient": notice.recipient if with_recipient else None,
        "status": notice.status,
        "made_at": notice.made_at,
        "due_at": notice.due_at,
        "settled_at": notice.settled_at,
        "attempts": None if tries is None else len(tries),
        "outcomes": None if tries is None else [{"at": at, "outcome": outcome} for at, outcome in tries],
    }


def event_shape(event: Mapping[str, Any]) -> Shape:
    """Return what happened to an alert: who did it, or which fact."""
    return {
        "at": event["at"],
        "kind": event["kind"],
        "episode": event["episode"],
        "by": event["actor_id"],
        "on_behalf_of": event["on_behalf_of"],
        "fact": fact_id(event["fact_seq"]) if event["fact_seq"] else None,
        "reason": event["reason"],
        "until": event["until"],
    }
