"""Sites as they are set today; every change is kept, so that the past stays explainable."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, insert, select, text

from workflow.domain.site_practice import CRITICAL_NOTICES_AT, WEEKDAYS, SitePractice
from workflow.persistence.faults import translated
from workflow.persistence.mapping import days_from_json, days_to_json
from workflow.persistence.reach import Reach
from workflow.persistence.tables import SiteSettingTable
from workflow.persistence.tables.base import table_of

SETTING = table_of(SiteSettingTable)
INSERT_SETTING = insert(SETTING)
ONE_TICK = timedelta(microseconds=1)
# A site that is not known yet has no row to lock. SQLite has one writer at a time.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:site_id, 0))")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSetting:
    """A hospital: IANA time zone, ISO weekdays worked, holidays, contacts, and its own limit of silence in days.

    `notices_at` is its hour of notices (None: half past seven), `mrd_result_days` by when a result is awaited.
    """

    id: str
    name: str
    time_zone: str = "UTC"
    working_days: tuple[int, ...] = WEEKDAYS
    holidays: tuple[date, ...] = ()
    contacts: tuple[str, ...] = ()
    silent_after_days: int | None = None
    notices_at: time | None = None
    mrd_result_days: int | None = None

    @property
    def practice(self) -> SitePractice:
        """When and whom the site is told."""
        return SitePractice(
            id=self.id,
            time_zone=self.time_zone,
            working_days=self.working_days,
            holidays=self.holidays,
            contacts=self.contacts,
            notices_at=self.notices_at or CRITICAL_NOTICES_AT,
            mrd_result_days=self.mrd_result_days,
            silent_after_days=self.silent_after_days,
        )


def list_sites(connection: Connection, reach: Reach) -> tuple[SiteSetting, ...]:
    """Return the sites within reach as set today, by id."""
    statement = _current()
    if reach.sites is not None:
        statement = statement.where(SETTING.c.site_id.in_(reach.sites))
    with translated():
        return tuple(_setting(row) for row in connection.execute(statement.order_by(SETTING.c.site_id)).mappings())


def find_site(connection: Connection, site_id: str) -> SiteSetting | None:
    """Return a site as set today; None where nobody has named it yet."""
    with translated():
        row = connection.execute(_current().where(SETTING.c.site_id == site_id)).mappings().one_or_none()
    return None if row is None else _setting(row)


def find_site_at(connection: Connection, site_id: str, at: datetime) -> SiteSetting | None:
    """Return a site as it was set at an instant; None where nobody had named it by then."""
    statement = select(SETTING).where(SETTING.c.site_id == site_id, SETTING.c.from_recorded_at <= at)
    with translated():
        row = connection.execute(statement.order_by(SETTING.c.from_recorded_at.desc()).limit(1)).mappings().first()
    return None if row is None else _setting(row)


def lock_site(connection: Connection, site_id: str) -> None:
    """Wait until nobody else is setting this site, and keep others from it until the transaction ends."""
    if connection.dialect.name == "postgresql":
        with translated():
            connection.execute(_LOCK, {"site_id": site_id})


def put_site(connection: Connection, setting: SiteSetting, at: datetime, by: str) -> None:
    """Set a site from an instant on; `by` is the actor's id. What is set was read under `lock_site`."""
    with translated():
        latest = connection.execute(
            select(func.max(SETTING.c.from_recorded_at)).where(SETTING.c.site_id == setting.id)
        ).scalar_one()
        connection.execute(
            INSERT_SETTING,
            {
                "site_id": setting.id,
                # Two changes within one tick of the clock are still two, in their order.
                "from_recorded_at": at if latest is None else max(at, latest + ONE_TICK),
                "name": setting.name,
                "time_zone": setting.time_zone,
                "working_days": _compact(setting.working_days),
                "holidays": days_to_json(setting.holidays),
                "contacts": _compact(setting.contacts),
                "silent_after_days": setting.silent_after_days,
                "notices_at": setting.notices_at.isoformat("minutes") if setting.notices_at else None,
                "mrd_result_days": setting.mrd_result_days,
                "actor_id": by,
            },
        )


def _current() -> Select[Any]:
    other = SETTING.alias()
    newest = select(func.max(other.c.from_recorded_at)).where(other.c.site_id == SETTING.c.site_id).scalar_subquery()
    return select(SETTING).where(SETTING.c.from_recorded_at == newest)


def _setting(row: RowMapping) -> SiteSetting:
    return SiteSetting(
        id=row["site_id"],
        name=row["name"],
        time_zone=row["time_zone"],
        working_days=tuple(json.loads(row["working_days"])),
        holidays=days_from_json(row["holidays"]),
        contacts=tuple(json.loads(row["contacts"])),
        silent_after_days=row["silent_after_days"],
        notices_at=time.fromisoformat(row["notices_at"]) if row["notices_at"] else None,
        mrd_result_days=row["mrd_result_days"],
    )


@lru_cache(maxsize=1024)
def practice_of(told: str) -> SitePractice:
    """Return the practice of the JSON text that the lock of a patient brings along; a site is asked for often."""
    site_id, time_zone, working_days, holidays, contacts, notices_at, mrd_result_days, silent = json.loads(told)
    return SitePractice(
        id=site_id,
        time_zone=time_zone,
        working_days=tuple(json.loads(working_days)),
        holidays=days_from_json(holidays),
        contacts=tuple(json.loads(contacts)),
        notices_at=time.fromisoformat(notices_at) if notices_at else CRITICAL_NOTICES_AT,
        mrd_result_days=mrd_result_days,
        silent_after_days=silent,
    )


def _compact(values: Sequence[object]) -> str:
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False)
