"""What each route's documentation says beside its docstring: bodies, answers, problems, with examples."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path

from api.problems import PROBLEM_JSON
from api.schemas import classification_examples, examples
from api.schemas.answers import SETTLED
from api.schemas.requests import REF
from workflow.domain.facts.base import Code

Route = dict[str, Any]

PatientId = Annotated[UUID, Path(description="The id that registration answered.")]
FactId = Annotated[str, Path(description="A fact's id, e.g. `f18`.", json_schema_extra={"pattern": r"^f[1-9]\d{0,8}$"})]
WindowId = Annotated[
    str,
    Path(
        description="A window's id, e.g. `1:TR-001:f17`.",
        json_schema_extra={"pattern": r"^\d{1,3}:[A-Za-z0-9][A-Za-z0-9._-]{0,79}:f\d{1,9}$"},
    ),
]
AlertId = Annotated[UUID, Path(description="An alert's id.")]
SiteId = Annotated[Code, Path(description="A site's id, e.g. `north`.")]
ProtocolId = Annotated[
    str,
    Path(
        description="`id` (the newest version) or `id@version`.",
        json_schema_extra={"pattern": r"^[a-z0-9-]{1,80}(@[A-Za-z0-9._-]{1,80})?$"},
    ),
]

_TOLD: Mapping[int, str] = {
    401: "No key, an unknown one, or a revoked one.",
    403: "The key's role does not reach this; or it came around the proxy, or without TLS.",
    404: "Not there, or not at a site of this key: both look alike.",
    409: "Refused by state, gate or order; or there already.",
    412: "The patient has changed since the version that If-Match names.",
    413: "The body is larger than 1 MiB.",
    415: "The body is declared to be something else than JSON.",
    422: "Refused by shape, unit or date; every field is named.",
    429: "Wrong keys came too often from this address; `Retry-After` says for how long.",
    500: "A fault of ours, with a request id to tell.",
    503: "The database does not answer in time: try again. Or, with `restart_needed`, this process is older than the "
    "patient's protocol: restart it.",
}
# What a route about one patient may answer, and only such a route has a version to send along.
OF_ONE_PATIENT = 404
_ALWAYS = (401, 403, 422, 429, 500, 503)
_BODY = (413, 415)


def _problems(*statuses: int, **shown: Mapping[str, Any]) -> dict[int | str, Any]:
    """Return the problem answers of a route; `shown` maps `on_409` and the like to an example."""
    return {
        status: {
            "description": _TOLD[status],
            "content": {
                PROBLEM_JSON: {
                    "schema": {"$ref": REF.format(model="Problem")},
                    **({"example": shown[f"on_{status}"]} if f"on_{status}" in shown else {}),
                }
            },
        }
        for status in statuses
    }


def _json(description: str, schema: Mapping[str, Any], example: object = None, *, tag: bool = False) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": dict(schema)}
    if example is not None:
        content["example"] = example
    headers = {"ETag": {"description": "The patient's version.", "schema": {"type": "string"}}} if tag else {}
    return {"description": description, "content": {"application/json": content}, "headers": headers}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": REF.format(model=name)}


def _list(name: str, *, known_at: bool = False) -> dict[str, Any]:
    """Return the shape of a list; one that can be asked with known_at says where it was whether it is settled."""
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": _ref(name)},
            "next_cursor": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            **({"settled": {"type": "boolean", "description": SETTLED}} if known_at else {}),
        },
        "required": ["items", "next_cursor"],
    }


IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Up to 200 printable ASCII characters of your choice, new for every act. The same key with the same "
    "request gives the first answer again, with another request 422.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[!-~]([ -~]*[!-~])?$"},
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the patient as you read it; 412 where it has changed since.",
    "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[0-9]{1,9}")$'},
}


def _body(name: str, shown: Mapping[str, Any], *headers: Mapping[str, Any], required: bool = True) -> dict[str, Any]:
    named = {title: {"summary": title, "value": value} for title, value in shown.items()}
    return {
        "parameters": [dict(header) for header in headers],
        "requestBody": {
            "required": required,
            "content": {"application/json": {"schema": _ref(name), "examples": named}},
        },
    }


def _read(schema: Mapping[str, Any], description: str, *statuses: int, example: object = None) -> Route:
    answer = _json(description, schema, example, tag=OF_ONE_PATIENT in statuses)
    return {"responses": {200: answer, **_problems(*_ALWAYS, *statuses)}}


REGISTER: Route = {
    "responses": {
        201: _json("Registered.", _ref("RegisteredAnswer"), tag=True),
        **_problems(*_ALWAYS, *_BODY, 404, 409),
    },
    "openapi_extra": _body(
        "PatientToRegister", {"A girl with a first relapse": examples.REGISTRATION}, IDEMPOTENCY_KEY
    ),
}
LIST_PATIENTS = _read(_list("PatientLineAnswer", known_at=True), "Patients.")
SEARCH_PATIENTS: Route = {
    "responses": {
        200: _json("The patients with this pseudonym, at most one a site.", _list("PatientLineAnswer")),
        **_problems(*_ALWAYS, *_BODY),
    },
    "openapi_extra": _body("Search", {"By pseudonym": {"pseudonym": "ALL-0007"}}, IDEMPOTENCY_KEY),
}
READ_PATIENT = _read(_ref("PatientAnswer"), "The patient.", 404, example=examples.SNAPSHOT)
RECORD_FACT: Route = {
    "responses": {
        200: _json("A preview: judged as if recorded, nothing stored.", _ref("RecordedAnswer"), tag=True),
        201: _json("Recorded.", _ref("RecordedAnswer"), examples.RECORDED, tag=True),
        **_problems(*_ALWAYS, *_BODY, 404, 409, 412, on_409=examples.TOO_EARLY, on_422=examples.INVALID),
    },
    "openapi_extra": _body("FactToRecord", examples.FACTS, IDEMPOTENCY_KEY, IF_MATCH),
}
CONFIRM_FACT: Route = {
    "responses": {
        201: _json("Countersigned.", _ref("RecordedAnswer"), tag=True),
        **_problems(*_ALWAYS, *_BODY, 404, 409, 412),
    },
    "openapi_extra": _body(
        "Confirmation",
        {"With a note": {"note": "checked against the order"}},
        IDEMPOTENCY_KEY,
        IF_MATCH,
        required=False,
    ),
}
CORRECT_FACTS: Route = {
    "responses": {
        200: _json("Corrected, or with `preview` only tried.", _ref("CorrectedAnswer"), tag=True),
        **_problems(*_ALWAYS, *_BODY, 404, 409, 412, on_409=examples.ALREADY_CORRECTED),
    },
    "openapi_extra": _body("CorrectionRequest", examples.CORRECTIONS, IDEMPOTENCY_KEY, IF_MATCH),
}
MOVE_FACTS: Route = {
    "responses": {
        200: _json("Moved, or with `preview` only tried.", _ref("MoveAnswer")),
        **_problems(*_ALWAYS, *_BODY, 404, 409, 412),
    },
    "openapi_extra": _body("Move", {"Entered for the wrong patient": examples.MOVE}, IDEMPOTENCY_KEY, IF_MATCH),
}
HISTORY = _read(_list("HistoryEntryAnswer", known_at=True), "The facts in clinical order.", 404)
WINDOWS = _read(_list("WindowAnswer", known_at=True), "All windows.", 404)
EXPLANATION = _read(_ref("ExplanationAnswer"), "The proof.", 404)
NEXT_STEPS = _read(_list("NextStepAnswer"), "Every fact type.", 404)
WORKLIST = _read(_list("WorklistRowAnswer", known_at=True), "Rows.")
LIST_ALERTS = _read(_list("AlertLineAnswer", known_at=True), "Alerts.")
LIST_ALERTS["responses"] |= _problems(404)
READ_ALERT = _read(_ref("AlertInFullAnswer"), "The alert.", 404)
EXPLAIN_ALERT = _read(_ref("AlertExplanationAnswer"), "Why it was raised, and whether that was right.", 404)


def _act_on_alert(body: str, description: str, shown: Mapping[str, Any]) -> Route:
    return {
        "responses": {
            200: _json(description, _ref("AlertAnswer"), tag=True),
            **_problems(*_ALWAYS, *_BODY, 404, 409, 412),
        },
        "openapi_extra": _body(body, shown, IDEMPOTENCY_KEY, IF_MATCH),
    }


ACKNOWLEDGE_ALERT = _act_on_alert("Acknowledgement", "Acknowledged.", examples.ACKNOWLEDGEMENTS)
SNOOZE_ALERT = _act_on_alert("Snooze", "Snoozed.", examples.SNOOZES)
RESOLVE_ALERT = _act_on_alert("Resolution", "Resolved.", examples.RESOLUTIONS)
CLASSIFY: Route = {
    "responses": {
        200: _json("What the tables say.", _ref("ClassificationAnswer"), classification_examples.CLASSIFIED),
        **_problems(*_ALWAYS, *_BODY, on_422=classification_examples.IMPOSSIBLE_CASE),
    },
    "openapi_extra": _body("CaseRequest", classification_examples.CASES, IDEMPOTENCY_KEY),
}
COUNT_STATES = _read(_list("StateCountAnswer", known_at=True), "How many patients are in each state.")
LIST_SITES = _read(_list("SiteAnswer"), "Sites.")
PUT_SITE: Route = {
    "responses": {
        200: _json("Completed.", _ref("SiteAnswer")),
        201: _json("Made.", _ref("SiteAnswer")),
        **_problems(*_ALWAYS, *_BODY, 404),
    },
    "openapi_extra": _body("SiteRequest", {"A site in full": examples.SITE}),
}
LIST_PROTOCOLS = _read(_list("ProtocolLineAnswer"), "Protocols.")
READ_PROTOCOL: Route = {"responses": {200: _json("The protocol.", _ref("ProtocolAnswer")), **_problems(*_ALWAYS, 404)}}
SIGN_PROTOCOL: Route = {
    "responses": {
        201: _json("Signed.", _ref("SignedAnswer")),
        **_problems(*_ALWAYS, *_BODY, 404, 409),
    },
    "openapi_extra": _body("SignatureRequest", examples.SIGNATURES, IDEMPOTENCY_KEY),
}
DIAGRAM: Route = {
    "responses": {
        200: {
            "description": "The drawing.",
            "content": {
                "text/vnd.mermaid": {"schema": {"type": "string"}},
                "image/svg+xml": {"schema": {"type": "string"}},
            },
        },
        **_problems(*_ALWAYS, 404),
    }
}
LIVE: Route = {"responses": {200: _json("Alive.", _ref("LiveAnswer")), **_problems(422, 500)}}
READY: Route = {
    "responses": {
        200: _json("Ready.", _ref("ReadyAnswer")),
        503: _json("Not ready, and why.", _ref("ReadyAnswer")),
        **_problems(422, 500),
    }
}
METRICS: Route = {
    "responses": {
        200: {"description": "Counters.", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **_problems(422, 500),
    }
}
