"""Fills the pages of alerts: the list of those that stand, and one with everything about it."""

import json
from typing import Any
from urllib.parse import urlencode

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import base_of
from api.pages import alerts as presented
from api.pages.presenting import REFRESH_SECONDS, ROWS_A_PAGE
from api.pages.rendering import page
from api.problems import EdgeError, invalid_input, parameter_problem
from api.schemas.parameters import AlertListParameters
from workflow.domain.actor import Actor
from workflow.persistence.pages import Page
from workflow.services import explain_alert, read_alerts, sites
from workflow.services.house import House


def alerts_page(request: Request, house: House, actor: Actor) -> Response:
    """Return the alerts as a page; raises EdgeError (422) for parameters that cannot be read."""
    wanted = _parameters(request)
    asked = wanted.alerts
    ledger = read_alerts.rows(
        house, actor, asked, Page(wanted.limit, wanted.cursor), known_at=wanted.known_at, gravest_first=True
    )
    lines = presented.lines(ledger.rows, ledger.time_zones)
    severities = [line.severity for line in lines]
    return page(
        request,
        "alerts.html",
        {
            "rows": lines,
            "counts": [
                (presented.COLOURS[name], word, severities.count(word))
                for name, word in presented.WORDS.items()
                if word in severities
            ],
            "statuses": presented.STATUSES,
            "shown_statuses": asked.statuses,
            "default_statuses": not wanted.status,
            "wanted": wanted,
            "sites": _sites(house, actor),
            "refresh_seconds": REFRESH_SECONDS if wanted.known_at is None and wanted.cursor is None else 0,
            "next_page": _next_page(request, ledger.next_cursor),
        },
        signed_in_as=actor.name,
    )


def alert_page(request: Request, house: House, actor: Actor, alert_id: str) -> Response:
    """Return one alert as a page; raises NotFoundError where there is none within reach."""
    told = explain_alert.explained(house, actor, alert_id)
    return page(request, "alert.html", presented.alert_values(told), signed_in_as=actor.name)


def _parameters(request: Request) -> AlertListParameters:
    """Read the filter form; a field left empty is a field left out."""
    sent: dict[str, Any] = {"limit": ROWS_A_PAGE}
    for name, value in request.query_params.multi_items():
        if value and name in {"status", "severity"}:
            sent.setdefault(name, []).append(value)
        elif value:
            sent[name] = value
    try:
        return AlertListParameters.model_validate(sent)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False, include_input=False)
        raise EdgeError(invalid_input(parameter_problem(error["loc"], error) for error in errors)) from None


def _sites(house: House, actor: Actor) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(sites.listed(house, actor).body)["items"]
    return listed


def _next_page(request: Request, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor" and value]
    return f"{base_of(request)}/alerts?{urlencode([*kept, ('cursor', cursor)])}"
