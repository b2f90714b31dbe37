"""Reads residual disease results against the cut-offs of a strategy: exact, and silent where a result says nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from typing import Literal

from workflow.domain.facts.base import LONGEST_DECIMAL
from workflow.domain.facts.response import UNMEASURED, MrdMeasured, MrdMethod, MrdTimepoint, is_measurable

MrdLevel = Literal["negative", "between", "positive"]
_LEVELS: tuple[MrdLevel, ...] = ("negative", "between", "positive")
_NEGATIVE, _BETWEEN, _POSITIVE = range(len(_LEVELS))
# More digits than a result can have: a cut-off on the log10 scale never rounds into a result, nor a result into it.
_EXACT = Context(prec=2 * LONGEST_DECIMAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class MrdPoint:
    """Where a source looks at residual disease: by which methods, at which time points, with which cut-offs.

    `methods` or `timepoints` are None where the source takes any. Cut-offs are fractions of cells: a result is positive
    at or above `positive_from` and negative below `negative_below`; the two differ where no single cut-off is printed.
    """

    positive_from: Decimal
    negative_below: Decimal
    methods: tuple[MrdMethod, ...] | None = None
    timepoints: tuple[MrdTimepoint, ...] | None = None

    @property
    def words(self) -> str:
        """Return the point as people read it: `PCR at END_INDUCTION, cut-off 0.0001 (0.01 percent)`."""
        methods = " or ".join(self.methods or ("any method",))
        return f"{methods} at {' or '.join(self.timepoints or ('any time point',))}, {self._cut_offs}"

    @property
    def _cut_offs(self) -> str:
        cut_offs = dict.fromkeys((self.negative_below, self.positive_from))
        said = " and ".join(f"{cut_off:f} ({_in_unit(cut_off, 'percent'):f} percent)" for cut_off in cut_offs)
        return f"cut-off {said}" if len(cut_offs) == 1 else f"cut-offs {said}"

    def mismatch(self, result: MrdMeasured) -> tuple[str, ...]:
        """Return what keeps a result from counting here: another method, another time point."""
        others = []
        if self.methods is not None and result.method not in self.methods:
            others.append("another method")
        if self.timepoints is not None and result.timepoint not in self.timepoints:
            others.append("another time point")
        return tuple(others)


@dataclass(frozen=True, slots=True, kw_only=True)
class MrdReading:
    """What the results say at one point: a level, None where they leave it open; `used` decided, `text` says why."""

    level: MrdLevel | None
    used: tuple[MrdMeasured, ...]
    text: str


@dataclass(frozen=True, slots=True)
class _Span:
    """All that a result may stand for, in its own unit; no lower bound is no cell, no upper bound is all cells."""

    lower: Decimal | None
    upper: Decimal | None
    upper_included: bool = True


def read_mrd(results: Sequence[MrdMeasured], point: MrdPoint) -> MrdReading:
    """Return what the results say at this point: of several the latest sample, on equal days the higher.

    A result without the day of its sample is the earliest of all. What was not evaluable is no result.
    """
    used = _latest([one for one in results if not point.mismatch(one) and one.result not in UNMEASURED])
    if not used:
        return MrdReading(level=None, used=(), text=_missing(results, point))
    ranks = [_ranks(one, point) for one in used]
    lowest, highest = max(low for low, _ in ranks), max(high for _, high in ranks)
    level = _LEVELS[lowest] if lowest == highest else None
    told = "; ".join(_told(one, point) for one in used)
    if level is None:
        return MrdReading(level=None, used=used, text=f"{told}; needed: {point.words}")
    counts = [one for one, found in zip(used, ranks, strict=True) if found == (lowest, highest)]
    if len(counts) < len(used):
        told = f"{told}; of these the higher counts: {' and '.join(_amount(one) for one in counts)}"
    return MrdReading(level=level, used=used, text=told)


def written(result: MrdMeasured) -> str:
    """Return a result as it was written: `PCR at PRE_HSCT, sample of 2025-02-03: 0.05 percent`."""
    day = f"sample of {result.sample_on}" if result.sample_on else "sample without a day"
    return f"{result.method} at {result.timepoint}, {day}: {_amount(result)}"


def is_zero_without_sensitivity(result: MrdMeasured) -> bool:
    """Return whether a result is a bare 0: it says nothing, for nobody said how little would have been seen."""
    return result.result not in UNMEASURED and _is_no_cell(result) and _limit(result, result.sensitivity) is None


def _latest(results: list[MrdMeasured]) -> tuple[MrdMeasured, ...]:
    latest = max((one.sample_on or date.min for one in results), default=date.min)
    return tuple(one for one in results if (one.sample_on or date.min) == latest)


def _is_no_cell(result: MrdMeasured) -> bool:
    number = _number(result)
    return number is not None and not is_measurable(number, result.unit)


def _number(result: MrdMeasured) -> Decimal | None:
    return result.below if result.value is None else result.value


def _limit(result: MrdMeasured, number: Decimal | None) -> Decimal | None:
    """Return a limit of a result; a stored one that nobody can have measured (0) is none."""
    return number if number is not None and is_measurable(number, result.unit) else None


def _span(result: MrdMeasured) -> _Span:
    """Return what a result may stand for (definitions §4: negative only where the sensitivity reaches the cut-off)."""
    below, sensitivity, quantitative_range = (
        _limit(result, number) for number in (result.below, result.sensitivity, result.quantitative_range)
    )
    if result.result == "positive_not_quantifiable":
        if quantitative_range is None and below is not None:
            return _Span(sensitivity, below, upper_included=False)
        return _Span(sensitivity, quantitative_range)
    if result.result == "positive_quantified" and (result.value is None or _is_no_cell(result)):
        # Said to be positive, and not detected: the report contradicts itself, and says nothing.
        return _Span(None, None)
    if result.value is None or _is_no_cell(result):
        limits = [limit for limit in (below, sensitivity) if limit is not None]
        return _Span(None, max(limits, default=None), upper_included=False)
    if sensitivity is not None and result.value < sensitivity:
        # Under its own sensitivity a number is a guess: it may be anything up to there.
        return _Span(result.value, sensitivity, upper_included=False)
    return _Span(result.value, result.value)


def _in_unit(cut_off: Decimal, unit: str | None) -> Decimal:
    """Return a cut-off in the unit of a result: so results are compared as they were written, without rounding."""
    if unit == "percent":
        return cut_off.scaleb(2)
    if unit == "log10":
        return cut_off.log10(_EXACT)
    return cut_off


def _ranks(result: MrdMeasured, point: MrdPoint) -> tuple[int, int]:
    """Return the lowest and the highest level that a result may have, as places in `_LEVELS`."""
    span = _span(result)
    positive, negative = (_in_unit(cut_off, result.unit) for cut_off in (point.positive_from, point.negative_below))

    def reaches(cut_off: Decimal) -> bool:
        return span.lower is not None and span.lower >= cut_off

    def stays_below(cut_off: Decimal) -> bool:
        if span.upper is None:
            return False
        return span.upper < cut_off or (span.upper == cut_off and not span.upper_included)

    lowest = _POSITIVE if reaches(positive) else _BETWEEN if reaches(negative) else _NEGATIVE
    highest = _NEGATIVE if stays_below(negative) else _BETWEEN if stays_below(positive) else _POSITIVE
    return lowest, max(lowest, highest)


def _told(result: MrdMeasured, point: MrdPoint) -> str:
    """Return the comparison in the unit of the result: `… 0.05 percent; 0.05 < 0.1 percent: below the cut-off`."""
    lowest, highest = _ranks(result, point)
    positive, negative = (_in_unit(cut_off, result.unit) for cut_off in (point.positive_from, point.negative_below))
    if lowest != highest:
        return f"{written(result)} does not decide: {_why_open(result)}"
    span = _span(result)
    if lowest == _POSITIVE:
        compared = f"{span.lower} >= {positive:f}"
    elif lowest == _BETWEEN:
        compared = f"{negative:f} <= {span.lower} and {span.upper} < {positive:f}"
    else:
        compared = f"{span.upper} {'<' if span.upper_included else '<='} {negative:f}"
    return f"{written(result)}; {compared} {result.unit}: {_place(_LEVELS[lowest], point)}"


def _place(level: MrdLevel, point: MrdPoint) -> str:
    """Return where a result lies; an amount under a cut-off was measured, and no clinician calls it negative."""
    if level == "between":
        return "between the cut-offs"
    beyond = "below" if level == "negative" else "at or above"
    return f"{beyond} {'the cut-off' if point.positive_from == point.negative_below else 'both cut-offs'}"


def _why_open(result: MrdMeasured) -> str:
    if result.result == "positive_not_quantifiable":
        return "it is positive, but its amount may lie on either side of the cut-off"
    if result.result == "positive_quantified":
        return "it is said to be positive, and nothing was detected; check the report"
    if is_zero_without_sensitivity(result):
        return f"{_number(result)} without its sensitivity: send below with the sensitivity"
    return "its sensitivity does not reach the cut-off"


def _missing(results: Sequence[MrdMeasured], point: MrdPoint) -> str:
    on_file = [f"{written(one)} ({_why_not(one, point)})" for one in results]
    said = f"missing: a result by {point.words}"
    return f"{said}; on file, but without effect here: {'; '.join(on_file)}" if on_file else said


def _why_not(result: MrdMeasured, point: MrdPoint) -> str:
    return " and ".join(point.mismatch(result)) or "it says nothing"


def _amount(result: MrdMeasured) -> str:
    if result.result in UNMEASURED:
        return "no marker" if result.result == "no_marker" else "not evaluable"
    sensitivity = f" (sensitivity {result.sensitivity} {result.unit})" if result.sensitivity is not None else ""
    if result.result == "positive_not_quantifiable":
        below = result.quantitative_range if result.below is None else result.below
        limits = {"below": below, "sensitivity": result.sensitivity}
        known = ", ".join(f"{name} {number} {result.unit}" for name, number in limits.items() if number is not None)
        return f"positive, not quantifiable ({known or 'no limits stated'})"
    if result.value is None:
        return f"not detected, below {result.below} {result.unit}{sensitivity}"
    return f"{result.value} {result.unit}{sensitivity}"
