"""What a rehearsal asks of a database: whether somebody uses it in earnest, and how far its days have come."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from workflow.persistence.faults import translated
from workflow.persistence.tables import (
    AlertEventTable,
    ApiKeyTable,
    AttemptTable,
    FactTable,
    HeartbeatTable,
    PatientTable,
    SealTable,
    SiteSettingTable,
)
from workflow.persistence.tables.base import table_of

_SETTING = table_of(SiteSettingTable)
# Columns that every revision has: an older database is asked before it is migrated.
_SIGNS_OF_USE = (table_of(PatientTable).c.id, _SETTING.c.site_id, table_of(ApiKeyTable).c.id)
# What was recorded, raised or tried. Who looked is left out: a command beside a rehearsal looks by a clock of its own.
_HAPPENED = (
    table_of(FactTable).c.recorded_at,
    table_of(AlertEventTable).c.at,
    table_of(AttemptTable).c.at,
    table_of(SealTable).c.sealed_at,
    table_of(HeartbeatTable).c.started_at,
    table_of(HeartbeatTable).c.finished_at,
)


def in_use(connection: Connection) -> bool:
    """Whether there are patients, sites or keys: somebody has begun to work here."""
    with translated():
        return any(connection.execute(select(sign).limit(1)).first() is not None for sign in _SIGNS_OF_USE)


def newest_instant(connection: Connection) -> datetime | None:
    """Return the latest instant, in UTC, at which anything happened here; None where nothing has."""
    with translated():
        found: list[datetime | None] = [connection.execute(select(func.max(at))).scalar_one() for at in _HAPPENED]
    return max((instant for instant in found if instant is not None), default=None)


def site_made_at(connection: Connection, site_id: str) -> datetime | None:
    """Return the instant, in UTC, at which a site was made; None where there is none of this id."""
    with translated():
        first: datetime | None = connection.execute(
            select(func.min(_SETTING.c.from_recorded_at)).where(_SETTING.c.site_id == site_id)
        ).scalar_one()
    return first
