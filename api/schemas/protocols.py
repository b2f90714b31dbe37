"""What answers about protocols look like: everything that a protocol's file states, under the file's own names."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

Amount = Annotated[str, Field(description="A decimal as it is printed, e.g. `0.8`.")]


class SignatureAnswer(BaseModel):
    """Who signed one part of a release."""

    actor: str
    signed_at: datetime
    note: str | None


class ReleaseAnswer(BaseModel):
    """Whether a version may be chosen: shipped with the program, or released by two people."""

    status: Literal["shipped", "draft", "released"]
    author: SignatureAnswer | None
    approver: SignatureAnswer | None


class SignedAnswer(BaseModel):
    """The release of a version, with the new signature."""

    protocol: str
    sha256: str
    release: ReleaseAnswer


class ProtocolLineAnswer(BaseModel):
    """A protocol version in short."""

    id: str
    version: str
    title: str
    scope: str
    sha256: str
    in_force_from: Annotated[
        date | None,
        Field(description="From this day on a choice of the id alone means this version; null: on every day."),
    ]
    offered: Annotated[bool, Field(description="false: kept for the courses that follow it; it can be chosen no more.")]
    release: ReleaseAnswer


class GroupsAnswer(BaseModel):
    """For patients in one of these groups of a risk scheme only."""

    scheme: str
    groups: list[str]


class SequenceAnswer(BaseModel):
    """What may come next; after what no row names anything may come."""

    after: Annotated[str, Field(description="An element, or START for the beginning of an attempt.")]
    then: list[str]
    source: str
    risk: GroupsAnswer | None


class CapAnswer(BaseModel):
    """At most so many starts of these elements under this protocol."""

    rule: str
    elements: list[str]
    most: int
    scope: Literal["course", "life"]
    source: str
    note: str | None


class IndividualDecisionAnswer(BaseModel):
    """For these patients a `block_decision` to continue must follow each element."""

    rule: str
    risk: GroupsAnswer
    source: str
    note: str | None


class EligibilityAnswer(BaseModel):
    """For whom the protocol is: asked when it is chosen, never refused; any one stated condition is enough."""

    asks: str
    source: str
    phenotype: str | None
    ph_status: str | None
    relapse_number_from: int | None
    relapse_number_to: int | None
    prior_regimens_from: int | None
    prior_regimens_to: int | None
    in_remission: bool | None
    mrd_from: Amount | None
    age_years: tuple[int, int] | None
    risk: GroupsAnswer | None


class DoseAnswer(BaseModel):
    """A dose that a source states: shown, never computed with."""

    element: str
    drug: str
    amount: Amount
    unit: str
    source: str
    days: Annotated[list[int], Field(description="The start is day 1.")]
    for_: Annotated[str | None, Field(alias="for", description="For whom.")]
    note: str | None


class StatementAnswer(BaseModel):
    """What a source states and no clock runs for."""

    rule: str
    text: str
    source: str


class ProtocolAnswer(ProtocolLineAnswer):
    """A protocol version as data."""

    elements: list[dict[str, object]]
    windows: list[dict[str, object]]
    mrd_points: list[dict[str, object]]
    classification: Annotated[
        dict[str, object], Field(description="How its courses are classified; without a source: as in most sources.")
    ]
    without_window: dict[str, str]
    citations: dict[str, str]
    not_stated: list[str]
    silent_after_days: int
    changes: Annotated[list[str], Field(description="What the version before had otherwise.")]
    sequence: list[SequenceAnswer]
    caps: list[CapAnswer]
    individual_decision: IndividualDecisionAnswer | None
    eligibility: list[EligibilityAnswer]
    doses: list[DoseAnswer]
    stated: list[StatementAnswer]
