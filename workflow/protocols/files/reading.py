"""Reading a TOML file into its document, with every problem found in one pass."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from workflow.protocols.files.beyond import BeyondError, beyond, read_number, refuse_endless_keys
from workflow.protocols.files.misplaced import misplaced, taken_for_free_keys
from workflow.protocols.files.positions import KeyLines
from workflow.protocols.files.problems import (
    Flaw,
    KeyPath,
    ProtocolError,
    ProtocolProblem,
    did_you_mean,
    located,
    shown_text,
)
from workflow.protocols.files.slips import TOML, what_to_write
from workflow.protocols.files.vocabulary import NOT_ALLOWED

Document = TypeVar("Document", bound=BaseModel)
LONGEST_SHOWN = 80


def read_document(text: str, file: str, model: type[Document]) -> tuple[Document, Mapping[KeyPath, int]]:
    """Return the document in a TOML text and the line of each key; raises ProtocolError with all problems.

    Numbers with a point are read as decimals, digit by digit.
    """
    try:
        refuse_endless_keys(text)
        raw = tomllib.loads(text, parse_float=read_number)
    except (tomllib.TOMLDecodeError, RecursionError) as invalid:
        raise ProtocolError([_not_toml(text, file, str(invalid))]) from None
    except ValueError as fault:
        raise ProtocolError([_beyond(text, file, fault)]) from None
    lines = KeyLines(text)
    try:
        return model.model_validate(raw), lines
    except ValidationError as invalid:
        flaws = _flaws(invalid.errors(include_url=False), raw, model)
        raise ProtocolError(located(flaws, lines, file)) from None


def _not_toml(text: str, file: str, said: str) -> ProtocolProblem:
    place = re.search(r"\(at line (\d+), column (\d+)\)", said)
    line = int(place[1]) if place else text.count("\n") + 1
    written = (text.split("\n") or [""])[min(line, text.count("\n") + 1) - 1]
    key = _key_on(written)
    allowed = what_to_write(written, int(place[2]) if place else len(written) + 1, said)
    return ProtocolProblem(file=file, line=line, key=key, message=f"is not TOML: {said}", allowed=allowed)


def _beyond(text: str, file: str, fault: ValueError) -> ProtocolProblem:
    found = fault if isinstance(fault, BeyondError) else beyond(text, fault)
    line = text.count("\n", 0, found.place) + 1
    key = _key_on(text.split("\n")[line - 1])
    return ProtocolProblem(file=file, line=line, key=key, message=found.message, allowed=found.allowed)


def _key_on(line: str) -> str:
    """Return the key that a line begins with, as much of it as can be shown."""
    return shown_text(line.partition("=")[0].strip(" []{}"), LONGEST_SHOWN) or "the whole file"


def _flaws(errors: list[ErrorDetails], raw: dict[str, object], model: type[BaseModel]) -> list[Flaw]:
    """Return the flaws, without those of keys that are only missing where they belong."""
    missing = [str(error["loc"][0]) for error in errors if error["type"] == "missing" and len(error["loc"]) == 1]
    free = [name for name, field in model.model_fields.items() if _table_in(field.annotation) is None]
    taken = dict(taken_for_free_keys(missing, raw, free, model))
    found = [_flaw(error, model) for error in errors]
    elsewhere = {flaw.at[-1] for flaw in found if flaw == misplaced(flaw.at, model)} | set(taken)
    return [*taken.values(), *(flaw for flaw in found if len(flaw.at) > 1 or flaw.at[0] not in elsewhere)]


def _flaw(error: ErrorDetails, model: type[BaseModel]) -> Flaw:
    # What is wrong with a key itself is said behind it.
    path = tuple(part for part in error["loc"] if part != "[key]")
    away = misplaced(path, model) if error["type"] in {"extra_forbidden", "string_type"} else None
    if away is not None and (error["type"] == "extra_forbidden" or not _is_table(path[:-1], model)):
        return away
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
        several = "entries" if len(value) > 1 else "entry"
        of_length = f"has {len(value)} {several}" if value else "is empty"
        kind = "a table" if isinstance(value, dict) else "a list"
        return of_length if error["type"] in {"too_short", "too_long"} else f"{kind} cannot stand here"
    if isinstance(value, int) and value.bit_length() > LONGEST_SHOWN:
        return "a number of so many digits cannot stand here"
    written = f'"{value}"' if isinstance(value, str) else str(value)
    return f"{shown_text(written, LONGEST_SHOWN)} cannot stand here"


def _is_table(path: KeyPath, model: type[BaseModel]) -> bool:
    """Whether the keys at a path are a table's own, and not free as those of [citations] are."""
    return all(_table_in(model.model_fields[name].annotation) for name in path[:1] if isinstance(name, str))


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
