"""Reading a TOML file into its document, with every problem found in one pass."""

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from workflow.protocols.files.positions import KeyLines
from workflow.protocols.files.problems import Flaw, KeyPath, ProtocolError, ProtocolProblem, did_you_mean, located
from workflow.protocols.files.vocabulary import NOT_ALLOWED

Document = TypeVar("Document", bound=BaseModel)
TOML = "a text in TOML 1.0"
LONGEST_SHOWN = 80


def read_document(text: str, file: str, model: type[Document]) -> tuple[Document, Mapping[KeyPath, int]]:
    """Return the document in a TOML text and the line of each key; raises ProtocolError with all problems.

    Numbers with a point are read as decimals, digit by digit.
    """
    try:
        raw = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as invalid:
        raise ProtocolError([_not_toml(text, file, str(invalid))]) from None
    lines = KeyLines(text)
    try:
        return model.model_validate(raw), lines
    except ValidationError as invalid:
        flaws = [_flaw(error, model) for error in invalid.errors(include_url=False)]
        raise ProtocolError(located(flaws, lines, file)) from None


def _not_toml(text: str, file: str, said: str) -> ProtocolProblem:
    place = re.search(r"\(at line (\d+), column \d+\)", said)
    line = int(place[1]) if place else text.count("\n") + 1
    written = (text.splitlines() or [""])[min(line, len(text.splitlines()) or 1) - 1]
    key = written.partition("=")[0].strip(" []") or "the whole file"
    return ProtocolProblem(file=file, line=line, key=key, message=f"is not TOML: {said}", allowed=TOML)


def _flaw(error: ErrorDetails, model: type[BaseModel]) -> Flaw:
    path = tuple(error["loc"])
    if error["type"] == NOT_ALLOWED:
        names = error["ctx"]["names"]
        return Flaw(at=path, message=error["msg"] + did_you_mean(error["input"], names), allowed=", ".join(names))
    if error["type"] == "extra_forbidden":
        known = _fields_at(path[:-1], model)
        message = "is not a key here" + did_you_mean(path[-1], known)
        return Flaw(at=path, message=message, allowed=", ".join(known))
    message = "is required" if error["type"] == "missing" else _said(error)
    return Flaw(at=path, message=message, allowed=_allowed_at(path, model))


def _said(error: ErrorDetails) -> str:
    value = error["input"]
    if isinstance(value, dict | list):
        return error["msg"].removeprefix("Input ")
    shown = f'"{value}"' if isinstance(value, str) else str(value)
    shown = shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}…"
    return f"{shown} cannot stand here"


def _fields_at(path: KeyPath, model: type[BaseModel]) -> list[str]:
    for name in path:
        if isinstance(name, str):
            model = _table_in(model.model_fields[name].annotation) or model
    return list(model.model_fields)


def _allowed_at(path: KeyPath, model: type[BaseModel]) -> str:
    field: FieldInfo | None = None
    for name in path:
        if isinstance(name, str) and name in model.model_fields:
            field = model.model_fields[name]
            model = _table_in(field.annotation) or model
    return field.description or TOML if field else TOML


def _table_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 -- what pydantic calls an annotation
    """Return the table that a field's annotation holds, directly or in a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((table for part in get_args(annotation) if (table := _table_in(part))), None)
