"""Two hospitals between which patients move, and how a coordinator hands them over."""

from datetime import UTC, datetime
from typing import Any

from httpx2 import Response

from tests.api.people import NORTH, SOUTH
from tests.api.ward import BASE, Ward, as_person

BERLIN, WIEN = NORTH, SOUTH
# Who looks after patients there, and who hands them over.
DOCTORS = {BERLIN: "treating_doctor", WIEN: "other_hospital"}
COORDINATORS = {BERLIN: "data_manager", WIEN: "other_hospital"}
NAMES = {BERLIN: "Berlin", WIEN: "Wien"}
NOTE = {"text": "seen"}


def at(day: str, time: str = "09:00") -> datetime:
    """Return an instant in UTC."""
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC)


def put_site(ward: Ward, site: str, **setting: object) -> None:
    """Make a site, or complete it."""
    body = {"name": NAMES.get(site, site), **setting}
    answer = ward.client.put(f"{BASE}/sites/{site}", json=body, headers=as_person("admin"))
    assert answer.status_code in {200, 201}, answer.text


def change(ward: Ward, patient: str, on: str, by: str, to: str, **data: str) -> Response:
    """Hand a patient over, or share the care, as the coordinator of a site."""
    return ward.record(patient, "site_changed", on, {"to": to, **data}, who=COORDINATORS[by])


def changed(ward: Ward, patient: str, on: str, by: str, to: str, **data: str) -> dict[str, Any]:
    """Hand over or share where that must be accepted, and return the answer."""
    answer = change(ward, patient, on, by, to, **data)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def writes(ward: Ward, patient: str, on: str) -> list[str]:
    """Return the sites that may record for the patient."""
    return [site for site, who in DOCTORS.items() if ward.record(patient, "note_added", on, NOTE, who=who).is_success]
