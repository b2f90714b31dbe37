"""Pages for people: start, sign-in, worklist, alerts, protocols, reference."""

import re
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import sessions
from api.addresses import base_of, is_encrypted, is_own_origin, is_this_machine, own_path, query_of
from api.attempts import actor_of_key
from api.bodies import read_limited
from api.dependencies import Caller, house_of
from api.pages.alert_pages import alert_page, alerts_page
from api.pages.failures import failure_response
from api.pages.presenting import worklist_page
from api.pages.protocols import protocols_page
from api.pages.reference import reference_page
from api.pages.rendering import page
from api.problems import EdgeError, ProblemDetails
from workflow.domain.actor import Actor
from workflow.identifiers import new_session_id
from workflow.persistence.errors import PersistenceError
from workflow.services import authenticate

router = APIRouter(include_in_schema=False, tags=["pages"])

# Where sign-in may lead: our own pages and nothing that a forged link could name.
_LANDING = re.compile(
    r"/(worklist|protocols|alerts|reference)?((?<=alerts)/[0-9a-f-]{36}|(?<=reference)/[A-Za-z0-9@._-]{1,180})?"
    r"(\?[!-~]{0,500})?"
)


def visitor(request: Request) -> Caller | None:
    """Return who is signed in by the session cookie, or None."""
    house, cookie = house_of(request), request.cookies.get(_cookie(request), "")
    session = sessions.opened(cookie, house.database.secret, house.clock())
    actor = authenticate.by_session(house, session.key_id, cookie) if session else None
    return Caller(house, actor) if actor else None


def _cookie(request: Request) -> str:
    return sessions.cookie_name(base_of(request), encrypted=is_encrypted(request))


Visitor = Annotated[Caller | None, Depends(visitor)]


async def _form(request: Request) -> dict[str, str]:
    """Return a sent form's fields, the first of each name; raises EdgeError for a form of another site."""
    _require_own_origin(request)
    body = await read_limited(request)
    fields = parse_qs(body.decode("ascii", "replace"), max_num_fields=20)
    return {name: values[0] for name, values in fields.items()}


Form = Annotated[dict[str, str], Depends(_form)]


@router.get("/")
def start(request: Request, seen: Visitor) -> Response:
    """Say what this is, and where one goes from here."""
    return page(request, "start.html", {}, signed_in_as=seen.actor.name if seen else None)


@router.get("/sign-in")
def sign_in_form(request: Request) -> Response:
    """Ask for a key."""
    return _ask_for_key(request, landing=request.query_params.get("next", "/worklist"), status=200)


@router.post("/sign-in")
def sign_in(request: Request, sent: Form) -> Response:
    """Turn a key into a session of one shift."""
    house = house_of(request)
    key, landing = sent.get("key", "").strip(), sent.get("next", "/worklist")
    key_id = sessions.key_id_of(key)
    actor: Actor | None = actor_of_key(request, house, key)
    if key_id is None or actor is None:
        message = "This key is not known here, or was revoked. Check that you copied all of it."
        return _ask_for_key(request, landing=landing, status=401, message=message)
    until = house.clock() + sessions.LASTS
    answer = RedirectResponse(base_of(request) + _own(landing), 303)
    answer.set_cookie(
        _cookie(request),
        sessions.sealed(sessions.Session(key_id, until, new_session_id()), house.database.secret),
        httponly=True,
        samesite="strict",
        secure=_secure(request),
        path=base_of(request) + "/",
    )
    return answer


def _secure(request: Request) -> bool:
    """Whether the cookie may travel encrypted only: everywhere but on this very machine without TLS."""
    return is_encrypted(request) or not is_this_machine(request)


