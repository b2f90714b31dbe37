"""Payloads about response: morphology, blood counts, toxicity and minimal residual disease."""

from collections.abc import Iterator
from decimal import Context, Decimal
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from workflow.domain.facts.base import (
    LONGEST_DECIMAL,
    Code,
    Day,
    Measure,
    Payload,
    Percent,
    Text,
    WrittenAmount,
    WrittenDecimal,
)
from workflow.domain.facts.findings import M1_BELOW_PERCENT, Csf, Testis

MrdMethod = Literal["FLOW", "PCR", "NGS"]
MrdUnit = Literal["fraction", "percent", "log10"]
MrdTimepoint = Literal[
    "END_BLOCK_1",
    "END_BLOCK_2",
    "END_BLOCK_3",
    "END_INDUCTION",
    "AFTER_INDUCTION_COURSE_2",
    "WEEK_5",
    "WEEK_12",
    "PRE_HSCT",
    "OTHER",
]
MrdResult = Literal["negative", "positive_quantified", "positive_not_quantifiable", "not_evaluable", "no_marker"]
# As many digits as can be written: the default 28 would round a longer value.
_EXACT = Context(prec=LONGEST_DECIMAL)
UNMEASURED = ("not_evaluable", "no_marker")
# One cell in a million million, by unit: a smaller number is no measurement.
_LEAST: dict[MrdUnit, Decimal] = {"fraction": Decimal("1e-12"), "percent": Decimal("1e-10"), "log10": Decimal(-12)}


class ResponseAssessed(Payload):
    """Morphological response: marrow blasts in %, wbc and platelets in 10⁹/l, anc per µl."""

    marrow_blasts_percent: Percent
    final: bool
    peripheral_blasts: bool | None = None
    wbc: Measure | None = None
    anc: Measure | None = None
    platelets: Measure | None = None
    csf: Csf | None = None
    testis: Testis | None = None
    em_disease: bool | None = None

    @property
    def remission(self) -> bool:
        """Marrow under 5 % without blood blasts: what the chart counts as a remission (domain model §2)."""
        return self.marrow_blasts_percent < M1_BELOW_PERCENT and self.peripheral_blasts is not True


class CountsRecorded(Payload):
    """Blood counts: wbc and platelets in 10⁹/l, anc per µl."""

    sampled_on: Day | None = None
    anc: Measure | None = None
    wbc: Measure | None = None
    platelets: Measure | None = None


class ToxicityRecorded(Payload):
    """A toxicity with its grade."""

    kind: Code
    grade: Annotated[int, Field(ge=1, le=5)] | None = None
    until: Day | None = None


class MrdSampled(Payload):
    """A sample for minimal residual disease was taken."""

    timepoint: MrdTimepoint
    method: MrdMethod
    sample_on: Day


class MrdNotAvailable(Payload):
    """There will be no MRD result for a time point."""

    timepoint: MrdTimepoint
    reason: Text | None = None


def mrd_fraction(value: Decimal, unit: str) -> Decimal:
    """Return an MRD value as a fraction of cells; exact for `fraction` and `percent`."""
    if unit == "percent":
        return value.scaleb(-2, _EXACT)
    if unit == "log10":
        return Decimal(10) ** value
    return value


def _impossible(value: Decimal, unit: str) -> bool:
    if unit == "log10":
        return value > 0
    return not 0 <= mrd_fraction(value, unit) <= 1


def is_measurable(number: Decimal, unit: MrdUnit | None) -> bool:
    """Return whether a share of cells can be measured at all; compared in its own unit, so without rounding."""
    return unit is None or number >= _LEAST[unit]


def _wrong(code: str, field: str, message: str) -> PydanticCustomError:
    return PydanticCustomError(code, message, {"field": field})


class AlsoPrinted(Payload):
    """The same result in another unit, where the report prints both."""

    value: WrittenDecimal
    unit: MrdUnit


def _same_share(value: Decimal, unit: MrdUnit, also: AlsoPrinted) -> bool:
    """Return whether two numbers name the same share of cells: exactly, in log10 to the digits that are printed."""
    if unit == also.unit:
        return value == also.value
    if "log10" not in {unit, also.unit}:
        return mrd_fraction(value, unit) == mrd_fraction(also.value, also.unit)
    printed, number, its_unit = (value, also.value, also.unit) if unit == "log10" else (also.value, value, unit)
    share = mrd_fraction(number, its_unit)
    last_digit = Decimal(1).scaleb(min(0, int(printed.as_tuple().exponent)))
    return share > 0 and 2 * abs(_EXACT.subtract(share.log10(_EXACT), printed)) <= last_digit


