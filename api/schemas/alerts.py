"""What answers about alerts look like, for the documentation: the house builds them, tests compare."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from api.schemas.answers import AlertAnswer, ExplanationAnswer, FactIdText, FactType
from workflow.domain.alerts import EventKind, NoticeStatus
from workflow.rules.was_it_right import Rightness


class OutcomeAnswer(BaseModel):
    """What became of one attempt to deliver a notice."""

    at: datetime
    outcome: str


class NoticeAnswer(BaseModel):
    """One message to one recipient; the recipient is told with one alert, to coordinators and admins.

    With `known_at` only what was planned by then is told: status, settled_at, attempts and outcomes are null, for what
    became of a notice is written after it happened, and a settled answer never changes.
    """

    id: str
    episode: int
    step: Annotated[int, Field(description="0 for the first notice of an episode, then one more for each repeat.")]
    channel: str
    recipient: str | None
    status: Annotated[NoticeStatus | None, Field(description="Null with `known_at`.")]
    made_at: datetime
    due_at: Annotated[datetime, Field(description="When it was to be sent first, however often it was put off.")]
    settled_at: Annotated[datetime | None, Field(description="When it ended; null while pending, and with `known_at`.")]
    attempts: Annotated[int | None, Field(description="Null with `known_at`.")]
    outcomes: Annotated[list[OutcomeAnswer] | None, Field(description="Null with `known_at`.")]


class AlertLineAnswer(AlertAnswer):
    """An alert in a list of many patients'."""

    pseudonym: str
    site: str
    notices: list[NoticeAnswer]


class AlertEventAnswer(BaseModel):
    """What happened to an alert: who did it, or which fact."""

    at: datetime
    kind: EventKind
    episode: int
    by: str | None
    on_behalf_of: str | None
    fact: FactIdText | None
    reason: str | None
    until: datetime | None


class AlertInFullAnswer(AlertLineAnswer):
    """One alert with everything that happened to it."""

    events: list[AlertEventAnswer]


class TurningFactAnswer(BaseModel):
    """A fact that changed whether the alert was right."""

    id: FactIdText
    type: FactType
    occurred_on: date
    recorded_at: datetime
    recorded_by: str


class WasItRightAnswer(BaseModel):
    """Whether the alert was right: today still, then but corrected since, then but documented late, or never.

    `not_known`: the alert was raised by another release, whose rules this one does not have.
    """

    verdict: Rightness
    why: str
    since: Annotated[datetime | None, Field(description="From when on what is known says otherwise.")]
    facts: list[TurningFactAnswer]


class AlertExplanationAnswer(AlertAnswer):
    """Why an alert was raised, and whether that was right."""

    pseudonym: str
    site: str
    proof: Annotated[ExplanationAnswer | None, Field(description="The window as it stood when the alert was raised.")]
    was_it_right: WasItRightAnswer
