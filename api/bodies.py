"""Reads request bodies: limited in size, strict UTF-8 and JSON, and every number with its digits as written."""

import json
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from starlette.requests import Request

from api.problems import EdgeError, ProblemDetails

LARGEST_BODY_BYTES = 1_048_576
# A batch of corrections with findings needs seven levels.
DEEPEST = 32
TOO_DEEP = "The body is nested too deeply; facts need a handful of levels."
JSON_TYPES = frozenset({"application/json", "application/problem+json", "application/merge-patch+json"})


async def read_limited(request: Request) -> bytes:
    """Return the body; raises EdgeError (413) as soon as it is known to be over 1 MiB."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > LARGEST_BODY_BYTES:
        raise EdgeError(_too_large())
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY_BYTES:
            raise EdgeError(_too_large())
        parts.append(part)
    return b"".join(parts)


def _too_large() -> ProblemDetails:
    return ProblemDetails(
        status=413,
        code="body_too_large",
        title="Body too large",
        detail=f"The body is larger than {LARGEST_BODY_BYTES} bytes (1 MiB); "
        "send facts one by one, or many of them with `coursewatch import`.",
        headers={"Connection": "close"},
    )


def require_json_type(content_type: str | None) -> None:
    """Raise EdgeError (415) where a body is declared to be something else than JSON."""
    if content_type is None:
        return
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type in JSON_TYPES or (media_type.startswith("application/") and media_type.endswith("+json")):
        return
    raise EdgeError(
        ProblemDetails(
            status=415,
            code="unsupported_media_type",
            title="Unsupported media type",
            detail="The body must be JSON; send it with the header Content-Type: application/json.",
        )
    )


def read_object(body: bytes) -> dict[str, object]:
    """Return the JSON object of a body, numbers with fractions as Decimal; raises EdgeError (422).

    Refused are: invalid UTF-8, what is no JSON object, NaN and Infinity, a name given twice (whichever were taken, the
    other would be lost), lone surrogates (no database can store them), and nesting or numbers beyond all reason.
    """
    text = _decoded(body)
    try:
        value = json.loads(text, parse_float=_decimal, parse_constant=_no_constant, object_pairs_hook=_no_name_twice)
    except json.JSONDecodeError as broken:
        _refuse("invalid_json", f"The body is no JSON: {broken.msg} at line {broken.lineno}, column {broken.colno}.")
    except RecursionError:
        _refuse("invalid_json", TOO_DEEP)
    except ValueError:
        # json.loads itself raises it for integers of thousands of digits.
        _refuse("invalid_json", "The body holds a number with too many digits.")
    if not isinstance(value, dict):
        _refuse("invalid_json", "The body must be one JSON object, in curly braces.")
    # No text of so few brackets is nested deeper.
    if text.count("{") + text.count("[") > DEEPEST:
        _require_shallow(value)
    if "\\ud" in text.lower():
        _require_encodable(value)
    return value


def _decoded(body: bytes) -> str:
    try:
        # A byte order mark is allowed to be ignored (RFC 8259 §8.1), and some editors write one.
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as invalid:
        _refuse("invalid_utf8", f"The body is not UTF-8: byte {invalid.start} cannot be read; send it as UTF-8.")


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:
        _refuse("invalid_json", "The body holds a number whose exponent is beyond all reason.")


def _no_constant(name: str) -> NoReturn:
    _refuse("invalid_json", f"{name} is no JSON number; leave out what was not measured.")


def _no_name_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    read: dict[str, object] = {}
    for name, value in pairs:
        if name in read:
            _refuse("invalid_json", f"The name {json.dumps(name[:80])} stands twice in one object; send it once.")
        read[name] = value
    return read


def _require_shallow(value: object) -> None:
    """Refuse what is nested beyond reason, level by level: whatever reads it later may call itself for each one."""
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    _refuse("invalid_json", TOO_DEEP)


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _require_encodable(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        _refuse("invalid_json", "The body holds half of a surrogate pair (\\ud800 to \\udfff); send whole characters.")


def _refuse(code: str, detail: str) -> NoReturn:
    titles = {"invalid_json": "Invalid JSON", "invalid_utf8": "Invalid UTF-8"}
    raise EdgeError(ProblemDetails(status=422, code=code, title=titles[code], detail=detail))
