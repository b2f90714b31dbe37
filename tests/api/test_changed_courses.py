"""Which courses a correction says that it changed: what the tables say of them, and how the decision stands by it."""

from typing import Any

from tests.api.test_classified_patients import OVERRIDE, RESULT, in_remission, switched_off, with_result
from tests.api.ward import Ward


def courses_changed(ward: Ward, patient: str, correction: dict[str, Any]) -> list[dict[str, Any]]:
    """Correct a fact; return the courses of which something else is said, before and after."""
    answer = ward.post(f"/patients/{patient}/corrections", {"reason": "typing error", **correction})
    assert answer.status_code == 200, answer.text
    courses: list[dict[str, Any]] = answer.json()["changed"]["courses"]
    return courses


def another_value(fact: dict[str, Any], value: str) -> dict[str, Any]:
    right = {"type": "mrd_reported", "occurred_on": "2025-02-10", "data": {**RESULT, "value": value}}
    return {"supersedes": fact["id"], "fact": right}


def another_site(site: str) -> dict[str, Any]:
    relapse = {"type": "relapse_diagnosed", "occurred_on": "2025-01-06", "data": {"relapse_site": site}}
    return {"supersedes": "f2", "fact": relapse}


def test_what_changes_no_class_names_no_course(ward: Ward) -> None:
    patient = in_remission(ward)
    response = {"marrow_blasts_percent": 2, "final": True}
    right = {"type": "response_assessed", "occurred_on": "2025-02-05", "data": response}

    assert courses_changed(ward, patient, {"supersedes": "f8", "fact": right}) == []


def test_another_site_is_told_with_the_groups_and_the_advice_that_follow_from_it(ward: Ward) -> None:
    patient = in_remission(ward)

    (course,) = courses_changed(ward, patient, another_site("isolated_em"))

    assert course["relapse_number"] == 1
    assert (course["before"]["relapse_site"], course["after"]["relapse_site"]) == ("isolated_bm", "isolated_em")
    assert (course["before"]["risk.BFM"], course["after"]["risk.BFM"]) == ("IR", "SR")
    advice = "recommendation.BFM_2002.decision"
    assert (course["before"][advice], course["after"][advice]) == ("NEED_MRD", "CHEMO_MAINT")
    assert not [name for name in course["after"] if name.startswith(("timing.", "consolidation."))]
    assert not [name for name in course["after"] if name.startswith("recommendation.") and "BFM_2002" not in name]


def test_an_amended_result_is_told_with_the_decision_that_it_contradicts(ward: Ward) -> None:
    patient = in_remission(ward)
    reported = with_result(ward, patient, "0.002")["fact"]
    ward.recorded(patient, "consolidation_decided", "2025-02-12", {"decision": "hsct"})

    assert courses_changed(ward, patient, another_value(reported, "0.0002")) == [
        {
            "relapse_number": 1,
            "before": {
                "consolidation.recommended": {"decision": "HSCT", "rule": "CD-002"},
                "consolidation.agrees": True,
                "consolidation.agrees_now": True,
                "recommendation.BFM_2002.decision": "HSCT",
                "recommendation.BFM_2002.rule": "CD-002",
            },
            "after": {
                "consolidation.recommended": {"decision": "CHEMO_MAINT", "rule": "CD-003"},
                "consolidation.agrees": False,
                "consolidation.agrees_now": False,
                "recommendation.BFM_2002.decision": "CHEMO_MAINT",
                "recommendation.BFM_2002.rule": "CD-003",
            },
        }
    ]


def test_a_voided_decision_and_a_voided_relapse_leave_nothing_after(ward: Ward) -> None:
    patient = in_remission(ward)
    decision = {"decision": "chemotherapy"}
    fact = ward.recorded(patient, "consolidation_decided", "2025-02-12", decision, override=OVERRIDE)["fact"]
    (course,) = courses_changed(ward, patient, {"voids": fact["id"]})
    assert course["before"]["consolidation.decision"] == "chemotherapy"
    assert course["after"] == {}

    relapse = ward.recorded(patient, "relapse_diagnosed", "2025-05-02", {"relapse_site": "combined_bm"})["fact"]
    (course,) = courses_changed(ward, patient, {"voids": relapse["id"]})
    assert (course["relapse_number"], course["after"]) == (2, None)
    assert course["before"]["relapse_site"] == "combined_bm"


def test_where_recommendations_are_off_the_classes_are_told_without_them(ward: Ward) -> None:
    patient = in_remission(ward)
    reported = with_result(ward, patient, "0.002")["fact"]
    ward.recorded(patient, "consolidation_decided", "2025-02-12", {"decision": "hsct"})
    off = switched_off(ward)

    assert courses_changed(off, patient, another_value(reported, "0.0002")) == []
    (course,) = courses_changed(off, patient, another_site("isolated_em"))
    assert course["after"]["risk.BFM"] == "SR"
    assert not [name for name in course["after"] if name.startswith("recommendation.")]
