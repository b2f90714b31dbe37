"""Fills the pages that show data: asks a use case, and puts its answer into words."""

import json
from datetime import date
from typing import Any
from urllib.parse import urlencode

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import base_of
from api.pages import worklist as presented
from api.pages.rendering import page
from api.pages.words import ANCHOR_WORDS, days_in_words
from api.problems import EdgeError, invalid_input, parameter_problem
from api.schemas.parameters import WorklistParameters
from workflow.domain.actor import Actor
from workflow.persistence.pages import Page
from workflow.protocols.model import Protocol, WindowRule
from workflow.protocols.wording import anchor_words, expects_words, threshold_words
from workflow.services import read_protocols, read_worklist, sites
from workflow.services.house import House
from workflow.services.read_worklist import WORTH_SHOWING, Wanted

# A page that hangs on a ward's monitor must not grow old unseen.
REFRESH_SECONDS = 300
ROWS_A_PAGE = 200


def worklist_page(request: Request, house: House, actor: Actor) -> Response:
    """Return the worklist as a page; raises EdgeError (422) for parameters that cannot be read."""
    wanted = _parameters(request)
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
            "sites": _sites(house, actor),
            "day_shown": _day_shown(asked, {day for _, day in found.rows}),
            "refresh_seconds": REFRESH_SECONDS if asked.clocks.now and wanted.cursor is None else 0,
            "next_page": _next_page(request, found.next_cursor),
        },
        signed_in_as=actor.name,
    )


def _parameters(request: Request) -> WorklistParameters:
    """Read the filter form; a field left empty is a field left out."""
    sent: dict[str, Any] = {"limit": ROWS_A_PAGE}
    for name, value in request.query_params.multi_items():
        if value and name == "status":
            sent.setdefault("status", []).append(value)
        elif value:
            sent[name] = value
    try:
        return WorklistParameters.model_validate(sent)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False, include_input=False)
        raise EdgeError(invalid_input(parameter_problem(error["loc"], error) for error in errors)) from None


def _sites(house: House, actor: Actor) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(sites.listed(house, actor).body)["items"]
    return listed


def _day_shown(asked: Wanted, days: set[date]) -> str:
    if asked.known_at is not None:
        known = f"by what was known at {asked.known_at:%Y-%m-%d %H:%M:%S} UTC"
        return f"As of {asked.as_of}, {known}" if asked.as_of else f"As it stood, {known}"
    if asked.as_of is not None:
        return f"As of {asked.as_of}"
    if len(days) == 1:
        return f"Today, {next(iter(days))}"
    return "Today at each patient's site"


def _next_page(request: Request, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor" and value]
    return f"{base_of(request)}/worklist?{urlencode([*kept, ('cursor', cursor)])}"


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
