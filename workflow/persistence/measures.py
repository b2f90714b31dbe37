"""What those who watch an installation ask of its database: each costs what is due, never what is stored."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, bindparam, case, func, literal_column, or_, select, text

from workflow.clock import utc_now
from workflow.persistence.backlog import COUNTED_AT_MOST
from workflow.persistence.engine import Database
from workflow.persistence.faults import translated
from workflow.persistence.ledger import ALERT, NOTICE
from workflow.persistence.tables.alerts import LOST_NOTICE

_MOST: ColumnElement[int] = literal_column(str(COUNTED_AT_MOST))
# A notice that was tried is due again within the longest wait of delivery, so it is among the next of the index.
_NEXT = (
    select(NOTICE.c.due_at, NOTICE.c.planned_at, NOTICE.c.attempts)
    .where(NOTICE.c.status == text("'pending'"), NOTICE.c.due_at <= bindparam("within"))
    .order_by(NOTICE.c.due_at)
    .limit(_MOST)
    .subquery("next")
)
_DUE = _NEXT.c.due_at <= bindparam("now")
_TRIED = _NEXT.c.attempts > 0
QUEUE = select(
    func.count().filter(_DUE),
    func.min(case((_TRIED, _NEXT.c.planned_at), else_=_NEXT.c.due_at)).filter(
        or_(_DUE, _TRIED), or_(_DUE, _NEXT.c.planned_at <= bindparam("now"))
    ),
)
_UNACCOUNTED = (
    select(NOTICE.c.alert_id)
    .where(NOTICE.c.status == text("'dead'"), text("NOT accounted"))
    .order_by(NOTICE.c.alert_id)
    .limit(_MOST)
    .subquery("unaccounted")
)
DEAD = select(func.count()).select_from(_UNACCOUNTED)
# In the order of their index: of a ledger that has grown for years few alerts are open.
ALERTS_COUNTED_AT_MOST = 5000
_OPEN = (
    select(ALERT.c.severity)
    .where(ALERT.c.status != text("'resolved'"))
    .order_by(ALERT.c.patient_id)
    .limit(literal_column(str(ALERTS_COUNTED_AT_MOST)))
    .subquery("open")
)
OPEN_ALERTS = select(_OPEN.c.severity, func.count()).group_by(_OPEN.c.severity)
# In the very words of their index, apart from the others: they may be of the last patients of many.
_LOST = select(ALERT.c.patient_id).where(text(LOST_NOTICE)).order_by(ALERT.c.patient_id).limit(_MOST).subquery("lost")
LOST_NOTICE_ALERTS = select(func.count()).select_from(_LOST)
_CLOCK = text("SELECT clock_timestamp()")


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The notices that are due, counted to COUNTED_AT_MOST, and since when the first one that went nowhere was."""

    due: int
    oldest_undelivered_at: datetime | None
    dead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlerts:
    """Alerts that are not resolved, counted to ALERTS_COUNTED_AT_MOST in all.

    `of_lost_notices` tell of a notice that reached nobody, wherever they stand among the others: to COUNTED_AT_MOST.
    """

    by_severity: Mapping[str, int]
    of_lost_notices: int


def limit_statements(connection: Connection, seconds: float) -> None:
    """Let no statement of this transaction last longer: who watches must not be what makes it slow."""
    if connection.dialect.name == "postgresql":
        with translated():
            connection.execute(text(f"SET LOCAL statement_timeout = {round(seconds * 1000)}"))


def queue_of_notices(connection: Connection, *, now: datetime, longest_wait: timedelta) -> Queue:
    """Return how the queue stands at `now`; `longest_wait` is how long a notice that was tried waits at most."""
    with translated():
        due, oldest = connection.execute(QUEUE, {"now": now, "within": now + longest_wait}).one()
        dead = connection.execute(DEAD).scalar_one()
    return Queue(due=due, oldest_undelivered_at=oldest, dead=dead)


def open_alerts(connection: Connection) -> OpenAlerts:
    """Return how many alerts are open."""
    with translated():
        by_severity = {row[0]: row[1] for row in connection.execute(OPEN_ALERTS)}
        return OpenAlerts(by_severity=by_severity, of_lost_notices=connection.execute(LOST_NOTICE_ALERTS).scalar_one())


def clock_difference(database: Database, connection: Connection) -> timedelta | None:
    """Return how far this process's clock is ahead of the database's; None where they are one clock."""
    if database.dialect == "sqlite":
        return None
    before = utc_now()
    with translated():
        theirs: datetime = connection.execute(_CLOCK).scalar_one()
    after = utc_now()
    return before + (after - before) / 2 - theirs.astimezone(UTC)


def free_bytes(database: Database) -> int | None:
    """Return the free space beside a SQLite file, in bytes; None for a database of another machine."""
    if database.dialect != "sqlite":
        return None
    try:
        return shutil.disk_usage(Path(str(database.url.database)).parent).free
    except OSError:
        return None
