"""What people do about an alert: take it on, put it off for a while, say that it is settled; and what is refused."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from workflow.domain.alerts import Alert, Withdrawal
from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import fact_id
from workflow.domain.site_practice import SitePractice
from workflow.knowledge.reminders import NOT_DELIVERED
from workflow.rules.ledger import Book
from workflow.rules.thresholds import Threshold, begins

Deed = Literal["acknowledged", "snoozed", "resolved"]
# Where no later threshold and no repeat ends a snooze, somebody is asked again after a week (an operational choice).
LONGEST_SNOOZE = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What somebody does about an alert, and why; `until` ends a snooze.

    `on_behalf_of` is whom a coordinator does it for: that person has then acknowledged.
    """

    alert_id: str
    deed: Deed
    actor_id: str
    reason: str
    on_behalf_of: str | None = None
    until: datetime | None = None

    @property
    def person(self) -> str:
        """Whose deed it is."""
        return self.on_behalf_of or self.actor_id


class ActingBook(Book):
    """The ledger of a patient while somebody acts upon one of the alerts."""

    def refusal(self, act: Act, stands: Iterable[Threshold]) -> Refusal | None:
        """Return why the act is not possible upon the alert as it stands now, None where it is."""
        alert = self._named(act)
        if alert.resolved:
            return _is_resolved(alert)
        if act.deed == "acknowledged" and alert.status == "acknowledged" and alert.acknowledged_by != act.person:
            return _is_acknowledged(alert)
        if act.until is not None:
            return _snooze_refused(
                act.until, latest_snooze(alert, stands, self._site, self._now), self._site, self._now
            )
        return None

    def act(self, act: Act) -> None:
        """Do it, to an alert for which it was not refused. What is the same as before leaves no event."""
        alert = self._named(act)
        self._do(act, alert)
        if act.deed == "resolved":
            others = [
                other
                for other in self._alerts.values()
                if not other.resolved and other.key.window_key == alert.key.window_key
            ]
            # What tells that a notice of this window failed has nothing left to tell about.
            if all(other.key.reminder == NOT_DELIVERED for other in others):
                for other in others:
                    self._do(act, other)

    def _named(self, act: Act) -> Alert:
        return next(alert for alert in self._alerts.values() if alert.id == act.alert_id)

    def _do(self, act: Act, alert: Alert) -> None:
        after = _done(act, alert, self._now)
        if after == alert:
            return
        self._change(after)
        self._event(after, act.deed)
        self._events[-1] = replace(
            self._events[-1],
            actor_id=act.actor_id,
            on_behalf_of=act.on_behalf_of,
            reason=act.reason,
            until=act.until if act.deed == "snoozed" else None,
        )
        if act.deed != "acknowledged":
            self._hush(alert)

    def _hush(self, alert: Alert) -> None:
        """Tell nobody of it any more: neither what was to be sent, nor what this judgement was about to make."""
        self._told.pop(alert.key, None)
        self._notices = [notice for notice in self._notices if notice.alert_id != alert.id]
        if alert.key in self._stored:
            self._withdrawn.append(Withdrawal(alert.id))


def latest_snooze(alert: Alert, stands: Iterable[Threshold], site: SitePractice, now: datetime) -> datetime:
    """Return until when an alert may be snoozed: its window's next threshold, its next repeat; without both a week."""
    instants = [
        threshold.fires_at
        for threshold in stands
        if threshold.key.window_key == alert.key.window_key and threshold.fires_at > now
    ]
    if alert.repeat_on is not None:
        instants.append(begins(alert.repeat_on, site.time_zone))
    return min((instant for instant in instants if instant > now), default=now + LONGEST_SNOOZE)


def _done(act: Act, alert: Alert, now: datetime) -> Alert:
    if act.deed == "acknowledged":
        if alert.status == "acknowledged":
            return alert
        return replace(alert, status="acknowledged", acknowledged_by=act.person, reason=act.reason, snoozed_until=None)
    if act.deed == "snoozed":
        # Awake again it asks again: who had taken it on before is in its events.
        return replace(alert, status="snoozed", acknowledged_by=None, reason=act.reason, snoozed_until=act.until)
    return replace(
        alert,
        status="resolved",
        resolution="by_hand",
        resolved_at=now,
        resolved_by_seq=None,
        reason=act.reason,
        snoozed_until=None,
        repeat_on=None,
        quiet_until=None,
    )


def what_resolved(alert: Alert) -> str:
    """Return what resolved an alert, in words: the fact, the correction, a setting, or somebody by hand."""
    fact = fact_id(alert.resolved_by_seq) if alert.resolved_by_seq else None
    if alert.resolution == "by_correction":
        return f"the correction {fact}"
    if alert.resolution == "by_fact":
        return str(fact)
    return "somebody by hand" if alert.resolution == "by_hand" else "another setting of the site, or other rules"


def _is_resolved(alert: Alert) -> Refusal:
    at = f" at {alert.resolved_at:%Y-%m-%d %H:%M} UTC" if alert.resolved_at else ""
    said = f" (“{alert.reason}”)" if alert.resolution == "by_hand" and alert.reason else ""
    return Refusal(
        code="alert_resolved",
        title="Resolved already",
        detail=f"This alert was resolved by {what_resolved(alert)}{at}{said}; nothing is left to be done about it.",
        because_of=(fact_id(alert.resolved_by_seq),) if alert.resolved_by_seq else (),
    )


def _is_acknowledged(alert: Alert) -> Refusal:
    return Refusal(
        code="already_acknowledged",
        title="Acknowledged already",
        detail=f"{alert.acknowledged_by} has acknowledged this alert (“{alert.reason}”) and answers for it; talk to "
        "them. Who takes over the patient records owner_changed.",
    )


def _snooze_refused(until: datetime, latest: datetime, site: SitePractice, now: datetime) -> Refusal | None:
    zone = ZoneInfo(site.time_zone)
    last = f"the latest instant allowed is {latest.astimezone(zone).isoformat()}"
    if until <= now:
        detail = f"until has passed already; {last}."
    elif until > latest:
        detail = (
            f"until lies too far ahead; {last}: a snooze never crosses the next threshold of its window or the next "
            f"repeat of its notice, and without both it lasts {LONGEST_SNOOZE.days} days at most."
        )
    else:
        return None
    return Refusal(
        code="snooze_out_of_range",
        title="Not until then",
        detail=detail,
        status=422,
        field="until",
        latest_at=latest,
    )
