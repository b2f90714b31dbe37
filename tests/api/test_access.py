"""Who may do what: at every endpoint no key is 401, a role too low 403, another hospital 404; a new one needs a row."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from httpx2 import Response

from tests.api.people import key_of
from tests.api.ward import BASE, REGISTRATION, UNKNOWN_PATIENT, Ward, as_person
from tests.introduced import changing
from workflow.persistence.actors import revoke_key
from workflow.protocols.library import shipped
from workflow.services.run_sweep import run_sweep

FACT = {"type": "note_added", "occurred_on": "2025-01-10", "data": {"text": "seen"}}
SHIPPED = shipped().versions[0]
# Routes of the API that need no key: they tell nothing about a patient.
OPEN = {"GET /health/live", "GET /health/ready", "GET /metrics"}
# Where another hospital sees nothing instead of being told that there is nothing.
Elsewhere = Callable[[Response], bool]


def nothing_listed(answer: Response) -> bool:
    return answer.status_code == 200 and answer.json()["items"] == []


def only_its_own_site(answer: Response) -> bool:
    return answer.status_code == 200 and [site["id"] for site in answer.json()["items"]] == ["south"]


def not_found(answer: Response) -> bool:
    return answer.status_code == 404 and answer.json()["code"] == "not_found"


def role_needed_everywhere(answer: Response) -> bool:
    return answer.status_code == 403 and "for all sites" in answer.json()["detail"]


def same_for_all(answer: Response) -> bool:
    return answer.status_code == 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one endpoint is called rightly, the role that falls short, and what another hospital gets."""

    path: str
    body: Mapping[str, Any] | None = None
    too_low: str | None = None
    elsewhere: Elsewhere = field(default=not_found)


# `{patient}`, `{other}`, `{alert}` and `{unconfirmed}` are put in, into bodies as well. Reading needs the lowest role
# there is, so that none can be too low.
ROWS: dict[str, Row] = {
    "POST /api/v1/patients": Row(path="/patients", body={**REGISTRATION, "pseudonym": "ALL-0008"}, too_low="viewer"),
    "GET /api/v1/patients": Row(path="/patients", elsewhere=nothing_listed),
    "POST /api/v1/patients/search": Row(
        path="/patients/search", body={"pseudonym": "ALL-0007"}, elsewhere=nothing_listed
    ),
    "GET /api/v1/patients/{patient_id}": Row(path="/patients/{patient}"),
    "POST /api/v1/patients/{patient_id}/facts": Row(path="/patients/{patient}/facts", body=FACT, too_low="viewer"),
    "POST /api/v1/patients/{patient_id}/facts/{fact_id}/confirmation": Row(
        path="/patients/{patient}/facts/{unconfirmed}/confirmation", body={}, too_low="ward_nurse"
    ),
    "POST /api/v1/patients/{patient_id}/corrections": Row(
        path="/patients/{patient}/corrections",
        body={"voids": "{unconfirmed}", "reason": "not given"},
        too_low="ward_nurse",
    ),
    "POST /api/v1/corrections/move": Row(
        path="/corrections/move",
        body={"from": "{patient}", "to": "{other}", "facts": ["{unconfirmed}"], "reason": "of the other twin"},
        too_low="ward_nurse",
    ),
    "GET /api/v1/patients/{patient_id}/history": Row(path="/patients/{patient}/history"),
    "GET /api/v1/patients/{patient_id}/windows": Row(path="/patients/{patient}/windows"),
    "GET /api/v1/patients/{patient_id}/windows/{window_id}/explanation": Row(
        path="/patients/{patient}/windows/1:TR-001:f4/explanation"
    ),
    "GET /api/v1/patients/{patient_id}/next-steps": Row(path="/patients/{patient}/next-steps"),
    "GET /api/v1/alerts": Row(path="/alerts", elsewhere=nothing_listed),
    "GET /api/v1/alerts/{alert_id}": Row(path="/alerts/{alert}"),
    "GET /api/v1/alerts/{alert_id}/explanation": Row(path="/alerts/{alert}/explanation"),
    "POST /api/v1/alerts/{alert_id}/acknowledge": Row(
        path="/alerts/{alert}/acknowledge", body={"reason": "seen"}, too_low="viewer"
    ),
    "POST /api/v1/alerts/{alert_id}/snooze": Row(
        path="/alerts/{alert}/snooze", body={"reason": "round at noon", "until": "2025-07-01"}, too_low="viewer"
    ),
    "POST /api/v1/alerts/{alert_id}/resolve": Row(
        path="/alerts/{alert}/resolve", body={"reason": "treated elsewhere"}, too_low="ward_nurse"
    ),
    "POST /api/v1/classifications": Row(
        path="/classifications",
        body={
            "diagnosis_date": "2021-09-29",
            "relapse_date": "2024-01-05",
            "phenotype": "BCP",
            "relapse_site": "isolated_bm",
        },
        elsewhere=same_for_all,
    ),
    "GET /api/v1/worklist": Row(path="/worklist", elsewhere=nothing_listed),
    "GET /api/v1/cohort/states": Row(path="/cohort/states", elsewhere=nothing_listed),
    "GET /api/v1/sites": Row(path="/sites", elsewhere=only_its_own_site),
    "PUT /api/v1/sites/{site_id}": Row(path="/sites/north", body={"name": "North"}, too_low="data_manager"),
    "GET /api/v1/protocols": Row(path="/protocols", elsewhere=same_for_all),
    "GET /api/v1/protocols/{protocol_id}": Row(path="/protocols/all-rez-bfm-2002", elsewhere=same_for_all),
    "POST /api/v1/protocols/{protocol_id}/signatures": Row(
        path=f"/protocols/{SHIPPED.ref}/signatures",
        body={"part": "author", "sha256": SHIPPED.sha256},
        too_low="treating_doctor",
        elsewhere=role_needed_everywhere,
    ),
    "GET /api/v1/protocols/{protocol_id}/diagram": Row(
        path="/protocols/all-rez-bfm-2002/diagram", elsewhere=same_for_all
    ),
}
GATED = {endpoint: row for endpoint, row in ROWS.items() if row.too_low}


