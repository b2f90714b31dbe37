"""Fills the pages that show data: asks a use case, and puts its answer into words."""

from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from api.pages import worklist as presented
from api.pages.listing import REFRESH_SECONDS, next_page, read_filters, sites_to_choose
from api.pages.rendering import page
from api.pages.words import ANCHOR_WORDS, days_in_words
from api.schemas.parameters import WorklistParameters
from workflow.domain.actor import Actor
from workflow.persistence.pages import Page
from workflow.protocols.model import Protocol, WindowRule
from workflow.protocols.wording import anchor_words, expects_words, threshold_words
from workflow.services import read_protocols, read_worklist
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


def protocols_page(request: Request, house: House, actor: Actor) -> Response:
    """Return every protocol version at hand: drawn, and the same in a table."""
    shown = [_protocol(house, protocol) for protocol in reversed(house.protocols.versions)]
    return page(request, "protocols.html", {"protocols": shown}, signed_in_as=actor.name)


def _protocol(house: House, protocol: Protocol) -> dict[str, object]:
    return {
        "anchor": f"{protocol.id}-{protocol.version}".replace(".", "-"),
        "title": protocol.title,
        "scope": protocol.scope.rstrip("."),
        "ref": protocol.ref,
        "elements": [element.code for element in protocol.elements],
        "silent_after": f"{days_in_words(protocol.silent_after_days)} without a record in treatment",
        "sha256": protocol.sha256,
        "svg": read_protocols.timeline_svg(house, protocol.ref),
        "windows": [_window(window) for window in protocol.windows],
        "not_stated": protocol.not_stated,
        "citations": dict(protocol.citations),
    }


def _window(window: WindowRule) -> dict[str, object]:
    return {
        "rule": window.rule,
        "label": window.label,
        "anchor": anchor_words(window).replace(window.anchor, ANCHOR_WORDS.get(window.anchor, window.anchor)),
        "awaited": expects_words(window).replace("_", " "),
        "thresholds": threshold_words(window),
        "source": window.source,
    }
