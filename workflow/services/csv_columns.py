"""The columns that a model has in a CSV, taken from the model itself, and how a cell of each is read."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel

CellKind = Literal["text", "true_or_false", "whole_number", "list"]
LIKELY = 0.6

_WHOLE_NUMBER = re.compile(r"-?\d{1,18}", re.ASCII)
# Spreadsheets write TRUE and FALSE.
_TRUE_OR_FALSE = {"true": True, "false": False}


def columns_of(model: type[BaseModel], at: str = "") -> dict[str, CellKind]:
    """Return the columns of a model below the path `at`, with how their cells are read: `findings.csf.blasts`."""
    return dict(_leaves(model, f"{at}." if at else ""))


def _leaves(model: type[BaseModel], above: str) -> Iterator[tuple[str, CellKind]]:
    for name, field in model.model_fields.items():
        path = f"{above}{field.alias or name}"
        kind = _bare(field.annotation)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _leaves(kind, f"{path}.")
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
        raise ValueError(f"{column} must be a list as JSON text, in square brackets")  # noqa: TRY004
    return value or None


def put(raw: dict[str, object], column: str, value: object) -> None:
    """Put a cell's value where its column says, making the objects on the way: `csf.blasts` into `csf`."""
    *parents, last = column.split(".")
    for parent in parents:
        inner = raw.setdefault(parent, {})
        assert isinstance(inner, dict), "no column is a part of another"
        raw = inner
    raw[last] = value


def nearest(name: str, known: Iterable[str], *, likeness: float = LIKELY) -> str | None:
    """Return the known name that `name` was probably meant to be, or None; `likeness` lies between 0 and 1."""
    found = get_close_matches(name.strip().lower(), list(known), n=1, cutoff=likeness)
    return found[0] if found else None


def repeated(names: Sequence[str]) -> list[str]:
    """Return the names that stand in a header more than once, sorted."""
    return sorted({name for name in names if name and names.count(name) > 1})


def not_separated_by_commas(names: Sequence[str]) -> bool:
    """Whether a header looks like one whose columns other marks separate, so that it reads as one column."""
    return len(names) == 1 and any(mark in names[0] for mark in ";\t")
