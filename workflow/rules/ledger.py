"""The ledger of one patient while it is judged: what is raised, resolved, reopened, repeated, and who is told when."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from workflow.domain.alerts import (
    Alert,
    AlertEvent,
    AlertKey,
    DeadNotice,
    EventKind,
    LedgerChanges,
    Notice,
    Resolution,
    Withdrawal,
)
from workflow.domain.contacts import SERVER_LOG, Recipient, recipients_of
from workflow.domain.facts.fact import Fact
from workflow.domain.patient import PatientState
from workflow.domain.site_practice import SitePractice
from workflow.knowledge.reminders import BY_ID, DELIVERY_FAILURE, NOT_DELIVERED, Reminder
from workflow.rules.notices import AFTER_RAISING, first_due_at, notice_hour
from workflow.rules.thresholds import Threshold, begins

Proof = Callable[[], str]
NO_PROOF = "{}"


class Book:
    """Works on a copy of the ledger; `closed` hands over what changed."""

    def __init__(
        self,
        ledger: Iterable[Alert],
        *,
        now: datetime,
        new_id: Callable[[], str],
        facts: Sequence[Fact],
        site: SitePractice,
    ) -> None:
        self._alerts = {alert.key: alert for alert in ledger}
        self._stored = dict(self._alerts)
        self._now, self._new_id, self._facts, self._site = now, new_id, facts, site
        self._today = now.astimezone(ZoneInfo(site.time_zone)).date()
        self._told: dict[AlertKey, datetime] = {}
        self._failed: set[Recipient] = set()
        self._events: list[AlertEvent] = []
        self._notices: list[Notice] = []
        self._withdrawn: list[Withdrawal] = []
        self._accounted: tuple[str, ...] = ()

    def catch_up(self, threshold: Threshold, *, since: datetime, proof: Proof) -> None:
        """Raise what passed before the new facts were known; who resolved it by hand is not asked again."""
        alert = self._alerts.get(threshold.key)
        if alert is None:
            self._raise(threshold, since, proof)
        elif alert.resolved and alert.resolution != "by_hand":
            self._reopen(alert, since, proof)

    def stand(self, threshold: Threshold, *, newly: bool, proof: Proof) -> None:
        """Raise or reopen what stands now; what somebody resolved by hand only where it was gone and came back."""
        alert = self._alerts.get(threshold.key)
        if alert is None:
            self._raise(threshold, self._now, proof)
        elif alert.resolved and (newly or alert.resolution != "by_hand"):
            self._reopen(alert, self._now, proof)

    def settle(self, stands: Iterable[Threshold], state: PatientState) -> None:
        """Resolve what is unresolved and stands no longer, passed or not: a clock set back ends nothing."""
        standing = {threshold.key for threshold in stands}
        for alert in list(self._alerts.values()):
            if not alert.resolved and alert.key.reminder != NOT_DELIVERED and alert.key not in standing:
                self._resolve(alert, _ending(alert, state))
        open_windows = {
            alert.key.window_key
            for alert in self._alerts.values()
            if not alert.resolved and alert.key.reminder != NOT_DELIVERED
        }
        for alert in list(self._alerts.values()):
            if not alert.resolved and alert.key.window_key not in open_windows:
                self._resolve(alert, None)

    def account(self, dead: Iterable[DeadNotice]) -> None:
        """Raise an alert for notices that were given up, except where they told of another one that was."""
        by_id = {alert.id: alert for alert in self._alerts.values()}
        for notice in dead:
            self._accounted = (*self._accounted, notice.id)
            about = by_id.get(notice.alert_id)
            # By its id the notice may tell of an alert that has changed in this very judgement.
            if about is None or self._alerts[about.key].resolved or about.key.reminder == NOT_DELIVERED:
                continue
            self._failed.add(Recipient(notice.channel, notice.recipient))
            died_on = notice.died_at.astimezone(ZoneInfo(self._site.time_zone)).date()
            key = AlertKey(about.key.window_key, NOT_DELIVERED, died_on)
            known = self._alerts.get(key)
            if known is None:
                self._add(
                    key,
                    DELIVERY_FAILURE,
                    course=about.course,
                    rule=about.rule,
                    since=self._now,
                    proof=NO_PROOF,
                )
            elif known.resolved:
                self._reopen(known, self._now, lambda: NO_PROOF)

    def wake(self) -> None:
        """End the snoozes that are over, and tell again."""
        for alert in list(self._alerts.values()):
            if alert.status == "snoozed" and alert.snoozed_until is not None and alert.snoozed_until <= self._now:
                self._change(replace(alert, status="open", snoozed_until=None))
                self._event(alert, "woken")
                self._tell_again(alert.key, alert.snoozed_until)

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
                alert = self._change(replace(alert, quiet_until=quiet_until))
                if _quiet(alert, self._today) and alert.key in self._stored:
                    self._withdrawn.append(Withdrawal(alert.id, repeats_only=True))
            due = alert.repeat_on is not None and alert.repeat_on <= self._today
            if due and alert.status != "snoozed" and not _quiet(alert, self._today) and alert.repeat_on is not None:
                since = begins(alert.repeat_on, self._site.time_zone)
                self._tell_again(alert.key, max(since, not_before or since))

    def closed(self, stands: Iterable[Threshold]) -> LedgerChanges:
        """Tell of the gravest of each window that was raised or reopened, and hand over what changed."""
        for key, since in self._gravest():
            self._tell(key, since)
        changed = {key: alert for key, alert in self._alerts.items() if self._stored.get(key) != alert}
        return LedgerChanges(
            alerts=tuple(self._alerts.values()),
            raised=tuple(alert for key, alert in changed.items() if key not in self._stored),
            changed=tuple(alert for key, alert in changed.items() if key in self._stored),
            stood=tuple(self._stored[key] for key in changed if key in self._stored),
            events=tuple(self._events),
            notices=tuple(self._notices),
            withdrawn=tuple(self._withdrawn),
            accounted=self._accounted,
            next_due_at=self._next_due_at(stands),
        )

    def _raise(self, threshold: Threshold, since: datetime, proof: Proof) -> None:
        window = threshold.window
        self._add(threshold.key, threshold.reminder, course=window.course, rule=window.rule, since=since, proof=proof())

    def _add(self, key: AlertKey, row: Reminder, *, course: int, rule: str, since: datetime, proof: str) -> None:
        alert = Alert(
            id=self._new_id(),
            key=key,
            course=course,
            rule=rule,
            stage=row.stage,
            severity=row.severity,
            raised_at=self._now,
            proof=proof,
        )
        self._change(alert)
        self._event(alert, "raised", fact_seq=self._facts[-1].seq if self._facts and since == self._now else None)
        self._told[key] = since

    def _reopen(self, alert: Alert, since: datetime, proof: Proof) -> None:
        reopened = replace(
            alert,
            status="open",
            episode=alert.episode + 1,
            step=0,
            repeat_on=None,
            snoozed_until=None,
            acknowledged_by=None,
            reason=None,
            resolution=None,
            resolved_at=None,
            resolved_by_seq=None,
            proof=proof(),
        )
        self._change(reopened)
        brought = self._facts[-1].seq if self._facts and since == self._now else None
        self._event(reopened, "reopened", fact_seq=brought)
        self._told[alert.key] = since

    def _resolve(self, alert: Alert, ending: int | None) -> None:
        """Resolve an alert; `ending` is the lineage of the fact that ended its window, if one did."""
        how: Resolution = "by_setting"
        seq = None
        if self._facts:
            corrected = any(fact.operation != "record" for fact in self._facts)
            how = "by_correction" if corrected else "by_fact"
            seq = next((fact.seq for fact in self._facts if fact.lineage == ending), self._facts[-1].seq)
        resolved = replace(
            alert,
            status="resolved",
            resolution=how,
            resolved_at=self._now,
            resolved_by_seq=seq,
            snoozed_until=None,
            repeat_on=None,
            quiet_until=None,
        )
        self._change(resolved)
        self._event(resolved, "resolved", fact_seq=seq)
        self._told.pop(alert.key, None)
        if alert.key in self._stored:
            self._withdrawn.append(Withdrawal(alert.id))

    def _gravest(self) -> list[tuple[AlertKey, datetime]]:
        """Return, of each window, the gravest alert that was raised or reopened, with the instant it was due from."""
        by_window: dict[tuple[str, bool], AlertKey] = {}
        for key in self._told:
            place = (key.window_key, key.reminder == NOT_DELIVERED)
            other = by_window.get(place)
            if other is None or self._alerts[key].gravity > self._alerts[other].gravity:
                by_window[place] = key
        return [(key, self._told[key]) for key in by_window.values()]

    def _tell(self, key: AlertKey, since: datetime) -> None:
        alert = self._alerts[key]
        due_at = first_due_at(since, alert.severity, self._site)
        self._make_notices(self._change(replace(alert, repeat_on=self._repeat_on(alert, due_at))), due_at)

    def _tell_again(self, key: AlertKey, since: datetime) -> None:
        alert = self._alerts[key]
        due_at = notice_hour(since, alert.severity, self._site)
        stepped = replace(alert, step=alert.step + 1, repeat_on=self._repeat_on(alert, due_at))
        self._make_notices(self._change(stepped), due_at)

    def _repeat_on(self, alert: Alert, due_at: datetime) -> date | None:
        days = BY_ID[alert.key.reminder].repeat_days
        if days is None:
            return None
        # What was due in an outage is told once; the next time is so many days after today.
        told_on = max(due_at.astimezone(ZoneInfo(self._site.time_zone)).date(), self._today)
        return told_on + timedelta(days=days)

    def _make_notices(self, alert: Alert, due_at: datetime) -> None:
        whom = recipients_of(self._site.contacts)
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

    def _next_due_at(self, stands: Iterable[Threshold]) -> datetime | None:
        """Return when this patient is to be judged next: a later threshold, the end of a snooze, a repeat."""
        instants = [threshold.fires_at for threshold in stands if self._may_be_raised(threshold.key)]
        for alert in self._alerts.values():
            if alert.status == "snoozed" and alert.snoozed_until is not None:
                instants.append(alert.snoozed_until)
            elif alert.repeat_on is not None:
                day = alert.repeat_on
                if alert.quiet_until is not None:
                    day = max(day, alert.quiet_until + timedelta(days=1))
                instants.append(begins(day, self._site.time_zone))
        return min(instants, default=None)

    def _may_be_raised(self, key: AlertKey) -> bool:
        """Whether a threshold is an alert once it passes: also one that was, and then ended, and stands again."""
        alert = self._alerts.get(key)
        return alert is None or (alert.resolved and alert.resolution != "by_hand")

    def _change(self, alert: Alert) -> Alert:
        self._alerts[alert.key] = alert
        return alert

    def _event(self, alert: Alert, kind: EventKind, *, fact_seq: int | None = None) -> None:
        self._events.append(
            AlertEvent(alert_id=alert.id, at=self._now, kind=kind, episode=alert.episode, fact_seq=fact_seq)
        )


def _quiet(alert: Alert, today: date) -> bool:
    """Whether a deferral holds: its review day is not over."""
    return alert.quiet_until is not None and today <= alert.quiet_until


def _ending(alert: Alert, state: PatientState) -> int | None:
    ended = (window for window in state.windows if window.id == alert.key.window_key)
    return next((window.ended_by for window in ended), None)
