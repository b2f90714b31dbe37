"""The rows of patients within reach, and the sites that a patient is known to today."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, exists, func, or_, select, true

from workflow.domain.patient import PatientState
from workflow.persistence.faults import translated
from workflow.persistence.mapping import state_from_json
from workflow.persistence.reach import Reach
from workflow.persistence.tables import PatientSiteTable, PatientTable, StateSpanTable, WindowSpanTable
from workflow.persistence.tables.base import table_of

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


def treating_site(now: datetime, patient_id: ColumnElement[str] = PATIENT.c.id) -> ColumnElement[str]:
    """Return the expression for the site that treats the patient at `now`."""
    treating = and_(_current(now, patient_id), MEMBER.c.role == "treating")
    return select(MEMBER.c.site_id).where(treating).limit(1).scalar_subquery()


def _all_sites(now: datetime) -> ColumnElement[str]:
    current = _current(now, PATIENT.c.id)
    return select(func.aggregate_strings(MEMBER.c.site_id, _SEPARATOR)).where(current).scalar_subquery()


def member_of(
    sites: tuple[str, ...], now: datetime, patient_id: ColumnElement[str] = PATIENT.c.id
) -> ColumnElement[bool]:
    """Whether one of these sites reads and writes the patient at `now`."""
    return exists().where(_current(now, patient_id), MEMBER.c.site_id.in_(sites))


def looked_up_member_of(
    sites: tuple[str, ...], now: datetime, patient_id: ColumnElement[str] = PATIENT.c.id
) -> ColumnElement[bool]:
    """Say the same of each row by itself: where rows are few, and the sites may have very many patients.

    PostgreSQL joins what `member_of` says, and takes the few for many: it then reads every membership of the sites.
    """
    current = and_(_current(now, patient_id), MEMBER.c.site_id.in_(sites))
    return select(true()).select_from(MEMBER).where(current).limit(1).scalar_subquery()


def _current(now: datetime, patient_id: ColumnElement[str]) -> ColumnElement[bool]:
    still = or_(MEMBER.c.until_at.is_(None), MEMBER.c.until_at > now)
    return and_(MEMBER.c.patient_id == patient_id, still)


def has_patients(connection: Connection) -> bool:
    """Whether anybody is registered in this database."""
    with translated():
        return connection.execute(select(PATIENT.c.id).limit(1)).first() is not None
