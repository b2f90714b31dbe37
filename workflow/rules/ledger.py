"""The ledger of one patient while it is judged: what is raised, resolved and reopened, and when to look again."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from workflow.domain.alerts import (
    SEVERITIES,
    Alert,
    AlertEvent,
    AlertKey,
    DeadNotice,
    EventKind,
    LedgerChanges,
    Resolution,
    Severity,
    Withdrawal,
)
from workflow.domain.contacts import Recipient
from workflow.domain.patient import PatientState
from workflow.domain.site_practice import SitePractice
from workflow.knowledge.reminders import DELIVERY_FAILURE, KNOWN, NOT_DELIVERED, Reminder
from workflow.rules.occasion import Occasion
from workflow.rules.telling import Telling
from workflow.rules.thresholds import Threshold, begins

Proof = Callable[[], str]
NO_PROOF = "{}"


class Book(Telling):
    """Works on a copy of the ledger; `closed` hands over what changed."""

    def __init__(self, ledger: Iterable[Alert], occasion: Occasion, site: SitePractice) -> None:
        super().__init__(ledger, occasion, site)
        self._facts = occasion.facts
        self._events: list[AlertEvent] = []
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
            self._raise(threshold, self._now, proof, brought=True)
        elif alert.resolved and (newly or alert.resolution != "by_hand"):
            self._reopen(alert, self._now, proof, brought=True)

    def settle(self, stands: Iterable[Threshold], state: PatientState) -> None:
        """Resolve what is unresolved and stands no longer, passed or not: a clock set back ends nothing.

        An alert of another release stays as it is: this one cannot say whether it still stands.
        """
        standing = {threshold.key for threshold in stands}
        for alert in self._open():
            row = alert.key.reminder
            if row in KNOWN and row != NOT_DELIVERED and alert.key not in standing:
                self._resolve(alert, _ending(alert, state))
        told_of = {alert.key.window_key for alert in self._open() if alert.key.reminder != NOT_DELIVERED}
        for alert in self._open():
            if alert.key.window_key not in told_of:
                self._resolve(alert, None)

    def _open(self) -> list[Alert]:
        return [alert for alert in self._alerts.values() if not alert.resolved]

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
            # As urgent as what it failed to tell: a critical one does not wait for Monday.
            row = replace(DELIVERY_FAILURE, severity=_graver(about, DELIVERY_FAILURE))
            if known is None:
                self._add(key, row, course=about.course, rule=about.rule, proof=NO_PROOF)
                self._told[key] = self._now
            elif known.resolved:
                self._reopen(known, self._now, lambda: NO_PROOF)

    def wake(self, stands: Iterable[Threshold]) -> None:
        """End the snoozes that are over, and tell again; a threshold that came up since ends one sooner."""
        for alert in self._open():
            if alert.status != "snoozed" or alert.snoozed_until is None:
                continue
            ahead = [
                threshold.fires_at
                for threshold in stands
                if threshold.key.window_key == alert.key.window_key and threshold.fires_at > self._now
            ]
            until = min([alert.snoozed_until, *ahead])
            if until > self._now:
                self._change(replace(alert, snoozed_until=until))
                continue
            awake = self._change(replace(alert, status="open", snoozed_until=None))
            self._event(alert, "woken")
            if not self._quiet(awake):
                self._tell_again(alert.key, until)

    def closed(self, stands: Iterable[Threshold]) -> LedgerChanges:
        """Tell of what was raised or reopened, and hand over what changed."""
        self._tell_raised()
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

    def _raise(self, threshold: Threshold, since: datetime, proof: Proof, *, brought: bool = False) -> None:
        window = threshold.window
        self._add(
            threshold.key,
            threshold.reminder,
            course=window.course,
            rule=window.rule,
            proof=proof(),
            fact_seq=self._newest_fact if brought else None,
        )
        self._told[threshold.key] = since

    def _add(
        self, key: AlertKey, row: Reminder, *, course: int, rule: str, proof: str, fact_seq: int | None = None
    ) -> None:
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
        self._event(alert, "raised", fact_seq=fact_seq)

    def _reopen(self, alert: Alert, since: datetime, proof: Proof, *, brought: bool = False) -> None:
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
        self._event(reopened, "reopened", fact_seq=self._newest_fact if brought else None)
        self._told[alert.key] = since

    @property
    def _newest_fact(self) -> int | None:
        return self._facts[-1].seq if self._facts else None

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

    def _event(self, alert: Alert, kind: EventKind, *, fact_seq: int | None = None) -> None:
        self._events.append(
            AlertEvent(alert_id=alert.id, at=self._now, kind=kind, episode=alert.episode, fact_seq=fact_seq)
        )


def _ending(alert: Alert, state: PatientState) -> int | None:
    ended = (window for window in state.windows if window.id == alert.key.window_key)
    return next((window.ended_by for window in ended), None)


def _graver(about: Alert, row: Reminder) -> Severity:
    return max(about.severity, row.severity, key=SEVERITIES.index)
