"""POST /classifications: a relapse described by whoever asks, under all schemes side by side, and nothing stored."""

from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from api.app import create_app
from api.schemas.classification_examples import CASES
from tests.api.relapses import MRD, RELAPSE, classified, refused
from tests.api.ward import BASE, Ward, as_person
from tests.introduced import seeing
from tests.unit.protocols.texts import SOUND
from workflow.domain.messages import INTENDED_USE
from workflow.persistence.access_log import read_access
from workflow.persistence.pages import Page
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.model import Protocols
from workflow.services.house import House

WITHOUT_END = {name: value for name, value in RELAPSE.items() if name != "frontline_end_date"}
STRATEGIES = ["BFM_2002", "UKALL_R3", "I_BFM_FIG1", "COG_TABLE6", "PDQ_2014", "APPROACH_001"]
NO_TIMING = {"BFM": None, "COG": None, "COG_subclass": None, "PDQ": None}
NO_GROUP = {"BFM": None, "UKALL_R3": None, "I_BFM_SG": None, "ALL_REZ_BFM_95": None}


def asked_of(house: House, request: dict[str, Any]) -> Response:
    client = TestClient(create_app(house), base_url="http://localhost")
    answer: Response = client.post(f"{BASE}/classifications", json=request, headers=as_person("viewer"))
    return answer


def decisions(body: dict[str, Any]) -> dict[str, str]:
    return {strategy: said["decision"] for strategy, said in body["recommendation"].items()}


def about(body: dict[str, Any]) -> list[str]:
    return [reason["about"] for reason in body["reasons"]]


def test_a_first_relapse_is_answered_under_all_schemes(edge: Ward) -> None:
    body = classified(edge)

    assert body["timing"] == {"BFM": "early", "COG": "early", "COG_subclass": "intermediate", "PDQ": "early"}
    assert body["relapse_site"] == "isolated_bm"
    assert body["risk"] == {"BFM": "HR", "UKALL_R3": "HR", "I_BFM_SG": "HR", "ALL_REZ_BFM_95": "S3"}
    assert list(body["recommendation"]) == STRATEGIES
    assert body["recommendation"]["BFM_2002"]["decision"] == "HSCT"
    assert body["recommendation"]["BFM_2002"]["conditional_on"] == "CR2"
    assert body["recommendation"]["COG_TABLE6"]["decision"] == "NEED_MRD"
    assert "conditional_on" not in body["recommendation"]["COG_TABLE6"]
    assert (body["timing_possible"], body["timing_alternative"], body["site_gaps"]) == ({}, {}, [])
    assert (body["flags"], body["to_confirm"]) == ([], [])
    assert body["intended_use"] == INTENDED_USE


def test_every_value_has_a_reason_with_its_arithmetic_and_its_source(edge: Ward) -> None:
    body = classified(edge)

    values = [f"timing.{system}" for system in body["timing"]] + [f"risk.{scheme}" for scheme in body["risk"]]
    assert set(about(body)) == {*values, "relapse_site"}
    bfm = next(reason for reason in body["reasons"] if reason["about"] == "timing.BFM")
    assert "2024-01-05 <= 2023-09-29 + 6 months = 2024-03-29" in bfm["text"]
    assert bfm["source"].startswith("002, Table 2")
    for said in (*body["reasons"], *body["recommendation"].values(), *body["statements"]):
        assert said["source"]
        assert said["rule"]


def test_sources_are_cited_in_full(edge: Ward) -> None:
    body = classified(edge)

    cited = " ".join(said["source"] for said in (*body["reasons"], *body["recommendation"].values()))
    assert set(body["sources"]) == {key for key in ("000", "001", "002", "003", "004") if key in cited + "003"}
    assert "Fuster" in body["sources"]["002"]


def test_an_answer_reads_recommended_by_and_never_as_an_order(edge: Ward) -> None:
    said = classified(edge)["recommendation"]

    assert said["BFM_2002"]["why"].startswith("HSCT, recommended by ALL-REZ BFM 2002: ")
    assert said["UKALL_R3"]["why"].startswith("HSCT, recommended by UKALL R3: ")
    assert said["COG_TABLE6"]["why"].startswith("No recommendation by COG (002, Table 6) without an MRD result: ")


@pytest.mark.parametrize("example", CASES)
def test_every_example_is_answered_as_documented(edge: Ward, example: str) -> None:
    document = edge.client.get("/openapi.json").json()
    schema = {"$ref": "#/components/schemas/ClassificationAnswer", "components": document["components"]}
    answer = edge.post("/classifications", CASES[example], "viewer")

    assert answer.status_code == 200, answer.text
    jsonschema_rs.validator_for(schema, validate_formats=True).validate(answer.json())


