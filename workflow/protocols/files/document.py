"""What may stand in `protocol.toml`, field by field, with the words that an error shows as allowed."""

from pydantic import BaseModel, ConfigDict, Field

from workflow.domain.switches import AS_MOST_SOURCES
from workflow.protocols.files.vocabulary import (
    LARGEST_AMOUNT,
    LONGEST_DAYS,
    LONGEST_MONTHS,
    Amount,
    BloodCount,
    ClinicalFact,
    Day,
    Days,
    Decision,
    DoseUnit,
    ElementCode,
    FrontlineReading,
    Line,
    Method,
    Months,
    Phenotype,
    PhStatus,
    ProtocolId,
    RiskGroup,
    RuleId,
    Scheme,
    Scope,
    Share,
    Timepoint,
    Version,
    Words,
)

WORDS = "text, not empty, without characters that nobody sees"
LINE = "one line of text, not empty, without characters that nobody sees"
SOURCE = 'text: the key of a citation, a comma, the place, as in "000, ALL-REZ BFM 90 paragraph"; several apart by ";"'
DAYS = f"a whole number of days after the anchor, 0 to {LONGEST_DAYS}"
MONTHS = f"a whole number of calendar months after the anchor, 1 to {LONGEST_MONTHS}"
COUNT_10_9_PER_L = f"a number above 0 and under {LARGEST_AMOUNT}, in 10⁹/l"
COUNT_PER_UL = f"a number above 0 and under {LARGEST_AMOUNT}, per µl"
READINGS = "very_early or late"
TRUTH = "true or false"
CODES = "a list of element codes of this protocol; CYCLE names every CYCLE_n where the element is numbered"
RISK = 'a table, as in { scheme = "ALL_REZ_BFM_95", groups = ["S4"] }'
DATE = "a date without quotes from 1900 to 2199, as in 2025-01-31"
NAME = "text of letters, digits, dots, hyphens and underscores, up to 80"


