"""What routes ask for: who calls, what was sent, under which conditions."""

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.attempts import actor_of_key
from api.bodies import read_limited, read_object, require_json_type
from api.conditions import read_if_match, read_once
from api.problems import EdgeError, ProblemDetails, invalid_input
from api.schemas.parameters import REPEATABLE, NoParameters
from api.sessions import key_id_of
from api.turns import Turns
from workflow.domain.actor import Actor
from workflow.domain.errors import Problem
from workflow.services.authenticate import remembered
from workflow.services.house import House
from workflow.services.patient_write import Conditions

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and the house that is asked."""

    house: House
    actor: Actor


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody sent to be written: the JSON object as it stands, and the conditions of the write."""

    house: House
    actor: Actor
    raw: dict[str, object]
    conditions: Conditions
    turns: Turns


def house_of(request: Request) -> House:
    """Return the house that this application serves."""
    return cast("House", request.app.state.house)


async def caller(request: Request) -> Caller:
    """Return who presented the key; raises EdgeError (401). A key seen a moment ago costs no thread.

    The header is read here, not by a dependency of its own: each one costs every request as much as reading a body.
    """
    house = house_of(request)
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key:
        raise EdgeError(_key_needed("Send a key: Authorization: Bearer KEY.", 'Bearer realm="coursewatch"'))
    actor = remembered(house, key)
    if actor is None and key_id_of(key) is not None:
        actor = await run_in_threadpool(actor_of_key, request, house, key)
    if actor is None:
        raise EdgeError(
            _key_needed(
                "This key is not known here, or was revoked; ask an administrator for a new one.",
                'Bearer realm="coursewatch", error="invalid_token"',
            )
        )
    _refuse_repeated_parameters(request)
    return Caller(house, actor)


def _key_needed(detail: str, challenge: str) -> ProblemDetails:
    return ProblemDetails(
        status=401, code="key_needed", title="Key needed", detail=detail, headers={"WWW-Authenticate": challenge}
    )


def _refuse_repeated_parameters(request: Request) -> None:
    """Raise EdgeError (422): a second `as_of` would silently win over the first one, and nobody can mean both."""
    if not request.scope["query_string"]:
        return
    names = [name for name, _ in request.query_params.multi_items() if name not in REPEATABLE]
    twice = [name[:LONGEST_NAME] for name, times in Counter(names).items() if times > 1]
    if twice:
        raise EdgeError(
            invalid_input(Problem(name, "repeated", f"{name} stands more than once; send it once") for name in twice)
        )


async def no_parameters(_parameters: Annotated[NoParameters, Query()]) -> None:
    """Refuse every query parameter, for routes that have none."""


async def submission(request: Request) -> Submission:
    """Read who calls, then a JSON object to be written, its Idempotency-Key and its If-Match; raises EdgeError."""
    asked = await caller(request)
    body = await read_body(request)
    return _submitted(request, asked, body, read_object(body))


async def optional_submission(request: Request) -> Submission:
    """Read the same where the body may be left out."""
    asked = await caller(request)
    body = await read_body(request)
    return _submitted(request, asked, body, read_object(body) if body else {})


async def read_body(request: Request) -> bytes:
    """Return a JSON body's bytes; raises EdgeError where its type or size is refused."""
    require_json_type(request.headers.get("content-type"))
    return await read_limited(request)


def _submitted(request: Request, asked: Caller, body: bytes, raw: dict[str, object]) -> Submission:
    once = read_once(request, request.headers.get("idempotency-key"), body)
    if_match = read_if_match(request.headers.get("if-match"))
    conditions = Conditions(once=once, if_match=if_match)
    return Submission(asked.house, asked.actor, raw, conditions, request.app.state.turns)


CallerOf = Annotated[Caller, Depends(caller)]
Sent = Annotated[Submission, Depends(submission)]
SentOrNothing = Annotated[Submission, Depends(optional_submission)]
