"""Whether this process can serve: its database answers at the right revision, and somebody sweeps it."""

from datetime import datetime, timedelta
from typing import Literal

from workflow.domain.actor import SCHEDULER
from workflow.persistence.errors import PersistenceError
from workflow.persistence.heartbeats import Heartbeat
from workflow.persistence.migrations import require_current
from workflow.persistence.unit_of_work import reading
from workflow.services import answers
from workflow.services.house import Answer, House
from workflow.services.look_around import Seen, look_around
from workflow.services.outages import OUTAGE, PERIODS_ALLOWED
from workflow.services.run_sweep import SWEEP

READY, UNAVAILABLE = 200, 503
Sweeping = Literal["ok", "too old", "never"]


def ready(house: House) -> Answer:
    """Return 200 where requests can be served and alerts are raised in time, 503 with the failing part otherwise.

    `warnings` name what somebody should look at; a process that serves is not taken out of service for them.
    """
    try:
        require_current(house.database)
        with reading(house.database, SCHEDULER) as unit:
            seen = look_around(house, unit)
    except PersistenceError as error:
        return Answer(UNAVAILABLE, answers.to_json({"status": "unavailable", "database": type(error).__name__}))
    sweep = sweeping(seen.job(SWEEP), seen.now)
    status = "ready" if sweep == "ok" else "unavailable"
    return Answer(READY if sweep == "ok" else UNAVAILABLE, answers.to_json({"status": status, **_told(house, seen)}))


def draining() -> Answer:
    """Return what a process answers that was told to end: whoever asks is to turn to another one."""
    return Answer(UNAVAILABLE, answers.to_json({"status": "draining"}))


def sweeping(last: Heartbeat | None, now: datetime) -> Sweeping:
    """Say whether the last finished sweep lies within three of its periods.

    One that lies further ahead than that is as old as can be: the clock was set back, and nobody has swept since.
    """
    if last is None or last.finished_at is None:
        return "never"
    allowed = PERIODS_ALLOWED * last.period
    return "ok" if -allowed <= now - last.finished_at <= allowed else "too old"


def _told(house: House, seen: Seen) -> answers.Shape:
    last = seen.job(SWEEP)
    finished_at = last.finished_at if last else None
    undelivered_at = seen.queue.oldest_undelivered_at
    difference = seen.clock_difference
    return {
        "database": "ok",
        "revision": seen.revision,
        "protocols": len(house.protocols.versions),
        "sweep": sweeping(last, seen.now),
        "last_sweep_at": finished_at,
        "last_sweep_seconds_ago": _seconds(seen.ago(finished_at)),
        "patients_not_judged": last.report.get("failed") if last else None,
        "patients_waiting": seen.waiting.patients,
        "patients_of_other_rules": seen.waiting.of_other_rules,
        "oldest_due_at": seen.waiting.oldest_due_at,
        "oldest_due_seconds_ago": _seconds(seen.ago(seen.waiting.oldest_due_at)),
        "notices_due": seen.queue.due,
        "oldest_undelivered_at": undelivered_at,
        "oldest_undelivered_seconds_ago": _seconds(seen.ago(undelivered_at)),
        "dead_letters": seen.queue.dead,
        "last_seal_at": seen.last_seal_at,
        "clock_difference_seconds": None if difference is None else round(difference.total_seconds(), 3),
        "free_bytes": seen.free_bytes,
        "rehearsal": seen.rehearsal,
        "other_rules": seen.other_rules,
        "warnings": list(seen.warnings),
        OUTAGE: last.report.get(OUTAGE) if last else None,
    }


def _seconds(ago: timedelta | None) -> int | None:
    return None if ago is None else round(ago / timedelta(seconds=1))
