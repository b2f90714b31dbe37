"""A sweep as the clock or a person starts it: with its heartbeat, and with what an outage before it held up."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from workflow.services.heartbeats import Beat, Pulse, Report, beating
from workflow.services.house import House
from workflow.services.outages import OUTAGE, Outage, found_outage, keep_last_outage
from workflow.services.rounds import Rounds
from workflow.services.sweep import SweepReport, sweep

SWEEP = "sweep"
SWEEP_PERIOD = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SweepRun:
    """What a sweep did, and the outage that it ended, if there was one."""

    report: SweepReport
    outage: Outage | None

    @property
    def counts(self) -> Report:
        """The sweep in numbers: nothing in it is of a patient."""
        report = self.report
        return {
            "patients": report.patients,
            "raised": len(report.raised),
            "raised_by_reminder": dict(sorted(Counter(passed.alert.key.reminder for passed in report.raised).items())),
            "resolved": report.resolved,
            "notices": report.notices,
            "greatest_lateness_seconds": round(report.greatest_lateness.total_seconds()),
            "failed": report.failed.total(),
        }


def swept(
    house: House,
    pulse: Pulse,
    on_failure: Callable[[Exception], None] = lambda _: None,
    rounds: Rounds | None = None,
) -> SweepRun:
    """Sweep once within a run that is noted, and report it there; `rounds` say how far it goes: if none, to the end."""
    report = sweep(house, on_failure, rounds)
    run = SweepRun(report, found_outage(pulse.last, pulse.began_at, report))
    pulse.report = {**run.counts, **({OUTAGE: run.outage.shape} if run.outage else {})}
    return run


def run_sweep(house: House, process: str) -> SweepRun:
    """Sweep to the end and note it, as the job of the clock does; `process` is the short id of who does it."""
    with beating(house, Beat(job=SWEEP, period=SWEEP_PERIOD, process=process), keep_last_outage) as pulse:
        return swept(house, pulse)
