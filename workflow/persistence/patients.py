"""Lists of patients, one by one page at a time, within reach."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, exists, func, or_, select

from workflow.domain.patient import PatientState
from workflow.persistence.faults import translated
from workflow.persistence.mapping import state_from_json
from workflow.persistence.pages import Listing, Page, cursor_of
from workflow.persistence.reach import Reach
from workflow.persistence.standing import UNKNOWN, AsOf, Today, begun, known, matches_status
from workflow.persistence.tables import PatientSiteTable, PatientTable, StateSpanTable, WindowSpanTable
from workflow.persistence.tables.base import table_of

__all__ = ["Listing", "Page", "PatientFilter", "PatientRow", "find_by_pseudonym", "list_patients"]

PATIENT = table_of(PatientTable)
MEMBER = table_of(PatientSiteTable)
STATE = table_of(StateSpanTable)
WINDOW = table_of(WindowSpanTable)
_SEPARATOR = "\n"  # no site's id carries it: ids have no control characters


@dataclass(frozen=True, kw_only=True)
class PatientRow:
    """A patient as stored; `site_id` is the treating site of today, `sites` all that read and write today."""

    id: str
    pseudonym: str = field(repr=False)
    external_id: str | None = field(repr=False)
    site_id: str
    sites: tuple[str, ...]
    version: int
    state_json: str = field(repr=False)
    engine: str
    silent_from: date | None
    registered_at: datetime
    changed_at: datetime

    @cached_property
    def state(self) -> PatientState:
        """The stored snapshot."""
        return state_from_json(self.state_json)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientFilter:
    """Which patients are wanted; None means any. `status` is a window's, or `due`, or `unknown`."""

    state: str | None = None
    relapse_number: int | None = None
    status: str | None = None
    site: str | None = None


def list_patients(
    connection: Connection,
    reach: Reach,
    wanted: PatientFilter,
    *,
    today: Today,
    page: Page,
    now: datetime,
    known_at: datetime | None = None,
) -> Listing[PatientRow]:
    """Return a page of patients as of `today`, in the order of their ids.

    `today` is a calendar date, or the date of each site. State and windows are those known at `known_at`.
    """
    as_of = AsOf(today, treating_site(now))
    statement = patient_rows(reach, now, site=wanted.site)
    if wanted.state is not None or wanted.relapse_number is not None:
        statement = statement.where(_in_state(wanted, as_of, known_at))
    if wanted.status is not None:
        statement = statement.where(_has_status(wanted.status, as_of, known_at))
    after = page.after(str)
    if after is not None:
        statement = statement.where(PATIENT.c.id > after[0])
    with translated():
        rows = connection.execute(statement.order_by(PATIENT.c.id).limit(page.limit + 1)).mappings().all()
    items = tuple(row_to_patient(row) for row in rows[: page.limit])
    return Listing(items, cursor_of(items[-1].id) if len(rows) > page.limit else None)


def find_by_pseudonym(
    connection: Connection, pseudonym: str, reach: Reach, *, site: str | None = None, now: datetime
) -> tuple[PatientRow, ...]:
    """Return the patients within reach that carry a pseudonym: at most one of each registering site."""
    statement = patient_rows(reach, now, site=site).where(PATIENT.c.pseudonym == pseudonym).order_by(PATIENT.c.id)
    with translated():
        return tuple(row_to_patient(row) for row in connection.execute(statement).mappings())


def patient_rows(reach: Reach, now: datetime, *, site: str | None = None) -> Select[Any]:
    """Return the statement of all patients within reach at `now`, of one site where it is given."""
    names = ("id", "pseudonym", "external_id", "version", "state_json", "engine")
    times = ("silent_from", "registered_at", "changed_at")
    statement = select(
        *(PATIENT.c[name] for name in (*names, *times)),
        treating_site(now).label("site_id"),
        _all_sites(now).label("sites"),
    )
    if reach.sites is not None:
        statement = statement.where(member_of(reach.sites, now))
    return statement if site is None else statement.where(member_of((site,), now))


def row_to_patient(row: RowMapping) -> PatientRow:
    """Return the patient of a row of `patient_rows`."""
    sites = tuple(sorted((row["sites"] or "").split(_SEPARATOR)))
    return PatientRow(**{**row, "sites": sites})


def treating_site(now: datetime) -> ColumnElement[str]:
    """Return the expression for the site that treats the patient at `now`."""
    treating = and_(_current(now), MEMBER.c.role == "treating")
    return select(MEMBER.c.site_id).where(treating).limit(1).scalar_subquery()


def _all_sites(now: datetime) -> ColumnElement[str]:
    return select(func.aggregate_strings(MEMBER.c.site_id, _SEPARATOR)).where(_current(now)).scalar_subquery()


def member_of(sites: tuple[str, ...], now: datetime) -> ColumnElement[bool]:
    """Whether one of these sites reads and writes the patient at `now`."""
    return exists().where(_current(now), MEMBER.c.site_id.in_(sites))


def _current(now: datetime) -> ColumnElement[bool]:
    still = or_(MEMBER.c.until_at.is_(None), MEMBER.c.until_at > now)
    return and_(MEMBER.c.patient_id == PATIENT.c.id, still)


def _in_state(wanted: PatientFilter, as_of: AsOf, known_at: datetime | None) -> ColumnElement[bool]:
    conditions = [
        STATE.c.patient_id == PATIENT.c.id,
        known(STATE, known_at),
        STATE.c.valid_from <= as_of.day(),
        or_(STATE.c.valid_to.is_(None), STATE.c.valid_to > as_of.day()),
    ]
    if wanted.state is not None:
        conditions.append(STATE.c.state == wanted.state)
    if wanted.relapse_number is not None:
        conditions.append(STATE.c.course == wanted.relapse_number)
    return exists().where(*conditions)


def _has_status(status: str, as_of: AsOf, known_at: datetime | None) -> ColumnElement[bool]:
    if status == UNKNOWN:
        return PATIENT.c.silent_from <= as_of.day()
    return exists().where(
        WINDOW.c.patient_id == PATIENT.c.id,
        known(WINDOW, known_at),
        begun(WINDOW, as_of),
        matches_status(WINDOW, status, as_of),
    )


def has_patients(connection: Connection) -> bool:
    """Whether anybody is registered in this database."""
    with translated():
        return connection.execute(select(PATIENT.c.id).limit(1)).first() is not None
