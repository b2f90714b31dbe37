"""Lets the jobs tick beside a server, or in a process of their own."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]

from scheduler.channels.printed import PrintedChannel
from scheduler.channels.registry import open_channels
from scheduler.clock_watch import watching
from scheduler.delivering import Deliveries
from scheduler.jobs import JOBS, Job, delivering, sweeping, tick
from scheduler.observing import Observer
from workflow.clock import utc_now
from workflow.domain.contacts import LOG
from workflow.identifiers import new_process_id
from workflow.services.house import House
from workflow.services.rounds import Rounds
from workflow.services.run_sweep import SWEEP_PERIOD

# Half of the time between two sweeps: the rest is for who falls due, and for the other users of the database.
BACKLOG_SECONDS = SWEEP_PERIOD.total_seconds() / 2

_log = structlog.stdlib.get_logger("scheduler")


@contextmanager
def at_work(
    house: House, *, show: Callable[[str], None] | None = None, observer: Observer | None = None
) -> Iterator[None]:
    """Do all of the clock's work until the block is left; what is being judged or delivered then is waited for.

    With `show` whole notices are shown by it instead of a line in the log: for made-up patients only. `observer` hears
    of every job and delivery.
    """
    process, observer = new_process_id(), observer or Observer()
    channels = open_channels(house.settings, house.clock)
    if show is not None:
        channels[LOG] = PrintedChannel(show)
    deliveries = Deliveries(house, channels, process, observer=observer)
    rounds = Rounds(seconds=BACKLOG_SECONDS)
    jobs = (sweeping(rounds), *JOBS, delivering(deliveries))
    try:
        with ticking(house, jobs, process=process, observer=observer):
            try:
                yield
            finally:
                rounds.end()
    finally:
        deliveries.close()


@contextmanager
def ticking(
    house: House, jobs: Sequence[Job], *, process: str | None = None, observer: Observer | None = None
) -> Iterator[None]:
    """Let the jobs tick until the block is left; a job that runs then is waited for.

    Each runs at once and then every period, and at once when the clock jumps. Several processes may tick on one
    database: whatever a tick does, it asks the database what is due. A late tick runs late rather than never, and as
    one.
    """
    scheduler = BackgroundScheduler(
        timezone=UTC,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    name, observer = process or new_process_id(), observer or Observer()
    observer.metrics.expect((job.name for job in jobs), ())
    for job in jobs:
        seconds = int(job.period.total_seconds())
        told = (job, house, name, observer)
        scheduler.add_job(tick, "interval", told, id=job.name, seconds=seconds, next_run_time=utc_now())
    # Watched from before the first run is planned, so that no jump falls between.
    with watching(partial(_arm_anew, scheduler, observer)):
        scheduler.start()
        try:
            yield
        finally:
            scheduler.shutdown(wait=True)


def _arm_anew(scheduler: BackgroundScheduler, observer: Observer, jump: timedelta) -> None:
    """Run every job at once and plan on from there: those planned by the old time may be days away by the new one."""
    observer.metrics.clock_jumps.inc()
    _log.warning("clock_jumped", seconds=round(jump.total_seconds(), 1))
    for job in scheduler.get_jobs():
        job.modify(next_run_time=utc_now())
