"""Payloads about the person: registration, contact, place of care, and how care ends."""

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from workflow.domain.facts.base import Code, Day, Payload, Text


def _wrong(field: str, message: str) -> PydanticCustomError:
    return PydanticCustomError("date_order", message, {"field": field})


class PatientRegistered(Payload):
    """Who is followed and what is known of the first disease; a pseudonym, never a name."""

    pseudonym: Code
    site: Code
    diagnosis_date: Day
    phenotype: Literal["BCP", "T"]
    frontline_end_date: Day | None = None
    frontline_ongoing: bool | None = None
    ph_status: Literal["positive", "negative", "unknown"] | None = None
    birth_date: Day | None = None
    sex: Literal["female", "male", "other"] | None = None
    prior_hsct: bool | None = None

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.frontline_ongoing and self.frontline_end_date is not None:
            raise _wrong("frontline_ongoing", "is true, which excludes frontline_end_date; send one of them")
        if self.frontline_end_date is not None and self.frontline_end_date < self.diagnosis_date:
            raise _wrong("frontline_end_date", "lies before diagnosis_date; correct one of them")
        if self.birth_date is not None and self.birth_date > self.diagnosis_date:
            raise _wrong("birth_date", "lies after diagnosis_date; correct one of them")
        return self


class OwnerChanged(Payload):
    """Who answers for this patient on the worklist."""

    actor: Code
    deputy: Code | None = None


class ContactRecorded(Payload):
    """A contact with patient or family on a day."""

    on: Day
    result: Text | None = None


class SiteChanged(Payload):
    """A transfer to another hospital, or care shared with it."""

    to: Code
    role: Literal["transfer", "shared_care"] = "transfer"
    until: Day | None = None


class AppointmentBooked(Payload):
    """What is booked for which day; a plan, so it may lie ahead."""

    for_: Code = Field(alias="for")
    on: Day


class LostToFollowUp(Payload):
    """The patient cannot be reached any more; all clocks stop."""

    last_contact_on: Day | None = None
    reason: Text | None = None


class Withdrawn(Payload):
    """Consent or participation ended; all clocks stop."""

    reason: Text | None = None
    last_contact_on: Day | None = None


class CareResumed(Payload):
    """A suspended patient is followed again."""

    reason: Text | None = None


class Died(Payload):
    """The patient died."""

    cause: Code | None = None


class SecondMalignancyDiagnosed(Payload):
    """A second malignant neoplasm: an event of disease-free survival, no state of leukaemia treatment."""

    kind: Code | None = None


class NoteAdded(Payload):
    """A free note."""

    text: Text


class Confirmed(Payload):
    """A clinician countersigns an unconfirmed fact."""

    fact: Code
