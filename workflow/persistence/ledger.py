"""The ledger of alerts in storage: read under a patient's lock, and turned into rows for the one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, false, select, text

from workflow.domain.alerts import Alert, AlertEvent, AlertKey, DeadNotice, LedgerChanges, MadeNotice, Notice
from workflow.persistence.faults import translated
from workflow.persistence.mapping import Columns
from workflow.persistence.tables import AlertTable, NoticeTable
from workflow.persistence.tables.base import table_of

ALERT, NOTICE = table_of(AlertTable), table_of(NoticeTable)
OF_PATIENT = (
    select(ALERT).where(ALERT.c.patient_id == bindparam("of_patient_id")).order_by(ALERT.c.raised_at, ALERT.c.id)
)
DEAD = (
    select(
        NOTICE.c.id,
        NOTICE.c.alert_id,
        NOTICE.c.recipient,
        NOTICE.c.channel,
        NOTICE.c.settled_at.label("died_at"),
    )
    .join(ALERT, ALERT.c.id == NOTICE.c.alert_id)
    .where(
        ALERT.c.patient_id == bindparam("of_patient_id"),
        NOTICE.c.status == text("'dead'"),
        NOTICE.c.accounted.is_(false()),
    )
    .order_by(NOTICE.c.settled_at, NOTICE.c.id)
)
MADE = (
    select(
        *(NOTICE.c[name] for name in ("id", "alert_id", "episode", "step", "recipient", "channel", "due_at")),
        (NOTICE.c.status == text("'pending'")).label("pending"),
    )
    .join(ALERT, and_(ALERT.c.id == NOTICE.c.alert_id, ALERT.c.episode == NOTICE.c.episode))
    .where(ALERT.c.patient_id == bindparam("of_patient_id"), ALERT.c.status != text("'resolved'"))
    .order_by(NOTICE.c.due_at, NOTICE.c.id)
)
# What of an alert never changes once it is raised.
_FIXED = ("course", "rule", "stage", "severity", "raised_at")
CHANGING = (
    *("status", "episode", "step", "repeat_on", "quiet_until", "snoozed_until", "acknowledged_by", "reason"),
    *("resolution", "resolved_at", "resolved_by_seq", "proof"),
)


def load_alerts(connection: Connection, patient_id: str) -> tuple[Alert, ...]:
    """Return every alert of a patient, resolved ones too, in the order of raising."""
    with translated():
        rows = connection.execute(OF_PATIENT, {"of_patient_id": patient_id}).mappings()
        return tuple(alert_of(row) for row in rows)


def load_dead_notices(connection: Connection, patient_id: str) -> tuple[DeadNotice, ...]:
    """Return the notices of a patient's alerts that were given up and that no alert tells of yet."""
    with translated():
        return tuple(DeadNotice(**row) for row in connection.execute(DEAD, {"of_patient_id": patient_id}).mappings())


def load_made_notices(connection: Connection, patient_id: str) -> tuple[MadeNotice, ...]:
    """Return the notices of the present episodes of a patient's alerts that are not resolved."""
    with translated():
        return tuple(MadeNotice(**row) for row in connection.execute(MADE, {"of_patient_id": patient_id}).mappings())


def alert_of(row: Mapping[Any, Any]) -> Alert:
    """Return the alert of a row."""
    return Alert(
        id=row["id"],
        key=AlertKey(row["window_key"], row["reminder"], row["threshold_on"]),
        **{name: row[name] for name in (*_FIXED, *CHANGING)},
    )


def alert_rows(patient_id: str, alerts: Sequence[Alert]) -> list[Columns]:
    """Return the rows of alerts that are raised."""
    return [
        {
            "id": alert.id,
            "patient_id": patient_id,
            "window_key": alert.key.window_key,
            "reminder": alert.key.reminder,
            "threshold_on": alert.key.threshold_on,
            **{name: getattr(alert, name) for name in (*_FIXED, *CHANGING)},
        }
        for alert in alerts
    ]


def change_rows(alerts: Sequence[Alert]) -> list[Columns]:
    """Return what changes of alerts that are stored, by `of_id`."""
    return [{"of_id": alert.id, **{name: getattr(alert, name) for name in CHANGING}} for alert in alerts]


def event_rows(events: Sequence[AlertEvent]) -> list[Columns]:
    """Return the rows of what happened to alerts."""
    names = ("alert_id", "at", "kind", "episode", "actor_id", "on_behalf_of", "fact_seq", "reason", "until")
    return [{name: getattr(event, name) for name in names} for event in events]


def notice_rows(notices: Sequence[Notice]) -> list[Columns]:
    """Return the rows of notices that are to be sent."""
    names = ("id", "alert_id", "episode", "step", "recipient", "channel", "made_at", "due_at")
    fresh = {
        "status": "pending",
        "leased_by": None,
        "leased_until": None,
        "attempts": 0,
        "settled_at": None,
        "accounted": False,
    }
    return [
        {name: getattr(notice, name) for name in names} | {"planned_at": notice.due_at} | fresh for notice in notices
    ]


def withdrawal_rows(changes: LedgerChanges, now: datetime) -> list[Columns]:
    """Return which pending notices are not to be sent any more: all of an alert, or those from a step on."""
    return [
        {
            "of_alert_id": gone.alert_id,
            "from_step": 1 if gone.repeats_only else 0,
            "of_notice_id": gone.notice_id,
            "now": now,
        }
        for gone in changes.withdrawn
    ]


def accounted_rows(changes: LedgerChanges) -> list[Columns]:
    """Return the notices that an alert tells of now."""
    return [{"of_id": notice_id} for notice_id in changes.accounted]
