"""The ledger of alerts: read it, ask one whether it was right, and act upon it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.answering import answered
from api.dependencies import CallerOf, Sent, no_parameters
from api.schemas import documentation as documented
from api.schemas.parameters import AlertListParameters
from workflow.persistence.pages import Page
from workflow.services import act_on_alert, explain_alert, read_alerts

router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"])


@router.get("", summary="List alerts", **documented.LIST_ALERTS)
def listed(asked: CallerOf, wanted: Annotated[AlertListParameters, Query()]) -> Response:
    """List the alerts of the patients whom this key may see, the newest first: as the ledger stands.

    With `known_at` as it stood at that instant: raised by then, and acknowledged, snoozed or resolved by then. Of
    notices it then tells what was planned by that instant, not what became of them.
    """
    page = Page(wanted.limit, wanted.cursor)
    answer = read_alerts.listed(asked.house, asked.actor, wanted.alerts, page, known_at=wanted.known_at)
    return answered(answer)


@router.get("/{alert_id:uuid}", dependencies=[Depends(no_parameters)], summary="Read an alert", **documented.READ_ALERT)
def one(asked: CallerOf, alert_id: documented.AlertId) -> Response:
    """Read one alert with its notices and everything that happened to it.

    To whom notices went is told to coordinators and admins; to others, through which channel and what became of it.
    """
    return answered(read_alerts.one(asked.house, asked.actor, str(alert_id)))


@router.get(
    "/{alert_id:uuid}/explanation",
    dependencies=[Depends(no_parameters)],
    summary="Ask why an alert was raised",
    **documented.EXPLAIN_ALERT,
)
def explanation(asked: CallerOf, alert_id: documented.AlertId) -> Response:
    """Read the proof of an alert as it stood when it was raised, and whether it was right.

    Right still; right by what was known then and corrected since; right then, with the documentation late; or wrong.
    """
    return answered(explain_alert.explanation(asked.house, asked.actor, str(alert_id)))


@router.post(
    "/{alert_id:uuid}/acknowledge",
    dependencies=[Depends(no_parameters)],
    summary="Acknowledge an alert",
    **documented.ACKNOWLEDGE_ALERT,
)
async def acknowledge(alert_id: documented.AlertId, sent: Sent) -> Response:
    """Say that somebody has seen the alert and sees to it; a coordinator may say so for another person.

    Acknowledged is not resolved: only a fact, or a clinician by hand, ends it. The same person may say it again; to
    another one the answer is 409 with whose it is.
    """
    answer = await sent.turns.carry_out(
        act_on_alert.acknowledge, sent.house, sent.actor, str(alert_id), sent.raw, conditions=sent.conditions
    )
    return answered(answer)


@router.post(
    "/{alert_id:uuid}/snooze",
    dependencies=[Depends(no_parameters)],
    summary="Snooze an alert",
    **documented.SNOOZE_ALERT,
)
async def snooze(alert_id: documented.AlertId, sent: Sent) -> Response:
    """Put an alert off until an instant, or until a day begins at the site: then everybody is told anew.

    Never beyond the next threshold of its window or the next repeat of its notice; without both a week at most. A
    refusal (422) names the latest instant in `latest_at`.
    """
    answer = await sent.turns.carry_out(
        act_on_alert.snooze, sent.house, sent.actor, str(alert_id), sent.raw, conditions=sent.conditions
    )
    return answered(answer)


@router.post(
    "/{alert_id:uuid}/resolve",
    dependencies=[Depends(no_parameters)],
    summary="Resolve an alert by hand",
    **documented.RESOLVE_ALERT,
)
async def resolve(alert_id: documented.AlertId, sent: Sent) -> Response:
    """Say, as a clinician, that nothing is left to be done, though no fact has ended the window.

    It stays resolved while its window stays as it is; its next threshold raises an alert of its own.
    """
    answer = await sent.turns.carry_out(
        act_on_alert.resolve, sent.house, sent.actor, str(alert_id), sent.raw, conditions=sent.conditions
    )
    return answered(answer)
