"""Errors as the outside reads them: application/problem+json (RFC 9457) with a stable code."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.responses import Response
from starlette.types import Scope

from workflow.domain.errors import CoursewatchError, Problem

PROBLEM_JSON = "application/problem+json"
# Where a request's state holds the code of the problem that it was answered with.
PROBLEM = "problem"
# More would only bury the first ones, and let a small request cause a large answer.
MOST_PROBLEMS_NAMED = 50
LONGEST_NAME = 200
_WAYS_OUT: Mapping[str, str] = {
    "extra_forbidden": "is not a parameter here; leave it out",
    "missing": "is required",
}
# Codes of answers that the web framework itself gives.
CODES_BY_STATUS: Mapping[int, str] = {
    400: "bad_request",
    401: "key_needed",
    403: "role_needed",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    500: "internal_error",
    503: "unavailable",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemDetails:
    """What one problem answer says; `more` are the members beside those of RFC 9457."""

    status: int
    code: str
    title: str
    detail: str
    more: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class EdgeError(CoursewatchError):
    """A request that cannot be let in as it is; `details` is the whole answer."""

    def __init__(self, details: ProblemDetails) -> None:
        super().__init__(details.detail)
        self.details = details


def type_of(code: str) -> str:
    """Return the `type` of a problem: a relative reference made of its code, stable like the code."""
    return f"/problems/{code.replace('_', '-')}"


def problem_response(details: ProblemDetails) -> Response:
    """Return the answer for a problem; dates are written in ISO 8601."""
    body = {
        "type": type_of(details.code),
        "title": details.title,
        "status": details.status,
        "code": details.code,
        "detail": details.detail,
        **details.more,
    }
    return Response(
        json.dumps(body, ensure_ascii=False, default=str),
        details.status,
        media_type=PROBLEM_JSON,
        headers=dict(details.headers),
    )


def note_problem(scope: Scope, details: ProblemDetails) -> None:
    """Leave the code of a problem where the line and the counter of its request find it."""
    scope.setdefault("state", {})[PROBLEM] = details.code


_DETAILS: Mapping[int, str] = {
    404: "There is nothing at this address.",
    405: "This address does not take this method; the header Allow names those it takes.",
}


def of_status(status: int) -> ProblemDetails:
    """Return what the framework's own answer of this status says in our words."""
    title = HTTPStatus(status).phrase
    return ProblemDetails(
        status=status,
        code=CODES_BY_STATUS.get(status, title.lower().replace(" ", "_")),
        title=title,
        detail=_DETAILS.get(status) or HTTPStatus(status).description or title,
    )


def parameter_problem(place: Sequence[object], error: Mapping[str, Any]) -> Problem:
    """Return what is wrong with a parameter, from pydantic's error about it; `place` is its name, and where inside."""
    name = ".".join(map(str, place))[:LONGEST_NAME]
    said = str(error["msg"]).removeprefix("Input ").removeprefix("Value error, ")
    return Problem(name, error["type"], f"{name} {_WAYS_OUT.get(error['type'], said)}")


def invalid_input(problems: Iterable[Problem]) -> ProblemDetails:
    """Return the 422 that names every field that is wrong, the rule and the way out."""
    everything = list(problems)
    found = everything[:MOST_PROBLEMS_NAMED]
    rest = f"; and {len(everything) - len(found)} more" if len(everything) > len(found) else ""
    return ProblemDetails(
        status=422,
        code="invalid_input",
        title="Invalid input",
        detail="; ".join(problem.message for problem in found) + rest,
        more={
            "errors": [{"field": problem.field, "code": problem.code, "message": problem.message} for problem in found]
        },
    )
