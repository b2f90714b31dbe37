"""Reading a fact from untrusted data: every problem names the field, the rule and the way out."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from workflow.domain.errors import InvalidInputError, Problem
from workflow.domain.facts.base import Code, Day, Instant, Payload, Text
from workflow.domain.facts.fact import Certainty, FactDraft, Override
from workflow.domain.facts.types import FACT_TYPES, PAYLOADS
from workflow.domain.reasons import OverrideCode

# Nobody reads more, and a megabyte of made-up names must not keep everybody waiting while each one is looked up.
MOST_PROBLEMS, MOST_GUESSES = 2000, 10
LONGEST_NAME = 80
_WAYS_OUT = {
    "missing": "is required",
    "extra_forbidden": "is not a field here; leave it out",
    "string_too_short": "must not be empty",
    "string_too_long": "is too long",
    "string_pattern_mismatch": "must not contain control characters",
    "too_short": "must not be empty",
    "too_long": "has too many entries; send {max_length} at most",
    "dict_type": "must be an object with named fields",
    "model_type": "must be an object with named fields",
    "tuple_type": "must be a list",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
}


Model = TypeVar("Model", bound=BaseModel)


class OverrideRequest(BaseModel):
    """The `override` of a request."""

    model_config = ConfigDict(extra="forbid", strict=True)
    code: OverrideCode
    reason: Text | None = None
    ordered_by: Code | None = None


class FactRequest(BaseModel):
    """The envelope of a fact; `data` is read by the payload of its type."""

    model_config = ConfigDict(extra="forbid", strict=True)
    type: str
    occurred_on: Day
    data: dict[str, object] = {}
    certainty: Certainty = "exact"
    note: Text | None = None
    override: OverrideRequest | None = None
    external_id: Code | None = None
    recorded_at: Instant | None = None


def read_fact(raw: Mapping[str, object]) -> FactDraft:
    """Read one fact of contract §3.2; raises InvalidInputError with every problem found."""
    fact_type = raw.get("type")
    kind = PAYLOADS.get(fact_type) if isinstance(fact_type, str) else None
    problems = [] if kind else [_unknown_type(fact_type)]
    envelope = _validated(FactRequest, raw, problems, at="")
    data = _validated(kind, raw.get("data", {}), problems, at="data") if kind else None
    if envelope is not None and envelope.override is not None:
        problems += _override_problems(envelope.override)
    if problems or envelope is None or data is None:
        raise InvalidInputError(_once(problems))
    return FactDraft(
        type=envelope.type,
        occurred_on=envelope.occurred_on,
        data=data,
        certainty=envelope.certainty,
        note=envelope.note,
        override=_override(envelope.override),
        external_id=envelope.external_id,
        source_recorded_at=envelope.recorded_at,
    )


def read_payload(fact_type: str, raw: object) -> Payload:
    """Read the `data` of one fact type; raises InvalidInputError."""
    return read_model(PAYLOADS[fact_type], raw, at="data")


def read_model(model: type[Model], raw: object, *, at: str = "") -> Model:
    """Read anything that was sent as this model; `at` is where it stands in the request. Raises InvalidInputError."""
    problems: list[Problem] = []
    read = _validated(model, raw, problems, at=at)
    if read is None:
        raise InvalidInputError(problems)
    return read


def _override(request: OverrideRequest | None) -> Override | None:
    if request is None:
        return None
    return Override(code=request.code, reason=request.reason, ordered_by=request.ordered_by)


def _override_problems(override: OverrideRequest) -> Iterable[Problem]:
    if override.code == "given_as_ordered":
        if override.ordered_by is None:
            yield Problem(
                "override.ordered_by",
                "missing",
                "override.ordered_by is required with given_as_ordered: who ordered it?",
            )
    elif override.reason is None:
        yield Problem("override.reason", "missing", "override.reason is required: say why the gate is passed")


def _unknown_type(fact_type: object) -> Problem:
    if fact_type is None:
        return Problem("type", "missing", "type is required, e.g. block_started")
    near = get_close_matches(str(fact_type)[:LONGEST_NAME], FACT_TYPES, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known types: {', '.join(FACT_TYPES)}"
    return Problem("type", "unknown_type", f"type is not a known fact type; {hint}")


def _validated(model: type[Model], raw: object, problems: list[Problem], *, at: str) -> Model | None:
    try:
        return model.model_validate(raw)
    except ValidationError as invalid:
        problems += problems_of(invalid, at, model)
        return None


def problems_of(invalid: ValidationError, at: str = "", model: type[BaseModel] = FactRequest) -> list[Problem]:
    """Return what is wrong with data that were read as `model`; `at` is the path of the part that was read."""
    errors = invalid.errors(include_url=False, include_input=False)[:MOST_PROBLEMS]
    return [_problem_of(error, at, model, guess=place < MOST_GUESSES) for place, error in enumerate(errors)]


def _problem_of(error: ErrorDetails, at: str, model: type[BaseModel], *, guess: bool) -> Problem:
    """Return one validation error as a Problem; `guess` lets it say what a name that is no field may have meant."""
    parts = [at, *map(str, error["loc"]), str(error.get("ctx", {}).get("field", ""))]
    path = ".".join(part for part in parts if part) or "body"
    code = error["type"]
    told = error.get("ctx", {})
    say = _WAYS_OUT[code].format_map(told) if code in _WAYS_OUT and not told.get("field") else None
    if guess and code == "extra_forbidden" and (meant := _meant(str(error["loc"][-1]), model)):
        say = f"is not a field here; did you mean {meant}?"
    say = say or error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return Problem(path, code, f"{path} {say}")


def _meant(name: str, model: type[BaseModel]) -> str | None:
    """Return the field that a mistyped name is nearest to; one that is spelt right stands in the wrong place."""
    known = _field_names(model)
    near = () if name in known or len(name) > LONGEST_NAME else get_close_matches(name, known, n=1)
    return near[0] if near else None


@cache
def _field_names(model: type[BaseModel]) -> tuple[str, ...]:
    """Return every field name of the model and of every payload, nested ones too: what a mistyped name may mean."""
    models: list[type[BaseModel]] = [model, FactRequest, *PAYLOADS.values()]
    schemas = [model.model_json_schema() for model in models]
    parts = [part for schema in schemas for part in (schema, *schema.get("$defs", {}).values())]
    return tuple(sorted({name for part in parts for name in part.get("properties", {})}))


def _once(problems: list[Problem]) -> list[Problem]:
    """Return the first problem of each field: envelope and payload both complain of the same `data`."""
    return list({problem.field: problem for problem in reversed(problems)}.values())[::-1]
