"""What holds for every answer to an attack, and another hospital with marks that no answer may carry."""

from dataclasses import dataclass

from httpx2 import Response

from api.hardening import SECURITY_HEADERS
from tests.api.people import SECRET_OF_KEYS, SOUTH
from tests.api.ward import Ward

# What stands in no answer: our own files and frameworks, and keys.
TOLD_BY_FAULTS = ("Traceback", ".py", "sqlalchemy", "sqlite3.", "psycopg", "pydantic", SECRET_OF_KEYS)
# What only the other hospital knows of its patient.
MARKS = ("SOUTH-0001", "2019-12-24", "a note that only south has written")


@dataclass(frozen=True, slots=True)
class OtherHospital:
    """A patient of the south with everything that has an id."""

    patient: str
    alert: str
    fact: str
    window: str


def with_other_hospital(ward: Ward) -> OtherHospital:
    """Register a patient of the south who is late, with a note; return the ids."""
    who = "other_hospital"
    patient = ward.register(site=SOUTH, pseudonym="SOUTH-0001", diagnosis_date="2019-12-24")
    for fact_type, on, data in (
        ("relapse_diagnosed", "2025-01-06", {"relapse_site": "isolated_bm"}),
        ("protocol_chosen", "2025-01-07", {"protocol": "all-rez-bfm-2002"}),
        ("block_started", "2025-01-08", {"element": "R1"}),
        ("note_added", "2025-01-08", {"text": "a note that only south has written"}),
    ):
        ward.recorded(patient, fact_type, on, data, who=who)
    seen = ward.get(f"/patients/{patient}", who).json()
    return OtherHospital(patient, seen["alerts"][0]["id"], "f4", seen["windows"][0]["id"])


def harmless(answer: Response, *statuses: int) -> None:
    """Assert that an answer is no server error, tells nothing, carries the security headers, and has such a status."""
    assert answer.status_code < 500, answer.text
    if statuses:
        assert answer.status_code in statuses, (answer.status_code, answer.text)
    for told in (*TOLD_BY_FAULTS, *MARKS):
        assert told not in answer.text
        assert all(told not in value for value in answer.headers.values())
    assert {name: answer.headers[name] for name in SECURITY_HEADERS} == dict(SECURITY_HEADERS)
    assert answer.headers["x-request-id"]
    assert "server" not in answer.headers
