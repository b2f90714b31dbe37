"""Query parameters: read strictly, and an unknown one is named instead of ignored."""

import re
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from workflow.domain.alerts import AlertStatus, Severity
from workflow.domain.chart import STATES
from workflow.domain.facts.base import Code, Day, read_asked_instant
from workflow.persistence.alert_lists import UNRESOLVED, AlertFilter

LARGEST_PAGE = 500
DEFAULT_PAGE = 100
LONGEST_CURSOR = 1000
# Parameters that may stand more than once in a query.
REPEATABLE = frozenset({"status", "severity"})

OpenStatus = Literal["upcoming", "open", "due", "late", "critical", "unknown"]
_PLUS_LOST = re.compile(r"(.*T.*) (\d{2}:?\d{2})")


def _with_its_plus(value: object) -> object:
    """In a URL an unescaped `+` reads as a blank; before an offset it can only have been a plus."""
    lost = _PLUS_LOST.fullmatch(value) if isinstance(value, str) else None
    return read_asked_instant(f"{lost[1]}+{lost[2]}" if lost else value)


def _split(value: object) -> object:
    """Accept `status=late,critical` as well as `status=late&status=critical`."""
    if isinstance(value, list):
        return [part for entry in value for part in str(entry).split(",")]
    return value


def _known_state(name: str) -> str:
    if name not in STATES:
        raise PydanticCustomError(
            "unknown_state", "must be a state of the chart: {known}", {"known": ", ".join(STATES)}
        )
    return name


State = Annotated[str, AfterValidator(_known_state), Field(json_schema_extra={"enum": list(STATES)})]
AsOf = Annotated[
    Day | None,
    Field(
        description="The clinical day asked about: nothing dated later counts. Without it everything known counts, "
        "as it stands on the calendar day of `known_at`, or today, at the site that treats the patient then.",
        json_schema_extra={"format": "date"},
    ),
]
KnownAt = Annotated[
    Annotated[datetime, BeforeValidator(_with_its_plus, json_schema_input_type=str)] | None,
    Field(
        description="Only what had been recorded by this instant, with its offset, like 2026-01-31T08:30:00+01:00; "
        "in a URL, `+` is written `%2B`.",
        json_schema_extra={"format": "date-time"},
    ),
]
Limit = Annotated[int, Field(ge=1, le=LARGEST_PAGE, description="How many rows at most.")]
Cursor = Annotated[
    str | None,
    Field(min_length=1, max_length=LONGEST_CURSOR, description="`next_cursor` of the page before, as it was given."),
]
SiteFilter = Annotated[Code | None, Field(description="Only patients of this site.")]


class NoParameters(BaseModel):
    """No query parameter at all."""

    model_config = ConfigDict(extra="forbid")


class ClockParameters(NoParameters):
    """The two clocks of a question about the past."""

    as_of: AsOf = None
    known_at: KnownAt = None


class HistoryParameters(ClockParameters):
    """The clocks, and whether replaced versions are wanted as well."""

    include_superseded: Annotated[bool, Field(description="Also the versions that were corrected or voided.")] = False


class PageParameters(NoParameters):
    """Which part of a list."""

    limit: Limit = DEFAULT_PAGE
    cursor: Cursor = None


class PatientListParameters(ClockParameters, PageParameters):
    """Which patients."""

    state: Annotated[State | None, Field(description="Only patients in this state.")] = None
    status: Annotated[OpenStatus | None, Field(description="Only patients with a window that stands so.")] = None
    site: SiteFilter = None
    relapse_number: Annotated[int | None, Field(ge=1, le=99, description="Only this relapse's course.")] = None


class WorklistParameters(ClockParameters, PageParameters):
    """Which rows of the worklist."""

    status: Annotated[
        list[OpenStatus],
        BeforeValidator(_split, json_schema_input_type=list[OpenStatus]),
        Field(max_length=6, description="Only windows that stand so; default late, critical, due, unknown."),
    ] = []
    site: SiteFilter = None
    rule: Annotated[Code | None, Field(description="Only windows of this timing rule, e.g. TR-001.")] = None


class AlertListParameters(PageParameters):
    """Which alerts of the ledger."""

    status: Annotated[
        list[AlertStatus],
        BeforeValidator(_split, json_schema_input_type=list[AlertStatus]),
        Field(max_length=4, description="Only alerts that stand so; default everything that is not resolved."),
    ] = []
    severity: Annotated[
        list[Severity],
        BeforeValidator(_split, json_schema_input_type=list[Severity]),
        Field(max_length=4, description="Only alerts of these severities."),
    ] = []
    site: SiteFilter = None
    rule: Annotated[Code | None, Field(description="Only alerts of this timing rule, e.g. TR-001.")] = None
    reminder: Annotated[Code | None, Field(description="Only alerts of this reminder, e.g. RM-05.")] = None
    patient: Annotated[UUID | None, Field(description="Only alerts of this patient, by id.")] = None
    known_at: KnownAt = None

    @property
    def alerts(self) -> AlertFilter:
        """Which alerts are asked for; without a status those that are not resolved."""
        return AlertFilter(
            statuses=frozenset(self.status) or UNRESOLVED,
            severities=frozenset(self.severity) or None,
            site=self.site,
            rule=self.rule,
            reminder=self.reminder,
            patient_id=None if self.patient is None else str(self.patient),
        )


class CensusParameters(ClockParameters):
    """Which patients are counted."""

    site: Annotated[Code | None, Field(description="Only patients treated at this site.")] = None
    protocol: Annotated[
        Code | None, Field(description="Only courses on this protocol: `id@version`, or `id` for all its versions.")
    ] = None


class PreviewParameters(NoParameters):
    """Whether a fact is only tried."""

    preview: Annotated[bool, Field(description="Judge and answer as if recording, and store nothing.")] = False
