"""What routes ask for: who calls, what was sent, under which conditions."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Header, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.bodies import read_limited, read_object, require_json_type
from api.conditions import read_if_match, read_once
from api.problems import EdgeError, ProblemDetails, invalid_input
from api.schemas.parameters import REPEATABLE, NoParameters
from workflow.domain.actor import Actor
from workflow.domain.errors import Problem
from workflow.services.authenticate import authenticate, remembered
from workflow.services.house import House, Once

LONGEST_KEY = 300
LONGEST_NAME = 200
_VISIBLE = re.compile(r"[\x21-\x7e]+")

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="A key made with `coursewatch key create`, sent as `Authorization: Bearer KEY`.",
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and the house that is asked."""

    house: House
    actor: Actor


@dataclass(frozen=True, slots=True)
class Submission:
    """What was sent to be written: the JSON object as it stands, and the conditions of the write."""

    raw: dict[str, object]
    once: Once
    if_match: int | None


def house_of(request: Request) -> House:
    """Return the house that this application serves."""
    return cast("House", request.app.state.house)


async def caller(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Caller:
    """Return who presented the key; raises EdgeError (401). A key seen a moment ago costs no thread."""
    house = house_of(request)
    if credentials is None:
        raise EdgeError(_key_needed("Send a key: Authorization: Bearer KEY.", 'Bearer realm="coursewatch"'))
    key = credentials.credentials
    actor = None
    if len(key) <= LONGEST_KEY and _VISIBLE.fullmatch(key):
        actor = remembered(house, key) or await run_in_threadpool(authenticate, house, key)
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


async def submission(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="Up to 200 printable ASCII characters of your choice, new for every act. The same key with the "
            "same request gives the first answer again, with another request 422.",
        ),
    ] = None,
    if_match: Annotated[
        str | None,
        Header(alias="If-Match", description="The ETag of the patient as you read it; 412 where it has changed since."),
    ] = None,
) -> Submission:
    """Read a JSON object to be written, its Idempotency-Key and its If-Match; raises EdgeError."""
    body = await read_body(request)
    return Submission(read_object(body), read_once(request, idempotency_key, body), read_if_match(if_match))


async def optional_submission(
    request: Request,
    idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
    if_match: Annotated[str | None, Header(alias="If-Match")] = None,
) -> Submission:
    """Read the same where the body may be left out."""
    body = await read_body(request)
    raw = read_object(body) if body else {}
    return Submission(raw, read_once(request, idempotency_key, body), read_if_match(if_match))


async def read_body(request: Request) -> bytes:
    """Return a JSON body's bytes; raises EdgeError where its type or size is refused."""
    require_json_type(request.headers.get("content-type"))
    return await read_limited(request)


async def sent_object(request: Request) -> dict[str, object]:
    """Return the JSON object of a body; raises EdgeError."""
    return read_object(await read_body(request))


CallerOf = Annotated[Caller, Depends(caller)]
Sent = Annotated[Submission, Depends(submission)]
SentOrNothing = Annotated[Submission, Depends(optional_submission)]
SentObject = Annotated[dict[str, object], Depends(sent_object)]
