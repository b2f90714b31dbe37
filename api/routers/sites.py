"""Sites: list them, make or complete one."""

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.answering import answered
from api.dependencies import CallerOf, Sent, no_parameters
from api.schemas import documentation as documented
from workflow.services import sites

router = APIRouter(prefix="/api/v1/sites", tags=["sites"], dependencies=[Depends(no_parameters)])


@router.get("", summary="List sites", **documented.LIST_SITES)
def listed(asked: CallerOf) -> Response:
    """List the sites that this key may see."""
    return answered(sites.listed(asked.house, asked.actor))


@router.put("/{site_id}", summary="Make or complete a site", **documented.PUT_SITE)
def put(site_id: documented.SiteId, sent: Sent) -> Response:
    """Make a site or complete it, as an admin: name, time zone, working days, holidays, contacts, hour of notices.

    A contact is an email address, or `log` for the server's log. What is left out stays as it is; silent_after_days,
    notices_at and mrd_result_days are taken back with null. After another time zone, calendar, contact, hour or
    mrd_result_days the next sweep judges the site's patients anew. Repeating the request changes nothing, so it needs
    no Idempotency-Key.
    """
    return answered(sites.put(sent.house, sent.actor, site_id, sent.raw))
