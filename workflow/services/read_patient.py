"""Reading one patient at any pair of clocks, finding one, listing many."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from workflow.clock import today_in
from workflow.domain.actor import Actor
from workflow.domain.errors import InvalidInputError
from workflow.domain.facts.base import Code
from workflow.domain.facts.fact import Fact
from workflow.domain.facts.read import problem_of
from workflow.domain.patient import PatientState
from workflow.domain.roles import Role
from workflow.persistence.patient_reads import load_facts, read_patient
from workflow.persistence.patients import (
    Page,
    PatientFilter,
    PatientRow,
    find_by_pseudonym,
    list_patients,
)
from workflow.persistence.sites import SiteSetting, find_site, list_sites
from workflow.persistence.unit_of_work import UnitOfWork, reading
from workflow.rules.fold import effective, fold, until
from workflow.services import answers
from workflow.services.errors import NotFoundError
from workflow.services.house import Answer, House, require_role, role_for


class Search(BaseModel):
    """What a search may say: text as it is stored, which holds no control characters."""

    model_config = ConfigDict(extra="forbid", strict=True)
    pseudonym: Code
    site: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """What is asked for: the clinical day and the instant of knowledge; None means now."""

    as_of: date | None = None
    known_at: datetime | None = None

    @property
    def now(self) -> bool:
        """Whether today's answer from the stored snapshot is meant."""
        return self.as_of is None and self.known_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One patient as read: the row, the state at the clocks asked for, the day it is shown for."""

    row: PatientRow
    state: PatientState
    as_of: date
    setting: SiteSetting
    facts: tuple[Fact, ...] | None = None


def one(house: House, actor: Actor, patient_id: str, clocks: Clocks) -> Answer:
    """Return the snapshot of contract §2 as of a day, from what was known at an instant; raises NotFoundError."""
    with reading(house.database, actor) as unit:
        seen = see(house, actor, patient_id, clocks, unit)
        unit.note("read_patient", patient_id=patient_id)
    return Answer(200, answers.to_json(_snapshot(house, seen)), seen.row.version)


def see(
    house: House, actor: Actor, patient_id: str, clocks: Clocks, unit: UnitOfWork, *, with_facts: bool = False
) -> Seen:
    """Return one patient at a pair of clocks, for a read inside an open unit of work; raises NotFoundError."""
    now = unit.instant()
    row = read_patient(unit.connection, patient_id, unit.reach, now)
    if row is None:
        raise NotFoundError("no such patient for this key")
    role_for(actor, row.sites)
    setting = setting_of(house, unit, row.site_id)
    as_of = clocks.as_of or today_in(setting.time_zone, clocks.known_at or now)
    facts = None
    if with_facts or not clocks.now or row.engine != house.engine:
        facts = load_facts(unit.connection, patient_id)
    state = (
        row.state
        if facts is None or (clocks.now and row.engine == house.engine)
        else _past(house, facts, clocks, as_of)
    )
    return Seen(row=row, state=state, as_of=as_of, setting=setting, facts=facts)


def _past(house: House, facts: tuple[Fact, ...], clocks: Clocks, as_of: date) -> PatientState:
    known = effective(facts, known_at=clocks.known_at)
    if not known or known[0].type != "patient_registered":
        raise NotFoundError("nothing of this patient was recorded by known_at")
    return fold(until(known, as_of), house.protocols)


def setting_of(house: House, unit: UnitOfWork, site_id: str) -> SiteSetting:
    """Return a site's setting, or the default of this installation where none was ever written."""
    default = SiteSetting(id=site_id, name=site_id, time_zone=house.settings.time_zone)
    return find_site(unit.connection, site_id) or default


def _snapshot(house: House, seen: Seen) -> answers.Shape:
    return answers.patient_shape(
        seen.row.id,
        seen.state,
        seen.row.version,
        seen.as_of,
        house.protocols,
        silent_after_days=seen.setting.silent_after_days,
    )


def listed(house: House, actor: Actor, wanted: PatientFilter, page: Page) -> Answer:
    """Return patients as of today with live status, paged by an opaque cursor."""
    require_role(actor, Role.VIEWER)
    with reading(house.database, actor) as unit:
        settings = {setting.id: setting for setting in list_sites(unit.connection, unit.reach)}
        now = unit.instant()
        todays = {site: today_in(setting.time_zone, now) for site, setting in settings.items()}
        listing = list_patients(unit.connection, unit.reach, wanted, today=todays, now=now, page=page)
        unit.note("list_patients", items=len(listing.items))
    default = today_in(house.settings.time_zone, now)
    items = [_line(house, row, todays.get(row.site_id, default), settings.get(row.site_id)) for row in listing.items]
    return Answer(200, answers.to_json(answers.page(items, listing.next_cursor)))


def _line(house: House, row: PatientRow, as_of: date, setting: SiteSetting | None) -> answers.Shape:
    days = setting.silent_after_days if setting else None
    shape = answers.patient_shape(row.id, row.state, row.version, as_of, house.protocols, silent_after_days=days)
    del shape["registration"]
    return shape


def search(house: House, actor: Actor, raw: Mapping[str, object]) -> Answer:
    """Return the patients with a pseudonym, which therefore never stands in a URL; at most one a site."""
    require_role(actor, Role.VIEWER)
    wanted = _wanted(raw)
    with reading(house.database, actor) as unit:
        now = unit.instant()
        rows = find_by_pseudonym(unit.connection, wanted.pseudonym, unit.reach, site=wanted.site, now=now)
        settings = {row.site_id: setting_of(house, unit, row.site_id) for row in rows}
        unit.note("search_patients", items=len(rows))
    items = [_line(house, row, today_in(settings[row.site_id].time_zone, now), settings[row.site_id]) for row in rows]
    return Answer(200, answers.to_json(answers.page(items)))


def _wanted(raw: Mapping[str, object]) -> Search:
    try:
        return Search.model_validate(raw)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False, include_input=False)
        raise InvalidInputError([problem_of(error, "") for error in errors]) from None
