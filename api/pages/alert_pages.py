"""Fills the pages of alerts: the list of those that stand, and one with everything about it."""

from starlette.requests import Request
from starlette.responses import Response

from api.pages import alerts as presented
from api.pages.listing import REFRESH_SECONDS, next_page, read_filters, sites_to_choose
from api.pages.rendering import page
from api.schemas.parameters import AlertListParameters
from workflow.domain.actor import Actor
from workflow.persistence.pages import Page
from workflow.services import explain_alert, read_alerts
from workflow.services.house import House


def alerts_page(request: Request, house: House, actor: Actor) -> Response:
    """Return the alerts as a page; raises EdgeError (422) for parameters that cannot be read."""
    wanted = read_filters(request, AlertListParameters)
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
            "sites": sites_to_choose(house, actor),
            "refresh_seconds": REFRESH_SECONDS if wanted.known_at is None and wanted.cursor is None else 0,
            "next_page": next_page(request, "/alerts", ledger.next_cursor),
        },
        signed_in_as=actor.name,
    )


def alert_page(request: Request, house: House, actor: Actor, alert_id: str) -> Response:
    """Return one alert as a page; raises NotFoundError where there is none within reach."""
    told = explain_alert.explained(house, actor, alert_id)
    return page(request, "alert.html", presented.alert_values(told), signed_in_as=actor.name)
