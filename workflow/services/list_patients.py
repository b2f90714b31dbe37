"""Listing patients, and finding one by pseudonym."""

from collections.abc import Iterable, Mapping

from pydantic import BaseModel, ConfigDict, ValidationError

from workflow.domain.actor import Actor
from workflow.domain.errors import InvalidInputError
from workflow.domain.facts.base import Code
from workflow.domain.facts.read import problems_of
from workflow.domain.roles import Role
from workflow.persistence.evidence import UNREADABLE
from workflow.persistence.pages import Page
from workflow.persistence.patient_lists import PatientFilter, list_patients
from workflow.persistence.patients import PatientRow, find_by_pseudonym
from workflow.persistence.unit_of_work import reading
from workflow.services import answers
from workflow.services.clocks import Clocks
from workflow.services.house import Answer, House, require_role
from workflow.services.list_clocks import ListClocks, Stood

NOW = Clocks()


class Search(BaseModel):
    """What a search may say: text as it is stored, which holds no control characters."""

    model_config = ConfigDict(extra="forbid", strict=True)
    pseudonym: Code
    site: Code | None = None


def listed(house: House, actor: Actor, wanted: PatientFilter, page: Page, asked: Clocks = NOW) -> Answer:
    """Return patients with live status, paged by an opaque cursor: as of now, or as they stood at a pair of clocks."""
    require_role(actor, Role.VIEWER)
    with reading(house.database, actor, lists=True) as unit:
        clocks = ListClocks.of(house, unit, asked)
        if not asked.now:
            clocks.require_site(wanted.site)
        listing = list_patients(
            unit.connection,
            unit.reach,
            wanted,
            today=clocks.today,
            known_at=asked.known_at,
            patience=clocks.patience,
            now=clocks.now,
            page=page,
        )
        stood = _stood_now(clocks, listing.items) if asked.now else clocks.stood(row.id for row in listing.items)
        unit.note("list_patients", items=len(listing.items))
    items = [_line(clocks, row, stood[row.id]) for row in listing.items]
    return Answer(200, answers.to_json(answers.page(items, listing.next_cursor, settled=clocks.settled)))


def _stood_now(clocks: ListClocks, rows: Iterable[PatientRow]) -> dict[str, Stood]:
    """Return patients as they are stored, by id; folded where other rules wrote a snapshot that these cannot read."""
    stored = {row.id: _stored(clocks.house, row) for row in rows}
    folded = clocks.stood(patient_id for patient_id, stood in stored.items() if stood is None)
    return folded | {patient_id: stood for patient_id, stood in stored.items() if stood is not None}


def _stored(house: House, row: PatientRow) -> Stood | None:
    try:
        return Stood(row.state)
    except UNREADABLE:
        if row.engine == house.engine:
            raise
        return None


def _line(clocks: ListClocks, row: PatientRow, stood: Stood) -> answers.Shape:
    # Today's membership and today's fold name the same treating site.
    state, site = stood.state, stood.state.registration.site
    shape = answers.patient_shape(
        row.id,
        state,
        row.version,
        clocks.day_of(site),
        clocks.house.protocols,
        silent_after_days=clocks.silent_after_days(site),
        recommendations=clocks.house.settings.recommendations,
    )
    del shape["registration"]
    return shape | {"restart_needed": True} if stood.restart_needed else shape


def search(house: House, actor: Actor, raw: Mapping[str, object]) -> Answer:
    """Return the patients with a pseudonym, which therefore never stands in a URL; at most one a site."""
    require_role(actor, Role.VIEWER)
    wanted = _wanted(raw)
    with reading(house.database, actor, lists=True) as unit:
        clocks = ListClocks.of(house, unit, NOW)
        rows = find_by_pseudonym(unit.connection, wanted.pseudonym, unit.reach, site=wanted.site, now=clocks.now)
        stood = _stood_now(clocks, rows)
        unit.note("search_patients", items=len(rows))
    return Answer(200, answers.to_json(answers.page(_line(clocks, row, stood[row.id]) for row in rows)))


def _wanted(raw: Mapping[str, object]) -> Search:
    try:
        return Search.model_validate(raw)
    except ValidationError as invalid:
        raise InvalidInputError(problems_of(invalid)) from None
