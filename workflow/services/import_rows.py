"""Reading the rows of a file of facts, CSV or NDJSON, each with the line on which it starts."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from workflow.domain.errors import InvalidInputError, Problem
from workflow.domain.facts.base import Code, read_day
from workflow.domain.facts.fact import FactDraft
from workflow.domain.facts.read import read_fact
from workflow.domain.facts.registration import PatientRegistered
from workflow.services.csv_records import BYTE_ORDER_MARK, UnreadableFileError, decoded, records
from workflow.services.import_columns import Columns, header_problems

NDJSON_SUFFIXES = (".ndjson", ".jsonl")
_OF_THE_ROW = ("patient", "site")
_CODE = TypeAdapter(Code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row as written: `draft` is None where it cannot be read as a fact, `problems` say why.

    `line` counts from 1, the header included; `type` and `occurred_on` are kept where they can be read,
    so that a row which fails for want of this one can name it.
    """

    line: int
    patient: str | None
    site: str | None = None
    type: str | None = None
    occurred_on: date | None = None
    draft: FactDraft | None = None
    problems: tuple[Problem, ...] = ()


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a file in their order; raises UnreadableFileError where the file as a whole cannot be read."""
    try:
        content = path.read_bytes()
    except OSError as missing:
        raise UnreadableFileError(f"{path}: cannot be read: {missing.strerror}") from None
    return list(rows_of(content, path.name))


def rows_of(content: bytes, name: str) -> Iterator[Row]:
    """Yield the rows of a file's bytes; `name` is what messages call it, and its suffix may tell the format.

    Raises UnreadableFileError: invalid UTF-8, a wrong header, a quotation mark that is never closed.
    """
    content = content.removeprefix(BYTE_ORDER_MARK)
    if not content.strip():
        raise UnreadableFileError(f"{name}: the file is empty; a CSV needs a header, an NDJSON file one fact a line")
    if name.lower().endswith(NDJSON_SUFFIXES) or content.lstrip()[:1] == b"{":
        return _ndjson_rows(decoded(content.split(b"\n"), name))
    if content.lstrip()[:1] == b"[":
        raise UnreadableFileError(f"{name}: this is a JSON list; write one fact a line instead (NDJSON)")
    return _csv_rows(decoded(content.splitlines(keepends=True), name), name)


def _csv_rows(lines: Iterator[str], name: str) -> Iterator[Row]:
    columns: Columns | None = None
    for line, cells in records(lines, name):
        if columns is None:
            columns = _header(cells, f"{name}, line {line}")
        elif len(cells) != len(columns.names):
            yield _wrong_length(line, cells, columns)
        else:
            raw, problems = columns.raw_fact(cells)
            yield _row(line, raw, problems)


def _header(cells: list[str], where: str) -> Columns:
    names = tuple(cell.strip() for cell in cells)
    problems = header_problems(names)
    if problems:
        raise UnreadableFileError(f"{where}: wrong header: {'; '.join(problems)}")
    return Columns(names)


def _wrong_length(line: int, cells: list[str], columns: Columns) -> Row:
    named = dict(zip(columns.names, cells, strict=False))
    message = f"the row has {len(cells)} cells, the header {len(columns.names)}; is a comma missing or a quote?"
    patient = _text(named.get("patient", "").strip())
    return Row(line=line, patient=patient, problems=(Problem("row", "cell_count", message),))


def _ndjson_rows(lines: Iterator[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line, object_pairs_hook=_fields_once, parse_float=Decimal, parse_constant=_no_constant)
        except _RepeatedFieldError as twice:
            yield Row(line=number, patient=None, problems=(Problem(str(twice), "repeated_field", f"{twice} twice"),))
        except UnicodeEncodeError:
            message = "a field's name holds half of a surrogate pair (\\ud800 to \\udfff); write whole characters"
            yield Row(line=number, patient=None, problems=(Problem("row", "half_character", message),))
        except (ValueError, RecursionError, InvalidOperation):
            message = "the line is no JSON object; write one fact a line"
            yield Row(line=number, patient=None, problems=(Problem("row", "not_json", message),))
        else:
            yield _object_row(number, raw)


def _object_row(line: int, raw: object) -> Row:
    if not isinstance(raw, dict):
        message = "the line is no JSON object; write one fact a line"
        return Row(line=line, patient=None, problems=(Problem("row", "not_json", message),))
    return _row(line, raw, [])


class _RepeatedFieldError(Exception):
    """A JSON object names a field twice, so that nobody knows which one is meant."""


def _fields_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    # A problem names its field: what no file and no database can hold must not become such a name.
    "".join(fields).encode()
    if len(fields) < len(pairs):
        counted = Counter(name for name, _ in pairs)
        raise _RepeatedFieldError(next(name for name, times in counted.items() if times > 1))
    return fields


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _row(line: int, raw: Mapping[str, object], problems: list[Problem]) -> Row:
    fact = {name: value for name, value in raw.items() if name not in _OF_THE_ROW}
    problems = [*_texts(raw), *problems]
    draft = None
    try:
        draft = read_fact(fact)
    except InvalidInputError as invalid:
        named = {problem.field for problem in problems}
        problems += [problem for problem in invalid.problems if problem.field not in named]
    if draft is not None and isinstance(draft.data, PatientRegistered):
        problems += _said_twice(raw, draft.data)
    return Row(
        line=line,
        patient=_text(raw.get("patient")),
        site=_text(raw.get("site")),
        type=draft.type if draft else _text(raw.get("type")),
        occurred_on=draft.occurred_on if draft else _day(raw.get("occurred_on")),
        draft=None if problems else draft,
        problems=tuple(problems),
    )


def _texts(raw: Mapping[str, object]) -> Iterator[Problem]:
    if raw.get("patient") is None:
        yield Problem("patient", "missing", "patient is required: the pseudonym that the fact belongs to")
    for name in _OF_THE_ROW:
        if raw.get(name) is not None and _text(raw[name]) is None:
            yield Problem(name, "string_type", f"{name} must be text of 1 to 80 letters without control characters")


def _said_twice(raw: Mapping[str, object], data: PatientRegistered) -> Iterator[Problem]:
    """Yield the columns of a registration that contradict its data."""
    for name, field, said in (("patient", "data.pseudonym", data.pseudonym), ("site", "data.site", data.site)):
        if raw.get(name) not in (None, said):
            yield Problem(field, "contradiction", f"{field} is not what {name} says; make them the same")


def _text(value: object) -> str | None:
    try:
        return _CODE.validate_python(value, strict=True)
    except ValidationError:
        return None


def _day(value: object) -> date | None:
    try:
        return read_day(value)
    except PydanticCustomError:
        return None