def test_the_site_is_read_from_findings(edge: Ward) -> None:
    findings: dict[str, Any] = {
        "marrow_blasts_percent": 62,
        "peripheral_blasts": True,
        "csf": {"wbc_per_ul": 1, "blasts": False, "rbc_per_ul": 0},
        "testis": {"left": "normal", "right": "normal"},
    }
    unscreened = {name: value for name, value in findings.items() if name != "testis"}

    assert classified(edge, relapse_site=None, findings=findings)["relapse_site"] == "isolated_bm"
    assert classified(edge, relapse_site=None, findings=unscreened, sex="female")["relapse_site"] == "isolated_bm"
    body = classified(edge, relapse_site=None, findings=unscreened, sex="male")
    assert (body["relapse_site"], body["site_gaps"]) == ("needs_review", ["G6"])
    assert body["risk"] == NO_GROUP
    assert set(decisions(body).values()) == {None}
    assert all("G6" in said["why"] for said in body["recommendation"].values())


def test_a_missing_date_leaves_open_only_what_it_decides(edge: Ward) -> None:
    """Of a T-cell marrow relapse every class is HR, so that no date is needed for its group (002, Table 5)."""
    open_group = edge.post("/classifications", WITHOUT_END, "viewer").json()
    decided = edge.post("/classifications", {**WITHOUT_END, "phenotype": "T"}, "viewer").json()

    for body in (open_group, decided):
        assert (body["timing"]["BFM"], body["timing"]["PDQ"]) == ("indeterminate", "indeterminate")
        assert body["timing_possible"] == {"BFM": ["early", "late"], "PDQ": ["early", "late"]}
    assert open_group["risk"]["BFM"] is None
    assert decided["risk"]["BFM"] == "HR"
    assert decided["recommendation"]["BFM_2002"]["decision"] == "HSCT"
    assert open_group["recommendation"]["BFM_2002"]["decision"] == "NEED_TIMING"
    assert open_group["recommendation"]["APPROACH_001"]["decision"] == "AMBIGUOUS_TIMING"


def test_frontline_therapy_that_goes_on_needs_no_end(edge: Ward) -> None:
    body = edge.post("/classifications", {**WITHOUT_END, "frontline_ongoing": True}, "viewer").json()

    assert (body["timing"]["BFM"], body["timing"]["PDQ"]) == ("early", "early")


def test_a_short_frontline_therapy_shows_both_readings_and_asks_a_clinician(edge: Ward) -> None:
    body = classified(edge, frontline_end_date="2022-03-31", relapse_date="2022-12-01")

    assert body["timing"]["BFM"] == "very_early"
    assert body["timing_alternative"] == {"BFM": "late"}
    assert "timing_conflict" in body["flags"]
    assert body["to_confirm"] == ["timing_conflict"]
    assert "flags.timing_conflict" in about(body)


def test_a_protocol_brings_its_own_readings(edge: Ward) -> None:
    taken = '[classification]\nsource = "000, page 5"\nshort_frontline = "late"\n'
    protocols = Protocols((parse_protocol(SOUND + taken, "protocol.toml"),))
    request = {**RELAPSE, "frontline_end_date": "2022-03-31", "relapse_date": "2022-12-01", "protocol": "small@1"}

    body = asked_of(replace(edge.house, protocols=protocols), request).json()

    assert (body["timing"]["BFM"], body["timing_alternative"]) == ("late", {"BFM": "very_early"})


def test_a_second_relapse_has_no_class_and_every_decision_is_individual(edge: Ward) -> None:
    body = classified(edge, relapse_number=2, response="cr")

    assert body["timing"] == NO_TIMING
    assert body["risk"] == NO_GROUP
    assert set(decisions(body).values()) == {"INDIVIDUAL"}
    assert "timing" in about(body)
    assert {said["rule"] for said in body["recommendation"].values()} == {"CD-045"}
    assert body["recommendation"]["UKALL_R3"]["why"].startswith("No recommendation by UKALL R3, an individual decision")


def test_after_a_transplant_the_groups_stay_and_every_decision_is_individual(edge: Ward) -> None:
    body = classified(edge, prior_hsct=True)

    assert body["risk"]["BFM"] == "HR"
    assert set(decisions(body).values()) == {"INDIVIDUAL"}
    assert "prior_hsct" in body["flags"]


