"""What happened to alerts, and what became of the notices that tell of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
    """A notice as people ask about it: to whom, when, and what became of each attempt.

    `due_at` is when it was to be sent, however often it was put off. At a past instant only what was planned is told:
    what became of it is written later than it happened, and would change an answer that is settled.
    """

    id: str
    alert_id: str
    episode: int
    step: int
    recipient: str
    channel: str
    made_at: datetime
    due_at: datetime
    status: NoticeStatus | None = None
    settled_at: datetime | None = None
    attempts: tuple[tuple[datetime, str], ...] | None = None


def events_of(connection: Connection, alert_id: str) -> Sequence[Mapping[str, Any]]:
    """Return what happened to an alert, in the order of happening."""
    statement = select(*(EVENT.c[name] for name in THEN)).where(EVENT.c.alert_id == alert_id).order_by(EVENT.c.id)
    with translated():
        return [dict(row) for row in connection.execute(statement).mappings()]


def notices_of(
    connection: Connection, alert_ids: Sequence[str], *, known_at: datetime | None = None
) -> dict[str, list[ToldNotice]]:
    """Return the notices of some alerts, by the alerts' ids: as they stand, or as planned by an instant."""
    statement = select(NOTICE).where(NOTICE.c.alert_id.in_(alert_ids)).order_by(NOTICE.c.made_at, NOTICE.c.id)
    told: dict[str, list[ToldNotice]] = {alert_id: [] for alert_id in alert_ids}
    with translated():
        if known_at is not None:
            for row in connection.execute(statement.where(NOTICE.c.made_at <= known_at)).mappings():
                told[row["alert_id"]].append(_planned(row))
            return told
        attempts = _attempts(connection, alert_ids)
        for row in connection.execute(statement).mappings():
            tried = tuple(attempts[row["id"]])
            standing = replace(_planned(row), status=row["status"], settled_at=row["settled_at"], attempts=tried)
            told[row["alert_id"]].append(standing)
    return told


def _attempts(connection: Connection, alert_ids: Sequence[str]) -> dict[str, list[tuple[datetime, str]]]:
    tries = (
        select(ATTEMPT.c.notice_id, ATTEMPT.c.at, ATTEMPT.c.outcome)
        .join(NOTICE, NOTICE.c.id == ATTEMPT.c.notice_id)
        .where(NOTICE.c.alert_id.in_(alert_ids))
        .order_by(ATTEMPT.c.id)
    )
    found: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for notice_id, at, outcome in connection.execute(tries):
        found[notice_id].append((at, outcome))
    return found


def _planned(row: Mapping[Any, Any]) -> ToldNotice:
    names = ("id", "alert_id", "episode", "step", "recipient", "channel", "made_at")
    return ToldNotice(**{name: row[name] for name in names}, due_at=row["planned_at"])