def endpoints(ward: Ward) -> set[str]:
    """Return `METHOD path` of every documented route."""
    routes = iter_route_contexts(ward.client.app.routes)  # type: ignore[attr-defined]
    return {
        f"{method} {route.path_format}"
        for route in routes
        if getattr(route, "include_in_schema", False) and route.path not in {None, "/openapi.json"}
        for method in route.methods or ()
    }


def called(ward: Ward, endpoint: str, headers: Mapping[str, str]) -> Response:
    """Call an endpoint as its row says, on a patient of the hospital north with a fact that waits to be confirmed."""
    row = ROWS[endpoint]
    patient = ward.after_first_block()
    given = ward.recorded(
        patient,
        "block_started",
        "2025-01-21",
        {"element": "R2"},
        override={"code": "given_as_ordered", "ordered_by": "treating_doctor"},
        who="ward_nurse",
    )
    named = {"{patient}": patient, "{other}": ward.relapsed(pseudonym="ALL-0009"), "{unconfirmed}": given["fact"]["id"]}
    if "{alert}" in row.path:
        late = ward.after_first_block(pseudonym="ALL-0010")
        named["{alert}"] = ward.get(f"/patients/{late}").json()["alerts"][0]["id"]
    method, _, _ = endpoint.partition(" ")
    body = None if row.body is None else json.loads(_put_in(json.dumps(row.body), named))
    return ward.client.request(method, BASE + _put_in(row.path, named), json=body, headers=headers)


def _put_in(text: str, named: Mapping[str, str]) -> str:
    for name, value in named.items():
        text = text.replace(name, value)
    return text


def test_every_endpoint_has_a_row(edge: Ward) -> None:
    assert endpoints(edge) == set(ROWS) | OPEN


@pytest.mark.parametrize("endpoint", ROWS)
def test_without_a_key_it_is_401(edge: Ward, endpoint: str) -> None:
    answer = called(edge, endpoint, {})

    assert answer.status_code == 401
    assert answer.json()["code"] == "key_needed"
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("endpoint", GATED)
def test_a_role_too_low_is_403(edge: Ward, endpoint: str) -> None:
    answer = called(edge, endpoint, as_person(str(GATED[endpoint].too_low)))

    assert answer.status_code == 403
    assert "role" in answer.json()["code"]


