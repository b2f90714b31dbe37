"""What happened to alerts, and what became of the notices that tell of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from workflow.domain.alerts import NoticeStatus
from workflow.persistence.faults import translated
from workflow.persistence.ledger import NOTICE
from workflow.persistence.tables import AlertEventTable, AttemptTable
from workflow.persistence.tables.base import table_of

EVENT, ATTEMPT = table_of(AlertEventTable), table_of(AttemptTable)
THEN = ("kind", "at", "episode", "actor_id", "on_behalf_of", "fact_seq", "reason", "until")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldNotice:
    """A notice as people ask about it: to whom, when, and what became of each attempt."""

    id: str
    alert_id: str
    episode: int
    step: int
    recipient: str
    channel: str
    status: NoticeStatus
    made_at: datetime
    due_at: datetime
    settled_at: datetime | None
    attempts: tuple[tuple[datetime, str], ...] = ()


def events_of(connection: Connection, alert_id: str) -> Sequence[Mapping[str, Any]]:
    """Return what happened to an alert, in the order of happening."""
    statement = select(*(EVENT.c[name] for name in THEN)).where(EVENT.c.alert_id == alert_id).order_by(EVENT.c.id)
    with translated():
        return [dict(row) for row in connection.execute(statement).mappings()]


def notices_of(
    connection: Connection, alert_ids: Sequence[str], *, known_at: datetime | None = None
) -> dict[str, list[ToldNotice]]:
    """Return the notices of some alerts, by the alerts' ids, as they stand or stood at an instant."""
    statement = select(NOTICE).where(NOTICE.c.alert_id.in_(alert_ids)).order_by(NOTICE.c.made_at, NOTICE.c.id)
    tries = (
        select(ATTEMPT.c.notice_id, ATTEMPT.c.at, ATTEMPT.c.outcome)
        .join(NOTICE, NOTICE.c.id == ATTEMPT.c.notice_id)
        .where(NOTICE.c.alert_id.in_(alert_ids))
        .order_by(ATTEMPT.c.id)
    )
    if known_at is not None:
        statement = statement.where(NOTICE.c.made_at <= known_at)
        tries = tries.where(ATTEMPT.c.at <= known_at)
    attempts: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    told: dict[str, list[ToldNotice]] = {alert_id: [] for alert_id in alert_ids}
    with translated():
        for notice_id, at, outcome in connection.execute(tries):
            attempts[notice_id].append((at, outcome))
        for row in connection.execute(statement).mappings():
            told[row["alert_id"]].append(_notice(row, tuple(attempts[row["id"]]), known_at))
    return told


def _notice(
    row: Mapping[Any, Any], attempts: tuple[tuple[datetime, str], ...], known_at: datetime | None
) -> ToldNotice:
    later = known_at is not None and row["settled_at"] is not None and row["settled_at"] > known_at
    names = ("id", "alert_id", "episode", "step", "recipient", "channel", "made_at", "due_at")
    return ToldNotice(
        **{name: row[name] for name in names},
        status="pending" if later else row["status"],
        settled_at=None if later else row["settled_at"],
        attempts=attempts,
    )
