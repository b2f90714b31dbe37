"""What an import says of every row, and how often it says what."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import Fact
from workflow.rules.judgement import Caution
from workflow.rules.merge import Merged
from workflow.services.errors import OutdatedProcessError
from workflow.services.import_rows import Row

FAULT_INSIDE = "fault_inside"

RowOutcome = Literal["accepted", "known", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """What became of one row; `because_of` names the refused rows for want of which alone it is refused.

    `unconfirmed`: it waits for a clinician. It counts, and passed a gate unasked; or it is an MRD result whose time
    point is in doubt, which is used for nothing until it is confirmed.
    """

    row: int
    patient: str | None
    outcome: RowOutcome
    code: str | None = None
    reason: str | None = None
    because_of: tuple[int, ...] = ()
    unconfirmed: bool = False

    def to_json(self) -> str:
        """Return the row's line of the report (contract §1)."""
        shape: dict[str, object] = {
            "row": self.row,
            "patient": self.patient,
            "outcome": self.outcome,
            "code": self.code,
            "reason": self.reason,
        }
        if self.because_of:
            shape["because_of"] = self.because_of
        if self.unconfirmed:
            shape["unconfirmed"] = True
        return json.dumps(shape, ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """Every row of a file in its order, and what is to be known about the import as a whole."""

    rows: tuple[RowResult, ...]
    warnings: tuple[Caution, ...] = ()

    def count(self, outcome: RowOutcome) -> int:
        """Return how many rows came out so."""
        return sum(row.outcome == outcome for row in self.rows)

    @property
    def unconfirmed(self) -> int:
        """How many rows wait for a countersignature."""
        return sum(row.unconfirmed for row in self.rows)

    @property
    def faulty(self) -> bool:
        """Whether rows are refused by a fault of the program instead of their own."""
        return any(row.code in {FAULT_INSIDE, OutdatedProcessError.code} for row in self.rows)

    def refused_by_code(self) -> dict[str, int]:
        """Return how many rows are refused for which reason, the most frequent first."""
        return dict(Counter(str(row.code) for row in self.rows if row.outcome == "refused").most_common())

    def lines(self) -> Iterator[str]:
        """Yield the report, one JSON object a row."""
        return (row.to_json() for row in self.rows)


def refused(row: Row, refusal: Refusal, because_of: tuple[int, ...] = ()) -> RowResult:
    """Return the result of a row that is left out."""
    reason = refusal.detail
    if because_of:
        numbers = ", ".join(map(str, because_of))
        reason = f"{reason} It fails only because row {numbers} is refused; mend that first."
    return RowResult(
        row=row.line, patient=row.patient, outcome="refused", code=refusal.code, reason=reason, because_of=because_of
    )


def results_of(rows: Iterable[Row], merged: Merged) -> Iterator[RowResult]:
    """Yield the result of every row of one patient."""
    courses = merged.state.courses if merged.state else ()
    doubts = {known.fact: known.doubt for course in courses for known in course.mrd}
    for row in rows:
        if row.line in merged.accepted:
            fact = merged.accepted[row.line]
            yield _accepted(row, fact, doubts.get(fact.lineage))
        elif row.line in merged.known:
            yield RowResult(row=row.line, patient=row.patient, outcome="known")
        else:
            rejected = merged.refused[row.line]
            yield refused(row, rejected.refusal, rejected.because_of)


def _accepted(row: Row, fact: Fact, doubt: str | None) -> RowResult:
    waits = _waits_for_a_clinician(fact, doubt)
    return RowResult(row=row.line, patient=row.patient, outcome="accepted", reason=waits, unconfirmed=waits is not None)


def _waits_for_a_clinician(fact: Fact, doubt: str | None) -> str | None:
    if doubt is not None:
        return f"timepoint_in_doubt: {doubt}; it is used for nothing until a clinician confirms it"
    if not fact.unconfirmed or fact.override is None:
        return None
    gate = fact.override.reason if fact.override.ordered_by is None else fact.override.code
    return f"{gate}: it counts and waits for a clinician's countersignature"


def in_row_order(results: Iterable[RowResult]) -> tuple[RowResult, ...]:
    """Return results in the order of the file."""
    return tuple(sorted(results, key=lambda result: result.row))
