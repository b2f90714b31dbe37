"""The names that a protocol's files may use, taken from the facts and the chart, and how a wrong one is answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from workflow.domain.case import Phenotype as PhenotypeCode
from workflow.domain.case import PhStatus as PhStatusCode
from workflow.domain.chart import DECIDED, STATES
from workflow.domain.classification import Group, SchemeId
from workflow.domain.facts.base import EARLIEST_YEAR, LATEST_YEAR
from workflow.domain.facts.response import MrdMethod, MrdTimepoint
from workflow.domain.facts.types import FACT_TYPES, REGISTRATION
from workflow.domain.switches import ShortFrontline
from workflow.domain.windows import Status, Verdict
from workflow.protocols.model import CapScope

# Facts about facts and about papers happen to no patient: no window can begin, wait or end with them.
PAPERS = frozenset({REGISTRATION, "delay_explained", "confirmed", "owner_changed", "contact_recorded", "note_added"})
CLINICAL_FACTS: tuple[str, ...] = tuple(sorted(set(FACT_TYPES) - PAPERS))
MRD_FACTS = ("mrd_sampled", "mrd_reported", "mrd_not_available")
MRD_TIMEPOINTS: tuple[str, ...] = get_args(MrdTimepoint)
MRD_METHODS: tuple[str, ...] = get_args(MrdMethod)
NO_VERDICT = "none"
VERDICTS: tuple[str, ...] = (NO_VERDICT, *get_args(Verdict))
THRESHOLDS = ("hard_min_on", "earliest_on", "target_on", "latest_on", "critical_from")
# The warnings of accepted facts that come from the protocol's own text; all others come from the patient's course.
PROTOCOL_WARNINGS = (
    "element_not_listed",
    "out_of_sequence",
    "early",
    "minimum_left",
    "eligibility_not_met",
    "eligibility_unknown",
    "individual_decision_if_in_group",
)
ACCEPTED = "accepted"
# What can come of one more fact in an example: it is accepted, or refused with one of these codes.
ANSWERS = (
    ACCEPTED,
    "too_early",
    "cap_reached",
    "individual_decision_needed",
    "mrd_needed",
    "against_strategy",
    "relapse_without_remission",
    "not_possible_in_state",
    "in_the_future",
    "before_anchor",
    "date_order",
    "mrd_out_of_range",
    "nothing_to_confirm",
    "no_such_delay",
    "segments_exceed_delay",
    "already_treating",
    "already_registered",
    "unknown_protocol",
    "protocol_not_in_force",
    "role_needed",
)
# Spelt with "mcg" and never with a micro sign, which one source has lost in print (C44).
DOSE_UNITS = ("mg/m2", "mg/m2/day", "g/m2", "mcg/m2/day", "mcg/day")
LONGEST_DAYS = 3650
LONGEST_MONTHS = 120
LARGEST_AMOUNT = 1_000_000
DECIMALS_OF_AMOUNT = 6
# One cell in a million millions; no method sees as few.
DECIMALS_OF_SHARE = 12

NOT_ALLOWED = "not_allowed"


@dataclass(frozen=True, slots=True)
class _OneOf:
    """A closed list of names: a wrong one is answered with all of them, and the JSON schema lists them."""

    what: str
    names: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: type[str], handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "enum": list(self.names)}

    def _check(self, value: str) -> str:
        if value not in self.names:
            raise PydanticCustomError(
                NOT_ALLOWED, '"{value}" is not {what}', {"value": value, "what": self.what, "names": self.names}
            )
        return value


def _one_of(what: str, names: Iterable[str]) -> _OneOf:
    return _OneOf(what, tuple(names))


def _whole_as_decimal(value: object) -> object:
    """Take `50` for `50.0`; strict decimals refuse whole numbers."""
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _within_our_years(day: date) -> date:
    """Take a date as facts do: outside of these years it is a slip, and near the calendar's ends nothing adds up."""
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise PydanticCustomError("year_out_of_range", "must lie between 1900 and 2199")
    return day


ClinicalFact = Annotated[str, _one_of("a fact type that a window can name", CLINICAL_FACTS)]
AnyFact = Annotated[str, _one_of("a fact type", FACT_TYPES)]
Timepoint = Annotated[str, _one_of("an MRD time point", MRD_TIMEPOINTS)]
Method = Annotated[str, _one_of("an MRD method", MRD_METHODS)]
ChartState = Annotated[str, _one_of("a state of the chart", STATES)]
WindowStatus = Annotated[str, _one_of("a status of a window", get_args(Status))]
WindowVerdict = Annotated[str, _one_of("a verdict", VERDICTS)]
FrontlineReading = Annotated[
    str, _one_of("a class that a short frontline therapy can lead to", get_args(ShortFrontline))
]
Threshold = Annotated[str, _one_of("a threshold of a window", THRESHOLDS)]
ProtocolWarning = Annotated[str, _one_of("a warning that a protocol gives", PROTOCOL_WARNINGS)]
Answer = Annotated[str, _one_of(f'"{ACCEPTED}", nor the code of a refusal', ANSWERS)]
Decision = Annotated[str, _one_of("a consolidation decision", DECIDED)]
Scheme = Annotated[str, _one_of("a risk scheme", get_args(SchemeId))]
RiskGroup = Annotated[str, _one_of("a risk group", get_args(Group))]
Scope = Annotated[str, _one_of("a scope of a cap", get_args(CapScope))]
Phenotype = Annotated[str, _one_of("a phenotype", get_args(PhenotypeCode))]
PhStatus = Annotated[str, _one_of("a Ph status", get_args(PhStatusCode))]
DoseUnit = Annotated[str, _one_of("a unit of dose", DOSE_UNITS)]

# Names that become part of addresses and of window ids, hence without blanks, colons and slashes.
ProtocolId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Version = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)]
RuleId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)]
ElementCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)]
# What nobody sees: control characters, separators of lines, and marks that turn the direction of writing round.
_HIDDEN = r"\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
# Characters that take room, or none, and show nothing.
_BLANK = r"\s\u00ad\u115f\u1160\u180e\u200b-\u200d\u2060-\u2064\u2800\u3164\ufeff\uffa0"
Words = Annotated[
    str, StringConstraints(min_length=1, max_length=4000, pattern=rf"^[^{_HIDDEN}]*[^{_HIDDEN}{_BLANK}][^{_HIDDEN}]*$")
]
Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=4000, pattern=rf"^[^\n{_HIDDEN}]*[^{_HIDDEN}{_BLANK}][^\n{_HIDDEN}]*$"),
]
Days = Annotated[int, Field(ge=0, le=LONGEST_DAYS)]
BloodCount = Annotated[
    Decimal, Field(gt=0, lt=LARGEST_AMOUNT, decimal_places=DECIMALS_OF_AMOUNT), BeforeValidator(_whole_as_decimal)
]
Amount = BloodCount
Share = Annotated[Decimal, Field(gt=0, lt=1, decimal_places=DECIMALS_OF_SHARE)]
Day = Annotated[date, AfterValidator(_within_our_years)]
Months = Annotated[int, Field(ge=1, le=LONGEST_MONTHS)]