class Table(BaseModel):
    """One table of the file: known keys only, no silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ElementTable(Table):
    """One `[[elements]]`."""

    code: ElementCode = Field(description=NAME)
    label: Line = Field(description=LINE)
    source: Words = Field(description=SOURCE)
    numbered: bool = Field(default=False, description=TRUTH)
    continuous_infusion: bool = Field(default=False, description=TRUTH)
    note: Words | None = Field(default=None, description=WORDS)


class RiskTable(Table):
    """`risk`: for whom a rule is."""

    scheme: Scheme = Field(description="a risk scheme")
    groups: list[RiskGroup] = Field(min_length=1, description="a list of groups of that scheme")


class ExpectationTable(Table):
    """One entry of `expects`."""

    facts: list[ClinicalFact] = Field(min_length=1, description="a list of one fact type or more")
    timepoints: list[Timepoint] = Field(default=[], description="a list of MRD time points")
    elements: list[ElementCode] = Field(default=[], description=CODES)


class WindowTable(Table):
    """One `[[windows]]`."""

    rule: RuleId = Field(description=NAME)
    label: Line = Field(description=LINE)
    anchor: ClinicalFact = Field(description="the fact type that opens the window")
    expects: list[ExpectationTable] = Field(
        min_length=1, description='a list of one table or more, as in [{ facts = ["block_started"] }]'
    )
    source: Words = Field(description=SOURCE)
    anchor_block: int | None = Field(default=None, ge=1, le=99, description="a whole number, 1 to 99: the n-th block")
    anchor_elements: list[ElementCode] = Field(default=[], description=CODES)
    anchor_decisions: list[Decision] = Field(default=[], description="a list of consolidation decisions")
    risk: RiskTable | None = Field(default=None, description=RISK)
    local_therapy_indicated: bool = Field(default=False, description=TRUTH)
    pauses_with_interruption: bool = Field(default=False, description=TRUTH)
    hard_min_days: Days | None = Field(default=None, description=DAYS)
    hard_min_elements: list[ElementCode] = Field(default=[], description=CODES)
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
    cutoff: Share | None = Field(
        default=None, description="a fraction of cells between 0 and 1 without quotes, as in 0.001"
    )
    printed: Line | None = Field(default=None, description='the cut-off as printed, with its unit, as in "0.01 %"')


class SequenceTable(Table):
    """One `[[sequence]]`."""

    after: ElementCode = Field(description="an element code, or START for the beginning of an attempt")
    then: list[ElementCode] = Field(min_length=1, description="a list of the element codes that may come next")
    source: Words = Field(description=SOURCE)
    risk: RiskTable | None = Field(default=None, description=RISK)


class CapTable(Table):
    """One `[[caps]]`."""

    rule: RuleId = Field(description=NAME)
    elements: list[ElementCode] = Field(min_length=1, description=CODES)
    most: int = Field(ge=1, le=99, description="a whole number of starts, 1 to 99")
    scope: Scope = Field(description="what the starts are counted in")
    source: Words = Field(description=SOURCE)
    note: Words | None = Field(default=None, description=WORDS)


class IndividualDecisionTable(Table):
    """`[individual_decision]`."""

    rule: RuleId = Field(description=NAME)
    risk: RiskTable = Field(description=RISK)
    source: Words = Field(description=SOURCE)
    note: Words | None = Field(default=None, description=WORDS)


class EligibilityTable(Table):
    """One `[[eligibility]]`."""

    asks: Line = Field(description="one line of text: for whom the protocol is")
    source: Words = Field(description=SOURCE)
    phenotype: Phenotype | None = Field(default=None, description="a phenotype")
    ph_status: PhStatus | None = Field(default=None, description="a Ph status")
    relapse_number_from: int | None = Field(default=None, ge=1, le=99, description="a whole number, 1 to 99")
    relapse_number_to: int | None = Field(default=None, ge=1, le=99, description="a whole number, 1 to 99")
    prior_regimens_from: int | None = Field(default=None, ge=1, le=99, description="a whole number, 1 to 99")
    prior_regimens_to: int | None = Field(default=None, ge=1, le=99, description="a whole number, 1 to 99")
    in_remission: bool | None = Field(default=None, description=TRUTH)
    mrd_from: Share | None = Field(default=None, description="a fraction of cells, as in 0.001")
    age_years: tuple[int, int] | None = Field(
        default=None, strict=False, description="two whole numbers of years, as in [1, 21]"
    )
    risk: RiskTable | None = Field(default=None, description=RISK)


class DoseTable(Table):
    """One `[[doses]]`: shown, never computed with."""

    element: ElementCode = Field(description=NAME)
    drug: Line = Field(description=LINE)
    amount: Amount = Field(description=f"a number above 0 and under {LARGEST_AMOUNT} without quotes, as in 0.8")
    unit: DoseUnit = Field(description="a unit of dose")
    source: Words = Field(description=SOURCE)
    days: list[int] = Field(default=[], description="a list of days, the start counted as day 1, as in [1, 8, 15]")
    for_: Line | None = Field(default=None, alias="for", description='text: for whom, as in "under 45 kg"')
    note: Words | None = Field(default=None, description=WORDS)


class StatementTable(Table):
    """One `[[stated]]`: what a source states and no clock runs for."""

    rule: RuleId = Field(description=NAME)
    text: Words = Field(description=WORDS)
    source: Words = Field(description=SOURCE)


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
    second_csf_sample: bool = Field(default=False, description=TRUTH)
    testis_by_enlargement: bool = Field(default=False, description=TRUTH)
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
    title: Line = Field(description=LINE)
    scope: Words = Field(description=WORDS)
    citations: dict[Line, Words] = Field(
        min_length=1, description='a table of one citation or more, as in 000 = "title"'
    )
    elements: list[ElementTable] = Field(min_length=1, description="one [[elements]] table or more")
    windows: list[WindowTable] = Field(default=[], description="[[windows]] tables")
    mrd_points: list[MrdPointTable] = Field(default=[], description="[[mrd_points]] tables")
    classification: ClassificationTable | None = Field(default=None, description="a [classification] table")
    without_window: dict[str, Words] = Field(default={}, description="a table of element code = the reason, in words")
    not_stated: list[Words] = Field(default=[], description="a list of texts: what the sources leave open")
    in_force_from: Day | None = Field(default=None, description=DATE)
    changes: list[Words] = Field(default=[], description="a list of texts: what the version before had otherwise")
    sequence: list[SequenceTable] = Field(default=[], description="[[sequence]] tables")
    caps: list[CapTable] = Field(default=[], description="[[caps]] tables")
    individual_decision: IndividualDecisionTable | None = Field(
        default=None, description="an [individual_decision] table"
    )
    eligibility: list[EligibilityTable] = Field(default=[], description="[[eligibility]] tables")
    doses: list[DoseTable] = Field(default=[], description="[[doses]] tables")
    stated: list[StatementTable] = Field(default=[], description="[[stated]] tables")
    silent_after_days: int = Field(default=7, ge=1, le=365, description="a whole number of days, 1 to 365")