@pytest.mark.parametrize("endpoint", ROWS)
def test_another_hospital_sees_nothing(edge: Ward, endpoint: str) -> None:
    answer = called(edge, endpoint, as_person("other_hospital"))

    assert ROWS[endpoint].elsewhere(answer), answer.text


@pytest.mark.parametrize("endpoint", ROWS)
def test_an_admin_gets_through(edge: Ward, endpoint: str) -> None:
    answer = called(edge, endpoint, as_person("admin"))

    assert answer.status_code in {200, 201}, answer.text


@pytest.mark.parametrize(
    "presented",
    [
        "Bearer " + key_of("treating_doctor")[:-1] + "x",
        "Bearer cw_nobody_a-secret",
        "Bearer nonsense",
        "Bearer",
        "Bearer  ",
        "Basic " + key_of("treating_doctor"),
        "Bearer cw_treating-doctor_",
        "Bearer cw__secret",
        "Bearer " + "k" * 10_000,
        "Bearer caf\xe9".encode("latin-1"),
        "Bearer cw_\x7f_x",
    ],
)
def test_a_key_that_is_none_is_401(edge: Ward, presented: str | bytes) -> None:
    answer = edge.client.get(f"{BASE}/patients", headers=[(b"authorization", as_bytes(presented))])

    assert answer.status_code == 401


def as_bytes(presented: str | bytes) -> bytes:
    return presented if isinstance(presented, bytes) else presented.encode()


def test_open_endpoints_need_no_key(edge: Ward) -> None:
    # Whom nobody sweeps for is not ready.
    run_sweep(edge.house, "0a1b2c3d")
    for endpoint in OPEN:
        assert edge.client.get(endpoint.removeprefix("GET ")).status_code == 200


@pytest.mark.parametrize("patient", [UNKNOWN_PATIENT, "1", "..", "%00", "0197f3a2-5c1e-7d43-9b60-2f8a41c7e90%0a", "é"])
def test_a_patient_who_is_not_there_is_404_like_one_of_another_hospital(edge: Ward, patient: str) -> None:
    for answer in (
        edge.get(f"/patients/{patient}/history"),
        edge.post(f"/patients/{patient}/facts", FACT),
    ):
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("fact", ["f0", "f99999999999999999999", "x", "%00", "18"])
def test_a_fact_that_is_not_there_cannot_be_confirmed(edge: Ward, fact: str) -> None:
    answer = edge.post(f"/patients/{edge.relapsed()}/facts/{fact}/confirmation", {})

    assert answer.status_code == 404


def test_a_revoked_key_is_refused_within_seconds(edge: Ward) -> None:
    assert edge.get("/patients", "viewer").status_code == 200
    with changing(edge.house.database) as connection:
        assert revoke_key(connection, "viewer", at=edge.clock())
    edge.clock.now += timedelta(seconds=6)

    assert edge.get("/patients", "viewer").status_code == 401


def test_a_nurse_records_what_happened_and_a_clinician_decides(edge: Ward) -> None:
    patient = edge.relapsed()
    decision = {"continue": True, "reason": "in good condition"}

    assert edge.record(patient, "note_added", "2025-01-10", {"text": "seen"}, who="ward_nurse").status_code == 201
    assert edge.record(patient, "block_decision", "2025-01-10", decision, who="ward_nurse").status_code == 403
    assert edge.record(patient, "block_decision", "2025-01-10", decision).status_code == 201


def test_only_an_actor_for_all_sites_names_a_new_site(edge: Ward) -> None:
    new = {**REGISTRATION, "site": "east", "pseudonym": "ALL-0100"}

    assert edge.post("/patients", new, "data_manager").status_code == 404
    made = edge.post("/patients", new, "admin")

    assert made.status_code == 201
    assert [warning["code"] for warning in made.json()["warnings"]] == ["site_made"]
