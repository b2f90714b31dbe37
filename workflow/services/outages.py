"""Outages: from when to when nobody swept, and what passed meanwhile."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from workflow.domain.alerts import SEVERITIES
from workflow.persistence.heartbeats import Heartbeat
from workflow.services.answers import instant
from workflow.services.heartbeats import Report
from workflow.services.sweep import SweepReport

# Domain model §5: readiness turns red, and a sweep is a late one, when the last is older than so many periods.
PERIODS_ALLOWED = 3
OUTAGE = "last_outage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Nobody swept from `since`, when the last sweep had ended, until the one that began at `until`.

    `thresholds` counts by severity what passed meanwhile and was raised by that sweep; what people recorded meanwhile
    was raised with their facts.
    """

    since: datetime
    until: datetime
    thresholds: Mapping[str, int] = field(default_factory=dict)
    greatest_lateness: timedelta = timedelta(0)

    @property
    def shape(self) -> dict[str, object]:
        """The outage as it is stored, logged and shown: counts, instants and seconds."""
        return {
            "from": instant(self.since),
            "until": instant(self.until),
            "thresholds": sum(self.thresholds.values()),
            "by_severity": {name: self.thresholds[name] for name in SEVERITIES if name in self.thresholds},
            "greatest_lateness_seconds": round(self.greatest_lateness.total_seconds()),
        }

    @classmethod
    def of_shape(cls, shape: object) -> Self | None:
        """Return the outage of its shape; None where there is none."""
        match shape:
            case {
                "from": str() as since,
                "until": str() as until,
                "by_severity": dict() as thresholds,
                "greatest_lateness_seconds": int() as seconds,
            }:
                return cls(
                    since=datetime.fromisoformat(since),
                    until=datetime.fromisoformat(until),
                    thresholds=thresholds,
                    greatest_lateness=timedelta(seconds=seconds),
                )
            case _:
                return None

    def joined(self, other: Self) -> Self:
        """Return what two processes found together that ended one outage by sweeping at the same time."""
        return type(self)(
            since=self.since,
            until=min(self.until, other.until),
            thresholds=Counter(self.thresholds) + Counter(other.thresholds),
            greatest_lateness=max(self.greatest_lateness, other.greatest_lateness),
        )


def found_outage(last: Heartbeat | None, began_at: datetime, report: SweepReport) -> Outage | None:
    """Return the outage that a sweep ended, where the last one before it ended more than three periods ago.

    A database that was never swept has had none, nor one whose clock was set back behind its last sweep.
    """
    if last is None or last.finished_at is None or began_at - last.finished_at <= PERIODS_ALLOWED * last.period:
        return None
    since = last.finished_at
    meanwhile = [passed for passed in report.raised if passed.since > since]
    return Outage(
        since=since,
        until=began_at,
        thresholds=Counter(passed.alert.severity for passed in meanwhile),
        greatest_lateness=max((passed.lateness for passed in meanwhile), default=timedelta(0)),
    )


def keep_last_outage(stored: Report, new: Report) -> Report:
    """Return the report to store: the last outage stays in it until there is another one."""
    before, now = (Outage.of_shape(report.get(OUTAGE)) for report in (stored, new))
    if before is None or (now is not None and now.since != before.since):
        return new
    return {**new, OUTAGE: (before if now is None else before.joined(now)).shape}