@router.post("/sign-out")
def sign_out(request: Request, _sent: Form) -> Response:
    """End the session of this browser, wherever its cookie may have got to; the browser itself forgets it always."""
    house, cookie = house_of(request), request.cookies.get(_cookie(request), "")
    session = sessions.opened(cookie, house.database.secret, house.clock())
    answer: Response = RedirectResponse(base_of(request) + "/", 303)
    if session:
        try:
            authenticate.sign_out(house, session.key_id, cookie, session.until)
        except PersistenceError:
            answer = failure_response(request, _ended_here_only(session.until))
    answer.delete_cookie(
        _cookie(request), path=base_of(request) + "/", secure=_secure(request), httponly=True, samesite="strict"
    )
    return answer


def _ended_here_only(until: datetime) -> ProblemDetails:
    return ProblemDetails(
        status=503,
        code="session_not_ended",
        title="Signed out in this browser only",
        detail="This browser is signed out. The database did not answer, so the end of the session could not be "
        f"stored: a copy of its cookie, if there is one, works until {until:%H:%M} UTC, or until an administrator "
        "revokes the key.",
    )


@router.get("/worklist")
def worklist(request: Request, seen: Visitor) -> Response:
    """Show who is late, critical, due or silent."""
    if seen is None:
        return _ask_for_key(request, landing=_here(request), status=401)
    return worklist_page(request, seen.house, seen.actor)


@router.get("/alerts")
def alerts(request: Request, seen: Visitor) -> Response:
    """Show what has passed and is not resolved."""
    if seen is None:
        return _ask_for_key(request, landing=_here(request), status=401)
    return alerts_page(request, seen.house, seen.actor)


@router.get("/alerts/{alert_id:uuid}")
def alert(request: Request, alert_id: UUID, seen: Visitor) -> Response:
    """Show one alert: where the link of a notice leads."""
    if seen is None:
        return _ask_for_key(request, landing=_here(request), status=401)
    return alert_page(request, seen.house, seen.actor, str(alert_id))


@router.get("/protocols")
def protocols(request: Request, seen: Visitor) -> Response:
    """Show the timing windows that protocols state, drawn and in words."""
    if seen is None:
        return _ask_for_key(request, landing=_here(request), status=401)
    return protocols_page(request, seen.house, seen.actor)


@router.get("/reference")
def reference(request: Request, seen: Visitor) -> Response:
    """Show where everything of the reference is."""
    if seen is None:
        return _ask_for_key(request, landing=_here(request), status=401)
    return reference_page(request, seen.house, seen.actor)


@router.get("/reference/{name}")
def page_of_reference(request: Request, name: str, seen: Visitor) -> Response:
    """Show one page of the reference."""
    if seen is None:
        return _ask_for_key(request, landing=_here(request), status=401)
    return reference_page(request, seen.house, seen.actor, name)


def _ask_for_key(request: Request, *, landing: str, status: int, message: str = "") -> Response:
    unencrypted = not (is_this_machine(request) or is_encrypted(request))
    own = _own(landing)
    page_asked_for = _LANDING.fullmatch(own)
    about = page_asked_for[1] if page_asked_for and status != HTTPStatus.OK else None
    values = {"next": own, "about": about, "message": message, "unencrypted": unencrypted}
    return page(request, "sign_in.html", values, status=status)


def _here(request: Request) -> str:
    query = query_of(request)
    return f"{own_path(request.scope)}?{query}" if query else own_path(request.scope)


def _own(landing: str) -> str:
    """Return where to go after sign-in: one of our pages, whatever a link asked for."""
    return landing if _LANDING.fullmatch(landing) else "/worklist"


def _require_own_origin(request: Request) -> None:
    """Refuse a form that another site's page sends; browsers name the sender, other clients need not."""
    origin = request.headers.get("origin")
    fetch_site = request.headers.get("sec-fetch-site", "same-origin")
    own = origin is None or is_own_origin(request, origin, house_of(request).settings.public_url)
    if own and fetch_site in {"same-origin", "none"}:
        return
    raise EdgeError(
        ProblemDetails(
            status=403,
            code="other_origin",
            title="Sent from another site",
            detail="This form was sent from another address than the one it is served at. "
            "Open Coursewatch itself and sign in there.",
        )
    )
