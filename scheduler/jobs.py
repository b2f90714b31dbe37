"""What the clock does by itself: a row a job."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from workflow.bootstrap import forget_old_answers
from workflow.services.house import House
from workflow.services.seal_chains import seal_chains

_log = structlog.stdlib.get_logger("scheduler")


def seal(house: House) -> None:
    """Seal the chains that grew, and tell the hash of each seal: it is worth noting outside the database."""
    for made in seal_chains(house):
        _log.info("sealed", seal=made.number, patients=made.patients, seal_hash=made.hash)


def forget_answers(house: House) -> None:
    """Forget what requests were answered so long ago that nobody repeats them any more."""
    forget_old_answers(house.database)


@dataclass(frozen=True, slots=True)
class Job:
    """One job: it runs when the process starts and then once a period; what is due, the database says."""

    name: str
    period: timedelta
    run: Callable[[House], None]


JOBS = (
    Job("seal", timedelta(minutes=5), seal),
    Job("forget_answers", timedelta(days=1), forget_answers),
)


def tick(job: Job, house: House) -> None:
    """Run a job once; a failure is told by its kind and left to the next tick, so that it stops no other job."""
    try:
        job.run(house)
    except Exception as fault:  # noqa: BLE001 -- whatever it is, its message may quote a patient's row
        _log.error("job_failed", job=job.name, error=type(fault).__name__)
