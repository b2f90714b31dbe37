"""The worklist: who is late, critical, due or silent, as of today or of a past day."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from workflow.clock import today_in
from workflow.domain.actor import Actor
from workflow.domain.errors import InvalidInputError, Problem
from workflow.domain.facts.fact import fact_id
from workflow.domain.roles import Role
from workflow.domain.windows import Window
from workflow.persistence.patients import Page
from workflow.persistence.sites import list_sites
from workflow.persistence.unit_of_work import reading
from workflow.persistence.worklist import WorklistRow, list_worklist
from workflow.services import answers
from workflow.services.house import Answer, House, require_role

# What the worklist shows unless asked otherwise.
WORTH_SHOWING = frozenset({"critical", "late", "due", "unknown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows are asked for; `as_of` None means today at each patient's site."""

    as_of: date | None = None
    statuses: frozenset[str] = WORTH_SHOWING
    site: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Worklist:
    """Rows, each with the day it is judged for, and where the next page begins."""

    rows: tuple[tuple[WorklistRow, date], ...]
    next_cursor: str | None


def rows(house: House, actor: Actor, wanted: Wanted, page: Page) -> Worklist:
    """Return worklist rows, longest overdue first, of the sites the actor may see."""
    require_role(actor, Role.VIEWER)
    with reading(house.database, actor) as unit:
        now = unit.instant()
        zones = {setting.id: setting.time_zone for setting in list_sites(unit.connection, unit.reach)}
        todays = {site: today_in(zone, now) for site, zone in zones.items()}
        _require_known(wanted, house, zones)
        listing = list_worklist(
            unit.connection,
            unit.reach,
            today=wanted.as_of or todays,
            now=now,
            statuses=wanted.statuses,
            site=wanted.site,
            rule=wanted.rule,
            page=page,
        )
        unit.note("read_worklist", items=len(listing.items))
    default = today_in(house.settings.time_zone, now)
    judged = ((row, wanted.as_of or todays.get(row.site_id, default)) for row in listing.items)
    return Worklist(tuple((_as_of(row, day), day) for row, day in judged), listing.next_cursor)


def _require_known(wanted: Wanted, house: House, sites: Iterable[str]) -> None:
    """Raise InvalidInputError for a rule or a site that is not there: its empty list would say that all is well."""
    rules = {window.rule for protocol in house.protocols.versions for window in protocol.windows}
    asked = (("rule", wanted.rule, sorted(rules)), ("site", wanted.site, sorted(sites)))
    problems = [
        Problem(name, f"unknown_{name}", f"{name} is not known here; known: {', '.join(known) or 'none yet'}")
        for name, value, known in asked
        if value is not None and value not in known
    ]
    if problems:
        raise InvalidInputError(problems)


def _as_of(row: WorklistRow, day: date) -> WorklistRow:
    """Return the row without a contact that came after its day; the snapshot does not say which came before it."""
    known = row.last_contact_on is None or row.last_contact_on <= day
    return row if known else replace(row, last_contact_on=None)


def listed(house: House, actor: Actor, wanted: Wanted, page: Page) -> Answer:
    """Return the worklist of contract §2 as JSON."""
    worklist = rows(house, actor, wanted, page)
    return Answer(
        200, answers.to_json(answers.page((row_shape(row, day) for row, day in worklist.rows), worklist.next_cursor))
    )


def row_shape(row: WorklistRow, as_of: date) -> answers.Shape:
    """Return one row: patient, state, window, days past the latest day, next threshold, owner, last contact."""
    window = row.window
    return {
        "patient": row.patient_id,
        "pseudonym": row.pseudonym,
        "site": row.site_id,
        "state": row.state,
        "as_of": as_of,
        "status": row.status,
        "unknown": row.unknown,
        "due": row.due,
        "window": _window_shape(window) if window else None,
        "days": window.days(as_of) if window else None,
        "days_past_latest": window.days_past_latest(as_of) if window else None,
        "next_threshold": window.next_threshold(as_of) if window else None,
        "owner": row.owner,
        "deputy": row.deputy,
        "last_contact_on": row.last_contact_on,
    }


def _window_shape(window: Window) -> answers.Shape:
    return {
        "id": window.id,
        "rule": window.rule,
        "label": window.label,
        "anchor": {"fact": fact_id(window.anchor), "on": window.anchor_on},
        "latest_on": window.latest_on,
        "critical_from": window.critical_from,
        "review_on": window.review_on,
    }
