"""Looks at how an installation stands: what waits, who works, and what nobody has done; by few short readings."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from workflow.persistence.due_patients import Waiting, who_waits
from workflow.persistence.heartbeats import Heartbeat, list_heartbeats
from workflow.persistence.installation import is_rehearsal, rules_of_upgrade
from workflow.persistence.measures import Queue, clock_difference, free_bytes, queue_of_notices
from workflow.persistence.migrations import revision_of
from workflow.persistence.seals import newest_seal
from workflow.persistence.unit_of_work import UnitOfWork
from workflow.rules.backoff import LONGEST_WAIT
from workflow.services.house import House
from workflow.services.outages import PERIODS_ALLOWED
from workflow.services.run_sweep import SWEEP

# Docs: docs/operations/watching.md. The rules in docker/monitoring/alerts.yaml wait as long.
OVERDUE_AFTER = timedelta(minutes=10)
UNDELIVERED_AFTER = timedelta(minutes=15)
SEALED_WITHIN = timedelta(minutes=30)
CLOCKS_MAY_DIFFER = timedelta(seconds=5)
LEAST_FREE_BYTES = 1 << 30
SEALING = "seal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How an installation stands at `now`, by its database's clock; nothing in it is of a patient.

    `clock_difference` is how far this process's clock is ahead of the database's, None where they are one;
    `free_bytes` the space beside a SQLite file. `other_rules`: this process judges by others than the last upgrade,
    and leaves it to those who judge by its rules to judge everybody anew.
    """

    now: datetime
    revision: str | None
    jobs: tuple[Heartbeat, ...]
    waiting: Waiting
    queue: Queue
    last_seal_at: datetime | None
    clock_difference: timedelta | None
    rehearsal: bool
    free_bytes: int | None
    other_rules: bool

    def job(self, name: str) -> Heartbeat | None:
        """Return the last run of a job; None where it never ran."""
        return next((job for job in self.jobs if job.job == name), None)

    def ago(self, instant: datetime | None) -> timedelta | None:
        """Return how long ago an instant is; below 0 where the clock was set back since."""
        return None if instant is None else self.now - instant

    @property
    def not_judged(self) -> int:
        """Whom the last sweep could not judge."""
        sweep = self.job(SWEEP)
        failed = sweep.report.get("failed") if sweep else None
        return failed if isinstance(failed, int) else 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What somebody should look at though this process serves; each is told of by an alert of its own."""
        seal = self.job(SEALING)
        found = {
            "patients_overdue": _longer(self.ago(self.waiting.oldest_due_at), OVERDUE_AFTER),
            "patients_not_judged": self.not_judged > 0,
            "notices_undelivered": _longer(self.ago(self.queue.oldest_undelivered_at), UNDELIVERED_AFTER),
            "dead_letters": self.queue.dead > 0,
            "seals_old": seal is not None and _longer(self.ago(seal.finished_at or seal.started_at), SEALED_WITHIN),
            "jobs_silent": any(_is_silent(self, job) for job in self.jobs),
            "clock_differs": self.clock_difference is not None and abs(self.clock_difference) > CLOCKS_MAY_DIFFER,
            "disk_nearly_full": self.free_bytes is not None and self.free_bytes < LEAST_FREE_BYTES,
            "rehearsal": self.rehearsal,
            "other_rules": self.other_rules,
        }
        return tuple(name for name, stands in found.items() if stands)


def look_around(house: House, unit: UnitOfWork) -> Seen:
    """Look at the installation within a reading transaction; raises PersistenceError."""
    connection, now = unit.connection, unit.began_at
    seal = newest_seal(connection)
    rules = rules_of_upgrade(connection) or house.judged_by
    return Seen(
        now=now,
        revision=revision_of(connection),
        jobs=list_heartbeats(connection),
        waiting=who_waits(connection, now=now, judged_by=rules),
        queue=queue_of_notices(connection, now=now, longest_wait=LONGEST_WAIT),
        last_seal_at=seal.sealed_at if seal else None,
        clock_difference=clock_difference(house.database, connection),
        rehearsal=is_rehearsal(connection),
        free_bytes=free_bytes(house.database),
        other_rules=rules != house.judged_by,
    )


def _longer(ago: timedelta | None, limit: timedelta) -> bool:
    return ago is not None and ago > limit


def _is_silent(seen: Seen, job: Heartbeat) -> bool:
    """Whether a job has not ended well for three of its periods, and for a minute more where it runs often."""
    last = seen.ago(job.finished_at or job.started_at)
    return _longer(last, PERIODS_ALLOWED * job.period + timedelta(minutes=1))
