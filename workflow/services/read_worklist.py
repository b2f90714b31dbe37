"""The worklist: who is late, critical, due or silent, today or as it stood at a pair of clocks."""

from dataclasses import dataclass
from datetime import date, datetime

from workflow.domain.actor import Actor
from workflow.domain.facts.fact import fact_id
from workflow.domain.roles import Role
from workflow.domain.windows import Window
from workflow.persistence.due_rows import FOUND_BY_RANGE
from workflow.persistence.pages import Page
from workflow.persistence.unit_of_work import reading
from workflow.persistence.worklist import PastRow, WorklistRow, list_past_worklist, list_worklist
from workflow.protocols.model import Protocols
from workflow.rules.fold import fold
from workflow.rules.glance import as_it_waited, glance
from workflow.rules.silence import silence_begins
from workflow.services import answers
from workflow.services.clocks import Clocks
from workflow.services.house import Answer, House, require_role
from workflow.services.list_clocks import Counted, ListClocks, require_known

# What the worklist shows unless asked otherwise.
WORTH_SHOWING = frozenset({"critical", "late", "due", "unknown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows are asked for; without `as_of` what stood last, by the calendar of each patient's site."""

    as_of: date | None = None
    known_at: datetime | None = None
    statuses: frozenset[str] = WORTH_SHOWING
    site: str | None = None
    rule: str | None = None

    @property
    def clocks(self) -> Clocks:
        """The pair of clocks."""
        return Clocks(as_of=self.as_of, known_at=self.known_at)


@dataclass(frozen=True, slots=True)
class Worklist:
    """Rows, each with the day it is judged for, and where the next page begins.

    `settled` says whether it can still change; None where `known_at` was not asked.
    """

    rows: tuple[tuple[WorklistRow, date], ...]
    next_cursor: str | None
    settled: bool | None = None


def rows(house: House, actor: Actor, wanted: Wanted, page: Page) -> Worklist:
    """Return worklist rows, longest overdue first, of the sites the actor may see."""
    require_role(actor, Role.VIEWER)
    few = wanted.clocks.now and wanted.statuses <= FOUND_BY_RANGE
    with reading(house.database, actor, lists=not few) as unit:
        clocks = ListClocks.of(house, unit, wanted.clocks)
        require_known("rule", wanted.rule, {rule.rule for kept in house.protocols.versions for rule in kept.windows})
        clocks.require_site(wanted.site)
        found, next_cursor = _today(clocks, wanted, page) if wanted.clocks.now else _past(clocks, wanted, page)
        unit.note("read_worklist", items=len(found))
    return Worklist(tuple((row, row.as_of) for row in found), next_cursor, clocks.settled)


def _today(clocks: ListClocks, wanted: Wanted, page: Page) -> tuple[tuple[WorklistRow, ...], str | None]:
    listing = list_worklist(
        clocks.unit.connection,
        clocks.unit.reach,
        today=clocks.days,
        now=clocks.now,
        statuses=wanted.statuses,
        site=wanted.site,
        rule=wanted.rule,
        page=page,
    )
    return listing.items, listing.next_cursor


def _past(clocks: ListClocks, wanted: Wanted, page: Page) -> tuple[tuple[WorklistRow, ...], str | None]:
    listing = list_past_worklist(
        clocks.unit.connection,
        clocks.unit.reach,
        today=clocks.today,
        known_at=wanted.known_at,
        patience=clocks.patience,
        now=clocks.now,
        statuses=wanted.statuses,
        site=wanted.site,
        rule=wanted.rule,
        page=page,
    )
    facts = clocks.facts_of(row.patient_id for row in listing.items)
    return tuple(_stood(clocks, row, facts[row.patient_id]) for row in listing.items), listing.next_cursor


def _stood(clocks: ListClocks, row: PastRow, facts: Counted) -> WorklistRow:
    """Return a row as it stood then."""
    as_of = clocks.day_of(row.site_id)
    seen = glance(facts.then)
    protocols = clocks.house.protocols
    pinned = protocols.named(row.protocol) if row.protocol else None
    silent = silence_begins(row.state, seen.last_contact_on, pinned, clocks.silent_after_days(row.site_id))
    window = None
    if row.window is not None:
        window = as_it_waited(row.window, facts.later, protocols) or _folded(row.window, facts, protocols)
    return WorklistRow(
        patient_id=row.patient_id,
        pseudonym=seen.pseudonym,
        site_id=row.site_id,
        state=row.state,
        as_of=as_of,
        window=window,
        status=window.status(as_of) if window else None,
        unknown=silent is not None and silent <= as_of,
        owner=seen.owner,
        deputy=seen.deputy,
        last_contact_on=seen.last_contact_on,
    )


def _folded(window: Window, facts: Counted, protocols: Protocols) -> Window:
    """Return a window as it was before the later facts; as it is stored where this process lacks its protocol."""
    stood = (known for known in fold(facts.then, protocols).windows if known.id == window.id)
    return next(stood, window)


def listed(house: House, actor: Actor, wanted: Wanted, page: Page) -> Answer:
    """Return the worklist of contract §2 as JSON."""
    worklist = rows(house, actor, wanted, page)
    items = (row_shape(row, day) for row, day in worklist.rows)
    return Answer(200, answers.to_json(answers.page(items, worklist.next_cursor, settled=worklist.settled)))


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
        "paused_on": window.paused_on,
        "interrupted_days": window.interrupted_days,
    }
