"""Fills the worklist: asks the use case, and puts its answer into words."""

from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from api.pages import worklist as presented
from api.pages.listing import REFRESH_SECONDS, next_page, read_filters, sites_to_choose
from api.pages.rendering import page
from api.schemas.parameters import WorklistParameters
from workflow.domain.actor import Actor
from workflow.persistence.pages import Page
from workflow.services import read_worklist
from workflow.services.house import House
from workflow.services.read_worklist import WORTH_SHOWING, Wanted


def worklist_page(request: Request, house: House, actor: Actor) -> Response:
    """Return the worklist as a page; raises EdgeError (422) for parameters that cannot be read."""
    wanted = read_filters(request, WorklistParameters)
    shown = frozenset(wanted.status) or WORTH_SHOWING
    asked = Wanted(as_of=wanted.as_of, known_at=wanted.known_at, statuses=shown, site=wanted.site, rule=wanted.rule)
    found = read_worklist.rows(house, actor, asked, Page(wanted.limit, wanted.cursor))
    lines = presented.lines(found.rows, house.protocols)
    return page(
        request,
        "worklist.html",
        {
            "rows": lines,
            "counts": presented.counted(lines),
            "marks": presented.MARKS,
            "standings": presented.STANDINGS,
            "shown_statuses": shown,
            "wanted": wanted,
            "sites": sites_to_choose(house, actor),
            "day_shown": _day_shown(asked, {day for _, day in found.rows}),
            "refresh_seconds": REFRESH_SECONDS if asked.clocks.now and wanted.cursor is None else 0,
            "next_page": next_page(request, "/worklist", found.next_cursor),
        },
        signed_in_as=actor.name,
    )


def _day_shown(asked: Wanted, days: set[date]) -> str:
    if asked.known_at is not None:
        known = f"by what was known at {asked.known_at:%Y-%m-%d %H:%M:%S} UTC"
        return f"As of {asked.as_of}, {known}" if asked.as_of else f"As it stood, {known}"
    if asked.as_of is not None:
        return f"As of {asked.as_of}"
    if len(days) == 1:
        return f"Today, {next(iter(days))}"
    return "Today at each patient's site"
