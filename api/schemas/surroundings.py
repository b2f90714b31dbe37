"""What answers beside a patient's own look like: worklist, sites, protocols, health, and every problem."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.schemas.answers import INTERRUPTED_DAYS, PAUSED_ON, AnchorAnswer
from api.schemas.parameters import State


class WorklistWindowAnswer(BaseModel):
    """The window of a worklist row."""

    id: str
    rule: str
    label: str
    anchor: AnchorAnswer
    latest_on: date | None
    critical_from: date | None
    review_on: date | None
    paused_on: Annotated[date | None, Field(description=PAUSED_ON)]
    interrupted_days: Annotated[int, Field(description=INTERRUPTED_DAYS)]


class WorklistRowAnswer(BaseModel):
    """One row of the worklist."""

    patient: str
    pseudonym: str
    site: str
    state: State
    as_of: date
    status: str | None
    unknown: bool
    due: bool
    window: WorklistWindowAnswer | None
    days: int | None
    days_past_latest: int | None
    next_threshold: date | None
    owner: str | None
    deputy: str | None
    last_contact_on: date | None


class StateCountAnswer(BaseModel):
    """How many patients are in a state, by the site that treats them and the protocol of their course."""

    state: State
    site: str
    protocol: str | None
    patients: int


class SiteAnswer(BaseModel):
    """A site with its setting."""

    id: str
    name: str
    time_zone: str
    working_days: list[int]
    holidays: list[date]
    contacts: list[str]
    silent_after_days: int | None
    notices_at: Annotated[str | None, Field(description="HH:MM; null: half past seven.")]
    mrd_result_days: Annotated[int | None, Field(description="null: nothing reminds of a missing MRD result.")]


class LiveAnswer(BaseModel):
    """The process answers."""

    status: Literal["alive"]


class OutageAnswer(BaseModel):
    """From when to when nobody swept, and what passed meanwhile."""

    since: Annotated[datetime, Field(alias="from", description="When the last sweep before it had ended.")]
    until: Annotated[datetime, Field(description="When the next one began.")]
    thresholds: int
    by_severity: dict[str, int]
    greatest_lateness_seconds: int


class ReadyAnswer(BaseModel):
    """Whether this process can serve and somebody sweeps: raises what falls due, and tells people of it."""

    status: Annotated[
        Literal["ready", "unavailable", "draining"],
        Field(description="draining: the process was told to end; then nothing else is said."),
    ]
    database: Annotated[str | None, Field(description="ok, or what is wrong with it; then nothing else is said.")] = (
        None
    )
    protocols: int | None = None
    sweep: Annotated[
        Literal["ok", "too old", "never"] | None,
        Field(description="too old: the last finished sweep is further away than three of its periods."),
    ] = None
    last_sweep_at: Annotated[datetime | None, Field(description="When the last sweep ended.")] = None
    last_sweep_seconds_ago: Annotated[int | None, Field(description="Below 0 where the clock was set back.")] = None
    patients_not_judged: Annotated[
        int | None, Field(description="Whom the last sweep could not judge; the log names the kinds of errors.")
    ] = None
    patients_waiting: Annotated[
        int | None, Field(description="Who waits for a sweep; 1000 are a thousand or more.")
    ] = None
    patients_of_other_rules: Annotated[
        int | None,
        Field(description="Who of them was judged by other rules than the last upgrade's: anew a part at a time."),
    ] = None
    oldest_due_at: Annotated[datetime | None, Field(description="Since when the first of them waits.")] = None
    oldest_due_seconds_ago: int | None = None
    revision: Annotated[str | None, Field(description="The revision of the database's tables.")] = None
    notices_due: Annotated[
        int | None, Field(description="Notices that are due and not delivered; 1000 are a thousand or more.")
    ] = None
    oldest_undelivered_at: Annotated[
        datetime | None, Field(description="Since when the first of them, or of those tried in vain, was to go out.")
    ] = None
    oldest_undelivered_seconds_ago: int | None = None
    dead_letters: Annotated[
        int | None, Field(description="Notices that were given up and that no alert tells of yet.")
    ] = None
    last_seal_at: datetime | None = None
    clock_difference_seconds: Annotated[
        float | None, Field(description="How far this process's clock is ahead of the database's; null: one clock.")
    ] = None
    free_bytes: Annotated[int | None, Field(description="Free space beside the database file; SQLite only.")] = None
    rehearsal: Annotated[bool | None, Field(description="Whether the database is for trying things, for ever.")] = None
    other_rules: Annotated[
        bool | None, Field(description="Whether this process judges by other rules than the last upgrade.")
    ] = None
    warnings: Annotated[
        list[str] | None, Field(description="What somebody should look at; none of it makes this process unready.")
    ] = None
    last_outage: OutageAnswer | None = None


class FieldProblem(BaseModel):
    """One thing wrong with what was sent."""

    field: str
    code: str
    message: str


class Problem(BaseModel):
    """Why a request was not carried out (RFC 9457); `code` is stable, the texts are for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldProblem] | None = None
    field: str | None = None
    rule: str | None = None
    source: str | None = None
    arithmetic: str | None = None
    earliest_on: date | None = None
    latest_at: Annotated[datetime | None, Field(description="The latest instant that would pass.")] = None
    override: Annotated[dict[str, object] | None, Field(description="What to send to pass the gate.")] = None
    possible: Annotated[list[str] | None, Field(description="The fact types that the state does accept.")] = None
    conflicts: list[str] | None = None
    because_of: list[str] | None = None
    request_id: str | None = None
