"""Every course carries what the tables say of its relapse, and asks them anew only where its answers change."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.facts import OVERRIDE, PROTOCOL, PatientFile, a_draft, a_registered_patient, after_relapse
from tests.spec.chart_paths import reach
from tests.spec.classified_courses import (
    ISOLATED_MARROW,
    REPORTED,
    a_chosen_strategy,
    after_two_blocks,
    in_remission,
    recommended,
    result,
    the_course,
)
from workflow.domain.case import Case
from workflow.domain.chart import STATES, TRIGGERS
from workflow.domain.classification import Classified, Recommendation
from workflow.domain.switches import Recovery, Switches
from workflow.knowledge.classify import classify
from workflow.protocols.model import Protocols
from workflow.rules import classification
from workflow.rules.classification import INPUTS, case_of
from workflow.rules.fold import fold

CSF = {"wbc_per_ul": 30, "blasts": True, "rbc_per_ul": 2}
COUNTS_RECOVERED = Recovery(source="a study", wbc_above=2, platelets_above=50)


def case(file: PatientFile, number: int = 1) -> Case:
    return case_of(file.state, the_course(file, number), file.protocols)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Case]:
    """Return the cases that the tables are asked about from now on."""
    cases: list[Case] = []

    def noted(case: Case) -> Classified:
        cases.append(case)
        return classify(case)

    monkeypatch.setattr(classification, "classify", noted)
    return cases


def switched(file: PatientFile, switches: Switches) -> PatientFile:
    """Return the patient as folded where their protocol reads the sources in this way."""
    protocols = Protocols(tuple(replace(protocol, switches=switches) for protocol in file.protocols.versions))
    return PatientFile(file.facts, fold(file.facts, protocols), protocols)


# What changes from fact to fact, with what BFM 2002 says then.


def test_a_course_is_classified_from_its_relapse_on_and_anew_as_it_goes() -> None:
    file = a_chosen_strategy()
    assert recommended(file) == Recommendation(decision="NEED_MRD", rule="CD-004")
    file = after_two_blocks()
    file.add("mrd_reported", after_relapse(REPORTED), **result())
    assert recommended(file) == Recommendation(decision="HSCT", rule="CD-002", conditional_on="CR2")
    file.add("response_assessed", after_relapse(REPORTED + 1))
    assert recommended(file) == Recommendation(decision="HSCT", rule="CD-002")


def test_a_patient_without_a_relapse_has_no_course_to_classify() -> None:
    assert a_registered_patient().state.courses == ()


@pytest.mark.parametrize("fact", sorted(set(TRIGGERS) - INPUTS))
def test_a_fact_that_the_tables_do_not_ask_about_asks_nothing(fact: str, asked: list[Case]) -> None:
    for state in STATES:
        file = reach(state)
        asked.clear()
        before = [course.classification for course in file.state.courses]
        file.propose(a_draft(fact, after_relapse(200)))
        assert asked == []
        assert [course.classification for course in file.state.courses] == before


def test_a_fact_that_changes_no_answer_asks_nothing(asked: list[Case]) -> None:
    file = in_remission()
    asked.clear()
    file.add("protocol_chosen", after_relapse(35), protocol=PROTOCOL, strategy="UKALL_R3")
    file.add("response_assessed", after_relapse(36), marrow_blasts_percent=2, final=True)
    assert asked == []
    file.add("mrd_not_available", after_relapse(37))
    file.add("mrd_not_available", after_relapse(38))
    assert len(asked) == 1


def test_a_block_makes_no_case_where_no_result_can_depend_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    file = a_chosen_strategy()
    monkeypatch.setattr(classification, "case_of", None)
    for started, fact in ((3, "block_started"), (8, "block_completed"), (22, "block_started"), (23, "block_started")):
        file.add(fact, after_relapse(started), override=OVERRIDE)
    assert len(the_course(file).blocks) == 3


# The case: what of the course the tables ask about.


def test_the_first_relapse_is_asked_about_with_its_dates_the_second_with_the_diagnosis_alone() -> None:
    file = reach("second_relapse")
    registration = file.state.registration
    assert (case(file).diagnosis_on, case(file).frontline_end_on) == (
        registration.diagnosis_date,
        registration.frontline_end_date,
    )
    later = case(file, 2)
    assert (later.relapse_number, later.relapse_on, later.frontline_end_on) == (2, after_relapse(180), None)
    assert recommended(file, number=2).decision == "INDIVIDUAL"


def test_who_relapses_on_frontline_therapy_is_asked_about_so() -> None:
    file = a_chosen_strategy(frontline_ongoing=True, frontline_end_date=None)
    assert case(file).frontline_ongoing


@pytest.mark.parametrize(("registered", "prior"), [(True, True), (False, False), (None, False)])
def test_a_transplant_in_frontline_therapy_is_registered(registered: bool | None, *, prior: bool) -> None:
    file = a_registered_patient(None, prior_hsct=registered)
    file.add("relapse_diagnosed", after_relapse(0), **ISOLATED_MARROW)
    assert case(file).prior_hsct is prior


def test_a_transplant_counts_as_prior_for_the_courses_after_its_own() -> None:
    file = reach("hsct.transplanted")
    file.add("relapse_diagnosed", after_relapse(180), **ISOLATED_MARROW)
    assert [case(file, number).prior_hsct for number in (1, 2)] == [False, True]


def test_the_switches_are_those_of_the_pinned_protocol_and_as_most_sources_say_without_one() -> None:
    chosen = Switches(short_frontline="late")
    assert case(switched(a_chosen_strategy(), chosen)).switches == chosen
    unchosen = a_registered_patient()
    unchosen.add("relapse_diagnosed", after_relapse(0), **ISOLATED_MARROW)
    assert case(switched(unchosen, chosen)).switches == Switches()


def test_an_earlier_csf_sample_is_kept_where_two_instants_tell_two_samples() -> None:
    file = a_registered_patient()
    findings = {"marrow_blasts_percent": 1, "csf": CSF | {"sampled_at": "2025-01-06T08:00:00Z"}}
    file.add("relapse_diagnosed", after_relapse(0), findings=findings)
    file.add("findings_recorded", after_relapse(1), csf=CSF | {"sampled_at": "2025-01-06T08:00:00Z", "rbc_per_ul": 3})
    assert case(file).earlier_csf == ()
    file.add("findings_recorded", after_relapse(2), csf=CSF | {"sampled_at": "2025-01-07T08:00:00Z"})
    (earlier,) = case(file).earlier_csf
    assert earlier.rbc_per_ul == 3
    file.add("findings_recorded", after_relapse(3), csf=CSF)
    assert case(file).earlier_csf == (earlier,)


def test_a_stated_site_and_findings_are_both_asked_about() -> None:
    file = a_chosen_strategy()
    file.add("findings_recorded", after_relapse(1), marrow_blasts_percent=60)
    asked = case(file)
    assert asked.relapse_site == "isolated_bm"
    assert asked.findings is not None
    assert asked.findings.marrow_blasts_percent == 60


# The response, as the chart and the protocol's recovery read it.
RESPONSES: list[tuple[str, list[tuple[str, Mapping[str, Any]]], Recovery | None, str]] = [
    ("nothing assessed", [], None, "not_assessed"),
    ("M1", [("response_assessed", {"marrow_blasts_percent": 1, "final": True})], None, "cr"),
    ("M1, not final", [("response_assessed", {"marrow_blasts_percent": 1, "final": False})], None, "cr"),
    (
        "M1 with blood blasts",
        [("response_assessed", {"marrow_blasts_percent": 1, "peripheral_blasts": True, "final": True})],
        None,
        "no_cr",
    ),
    ("5 %, final", [("response_assessed", {"marrow_blasts_percent": 5, "final": True})], None, "no_cr"),
    ("5 %, not final", [("response_assessed", {"marrow_blasts_percent": 5, "final": False})], None, "not_assessed"),
    (
        "failed",
        [("response_assessed", {"marrow_blasts_percent": 40, "final": False}), ("reinduction_failed", {})],
        None,
        "no_cr",
    ),
    (
        "failed, then assessed again without remission",
        [("reinduction_failed", {}), ("response_assessed", {"marrow_blasts_percent": 9, "final": False})],
        None,
        "no_cr",
    ),
    (
        "failed, then in remission",
        [("reinduction_failed", {}), ("response_assessed", {"marrow_blasts_percent": 1, "final": False})],
        None,
        "cr",
    ),
    (
        "remission, counts not recorded, recovery asked for",
        [("response_assessed", {"marrow_blasts_percent": 1, "final": True})],
        COUNTS_RECOVERED,
        "not_assessed",
    ),
    (
        "remission, counts recovered",
        [
            (
                "response_assessed",
                {"marrow_blasts_percent": 1, "peripheral_blasts": False, "final": True, "wbc": 2.1, "platelets": 51},
            )
        ],
        COUNTS_RECOVERED,
        "cr",
    ),
    (
        "remission without platelets",
        [
            (
                "response_assessed",
                {"marrow_blasts_percent": 1, "peripheral_blasts": False, "final": True, "wbc": 2.1, "platelets": 50},
            )
        ],
        COUNTS_RECOVERED,
        "crp",
    ),
    (
        "remission, leucocytes not recovered",
        [
            (
                "response_assessed",
                {"marrow_blasts_percent": 1, "peripheral_blasts": False, "final": True, "wbc": 2.0, "platelets": 51},
            )
        ],
        COUNTS_RECOVERED,
        "not_assessed",
    ),
]


@pytest.mark.parametrize(("_case", "facts", "recovery", "response"), RESPONSES, ids=[row[0] for row in RESPONSES])
def test_the_response_is_the_latest_assessment_and_a_failure_stands_until_a_remission(
    _case: str, facts: list[tuple[str, Mapping[str, Any]]], recovery: Recovery | None, response: str
) -> None:
    file = after_two_blocks()
    for day, (fact, data) in enumerate(facts, start=30):
        file.add(fact, after_relapse(day), **data)
    assert case(switched(file, Switches(recovery=recovery))).response == response


def test_who_was_not_in_remission_stays_so_through_another_attempt_until_somebody_looks_again() -> None:
    file = after_two_blocks()
    file.add("response_assessed", after_relapse(30), marrow_blasts_percent=40, final=True)
    file.add("block_started", after_relapse(40), attempt=2, element="R1")
    assert case(file).response == "no_cr"
    file.add("block_completed", after_relapse(45))
    file.add("response_assessed", after_relapse(60), marrow_blasts_percent=1, final=False)
    assert case(file).response == "cr"


# Earlier courses.


def test_an_earlier_course_keeps_its_classification_and_gets_a_new_one_with_a_late_result(asked: list[Case]) -> None:
    file = in_remission()
    file.add("relapse_diagnosed", after_relapse(100), **ISOLATED_MARROW)
    asked.clear()
    file.add("findings_recorded", after_relapse(101), marrow_blasts_percent=70)
    assert recommended(file).decision == "NEED_MRD"
    assert [known.relapse_number for known in asked] == [2]
    file.add("mrd_reported", after_relapse(102), **result())
    assert recommended(file).decision == "HSCT"
    assert recommended(file, number=2).decision == "INDIVIDUAL"


def test_flags_once_acknowledged_stay_acknowledged() -> None:
    file = a_chosen_strategy()
    for day, flags in enumerate((["timing_conflict"], [], ["late_t_marrow"]), start=1):
        file.add("protocol_chosen", after_relapse(day), protocol=PROTOCOL, acknowledged_flags=flags)
    assert the_course(file).acknowledged_flags == ("timing_conflict", "late_t_marrow")
