"""What a decision meets in its course: advice before it, a class in doubt, a cancelled transplant, disease after it."""

from dataclasses import replace
from typing import Any

import pytest

from tests.facts import AS_ORDERED, PatientFile, a_draft, after_relapse
from tests.spec.classified_courses import (
    DECIDED,
    REPORTED,
    a_chosen_strategy,
    after_two_blocks,
    in_remission,
    recommended,
    result,
    the_course,
)
from tests.spec.test_consolidation_gate import decided_by, step_of
from workflow.domain.roles import Role
from workflow.domain.switches import Switches
from workflow.protocols.model import Protocols
from workflow.rules.fold import fold

# Diagnosed 12 months before the relapse, off frontline therapy for 7: very early by one rule, late by the other.
SHORT_FRONTLINE = {"diagnosis_date": "2024-01-02", "frontline_end_date": "2024-06-03"}


def found_instead(file: PatientFile, findings: dict[str, object]) -> None:
    """Correct the relapse to these findings."""
    relapse = next(fact for fact in file.facts if fact.type == "relapse_diagnosed")
    file.supersede(relapse, a_draft("relapse_diagnosed", after_relapse(0), findings=findings))


def test_next_steps_show_what_a_decision_waits_for() -> None:
    step = step_of(in_remission())
    assert not step.allowed
    assert step.why_not is not None
    assert "AFTER_INDUCTION_COURSE_2" in step.why_not
    assert "mrd_not_available" in step.why_not
    assert step.override is not None


def test_next_steps_advise_what_the_strategy_recommends_with_its_condition() -> None:
    assert (step_of(decided_by("0.001")).advice or "").startswith("HSCT is recommended by BFM_2002: ")
    very_early = a_chosen_strategy(diagnosis_date="2024-03-01", frontline_end_date=None, frontline_ongoing=True)
    very_early.add("block_started", after_relapse(3))
    very_early.add("block_completed", after_relapse(8))
    very_early.add("response_assessed", after_relapse(9), marrow_blasts_percent=9, final=False)
    advice = step_of(very_early).advice or ""
    assert advice.startswith("HSCT, conditional on CR2, is recommended by BFM_2002: ")


def test_next_steps_of_a_failed_reinduction_name_the_branch() -> None:
    file = in_remission()
    file.add("reinduction_failed", after_relapse(31))
    assert (step_of(file).advice or "").startswith("BFM_2002 says REFRACTORY_BRANCH: ")


# Two rules of timing collide (C05), and a clinician says which one stands.


def test_nobody_is_held_to_a_class_that_nobody_has_confirmed() -> None:
    file = in_remission("BFM_2002", **SHORT_FRONTLINE)
    assert recommended(file).decision == "HSCT"

    accepted = file.add("consolidation_decided", after_relapse(DECIDED), decision="chemotherapy")

    assert [caution.code for caution in accepted.warnings] == ["timing_conflict"]
    decided = the_course(file).decided
    assert decided is not None
    assert (decided.agrees, decided.recommended) == (None, recommended(file))
    assert accepted.deviations == ()


def test_once_it_is_confirmed_a_decision_is_held_to_it() -> None:
    file = in_remission("BFM_2002", **SHORT_FRONTLINE)
    file.add("protocol_chosen", after_relapse(31), protocol="all-rez-bfm-2002", acknowledged_flags=["timing_conflict"])
    assert file.refused("consolidation_decided", after_relapse(DECIDED), decision="chemotherapy").code == (
        "against_strategy"
    )


@pytest.mark.parametrize("override", [None, AS_ORDERED])
def test_a_class_is_confirmed_by_a_clinician(override: dict[str, str] | None) -> None:
    file = a_chosen_strategy("BFM_2002", **SHORT_FRONTLINE)
    refusal = file.refused(
        "protocol_chosen",
        after_relapse(1),
        role=Role.NURSE,
        override=override,
        protocol="all-rez-bfm-2002",
        acknowledged_flags=["timing_conflict"],
    )
    assert (refusal.code, refusal.status, refusal.field) == ("role_needed", 403, "data.acknowledged_flags")
    file.add("protocol_chosen", after_relapse(1), role=Role.NURSE, protocol="all-rez-bfm-2002")


