"""Whether this process can serve: its database answers at the right revision, and somebody sweeps it."""

from datetime import datetime, timedelta
from typing import Literal

from workflow.domain.actor import SCHEDULER
from workflow.persistence.due_patients import who_waits
from workflow.persistence.errors import PersistenceError
from workflow.persistence.heartbeats import Heartbeat, find_heartbeat
from workflow.persistence.migrations import require_current
from workflow.persistence.unit_of_work import reading
from workflow.services import answers
from workflow.services.house import Answer, House
from workflow.services.outages import OUTAGE, PERIODS_ALLOWED
from workflow.services.run_sweep import SWEEP

READY, UNAVAILABLE = 200, 503
Sweeping = Literal["ok", "too old", "never"]


def ready(house: House) -> Answer:
    """Return 200 where requests can be served and alerts are raised in time, 503 with the failing part otherwise."""
    try:
        require_current(house.database)
        with reading(house.database, SCHEDULER) as unit:
            now = unit.began_at
            last = find_heartbeat(unit.connection, SWEEP)
            waiting = who_waits(unit.connection, now=now, judged_by=house.judged_by)
    except PersistenceError as error:
        return Answer(UNAVAILABLE, answers.to_json({"status": "unavailable", "database": type(error).__name__}))
    sweep = sweeping(last, now)
    shape = {
        "status": "ready" if sweep == "ok" else "unavailable",
        "database": "ok",
        "protocols": len(house.protocols.versions),
        "sweep": sweep,
        "last_sweep_at": last.finished_at if last else None,
        "last_sweep_seconds_ago": _seconds_since(last.finished_at if last else None, now),
        "patients_not_judged": last.report.get("failed") if last else None,
        "patients_waiting": waiting.patients,
        "oldest_due_at": waiting.oldest_due_at,
        "oldest_due_seconds_ago": _seconds_since(waiting.oldest_due_at, now),
        OUTAGE: last.report.get(OUTAGE) if last else None,
    }
    return Answer(READY if sweep == "ok" else UNAVAILABLE, answers.to_json(shape))


def sweeping(last: Heartbeat | None, now: datetime) -> Sweeping:
    """Say whether the last finished sweep lies within three of its periods.

    One that lies further ahead than that is as old as can be: the clock was set back, and nobody has swept since.
    """
    if last is None or last.finished_at is None:
        return "never"
    allowed = PERIODS_ALLOWED * last.period
    return "ok" if -allowed <= now - last.finished_at <= allowed else "too old"


def _seconds_since(instant: datetime | None, now: datetime) -> int | None:
    return None if instant is None else round((now - instant) / timedelta(seconds=1))
