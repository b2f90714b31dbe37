"""The columns that a CSV of facts may have, taken from the payloads themselves, and how a cell of each is read."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from types import UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from workflow.domain.errors import Problem
from workflow.domain.facts.types import PAYLOADS

CellKind = Literal["text", "true_or_false", "whole_number", "list"]

ENVELOPE: tuple[str, ...] = (
    "patient",
    "site",
    "type",
    "occurred_on",
    "certainty",
    "note",
    "external_id",
    "recorded_at",
    "override.code",
    "override.reason",
    "override.ordered_by",
)
REQUIRED = ("patient", "type", "occurred_on")
_WHOLE_NUMBER = re.compile(r"-?\d{1,18}", re.ASCII)
# Spreadsheets write TRUE and FALSE.
_TRUE_OR_FALSE = {"true": True, "false": False}


@cache
def data_columns(fact_type: str) -> dict[str, CellKind]:
    """Return the columns of a fact type's payload with how their cells are read, e.g. `data.findings.csf.blasts`."""
    return dict(_leaves(PAYLOADS[fact_type], "data"))


@cache
def known_columns() -> tuple[str, ...]:
    """Return every column that a CSV of facts may have."""
    return tuple(dict.fromkeys((*ENVELOPE, *(name for kind in PAYLOADS for name in data_columns(kind)))))


def _leaves(model: type[BaseModel], at: str) -> Iterator[tuple[str, CellKind]]:
    for name, field in model.model_fields.items():
        path = f"{at}.{field.alias or name}"
        kind = _bare(field.annotation)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _leaves(kind, path)
        else:
            yield path, _cell_kind(kind)


def _bare(annotation: object) -> object:
    """Return an annotation without what says nothing about how a cell is written: `None` and Annotated."""
    while get_origin(annotation) in {Annotated, Union, UnionType}:
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    return annotation


def _cell_kind(kind: object) -> CellKind:
    if kind is bool:
        return "true_or_false"
    if kind is int:
        return "whole_number"
    # Dates, codes and decimals are text that the payload reads itself, so that digits stay as written.
    return "list" if get_origin(kind) is tuple else "text"


def read_cell(text: str, kind: CellKind, column: str) -> object:
    """Return a cell's value, None for an empty list; raises ValueError with the rule and the way out."""
    if kind == "true_or_false":
        value = _TRUE_OR_FALSE.get(text.lower())
        if value is None:
            raise ValueError(f"{column} must be true or false")
        return value
    if kind == "whole_number":
        if not _WHOLE_NUMBER.fullmatch(text):
            raise ValueError(f"{column} must be a whole number")
        return int(text)
    return _read_list(text, column) if kind == "list" else text


def _read_list(text: str, column: str) -> object:
    try:
        value = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, list):
        raise ValueError(f'{column} must be a list as JSON text, like [{{"code": "infection"}}]')  # noqa: TRY004
    return value or None


@dataclass(frozen=True, slots=True)
class Columns:
    """The header of one file; `places` are (cell number, column) pairs."""

    names: tuple[str, ...]

    def raw_fact(self, cells: Sequence[str]) -> tuple[dict[str, object], list[Problem]]:
        """Return a record's cells as the mapping that a fact is read from, and what is wrong with single cells."""
        filled = {name: cell for name, text in zip(self.names, cells, strict=True) if (cell := text.strip())}
        raw: dict[str, object] = {}
        problems: list[Problem] = []
        belongs = data_columns(filled["type"]) if filled.get("type") in PAYLOADS else None
        for name, cell in filled.items():
            if not name.startswith("data."):
                _put(raw, name, cell)
            elif belongs is not None:
                _put_data(raw, name, cell, belongs, problems)
        return raw, problems


def _put_data(
    raw: dict[str, object], name: str, cell: str, belongs: dict[str, CellKind], problems: list[Problem]
) -> None:
    kind = belongs.get(name)
    if kind is None:
        message = f"{name} is not a field of {raw.get('type', 'this type')}; leave the cell empty"
        problems.append(Problem(name, "extra_forbidden", message))
        return
    try:
        value = read_cell(cell, kind, name)
    except ValueError as wrong:
        problems.append(Problem(name, "cell_format", str(wrong)))
        value = cell
    if value is not None:
        _put(raw, name, value)


def _put(raw: dict[str, object], name: str, value: object) -> None:
    *parents, last = name.split(".")
    for parent in parents:
        inner = raw.setdefault(parent, {})
        assert isinstance(inner, dict), "no column is a part of another"
        raw = inner
    raw[last] = value


def header_problems(names: Sequence[str]) -> list[str]:
    """Return what is wrong with a header, one sentence each; empty where every column is known and none is missing."""
    problems = [_unknown(place, name) for place, name in enumerate(names, start=1) if name not in known_columns()]
    problems += [f"column {name} stands there twice; keep one" for name in _repeated(names)]
    if len(names) == 1 and any(mark in names[0] for mark in ";\t"):
        return ["the columns are not separated by commas; save the file as CSV with commas"]
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        problems.append(f"column{'s' if len(missing) > 1 else ''} {', '.join(missing)} missing; every fact needs them")
    return problems


def _unknown(place: int, name: str) -> str:
    if not name:
        return f"column {place} has no name; name it or remove it"
    near = nearest(name, known_columns())
    return f"column {place} is not known: {name!r}; " + (f"did you mean {near}?" if near else "remove it")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that `name` was probably meant to be, or None."""
    found = get_close_matches(name.strip().lower(), list(known), n=1)
    return found[0] if found else None


def _repeated(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if name and names.count(name) > 1})
