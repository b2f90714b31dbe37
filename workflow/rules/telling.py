"""Who is told of an alert, when, and again: the notices that a judgement makes and takes back."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from workflow.domain.alerts import Alert, AlertKey, MadeNotice, Notice, Withdrawal
from workflow.domain.contacts import SERVER_LOG, Recipient, recipients_of
from workflow.domain.site_practice import SitePractice
from workflow.knowledge.reminders import NOT_DELIVERED, reminder_of
from workflow.rules.notices import AFTER_RAISING, first_due_at, notice_hour
from workflow.rules.occasion import Occasion
from workflow.rules.thresholds import Threshold, begins


class Telling:
    """The ledger of a patient as far as it is told to people; alerts themselves are changed by `Book`."""

    def __init__(self, ledger: Iterable[Alert], occasion: Occasion, site: SitePractice) -> None:
        self._alerts = {alert.key: alert for alert in ledger}
        self._stored = dict(self._alerts)
        self._now, self._new_id, self._site = occasion.now, occasion.new_id, site
        self._made = occasion.made
        self._today = occasion.now.astimezone(ZoneInfo(site.time_zone)).date()
        self._told: dict[AlertKey, datetime] = {}
        self._failed: set[Recipient] = set()
        self._notices: list[Notice] = []
        self._withdrawn: list[Withdrawal] = []

    def repeat(self, stands: Iterable[Threshold]) -> None:
        """Tell again what is told every so many days; not while a deferral's review day lies ahead."""
        for threshold in stands:
            alert = self._alerts.get(threshold.key)
            if alert is None or alert.resolved or threshold.reminder.repeat_days is None:
                continue
            quiet_until = threshold.window.review_on
            # What a deferral silenced is told at the hour after its review day; another deferral mails nobody at once.
            not_before = begins(quiet_until + timedelta(days=1), self._site.time_zone) if quiet_until else None
            if alert.quiet_until != quiet_until:
                not_before = max(not_before or self._now, self._now + AFTER_RAISING)
                alert = self._hushed(self._change(replace(alert, quiet_until=quiet_until)))
            due = alert.repeat_on is not None and alert.repeat_on <= self._today
            if due and alert.status != "snoozed" and not self._quiet(alert) and alert.repeat_on is not None:
                since = begins(alert.repeat_on, self._site.time_zone)
                self._tell_again(alert.key, max(since, not_before or since))

    def hand_over(self) -> None:
        """Tell the site that treats the patient from now on; what was to be told the former one is told nobody."""
        known = [alert for alert in self._alerts.values() if not alert.resolved and alert.key not in self._told]
        self._withdrawn += [Withdrawal(alert.id) for alert in known]
        asking = [
            alert
            for alert in known
            if alert.key.reminder != NOT_DELIVERED and alert.status != "snoozed" and not self._quiet(alert)
        ]
        for key in _gravest_of_each_window(asking):
            self._tell_again(key, self._now + AFTER_RAISING)

    def address_anew(self) -> None:
        """Send what is pending to those whom the site names now, instead of those whom it names no more."""
        whom = recipients_of(self._site.contacts)
        for alert in self._alerts.values():
            if alert.resolved or alert.key.reminder == NOT_DELIVERED:
                continue
            made = [notice for notice in self._made if notice.alert_id == alert.id]
            gone = [notice for notice in made if notice.pending and _recipient(notice) not in whom]
            self._withdrawn += [Withdrawal(alert.id, notice_id=notice.id) for notice in gone]
            for step in sorted({notice.step for notice in gone}):
                reached = {_recipient(notice) for notice in made if notice.step == step}
                due_at = min(notice.due_at for notice in gone if notice.step == step)
                others = [each for each in whom if each not in reached]
                self._make_notices(replace(alert, step=step), due_at, others)

    def _hushed(self, alert: Alert) -> Alert:
        """Take repeats back that a new deferral silences; they are told once it is over, or taken back itself."""
        if not self._quiet(alert) or alert.key not in self._stored:
            return alert
        self._withdrawn.append(Withdrawal(alert.id, repeats_only=True))
        if any(notice.alert_id == alert.id and notice.pending and notice.step for notice in self._made):
            return self._change(replace(alert, repeat_on=self._today))
        return alert

    def _tell_raised(self) -> None:
        """Tell of each window the gravest alert that was raised or reopened."""
        raised = [self._alerts[key] for key in self._told]
        failures = [alert for alert in raised if alert.key.reminder == NOT_DELIVERED]
        others = [alert for alert in raised if alert.key.reminder != NOT_DELIVERED]
        for key in (*_gravest_of_each_window(others), *(alert.key for alert in failures)):
            alert = self._alerts[key]
            due_at = first_due_at(self._told[key], alert.severity, self._site)
            self._make_notices(self._change(replace(alert, repeat_on=self._repeat_on(alert, due_at))), due_at)

    def _tell_again(self, key: AlertKey, since: datetime) -> None:
        alert = self._alerts[key]
        due_at = notice_hour(since, alert.severity, self._site)
        stepped = replace(alert, step=alert.step + 1, repeat_on=self._repeat_on(alert, due_at))
        self._make_notices(self._change(stepped), due_at)

    def _repeat_on(self, alert: Alert, due_at: datetime) -> date | None:
        days = reminder_of(alert.key.reminder).repeat_days
        if days is None:
            return None
        # What was due in an outage is told once; the next time is so many days after today.
        told_on = max(due_at.astimezone(ZoneInfo(self._site.time_zone)).date(), self._today)
        return told_on + timedelta(days=days)

    def _make_notices(self, alert: Alert, due_at: datetime, to: Iterable[Recipient] | None = None) -> None:
        whom = recipients_of(self._site.contacts) if to is None else tuple(to)
        if alert.key.reminder == NOT_DELIVERED:
            whom = tuple(each for each in (*whom, SERVER_LOG) if each not in self._failed)
        self._notices += [
            Notice(
                id=self._new_id(),
                alert_id=alert.id,
                episode=alert.episode,
                step=alert.step,
                recipient=recipient,
                channel=channel,
                made_at=self._now,
                due_at=due_at,
            )
            for channel, recipient in dict.fromkeys(whom)
        ]

    def _quiet(self, alert: Alert) -> bool:
        """Whether a deferral holds: its review day is not over."""
        return alert.quiet_until is not None and self._today <= alert.quiet_until

    def _change(self, alert: Alert) -> Alert:
        self._alerts[alert.key] = alert
        return alert


def _recipient(notice: MadeNotice) -> Recipient:
    return Recipient(notice.channel, notice.recipient)


def _gravest_of_each_window(alerts: Iterable[Alert]) -> list[AlertKey]:
    gravest: dict[str, Alert] = {}
    for alert in alerts:
        other = gravest.get(alert.key.window_key)
        if other is None or alert.gravity > other.gravity:
            gravest[alert.key.window_key] = alert
    return [alert.key for alert in gravest.values()]
