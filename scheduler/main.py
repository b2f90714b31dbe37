"""Lets the jobs tick beside a server, or in a process of their own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC

from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]

from scheduler.jobs import JOBS, Job, tick
from workflow.clock import utc_now
from workflow.services.house import House


@contextmanager
def ticking(house: House, jobs: Sequence[Job] = JOBS) -> Iterator[None]:
    """Let the jobs tick until the block is left; a job that runs then is waited for.

    Each runs at once and then every period. Several processes may tick on one database: whatever a tick does, it asks
    the database what is due. A late tick runs late rather than never, and as one.
    """
    scheduler = BackgroundScheduler(
        timezone=UTC,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for job in jobs:
        seconds = int(job.period.total_seconds())
        scheduler.add_job(tick, "interval", (job, house), id=job.name, seconds=seconds, next_run_time=utc_now())
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=True)
