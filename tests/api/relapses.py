"""A first relapse as it is asked about, and how a test asks."""

from typing import Any

from tests.api.ward import Ward

RELAPSE: dict[str, Any] = {
    "diagnosis_date": "2021-09-29",
    "frontline_end_date": "2023-09-29",
    "relapse_date": "2024-01-05",
    "phenotype": "BCP",
    "relapse_site": "isolated_bm",
}
MRD = {"value": "0.0005", "unit": "fraction", "method": "PCR", "timepoint": "AFTER_INDUCTION_COURSE_2"}


def classified(ward: Ward, **changes: object) -> dict[str, Any]:
    """Return what the tables say of the relapse with these changes."""
    answer = ward.post("/classifications", {**RELAPSE, **changes}, "viewer")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def refused(ward: Ward, **changes: object) -> dict[str, str]:
    """Return the problems of the relapse with these changes by their fields, which must be refused."""
    answer = ward.post("/classifications", {**RELAPSE, **changes}, "viewer")
    assert answer.status_code == 422, answer.text
    return {problem["field"]: problem["message"] for problem in answer.json()["errors"]}
