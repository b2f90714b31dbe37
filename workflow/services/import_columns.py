"""The columns that a CSV of facts may have, taken from the payloads themselves, and how a record of it is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from workflow.domain.errors import Problem
from workflow.domain.facts.types import PAYLOADS
from workflow.services.csv_columns import (
    CellKind,
    columns_of,
    nearest,
    not_separated_by_commas,
    put,
    read_cell,
    repeated,
)

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


@cache
def data_columns(fact_type: str) -> dict[str, CellKind]:
    """Return the columns of a fact type's payload with how their cells are read, e.g. `data.findings.csf.blasts`."""
    return columns_of(PAYLOADS[fact_type], "data")


@cache
def known_columns() -> tuple[str, ...]:
    """Return every column that a CSV of facts may have."""
    return tuple(dict.fromkeys((*ENVELOPE, *(name for kind in PAYLOADS for name in data_columns(kind)))))


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
                put(raw, name, cell)
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
        put(raw, name, value)


def header_problems(names: Sequence[str]) -> list[str]:
    """Return what is wrong with a header, one sentence each; empty where every column is known and none is missing."""
    problems = [_unknown(place, name) for place, name in enumerate(names, start=1) if name not in known_columns()]
    problems += [f"column {name} stands there twice; keep one" for name in repeated(names)]
    if not_separated_by_commas(names):
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
