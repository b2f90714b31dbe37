"""Patients: register, list, find by pseudonym, read one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.answering import answered
from api.dependencies import CallerOf, Sent, no_parameters
from api.schemas import documentation as documented
from api.schemas.parameters import ClockParameters, PatientListParameters
from workflow.persistence.pages import Page
from workflow.persistence.patient_lists import PatientFilter
from workflow.services import list_patients, read_patient, register_patient
from workflow.services.clocks import Clocks

router = APIRouter(prefix="/api/v1/patients", tags=["patients"])


@router.post(
    "", status_code=201, dependencies=[Depends(no_parameters)], summary="Register a patient", **documented.REGISTER
)
def register(sent: Sent) -> Response:
    """Register a patient by pseudonym, never by name; `occurred_on` defaults to today at the site.

    A site that is not known yet is made, with a warning, where the key is for all sites.
    """
    answer = register_patient.register(sent.house, sent.actor, sent.raw, once=sent.conditions.once)
    return answered(answer)


@router.get("", summary="List patients", **documented.LIST_PATIENTS)
def listed(asked: CallerOf, wanted: Annotated[PatientListParameters, Query()]) -> Response:
    """List the patients whom this key may see, with their state and open windows: today or at two past clocks.

    At past clocks `state`, `status`, `relapse_number` and `site`, the one that treated the patient, are those of then,
    and of whom nothing had been recorded by `known_at` is left out. Who may be seen is always told by today's sites.
    """
    filters = PatientFilter(
        state=wanted.state, status=wanted.status, site=wanted.site, relapse_number=wanted.relapse_number
    )
    clocks = Clocks(as_of=wanted.as_of, known_at=wanted.known_at)
    page = Page(wanted.limit, wanted.cursor)
    return answered(list_patients.listed(asked.house, asked.actor, filters, page, clocks))


@router.post(
    "/search", dependencies=[Depends(no_parameters)], summary="Find patients by pseudonym", **documented.SEARCH_PATIENTS
)
def search(sent: Sent) -> Response:
    """Find patients by pseudonym: in a body, since a URL ends up in logs and histories."""
    return answered(list_patients.search(sent.house, sent.actor, sent.raw))


@router.get("/{patient_id:uuid}", summary="Read a patient", **documented.READ_PATIENT)
def one(asked: CallerOf, patient_id: documented.PatientId, wanted: Annotated[ClockParameters, Query()]) -> Response:
    """Read one patient: state, protocol, open windows, what is to mend or to countersign; today or at two past clocks.

    `classification` is what the published tables say of the current relapse, with a reason for every value, and
    `consolidation` what was decided; `courses` has a line for each relapse. `as_of` asks what was true on a clinical
    day, `known_at` what had been recorded by an instant.
    """
    clocks = Clocks(as_of=wanted.as_of, known_at=wanted.known_at)
    return answered(read_patient.one(asked.house, asked.actor, str(patient_id), clocks))
