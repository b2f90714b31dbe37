"""When each job of the clock last ran, one row a job, whichever process ran it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, bindparam, select, text
from sqlmodel import UTCDateTime

from workflow.persistence.faults import translated
from workflow.persistence.tables import HeartbeatTable
from workflow.persistence.tables.base import table_of

HEARTBEAT = table_of(HeartbeatTable)
ALL_JOBS = select(HEARTBEAT).order_by(HEARTBEAT.c.job)
OF_JOB = select(HEARTBEAT).where(HEARTBEAT.c.job == bindparam("of_job"))
# A run that failed leaves when it began; what the last good one found, and when, stays.
_UPSERT = text("""
INSERT INTO heartbeat (job, process, period_seconds, started_at, finished_at, report)
VALUES (:job, :process, :period_seconds, :started_at, :finished_at, :report)
ON CONFLICT (job) DO UPDATE SET
    process = excluded.process,
    period_seconds = excluded.period_seconds,
    started_at = excluded.started_at,
    finished_at = COALESCE(excluded.finished_at, heartbeat.finished_at),
    report = COALESCE(excluded.report, heartbeat.report)
""").bindparams(bindparam("started_at", type_=UTCDateTime()), bindparam("finished_at", type_=UTCDateTime()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The last run of a job: `process` began it at `started_at`; `finished_at` and `report` are of the last good one.

    `report` holds counts and instants, never anything of a patient.
    """

    job: str
    process: str
    period: timedelta
    started_at: datetime
    finished_at: datetime | None = None
    report: Mapping[str, object] = field(default_factory=dict)


def find_heartbeat(connection: Connection, job: str, *, lock: bool = False) -> Heartbeat | None:
    """Return the last run of a job, locked until the transaction ends where asked; None where it never ran."""
    statement = OF_JOB.with_for_update() if lock else OF_JOB
    with translated():
        row = connection.execute(statement, {"of_job": job}).mappings().one_or_none()
    return None if row is None else _heartbeat(row)


def list_heartbeats(connection: Connection) -> tuple[Heartbeat, ...]:
    """Return the last run of every job, by name."""
    with translated():
        return tuple(_heartbeat(row) for row in connection.execute(ALL_JOBS).mappings())


def _heartbeat(row: RowMapping) -> Heartbeat:
    return Heartbeat(
        job=row["job"],
        process=row["process"],
        period=timedelta(seconds=row["period_seconds"]),
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        report=json.loads(row["report"] or "{}"),
    )


def put_heartbeat(connection: Connection, heartbeat: Heartbeat) -> None:
    """Note a run in the place of the one before; without `finished_at` it is one that failed."""
    finished = heartbeat.finished_at is not None
    row = {
        "job": heartbeat.job,
        "process": heartbeat.process,
        "period_seconds": round(heartbeat.period.total_seconds()),
        "started_at": heartbeat.started_at,
        "finished_at": heartbeat.finished_at,
        "report": json.dumps(heartbeat.report, separators=(",", ":"), sort_keys=True) if finished else None,
    }
    with translated():
        connection.execute(_UPSERT, row)
