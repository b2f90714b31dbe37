"""The queue of notices: claimed by lease in the order in which they are due, settled one by one."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    case,
    insert,
    literal_column,
    null,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on

from workflow.domain.alerts import Alert, Notice, NoticeStatus
from workflow.domain.contacts import Recipient
from workflow.domain.delivery import DELIVERED, Attempted, Claimed
from workflow.persistence.faults import translated
from workflow.persistence.ledger import ALERT, NOTICE, alert_of
from workflow.persistence.patients import PATIENT
from workflow.persistence.tables import AttemptTable
from workflow.persistence.tables.base import table_of

# Delivery never locks a patient, and no circle of waiting can form with those who do. `write_outcome` changes notices
# of an alert, several at once, while it holds their patient's lock. What stands here either waits for nobody (a claim,
# and settling several, pass over locked rows), or is a transaction that locks one notice, first of all, and waits for
# nothing while it holds it. So each may wait a moment for the other, and never both.

# So many due notices are looked at for one claim. Where the first of them go to few recipients, a claim brings few;
# the next one, with those named busy, looks behind them.
LOOKED_AT = 200
# A lease is this much longer than it can be only where the clock was set back since: it is over. Not once its own
# length: two who claim at the same time have read the clock one after the other.
_IMPOSSIBLY_FAR = 2

_NOTICE_COLUMNS = [NOTICE.c[name] for name in ("id", "alert_id", "episode", "step", "recipient", "channel")]
_NOTICE_COLUMNS += [NOTICE.c.made_at, NOTICE.c.due_at]
_PENDING = NOTICE.c.status == text("'pending'")
_FREE = or_(
    NOTICE.c.leased_until.is_(None),
    NOTICE.c.leased_until <= bindparam("now"),
    NOTICE.c.leased_until > bindparam("impossible"),
)
# Its condition and its order are those of the index `ix_notice_pending`, so it costs what is due, not what will be.
WAITING: Select[Any] = (
    select(NOTICE.c.id, NOTICE.c.channel, NOTICE.c.recipient, NOTICE.c.due_at)
    .where(
        _PENDING,
        NOTICE.c.due_at <= bindparam("now"),
        _FREE,
        tuple_(NOTICE.c.channel, NOTICE.c.recipient).not_in(bindparam("busy", expanding=True)),
    )
    .order_by(NOTICE.c.due_at, NOTICE.c.id)
    .limit(literal_column(str(LOOKED_AT)))
)
_WAITING = WAITING.cte("waiting")
_FIRST = (
    select(_WAITING.c.id)
    .ext(distinct_on(_WAITING.c.channel, _WAITING.c.recipient))
    .order_by(_WAITING.c.channel, _WAITING.c.recipient, _WAITING.c.due_at, _WAITING.c.id)
    .cte("first_of_each")
)
# Locked are those that are chosen and no others: each lock is written to the row. What another worker has locked is
# passed over for the next recipient's, and what one has claimed since it was found is not free any more.
_CHOSEN = (
    select(NOTICE.c.id)
    .where(NOTICE.c.id.in_(select(_FIRST.c.id)), _PENDING, _FREE)
    .order_by(NOTICE.c.due_at, NOTICE.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_LEASED: dict[str, ColumnElement[Any]] = {"leased_by": bindparam("worker"), "leased_until": bindparam("until")}
# On PostgreSQL all in one statement; on SQLite what was found while nobody was kept from writing, if it is free still.
CLAIM_DUE = update(NOTICE).where(NOTICE.c.id.in_(_CHOSEN)).values(_LEASED).returning(*_NOTICE_COLUMNS)
CLAIM_FOUND = (
    update(NOTICE)
    .where(NOTICE.c.id.in_(bindparam("found", expanding=True)), _PENDING, _FREE)
    .values(_LEASED)
    .returning(*_NOTICE_COLUMNS)
)
RENEW = (
    update(NOTICE)
    .where(NOTICE.c.id == bindparam("of_id"), _PENDING, NOTICE.c.leased_by == bindparam("worker"))
    .values(leased_until=bindparam("until"))
)
COUNT = (
    update(NOTICE)
    .where(NOTICE.c.id == bindparam("of_id"))
    .values(attempts=NOTICE.c.attempts + 1)
    .returning(NOTICE.c.status, NOTICE.c.leased_by, NOTICE.c.attempts)
)
_UNLEASED: dict[str, ColumnElement[Any]] = {"leased_by": null(), "leased_until": null()}
END = (
    update(NOTICE)
    .where(NOTICE.c.id == bindparam("of_id"))
    .values({"status": bindparam("as"), "settled_at": bindparam("now"), **_UNLEASED})
)
PUT_OFF = update(NOTICE).where(NOTICE.c.id == bindparam("of_id")).values({"due_at": bindparam("until"), **_UNLEASED})
ADD_ATTEMPT = insert(table_of(AttemptTable))
_SUBJECTS = select(ALERT, PATIENT.c.pseudonym, PATIENT.c.state_json, PATIENT.c.site_id).join(
    PATIENT, PATIENT.c.id == ALERT.c.patient_id
)
SUBJECT = _SUBJECTS.where(ALERT.c.id == bindparam("of_id"))
SUBJECTS = _SUBJECTS.where(ALERT.c.id.in_(bindparam("of_ids", expanding=True)))
# Several at once; on SQLite, where whoever writes is alone, none of them is ever locked.
_AMONG = select(NOTICE.c.id).where(NOTICE.c.id.in_(bindparam("among", expanding=True)))
END_DELIVERED = (
    update(NOTICE)
    .where(NOTICE.c.id.in_(_AMONG.with_for_update(skip_locked=True)))
    .values(
        {
            "attempts": NOTICE.c.attempts + 1,
            # It was delivered when it was delivered first.
            "settled_at": case((NOTICE.c.status == text("'delivered'"), NOTICE.c.settled_at), else_=bindparam("now")),
            "status": literal_column("'delivered'"),
            **_UNLEASED,
        }
    )
    .returning(NOTICE.c.id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who claims, when, for how long, and to which recipients nothing may go meanwhile."""

    worker: str
    now: datetime
    length: timedelta
    busy: Collection[Recipient] = ()

    @property
    def until(self) -> datetime:
        """When the lease is over."""
        return self.now + self.length

    def told(self) -> dict[str, object]:
        """Return what the statements call these."""
        impossible = self.now + _IMPOSSIBLY_FAR * self.length
        return {"worker": self.worker, "now": self.now, "until": self.until, "impossible": impossible}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a notice stands: `attempts` counts all that were noted, whoever made them."""

    status: NoticeStatus
    leased_by: str | None
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a notice is about: the alert as it stands, its patient, and the site that treats them now."""

    alert: Alert
    patient_id: str
    pseudonym: str
    site_id: str
    state_json: str