def _number_in(unit: MrdUnit, value: Decimal, from_unit: MrdUnit) -> str:
    """Return a number in another unit, for people to compare; a logarithm to four places."""
    share = mrd_fraction(value, from_unit)
    if unit == "percent":
        share = share.scaleb(2, _EXACT)
    if unit == "log10":
        return f"{share.log10(_EXACT):.4f}" if share > 0 else "no number"
    return f"{share.normalize(_EXACT):f}" if abs(share.adjusted()) < LONGEST_DECIMAL else str(share)


class MrdMeasured(Payload):
    """A result: value or `below` (not detected, with its sensitivity), always with a unit."""

    also_needs: ClassVar[tuple[str, ...]] = ("unit", "value or below")

    timepoint: MrdTimepoint
    method: MrdMethod
    sample_on: Day | None = None
    unit: MrdUnit | None = None
    value: WrittenAmount | None = None
    below: WrittenDecimal | None = None
    result: MrdResult | None = None
    sensitivity: WrittenDecimal | None = None
    quantitative_range: WrittenDecimal | None = None
    material: Code | None = None
    lab: Code | None = None
    also: AlsoPrinted | None = None

    @model_validator(mode="after")
    def _one_result_with_unit(self) -> Self:
        if self.result in UNMEASURED:
            if self.value is not None or self.below is not None:
                raise _wrong(
                    "mrd_contradiction", "value", "contradicts result: what was not measured has no value; leave it out"
                )
            return self
        if (self.value is None) == (self.below is None) and self.result != "positive_not_quantifiable":
            raise _wrong(
                "mrd_value",
                "value",
                "or below is required, not both: below is the sensitivity where nothing was detected",
            )
        if self.unit is None:
            raise _wrong(
                "mrd_unit_missing",
                "unit",
                "is required, an MRD without unit is refused: send fraction, percent or log10",
            )
        for name in ("value", "below", "sensitivity", "quantitative_range"):
            number = getattr(self, name)
            if number is not None and _impossible(number, self.unit):
                raise _wrong(
                    "mrd_out_of_range", name, "must lie between 0 and 1 as a fraction of cells (0 and 100 percent)"
                )
        if self.result == "negative" and self.value is not None and self.value > 0:
            raise _wrong(
                "mrd_contradiction", "value", "contradicts result negative; send below with the sensitivity instead"
            )
        return self

    @model_validator(mode="after")
    def _both_units_agree(self) -> Self:
        """Refuse a report that prints one result twice and differently (contradiction C22: wrong by ten)."""
        if self.also is None:
            return self
        if _impossible(self.also.value, self.also.unit):
            raise _wrong(
                "mrd_out_of_range", "also.value", "must lie between 0 and 1 as a fraction of cells (0 and 100 percent)"
            )
        number = self.below if self.value is None else self.value
        if number is None or self.unit is None:
            raise _wrong("mrd_contradiction", "also.value", "stands beside a result without a number; leave it out")
        if not _same_share(number, self.unit, self.also):
            raise _wrong("mrd_contradiction", "also.value", _misprint(number, self.unit, self.also))
        return self


def not_measurable(result: MrdMeasured) -> Iterator[tuple[str, str]]:
    """Yield each number of a result that nobody can have measured: its field, and what it must be.

    Asked where a result comes in, not where it is read: what was stored before stays readable. A `value` may be 0.
    """
    for name in ("below", "sensitivity", "quantitative_range", "value"):
        number = getattr(result, name)
        if number is None or is_measurable(number, result.unit):
            continue
        if number != 0:
            yield name, f"{number} {result.unit} is less than one cell in a million million: check the number"
        elif name != "value":
            yield name, f"{number} {result.unit} must be above 0: it is the least that could have been seen"


def _misprint(number: Decimal, unit: MrdUnit, also: AlsoPrinted) -> str:
    said = f"disagrees with the result: {number} {unit}"
    if unit != also.unit:
        as_unit = "as a fraction" if also.unit == "fraction" else f"in {also.unit}"
        said += f" is {_number_in(also.unit, number, unit)} {as_unit}"
    return f"{said}, not {also.value}: one of the two is a misprint; check the report"


class MrdReported(MrdMeasured):
    """A result of a patient, with the day of its sample."""

    sample_on: Day
