"""The sweep: every patient for whom something fell due is judged, in a transaction of their own, without a fact."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from workflow.domain.actor import SCHEDULER
from workflow.domain.alerts import Alert, LedgerChanges
from workflow.domain.site_practice import SitePractice
from workflow.persistence.ledger import load_dead_notices
from workflow.persistence.outcome import Access, Outcome
from workflow.persistence.patient_writes import write_outcome
from workflow.persistence.unit_of_work import UnitOfWork, writing
from workflow.rules.occasion import Side
from workflow.rules.silence import silent_from
from workflow.rules.thresholds import begins
from workflow.services.errors import NotFoundError
from workflow.services.house import House
from workflow.services.judging import judged_ledger
from workflow.services.patient_write import Held, hold
from workflow.services.rounds import Rounds, judges_everybody

ACTION = "sweep_patient"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A threshold that a sweep found passed: whose, since when, and how long it had passed by then."""

    patient_id: str
    alert: Alert
    since: datetime
    lateness: timedelta


@dataclass(slots=True)
class SweepReport:
    """What one sweep did; `failed` counts patients who could not be judged, left to the next sweep."""

    patients: int = 0
    raised: list[Passed] = field(default_factory=list)
    resolved: int = 0
    notices: int = 0
    failed: Counter[str] = field(default_factory=Counter)

    def add(self, patient_id: str, changes: LedgerChanges, site: SitePractice, now: datetime) -> None:
        """Take in what was judged of one patient."""
        self.patients += 1
        self.resolved += sum(event.kind == "resolved" for event in changes.events)
        self.notices += len(changes.notices)
        for alert in changes.raised:
            since = begins(alert.key.threshold_on, site.time_zone)
            lateness = max(now - since, timedelta(0))
            self.raised.append(Passed(patient_id=patient_id, alert=alert, since=since, lateness=lateness))

    @property
    def greatest_lateness(self) -> timedelta:
        """How long ago the oldest of the thresholds had passed that this sweep raised."""
        return max((passed.lateness for passed in self.raised), default=timedelta(0))


def sweep(
    house: House, on_failure: Callable[[Exception], None] = lambda _: None, rounds: Rounds | None = None
) -> SweepReport:
    """Judge once whoever is due, and of those whom other rules have judged as many as `rounds` says: if none, all.

    Any number of processes may sweep at the same time. A patient who cannot be judged stops nobody else: the fault is
    handed to `on_failure` and counted, and a later sweep tries again.
    """
    report, rounds, broken = SweepReport(), rounds or Rounds(), set[str]()
    for patient_id in rounds.whom(house):
        if patient_id in broken:
            continue
        try:
            if not sweep_one(house, patient_id, report):
                rounds.met_another()
        except NotFoundError:
            continue
        except Exception as fault:  # noqa: BLE001 -- one broken patient must not keep the alerts of all others back
            broken.add(patient_id)
            report.failed[type(fault).__name__] += 1
            on_failure(fault)
    return report


def sweep_one(house: House, patient_id: str, report: SweepReport) -> bool:
    """Judge one patient in a transaction of its own, told to the report; return False where somebody did so meanwhile.

    Raises NotFoundError where the patient is gone.
    """
    with writing(house.database, SCHEDULER) as unit:
        held = hold(house, unit, patient_id)
        changes = judged_now(house, unit, held)
        if changes is None:
            return False
        locked, stored = held.locked, held.stored
        write_outcome(
            house.database,
            unit.connection,
            Outcome(
                patient=locked,
                # What other rules folded is left as it is stored.
                state=held.state if locked.engine == house.engine else None,
                engine=house.engine,
                before=stored,
                after=stored,
                access=Access(actor_id=SCHEDULER.id, action=ACTION, patient_id=locked.id),
                judged_by=house.judged_by,
                ledger=changes,
                silent_from=silent_from(held.state, house.protocols, locked.practice.silent_after_days),
            ),
        )
    report.add(patient_id, changes, locked.practice, locked.now)
    return True


def judged_now(house: House, unit: UnitOfWork, held: Held) -> LedgerChanges | None:
    """Return what a sweep changes for a held patient; None where another one was here first."""
    locked = held.locked
    dead = load_dead_notices(unit.connection, locked.id)
    waiting = locked.next_due_at is not None and locked.next_due_at <= locked.now
    if not (waiting or dead or (locked.judged_by != house.judged_by and judges_everybody(house, unit))):
        return None
    side = Side(held.state, locked.practice)
    return judged_ledger(house, unit, locked, (side, side), dead=dead)


def end_of_day(day: date, time_zone: str) -> datetime:
    """Return the last instant, in UTC, of a calendar date in an IANA time zone."""
    return begins(day + timedelta(days=1), time_zone) - timedelta(microseconds=1)
