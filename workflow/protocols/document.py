"""What may stand in `protocol.toml`, field by field, with the words that an error shows as allowed."""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from workflow.domain.switches import AS_MOST_SOURCES
from workflow.protocols.vocabulary import (
    LONGEST_DAYS,
    LONGEST_MONTHS,
    BloodCount,
    ClinicalFact,
    Days,
    ElementCode,
    FrontlineReading,
    Method,
    Months,
    ProtocolId,
    RuleId,
    Timepoint,
    Version,
    Words,
)

WORDS = "text, not empty"
SOURCE = 'text: the key of a citation, a comma, the place, as in "000, ALL-REZ BFM 90 paragraph"; several apart by ";"'
DAYS = f"a whole number of days after the anchor, 0 to {LONGEST_DAYS}"
MONTHS = f"a whole number of calendar months after the anchor, 1 to {LONGEST_MONTHS}"
COUNT_10_9_PER_L = "a number above 0, in 10⁹/l"
COUNT_PER_UL = "a number above 0, per µl"
READINGS = "very_early or late"
NAME = "text of letters, digits, dots, hyphens and underscores, up to 80"


class Table(BaseModel):
    """One table of the file: known keys only, no silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ElementTable(Table):
    """One `[[elements]]`."""

    code: ElementCode = Field(description=NAME)
    label: Words = Field(description=WORDS)
    source: Words = Field(description=SOURCE)
    note: Words | None = Field(default=None, description=WORDS)


class ExpectationTable(Table):
    """One entry of `expects`."""

    facts: list[ClinicalFact] = Field(min_length=1, description="a list of one fact type or more")
    timepoints: list[Timepoint] = Field(default=[], description="a list of MRD time points")


class WindowTable(Table):
    """One `[[windows]]`."""

    rule: RuleId = Field(description=NAME)
    label: Words = Field(description=WORDS)
    anchor: ClinicalFact = Field(description="the fact type that opens the window")
    expects: list[ExpectationTable] = Field(
        min_length=1, description='a list of one table or more, as in [{ facts = ["block_started"] }]'
    )
    source: Words = Field(description=SOURCE)
    anchor_block: int | None = Field(default=None, ge=1, le=99, description="a whole number, 1 to 99: the n-th block")
    hard_min_days: Days | None = Field(default=None, description=DAYS)
    hard_min_elements: list[ElementCode] = Field(default=[], description="a list of element codes")
    earliest_days: Days | None = Field(default=None, description=DAYS)
    target_days: Days | None = Field(default=None, description=DAYS)
    latest_days: Days | None = Field(default=None, description=DAYS)
    critical_days: Days | None = Field(default=None, description=DAYS)
    target_months: Months | None = Field(default=None, description=MONTHS)
    latest_months: Months | None = Field(default=None, description=MONTHS)
    closed_by: list[ClinicalFact] = Field(default=[], description="a list of fact types")
    boundary: Words | None = Field(default=None, description=WORDS)
    first_interval_evidence: Words | None = Field(default=None, description=WORDS)
    note: Words | None = Field(default=None, description=WORDS)


class MrdPointTable(Table):
    """One `[[mrd_points]]`."""

    timepoint: Timepoint = Field(description="an MRD time point")
    source: Words = Field(description=SOURCE)
    method: Method | None = Field(default=None, description="an MRD method")
    cutoff: Decimal | None = Field(
        default=None, gt=0, lt=1, description="a fraction of cells between 0 and 1 without quotes, as in 0.001"
    )


class RecoveryTable(Table):
    """`[classification.recovery]`."""

    source: Words = Field(description=SOURCE)
    wbc_above: BloodCount | None = Field(default=None, description=COUNT_10_9_PER_L)
    anc_at_least: BloodCount | None = Field(default=None, description=COUNT_PER_UL)
    platelets_above: BloodCount | None = Field(default=None, description=COUNT_10_9_PER_L)
    platelets_at_least: BloodCount | None = Field(default=None, description=COUNT_10_9_PER_L)


class ClassificationTable(Table):
    """`[classification]`."""

    source: Words = Field(description=SOURCE)
    second_csf_sample: bool = Field(default=False, description="true or false")
    testis_by_enlargement: bool = Field(default=False, description="true or false")
    short_frontline: FrontlineReading = Field(default=AS_MOST_SOURCES.short_frontline, description=READINGS)
    table_6_late_from_months: Months = Field(
        default=AS_MOST_SOURCES.table_6_late_from_months,
        description=f"a whole number of calendar months after diagnosis, 1 to {LONGEST_MONTHS}",
    )
    recovery: RecoveryTable | None = Field(default=None, description="a [classification.recovery] table")


class ProtocolDocument(Table):
    """The whole of `protocol.toml`."""

    id: ProtocolId = Field(description="text of small letters, digits and hyphens, up to 80")
    version: Version = Field(description=NAME)
    title: Words = Field(description=WORDS)
    scope: Words = Field(description=WORDS)
    citations: dict[str, Words] = Field(
        min_length=1, description='a table of one citation or more, as in 000 = "title"'
    )
    elements: list[ElementTable] = Field(min_length=1, description="one [[elements]] table or more")
    windows: list[WindowTable] = Field(default=[], description="[[windows]] tables")
    mrd_points: list[MrdPointTable] = Field(default=[], description="[[mrd_points]] tables")
    classification: ClassificationTable | None = Field(default=None, description="a [classification] table")
    without_window: dict[str, Words] = Field(default={}, description="a table of element code = the reason, in words")
    not_stated: list[Words] = Field(default=[], description="a list of texts: what the sources leave open")
    silent_after_days: int = Field(default=7, ge=1, le=365, description="a whole number of days, 1 to 365")
