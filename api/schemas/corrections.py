"""What corrections and moves answer, for the documentation: the house builds them, tests compare."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from api.schemas.answers import AlertAnswer, DeviationAnswer, FactAnswer, PatientAnswer, WarningAnswer, WindowAnswer
from api.schemas.classification import DecisionAnswer
from api.schemas.parameters import State

Said = dict[str, str | bool | DecisionAnswer | None]


class ChangedStateAnswer(BaseModel):
    """The state of today, before and after."""

    before: State
    after: State


class ChangedTextAnswer(BaseModel):
    """The treating site, or the pinned protocol, before and after."""

    before: str | None
    after: str | None


class StateSpanAnswer(BaseModel):
    """A state with its days: from the first (null: ever since), up to but not including `to` (null: still)."""

    state: State
    course: int | None
    from_: date | None = Field(alias="from")
    to: date | None


class ChangedStatesAnswer(BaseModel):
    """The states with other days, or no longer there, and those instead of them."""

    before: list[StateSpanAnswer]
    after: list[StateSpanAnswer]


class ChangedCourseAnswer(BaseModel):
    """What is said otherwise of a relapse; before is null where its course is new, after where it is gone.

    Named as the reasons name it: `relapse_site`, `timing.…`, `risk.…`, `recommendation.…` of the active strategy; the
    decision is `consolidation.…`.
    """

    relapse_number: int
    before: Said | None
    after: Said | None


class ChangedWindowAnswer(BaseModel):
    """A window that is new (before is null), gone (after is null), or another."""

    id: str
    before: WindowAnswer | None
    after: WindowAnswer | None


class ChangedAlertAnswer(BaseModel):
    """An alert that is new (before is null), or stands otherwise; what fell due before is raised in the same act."""

    id: str
    before: AlertAnswer | None
    after: AlertAnswer


class ChangedAnswer(BaseModel):
    """What differs by a correction."""

    state: ChangedStateAnswer
    site: ChangedTextAnswer
    protocol: ChangedTextAnswer
    states: ChangedStatesAnswer
    courses: Annotated[
        list[ChangedCourseAnswer], Field(description="The courses whose classification or decision is told otherwise.")
    ]
    windows: list[ChangedWindowAnswer]
    alerts: list[ChangedAlertAnswer]


class CorrectedAnswer(BaseModel):
    """Versions superseded or voided, or only tried where `stored` is false."""

    facts: list[FactAnswer]
    patient: PatientAnswer
    changed: ChangedAnswer
    deviations: list[DeviationAnswer]
    warnings: list[WarningAnswer]
    stored: bool


class MovedFactAnswer(BaseModel):
    """One fact moved: the void at the one patient, the record at the other."""

    void: FactAnswer
    record: FactAnswer


class MoveSideAnswer(BaseModel):
    """What a move changed of one patient."""

    patient: PatientAnswer
    changed: ChangedAnswer
    deviations: list[DeviationAnswer]
    warnings: list[WarningAnswer]


class MoveAnswer(BaseModel):
    """Facts moved from one patient to another, or only tried where `stored` is false."""

    facts: list[MovedFactAnswer]
    from_: MoveSideAnswer = Field(alias="from")
    to: MoveSideAnswer
    stored: bool