# What comes of a decision.


def test_a_cancelled_transplant_that_leads_to_chemotherapy_stands_beside_the_strategy() -> None:
    file = decided_by("0.002")
    file.add("consolidation_decided", after_relapse(DECIDED), decision="hsct")
    cancelled = file.add("hsct_cancelled", after_relapse(60), reason="no donor", next_="chemotherapy")

    decided = the_course(file).decided
    assert decided is not None
    assert (decided.decision, decided.on, decided.agrees) == ("chemotherapy", after_relapse(60), False)
    assert cancelled.deviations == (), "the cancellation carries its reason itself"


@pytest.mark.parametrize("next_step", ["individual", "palliative"])
def test_a_cancelled_transplant_that_leads_elsewhere_leaves_no_decision(next_step: str) -> None:
    file = decided_by("0.002")
    file.add("consolidation_decided", after_relapse(DECIDED), decision="hsct")
    file.add("hsct_cancelled", after_relapse(60), reason="no donor", next_=next_step)
    assert the_course(file).decided is None


@pytest.mark.parametrize("marrow_blasts_percent", [6, 30])
def test_marrow_disease_after_a_remission_is_no_failure_of_reinduction(marrow_blasts_percent: int) -> None:
    file = decided_by("0.002")
    file.add("response_assessed", after_relapse(60), marrow_blasts_percent=marrow_blasts_percent, final=True)
    assert (recommended(file).decision, recommended(file).conditional_on) == ("HSCT", "CR2")


def test_without_a_remission_before_it_is_one() -> None:
    file = after_two_blocks()
    file.add("response_assessed", after_relapse(30), marrow_blasts_percent=30, final=True)
    assert recommended(file).decision == "REFRACTORY_BRANCH"


def test_that_no_result_will_come_lets_a_decision_of_the_same_day_pass() -> None:
    file = in_remission()
    file.add("mrd_not_available", after_relapse(DECIDED))
    assert recommended(file).decision == "INDIVIDUAL"
    file.add("consolidation_decided", after_relapse(DECIDED), decision="hsct")


@pytest.mark.parametrize(
    ("csf", "conditional_on"),
    [(None, "CR2"), ({"wbc_per_ul": 1, "blasts": False, "rbc_per_ul": 0}, None), ({"wbc_per_ul": 9}, "CR2")],
)
def test_a_remission_counts_once_the_involved_cns_is_in_remission_too(
    csf: dict[str, object] | None, conditional_on: str | None
) -> None:
    file = after_two_blocks()
    cns = {
        "marrow_blasts_percent": 30,
        "peripheral_blasts": False,
        "csf": {"wbc_per_ul": 50, "blasts": True, "rbc_per_ul": 1},
    }
    found_instead(file, cns)
    assessed: dict[str, Any] = {"marrow_blasts_percent": 1, "peripheral_blasts": False, "final": True}
    file.add("response_assessed", after_relapse(30), **(assessed if csf is None else assessed | {"csf": csf}))
    file.add("mrd_reported", after_relapse(REPORTED), **result(value="0.002"))
    assert (recommended(file).decision, recommended(file).conditional_on) == ("HSCT", conditional_on)


def test_a_protocol_chosen_after_the_relapse_says_what_is_to_be_treated_locally() -> None:
    file = a_chosen_strategy(sex="male")
    enlarged = {
        "marrow_blasts_percent": 2,
        "peripheral_blasts": False,
        "testis": {"left": "enlarged", "right": "normal"},
    }
    found_instead(file, enlarged)
    assert the_course(file).extramedullary == ()

    versions = tuple(
        replace(protocol, switches=Switches(testis_by_enlargement=True)) for protocol in file.protocols.versions
    )
    assert fold(file.facts, Protocols(versions)).current_course.extramedullary == ("testis",)
