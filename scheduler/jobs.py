"""What the clock does by itself: a row a job."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from scheduler.delivering import Deliveries
from scheduler.observing import Observer
from workflow.bootstrap import forget_old_answers
from workflow.services.heartbeats import Beat, Keep, Pulse, beating, newest
from workflow.services.house import House
from workflow.services.outages import keep_last_outage
from workflow.services.rounds import Rounds
from workflow.services.run_sweep import SWEEP, SWEEP_PERIOD, swept
from workflow.services.seal_chains import seal_chains

_log = structlog.stdlib.get_logger("scheduler")


def _tell_unjudged(fault: Exception) -> None:
    _log.error("patient_not_judged", error=type(fault).__name__)


def seal(house: House, pulse: Pulse) -> None:
    """Seal the chains that grew, and tell the hash of each seal: it is worth noting outside the database."""
    patients = 0
    for made in seal_chains(house):
        patients += made.patients
        _log.info("sealed", seal=made.number, patients=made.patients, seal_hash=made.hash)
    pulse.report = {"patients": patients}


def forget_answers(house: House, _pulse: Pulse) -> None:
    """Forget what requests were answered so long ago that nobody repeats them any more."""
    forget_old_answers(house.database)


@dataclass(frozen=True, slots=True)
class Job:
    """One job: it runs when the process starts and then once a period; what is due, the database says.

    `run` leaves its counts in the pulse, from which the heartbeat is noted; `keep` says what of earlier ones stays.
    """

    name: str
    period: timedelta
    run: Callable[[House, Pulse], None]
    keep: Keep = newest


# Those that need nothing but the house.
JOBS = (
    Job("seal", timedelta(minutes=5), seal),
    Job("forget_answers", timedelta(days=1), forget_answers),
)


def sweeping(rounds: Rounds) -> Job:
    """Return the job of a process with rounds of its own; after an outage it tells what that held up."""

    def sweep(house: House, pulse: Pulse) -> None:
        run = swept(house, pulse, _tell_unjudged, rounds)
        if run.outage:
            _log.warning("nobody_swept", **run.outage.shape)
        if run.report.patients or run.report.failed:
            _log.info("swept", **run.counts)

    return Job(SWEEP, SWEEP_PERIOD, sweep, keep=keep_last_outage)


def delivering(deliveries: Deliveries) -> Job:
    """Return the job of a process that has a worker of its own."""

    def deliver(_house: House, pulse: Pulse) -> None:
        pulse.report = deliveries.tick()

    return Job("deliver", timedelta(seconds=10), deliver)


def tick(job: Job, house: House, process: str, observer: Observer | None = None) -> None:
    """Run a job once in the process of this id, and note it as a heartbeat; `observer` hears of it too.

    A failure is told by its kind and left to the next tick, so that it stops no other job.
    """
    try:
        with (
            (observer or Observer()).job(job.name),
            beating(house, Beat(job=job.name, period=job.period, process=process), job.keep) as pulse,
        ):
            job.run(house, pulse)
    except Exception as fault:  # noqa: BLE001 -- whatever it is, its message may quote a patient's row
        _log.error("job_failed", job=job.name, error=type(fault).__name__)