def find_due(connection: Connection, lease: Lease, most: int) -> list[str]:
    """Return the ids of the notices to claim, the longest due first, at most one of each channel and recipient."""
    parameters = lease.told() | {"busy": list(lease.busy)}
    with translated():
        rows = connection.execute(WAITING, parameters).all()
    first: dict[tuple[str, str], str] = {}
    for row in rows:
        first.setdefault((row.channel, row.recipient), row.id)
    return list(first.values())[:most]


def claim_found(connection: Connection, lease: Lease, found: Iterable[str]) -> tuple[Claimed, ...]:
    """Claim of these notices those that are free still."""
    with translated():
        rows = connection.execute(CLAIM_FOUND, lease.told() | {"found": list(found)}).mappings().all()
    return _claimed(rows, lease)


def claim_due(connection: Connection, lease: Lease, most: int) -> tuple[Claimed, ...]:
    """Find and claim in one statement, passing over what others are claiming; for PostgreSQL alone."""
    parameters = lease.told() | {"busy": list(lease.busy), "most": most}
    with translated():
        rows = connection.execute(CLAIM_DUE, parameters).mappings().all()
    return _claimed(rows, lease)


def renew(connection: Connection, notice_id: str, lease: Lease) -> bool:
    """Lengthen the lease of a pending notice, whether or not it is over; False where the worker has it no more."""
    with translated():
        return connection.execute(RENEW, lease.told() | {"of_id": notice_id}).rowcount == 1


def subject_of(connection: Connection, alert_id: str) -> Subject:
    """Return what the notices of an alert are about; nothing is locked."""
    with translated():
        return _subject(connection.execute(SUBJECT, {"of_id": alert_id}).mappings().one())


def subjects_of(connection: Connection, alert_ids: Iterable[str]) -> dict[str, Subject]:
    """Return what the notices of these alerts are about, by the alert's id; nothing is locked."""
    with translated():
        rows = connection.execute(SUBJECTS, {"of_ids": sorted(set(alert_ids))}).mappings()
        return {row["id"]: _subject(row) for row in rows}


def add_attempt(connection: Connection, claimed: Claimed, outcome: Attempted, at: datetime) -> Standing:
    """Note an attempt, lock its notice, and return how the notice stands with this attempt counted."""
    with translated():
        row = connection.execute(COUNT, {"of_id": claimed.notice.id}).one()
        connection.execute(ADD_ATTEMPT, _attempt(claimed, outcome, at))
    return Standing(status=row.status, leased_by=row.leased_by, attempts=row.attempts)


def end_delivered(connection: Connection, claims: Sequence[Claimed], at: datetime) -> frozenset[str]:
    """Note of each of these that its message went out, and return the ids of those noted; a locked one is not."""
    with translated():
        told = {"among": [claimed.notice.id for claimed in claims], "now": at}
        ended = frozenset(connection.execute(END_DELIVERED, told).scalars())
        rows = [_attempt(claimed, DELIVERED, at) for claimed in claims if claimed.notice.id in ended]
        if rows:
            connection.execute(ADD_ATTEMPT, rows)
    return ended


def end_notice(connection: Connection, notice_id: str, status: NoticeStatus, now: datetime) -> None:
    """Say how a locked notice ended; nobody has it any more."""
    with translated():
        connection.execute(END, {"of_id": notice_id, "as": status, "now": now})


def put_off(connection: Connection, notice_id: str, until: datetime) -> None:
    """Let a locked notice be due later; nobody has it meanwhile."""
    with translated():
        connection.execute(PUT_OFF, {"of_id": notice_id, "until": until})


def _subject(row: Mapping[Any, Any]) -> Subject:
    return Subject(
        alert=alert_of(row),
        patient_id=row["patient_id"],
        pseudonym=row["pseudonym"],
        site_id=row["site_id"],
        state_json=row["state_json"],
    )


def _attempt(claimed: Claimed, outcome: Attempted, at: datetime) -> dict[str, object]:
    return {
        "notice_id": claimed.notice.id,
        "at": at,
        "worker": claimed.worker,
        "outcome": outcome.result,
        "detail": outcome.detail,
    }


def _claimed(rows: Iterable[Mapping[Any, Any]], lease: Lease) -> tuple[Claimed, ...]:
    notices = sorted((Notice(**row) for row in rows), key=lambda notice: (notice.due_at, notice.id))
    return tuple(Claimed(notice=notice, worker=lease.worker) for notice in notices)
