"""Cases of a CSV classified row by row: a file's own columns stay, and what the tables say stands beside them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import get_args

from workflow.domain.classification import Classified, SchemeId
from workflow.domain.errors import InvalidInputError, Problem
from workflow.domain.facts.response import MrdMeasured
from workflow.domain.facts.treatment import Strategy
from workflow.knowledge.classify import classify
from workflow.protocols.model import Protocols
from workflow.services.classification_answers import Shape, codes_shape, shown_reasons
from workflow.services.classify_case import CaseRequest, read_case
from workflow.services.csv_columns import columns_of, nearest, not_separated_by_commas, put, read_cell, repeated
from workflow.services.csv_records import UnreadableFileError, decoded, records

REQUIRED = ("diagnosis_date", "relapse_date", "phenotype")
# The columns of a single result; several of them stand in the column `mrd`, as JSON text of a list.
_RESULTS = "mrd"
_SINGLE_RESULT = columns_of(MrdMeasured, _RESULTS)
_FIELDS = columns_of(CaseRequest) | _SINGLE_RESULT
# A column that is no field is mostly one that shall be carried through: only a near one is taken for a slip.
_SLIP = 0.75
_ERROR = "error"
_REASONS = "reasons"
# Each column that is added, and where its cell stands in a classification; some only where there are recommendations.
_CLASSES: Mapping[str, str] = {
    **{f"timing.{system}": f"timing.{system}" for system in ("BFM", "COG", "COG_subclass", "PDQ")},
    "class.relapse_site": "relapse_site",
    "class.site_gaps": "site_gaps",
    **{f"risk.{scheme}": f"risk.{scheme}" for scheme in get_args(SchemeId)},
}
_ADVICE: Mapping[str, str] = {
    **{f"recommendation.{strategy}": f"recommendation.{strategy}.decision" for strategy in get_args(Strategy)},
    **{
        f"recommendation.{strategy}.conditional_on": f"recommendation.{strategy}.conditional_on"
        for strategy in get_args(Strategy)
    },
}


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One row as it is written back; `refused` where it could not be read, and its last cell says why."""

    cells: tuple[str, ...]
    refused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """A file of cases, its header read: `hints` say which columns look like misspelt fields, `rows` come as asked."""

    header: tuple[str, ...]
    hints: tuple[str, ...]
    rows: Iterator[CaseRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesAsked:
    """How cases are answered: by which protocols, on which day, with recommendations, with a column of reasons."""

    protocols: Protocols
    today: date
    recommendations: bool = True
    reasons: bool = False

    @property
    def places(self) -> Mapping[str, str]:
        """Return the columns that are added from the codes, and where the cell of each stands in a classification."""
        return {**_CLASSES, **(_ADVICE if self.recommendations else {}), "flags": "flags"}

    @property
    def added(self) -> tuple[str, ...]:
        """Return every column that is added."""
        return (*self.places, *((_REASONS,) if self.reasons else ()), _ERROR)


def classify_cases(lines: Iterable[bytes], name: str, asked: CasesAsked) -> Cases:
    """Return a file's cases as they shall be written back, read and classified one at a time.

    Raises UnreadableFileError, also while the rows are taken: no UTF-8, a wrong header, a quotation mark never closed.
    """
    found = records(decoded(lines, name), name)
    first = next(found, None)
    if first is None:
        raise UnreadableFileError(f"{name}: the file is empty; a CSV needs a header")
    line, cells = first
    names = tuple(cell.strip() for cell in cells)
    problems = _header_problems(names, asked.added)
    if problems:
        raise UnreadableFileError(f"{name}, line {line}: wrong header: {'; '.join(problems)}")
    classifier = _Classifier(names=names, asked=asked)
    return Cases(
        header=(*names, *asked.added),
        hints=tuple(_hints(names)),
        rows=(classifier.row(cells) for _, cells in found),
    )


def _header_problems(names: Sequence[str], added: Sequence[str]) -> list[str]:
    if not_separated_by_commas(names):
        return ["the columns are not separated by commas; save the file as CSV with commas"]
    problems = [f"column {name} stands there twice; keep one" for name in repeated(names)]
    problems += [
        # A column of recommendations is carried through nowhere: it would stand there as if it were answered here.
        f"column {name} is one that is added; rename or remove it"
        for name in names
        if name in {*added, *_ADVICE}
    ]
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        problems.append(f"column{'s' if len(missing) > 1 else ''} {', '.join(missing)} missing; every case needs them")
    if not any(name == "relapse_site" or name.startswith("findings.") for name in names):
        problems.append("a column relapse_site or columns findings.… are missing; every case needs one of them")
    return [*problems, *_hints(names)] if problems else []


def _hints(names: Sequence[str]) -> Iterator[str]:
    for place, name in enumerate(names, start=1):
        near = nearest(name, _FIELDS, likeness=_SLIP) if name not in _FIELDS else None
        if near:
            yield f"column {place}, {name!r}, is carried through unread; did you mean {near}?"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Classifier:
    names: tuple[str, ...]
    asked: CasesAsked

    def row(self, cells: Sequence[str]) -> CaseRow:
        if len(cells) != len(self.names):
            message = f"the row has {len(cells)} cells, the header {len(self.names)}; is a comma missing or a quote?"
            kept = [*cells, *("" for _ in self.names)][: len(self.names)]
            return self._refused(kept, message)
        try:
            case = read_case(self._raw(cells), self.asked.protocols, today=self.asked.today)
        except InvalidInputError as invalid:
            message = "; ".join(self._by_column(problem.message, cells) for problem in invalid.problems)
            return self._refused(cells, message)
        return CaseRow((*cells, *self._answered(classify(case)), ""), refused=False)

    def _refused(self, cells: Sequence[str], message: str) -> CaseRow:
        return CaseRow((*cells, *("" for _ in self.asked.added[1:]), message), refused=True)

    def _raw(self, cells: Sequence[str]) -> dict[str, object]:
        """Return the mapping that a case is read from; raises InvalidInputError where single cells cannot be read."""
        raw: dict[str, object] = {}
        problems: list[Problem] = []
        for name, text in zip(self.names, cells, strict=True):
            cell = text.strip()
            kind = _FIELDS.get(name)
            if not cell or kind is None:
                continue
            try:
                value = read_cell(cell, kind, name)
            except ValueError as wrong:
                problems.append(Problem(name, "cell_format", str(wrong)))
                continue
            if value is not None:
                # A single result is put apart, for the column of several may be filled as well.
                put(raw, f"single.{name}" if name in _SINGLE_RESULT else name, value)
        single = raw.pop("single", None)
        if single is not None and _RESULTS in raw:
            problems.append(Problem(_RESULTS, "contradiction", "mrd and mrd.… are both filled; send one of them"))
        if problems:
            raise InvalidInputError(problems)
        return raw | ({_RESULTS: [single[_RESULTS]]} if isinstance(single, dict) else {})

    def _by_column(self, message: str, cells: Sequence[str]) -> str:
        """Return a message with a single result called as its columns are: `mrd.unit`, and not `mrd.0.unit`."""
        several = any(name == _RESULTS and cell.strip() for name, cell in zip(self.names, cells, strict=True))
        return message if several else message.replace(f"{_RESULTS}.0.", f"{_RESULTS}.")

    def _answered(self, found: Classified) -> Iterator[str]:
        advised = self.asked.recommendations
        shape = codes_shape(found.classification, recommendations=advised, advice_flags=found.advice_flags)
        flat = dict(_flat(shape, ""))
        yield from (flat.get(place, "") for place in self.asked.places.values())
        if self.asked.reasons:
            reasons = shown_reasons(found, recommendations=advised)
            yield " | ".join(f"{reason.about}: {reason.text} [{reason.source}]" for reason in reasons)


def _flat(shape: Shape, above: str) -> Iterator[tuple[str, str]]:
    """Yield the cells of a shape by their dotted names; a list becomes one cell, apart by semicolons."""
    for name, value in shape.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        elif isinstance(value, list):
            yield f"{above}{name}", ";".join(map(str, value))
        elif value is not None:
            yield f"{above}{name}", str(value)
