"""The reference of delivery: procrastinate, a queue of jobs in PostgreSQL, with a job that does nothing."""

import asyncio

import procrastinate

from benchmarks.scale.databases import Place, connected
from benchmarks.scale.figures import Rate, Timer

CONCURRENCY = 8
_FUTURE = """
    INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, scheduled_at)
    SELECT 'default', 'nothing', '{}', 'todo', now() + interval '30 days' + number * interval '1 second'
    FROM generate_series(1, %s) AS number
"""


def prepare(place: Place, future: int) -> None:
    """Make procrastinate's own tables in a fresh database, with so many jobs that are due in a month or later."""
    asyncio.run(_prepared(place))
    with connected(place.superuser) as connection:
        connection.execute(_FUTURE, [future])
        connection.execute("VACUUM (ANALYZE)")


async def _prepared(place: Place) -> None:
    app = _app(place)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()


def rate(place: Place, jobs: int) -> Rate:
    """Defer so many jobs, and return how many of them one worker then does in a second."""
    return asyncio.run(_rate(place, jobs))


async def _rate(place: Place, jobs: int) -> Rate:
    app = _app(place)
    done = 0

    # Asynchronous, as its documentation advises for speed: it spares the thread that a synchronous one is run in.
    @app.task(name="nothing")
    async def nothing() -> None:
        nonlocal done
        done += 1

    async with app.open_async():
        await nothing.batch_defer_async(*({} for _ in range(jobs)))
        timer = Timer()
        await app.run_worker_async(
            concurrency=CONCURRENCY, wait=False, listen_notify=False, install_signal_handlers=False
        )
        found = timer.rate(done)
    assert done >= jobs
    return found


def _app(place: Place) -> procrastinate.App:
    url = place.owner.replace("+psycopg", "")
    # A connection for each job at work and one that fetches: more were no faster.
    connector = procrastinate.PsycopgConnector(conninfo=url, min_size=CONCURRENCY + 1, max_size=CONCURRENCY + 1)
    return procrastinate.App(connector=connector)
