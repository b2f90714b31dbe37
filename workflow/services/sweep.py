"""The sweep: every patient for whom something fell due is judged, in a transaction of their own, without a fact."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from workflow.domain.actor import SCHEDULER
from workflow.domain.alerts import Alert, LedgerChanges
from workflow.domain.site_practice import SitePractice
from workflow.persistence.due_patients import due_patients
from workflow.persistence.installation import rules_of_upgrade
from workflow.persistence.ledger import load_dead_notices
from workflow.persistence.outcome import Access, Outcome
from workflow.persistence.patient_writes import write_outcome
from workflow.persistence.unit_of_work import UnitOfWork, reading, writing
from workflow.rules.occasion import Side
from workflow.rules.silence import silent_from
from workflow.rules.thresholds import begins
from workflow.services.errors import NotFoundError
from workflow.services.house import House
from workflow.services.judging import judged_ledger
from workflow.services.patient_write import Held, hold

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


def sweep(house: House, on_failure: Callable[[Exception], None] = lambda _: None) -> SweepReport:
    """Judge everybody for whom something is due, once; any number of processes may sweep at the same time.

    A patient who cannot be judged stops nobody else: the fault is handed to `on_failure` and counted, and the next
    sweep tries again.
    """
    report = SweepReport()
    for patient_id in due_now(house):
        try:
            sweep_one(house, patient_id, report)
        except NotFoundError:
            continue
        except Exception as fault:  # noqa: BLE001 -- one broken patient must not keep the alerts of all others back
            report.failed[type(fault).__name__] += 1
            on_failure(fault)
    return report


def due_now(house: House) -> Iterator[str]:
    """Yield the ids of those for whom something is due, in their order; no transaction stays open meanwhile."""
    after = ""
    while True:
        with reading(house.database, SCHEDULER) as unit:
            now = unit.instant()
            judged_by = house.judged_by if judges_everybody(house, unit) else None
            page = due_patients(unit.connection, now=now, judged_by=judged_by, after=after)
        yield from page
        if not page:
            return
        after = page[-1]


def sweep_one(house: House, patient_id: str, report: SweepReport) -> None:
    """Judge one patient in a transaction of its own, unless somebody did so meanwhile; told to the report.

    Raises NotFoundError where the patient is gone.
    """
    with writing(house.database, SCHEDULER) as unit:
        held = hold(house, unit, patient_id)
        changes = judged_now(house, unit, held)
        if changes is None:
            return
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


def judged_now(house: House, unit: UnitOfWork, held: Held) -> LedgerChanges | None:
    """Return what a sweep changes for a held patient; None where another one was here first."""
    locked = held.locked
    dead = load_dead_notices(unit.connection, locked.id)
    waiting = locked.next_due_at is not None and locked.next_due_at <= locked.now
    if not (waiting or dead or (locked.judged_by != house.judged_by and judges_everybody(house, unit))):
        return None
    side = Side(held.state, locked.practice)
    return judged_ledger(house, unit, locked, (side, side), dead=dead)


def judges_everybody(house: House, unit: UnitOfWork) -> bool:
    """Whether this process judges everybody anew whom other rules have judged: not after an upgrade to other rules.

    Then it raises what falls due, and leaves the rest to the processes of that release: two that judged each other's
    patients anew, sweep by sweep, would raise and resolve the same alerts for ever.
    """
    return rules_of_upgrade(unit.connection) in {None, house.judged_by}


def end_of_day(day: date, time_zone: str) -> datetime:
    """Return the last instant, in UTC, of a calendar date in an IANA time zone."""
    return begins(day + timedelta(days=1), time_zone) - timedelta(microseconds=1)