def test_a_remission_lifts_the_condition_and_no_remission_leads_elsewhere(edge: Ward) -> None:
    assert "conditional_on" not in classified(edge, response="cr")["recommendation"]["BFM_2002"]
    assert classified(edge, response="crp")["recommendation"]["BFM_2002"]["conditional_on"] == "CR2"
    refractory = classified(edge, response="no_cr")["recommendation"]
    assert refractory["BFM_2002"]["decision"] == "REFRACTORY_BRANCH"
    assert refractory["UKALL_R3"]["decision"] == "NOT_STATED"


LATE = {"relapse_date": "2024-06-28"}  # 2024-06-28 > 2023-09-29 + 6 months: BFM late, marrow, so IR


@pytest.mark.parametrize(
    ("result", "decision"),
    [
        ({"value": "0.001"}, "HSCT"),
        ({"value": "0.000999"}, "CHEMO_MAINT"),
        ({"value": "0.1", "unit": "percent"}, "HSCT"),
        ({"value": "0.0999", "unit": "percent"}, "CHEMO_MAINT"),
        ({"value": "-3", "unit": "log10"}, "HSCT"),
        ({"value": None, "below": "0.0001"}, "CHEMO_MAINT"),
        ({"value": None, "below": "0.01"}, "NEED_MRD"),
        ({"method": "FLOW"}, "NEED_MRD"),
        ({"timepoint": "END_INDUCTION"}, "NEED_MRD"),
        ({"value": None, "unit": None, "result": "not_evaluable"}, "NEED_MRD"),
    ],
)
def test_a_result_counts_where_method_time_point_and_sensitivity_are_the_strategy_s(
    edge: Ward, result: dict[str, Any], decision: str
) -> None:
    body = classified(edge, **LATE, mrd=[{**MRD, **result}])

    assert body["risk"]["BFM"] == "IR"
    assert body["recommendation"]["BFM_2002"]["decision"] == decision


def test_no_result_will_come_so_the_decision_is_individual(edge: Ward) -> None:
    body = classified(edge, **LATE, mrd_not_available=["AFTER_INDUCTION_COURSE_2"])

    assert body["recommendation"]["BFM_2002"]["decision"] == "INDIVIDUAL"


def test_a_result_is_shown_with_the_digits_of_its_own_request(edge: Ward) -> None:
    """Asked one after the other, equal numbers must not show each other's digits."""
    for digits in ("0.0005", "0.00050", "0.0005"):
        why = classified(edge, **LATE, mrd=[{**MRD, "value": digits}])["recommendation"]["BFM_2002"]["why"]
        assert f": {digits} fraction; {digits} < 0.001 fraction: below the cut-off" in why


def test_nothing_is_stored_but_the_access_row(edge: Ward) -> None:
    def acts() -> list[tuple[str, str, str | None]]:
        with seeing(edge.house.database) as connection:
            rows = read_access(connection, page=Page()).items
        return [(row.actor_id, row.action, row.patient_id) for row in rows]

    before = acts()
    classified(edge)
    refused(edge, phenotype="B")

    assert acts() == [("viewer", "classify_case", None), *before]


def test_an_idempotency_key_breaks_nothing_and_ties_nothing(edge: Ward) -> None:
    once = {"Idempotency-Key": "2f1c0b1e-7a44-4f0f-9a1c-3b8f0d3a5a11"}
    first = edge.post("/classifications", RELAPSE, "viewer", once)
    again = edge.post("/classifications", RELAPSE, "viewer", once)
    other = edge.post("/classifications", {**RELAPSE, "phenotype": "T"}, "viewer", once)

    assert first.content == again.content
    assert other.json()["risk"]["ALL_REZ_BFM_95"] == "S4"
    assert "etag" not in first.headers


def test_switched_off_nothing_is_said_of_treatment_and_classes_stay(edge: Ward) -> None:
    """The late T-cell marrow relapse is flagged for its treatment; Ph and the transplant are known of the patient."""
    request = {**RELAPSE, "phenotype": "T", "relapse_date": "2024-06-28", "ph_status": "positive", "prior_hsct": True}
    off = replace(edge.house, settings=edge.house.settings.with_(recommendations=False))

    on, body = asked_of(edge.house, request).json(), asked_of(off, request).json()

    assert body["recommendation"] is None
    assert body["statements"] == []
    assert {name: body[name] for name in ("timing", "relapse_site", "risk")} == {
        name: on[name] for name in ("timing", "relapse_site", "risk")
    }
    assert {"late_t_marrow", "prior_hsct", "ph_positive"} <= set(on["flags"])
    assert set(on["flags"]) - set(body["flags"]) == {"late_t_marrow"}
    (why,) = [reason for reason in body["reasons"] if reason["about"] == "recommendation"]
    assert "switched off in this installation" in why["text"]
    assert not [name for name in about(body) if name.startswith("flags.") and name[6:] not in body["flags"]]
