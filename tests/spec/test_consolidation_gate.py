"""A consolidation decision beside its strategy: what it waits for, what it may not contradict without a reason."""

from typing import get_args

import pytest

from tests.facts import OVERRIDE, PatientFile, a_draft, after_relapse
from tests.spec.chart_paths import reach
from tests.spec.classified_courses import DECIDED, REPORTED, in_remission, result, the_course
from workflow.domain.classification import Decision, Recommendation
from workflow.domain.errors import Refusal
from workflow.domain.patient import OF_RECOMMENDATIONS
from workflow.domain.roles import Role
from workflow.rules import agreement
from workflow.rules.judgement import Accepted, Circumstances, Stamp
from workflow.rules.next_steps import NextStep, next_steps
from workflow.rules.record import record

DECISIONS = ("hsct", "chemotherapy", "bridging_then_hsct")
NEGATIVE = "0.0005"


def decided_by(value: str) -> PatientFile:
    """Return a patient in remission whose MRD has this value: HSCT from 0.001 on, chemotherapy below it."""
    file = in_remission()
    file.add("mrd_reported", after_relapse(REPORTED), **result(value=value))
    return file


def step_of(file: PatientFile, *, recommendations: bool = True) -> NextStep:
    steps = next_steps(file.state, after_relapse(DECIDED), file.protocols, recommendations=recommendations)
    return next(step for step in steps if step.type == "consolidation_decided")


def without_recommendations(file: PatientFile, decision: str) -> Accepted | Refusal:
    given = Circumstances(role=Role.CLINICIAN, today=file.today, protocols=file.protocols, recommendations=False)
    stamp = Stamp(seq=len(file.facts) + 1, recorded_at=file.facts[-1].recorded_at, recorded_by="treating_doctor")
    draft = a_draft("consolidation_decided", after_relapse(DECIDED), decision=decision)
    return record(file.state, draft, stamp, given, file.facts)


# What carries out what: written here by hand, from the strategies' words.
AGREEMENT: dict[str, tuple[str, ...]] = {
    "HSCT": ("hsct", "bridging_then_hsct"),
    "BRIDGE_HSCT": ("bridging_then_hsct",),
    "CHEMO_MAINT": ("chemotherapy",),
}


@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize("recommended", [None, *get_args(Decision)])
def test_a_decision_agrees_where_it_carries_out_what_is_recommended(
    recommended: Decision | None, decision: str
) -> None:
    agrees = agreement.carries_out(decision, Recommendation(decision=recommended))
    expected = AGREEMENT.get(recommended or "")
    assert agrees == (None if expected is None else decision in expected)


# While the MRD is missing.


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_decision_waits_for_the_mrd_of_its_strategy(decision: str) -> None:
    refusal = in_remission().refused("consolidation_decided", after_relapse(DECIDED), decision=decision)
    assert (refusal.code, refusal.status, refusal.rule) == ("mrd_needed", 409, "CD-004")
    for named in ("PCR", "AFTER_INDUCTION_COURSE_2", "0.001", "mrd_reported", "mrd_not_available", "coded reason"):
        assert named in refusal.detail
    assert refusal.source is not None
    assert refusal.source.startswith("002")
    assert refusal.override is not None
    assert refusal.override["needs_role"] == "clinician"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"method": "FLOW"}, "another method"),
        ({"timepoint": "OTHER"}, "another time point"),
        ({"value": None, "below": "0.01"}, "sensitivity"),
        ({"value": None, "unit": None, "result": "not_evaluable"}, "not evaluable"),
    ],
)
def test_a_result_that_does_not_count_leaves_the_gate_closed_and_is_named(changes: dict[str, object], why: str) -> None:
    file = in_remission()
    carried = {name: value for name, value in (result() | changes).items() if value is not None}
    file.add("mrd_reported", after_relapse(REPORTED), **carried)
    refusal = file.refused("consolidation_decided", after_relapse(DECIDED), decision="hsct")
    assert refusal.code == "mrd_needed"
    assert why in refusal.detail


def test_a_result_in_doubt_opens_the_gate_once_it_is_confirmed() -> None:
    file = in_remission()
    doubted = file.add("mrd_reported", after_relapse(REPORTED), **result(26)).fact
    assert file.refused("consolidation_decided", after_relapse(DECIDED), decision="hsct").code == "mrd_needed"
    file.add("confirmed", after_relapse(REPORTED), fact=doubted.id)
    file.add("consolidation_decided", after_relapse(DECIDED), decision="hsct")


@pytest.mark.parametrize("decision", DECISIONS)
def test_where_no_result_will_come_the_decision_is_individual(decision: str) -> None:
    file = in_remission()
    file.add("mrd_not_available", after_relapse(REPORTED), timepoint="AFTER_INDUCTION_COURSE_2")
    accepted = file.add("consolidation_decided", after_relapse(DECIDED), decision=decision)
    assert accepted.deviations == ()
    decided = the_course(file).decided
    assert decided is not None
    assert decided.agrees is None


def test_a_clinician_decides_without_mrd_for_a_coded_reason_and_both_stay_visible() -> None:
    file = in_remission()
    accepted = file.add("consolidation_decided", after_relapse(DECIDED), override=OVERRIDE, decision="hsct")
    (deviation,) = accepted.deviations
    assert (deviation.kind, deviation.explained, deviation.fact) == (
        "decided_without_mrd",
        True,
        accepted.fact.lineage,
    )
    decided = the_course(file).decided
    assert decided is not None
    assert (decided.decision, decided.on, decided.strategy, decided.reason) == (
        "hsct",
        after_relapse(DECIDED),
        "BFM_2002",
        "clinical_decision",
    )
    assert decided.recommended == Recommendation(decision="NEED_MRD", rule="CD-004")


def test_a_decision_entered_later_is_told_that_only_results_of_its_day_count() -> None:
    file = in_remission()
    file.add("mrd_reported", after_relapse(DECIDED + 1), **result())
    refusal = file.refused("consolidation_decided", after_relapse(DECIDED), decision="hsct")
    assert refusal.code == "mrd_needed"
    assert "Only what was reported by the day of the decision, 2025-02-11, counts for it" in refusal.detail
    assert "reported on a later day may be on file, and does not help here" in refusal.detail
    of_today = in_remission()
    of_today.today = after_relapse(DECIDED)
    refusal = of_today.refused("consolidation_decided", after_relapse(DECIDED), decision="hsct")
    assert "reported on a later day" not in refusal.detail


# Before there is anything to decide.


@pytest.mark.parametrize(
    ("state", "first"),
    [
        ("relapse_diagnosed", "record its blocks, then record response_assessed with final: true."),
        ("second_relapse", "record its blocks, then record response_assessed with final: true."),
        ("reinduction.block", "record block_completed, then record response_assessed with final: true."),
        ("reinduction.recovery", "first record response_assessed with final: true."),
    ],
)
def test_a_decision_too_soon_is_told_what_comes_first(state: str, first: str) -> None:
    file = reach(state)
    refusal = file.refused("consolidation_decided", after_relapse(200), decision="hsct")
    assert refusal.code == "not_possible_in_state"
    assert first in refusal.detail
    assert (step_of(file).why_not or "").endswith(first)
    assert (
        "response_assessed"
        not in (file.refused("maintenance_completed", after_relapse(200)).detail.partition("Possible here")[0])
    )


# Against the strategy.


@pytest.mark.parametrize(
    ("value", "decision", "recommended", "rule"),
    [("0.001", "chemotherapy", "HSCT", "CD-002"), (NEGATIVE, "hsct", "CHEMO_MAINT", "CD-003")],
)
def test_a_decision_against_its_strategy_is_asked_for_its_reason(
    value: str, decision: str, recommended: str, rule: str
) -> None:
    file = decided_by(value)
    refusal = file.refused("consolidation_decided", after_relapse(DECIDED), decision=decision)
    assert (refusal.code, refusal.status, refusal.rule, refusal.field) == (
        "against_strategy",
        409,
        rule,
        "data.decision",
    )
    assert decision in refusal.detail
    assert f"{recommended} is recommended by BFM_2002" in refusal.detail
    accepted = file.add("consolidation_decided", after_relapse(DECIDED), override=OVERRIDE, decision=decision)
    assert [(one.kind, one.explained) for one in accepted.deviations] == [("against_strategy", True)]
    decided = the_course(file).decided
    assert decided is not None
    assert decided.recommended == Recommendation(decision=recommended, rule=rule)  # type: ignore[arg-type]
    assert decided.agrees is False


@pytest.mark.parametrize(
    ("value", "decision"), [("0.001", "hsct"), ("0.001", "bridging_then_hsct"), (NEGATIVE, "chemotherapy")]
)
def test_a_decision_with_its_strategy_passes(value: str, decision: str) -> None:
    file = decided_by(value)
    assert file.add("consolidation_decided", after_relapse(DECIDED), decision=decision).deviations == ()
    decided = the_course(file).decided
    assert decided is not None
    assert decided.agrees is True


def test_a_nurses_order_passes_neither_gate() -> None:
    ordered = {"code": "given_as_ordered", "ordered_by": "treating_doctor"}
    for file in (in_remission(), decided_by("0.001")):
        refusal = file.refused(
            "consolidation_decided", after_relapse(DECIDED), override=ordered, decision="chemotherapy"
        )
        assert refusal.code in {"mrd_needed", "against_strategy"}


def test_every_decision_meets_the_gate_a_later_one_too() -> None:
    file = decided_by(NEGATIVE)
    file.add("consolidation_decided", after_relapse(DECIDED), decision="chemotherapy")
    refusal = file.refused("consolidation_decided", after_relapse(DECIDED + 1), decision="hsct")
    assert refusal.code == "against_strategy"


def test_an_imported_decision_counts_unconfirmed_and_unexplained() -> None:
    for file, kind in ((in_remission(), "decided_without_mrd"), (decided_by("0.001"), "against_strategy")):
        draft = a_draft("consolidation_decided", after_relapse(DECIDED), decision="chemotherapy")
        outcome = file.propose(draft, Role.COORDINATOR, importing=True)
        assert isinstance(outcome, Accepted)
        assert [(one.kind, one.explained) for one in outcome.deviations] == [(kind, False)]
        assert outcome.after.unconfirmed == (outcome.fact.lineage,)
        assert outcome.after.state == "consolidation.recovery"


def test_a_result_corrected_afterwards_leaves_the_decision_with_a_deviation_to_explain() -> None:
    file = decided_by(NEGATIVE)
    reported = file.facts[-1]
    file.add("consolidation_decided", after_relapse(DECIDED), decision="chemotherapy")
    file.supersede(reported, a_draft("mrd_reported", reported.occurred_on, **result(value="0.01")))
    assert [(one.kind, one.explained) for one in file.state.deviations] == [("against_strategy", False)]


def test_a_result_after_the_decision_leaves_it_as_it_stood() -> None:
    file = in_remission()
    file.add("consolidation_decided", after_relapse(DECIDED), override=OVERRIDE, decision="chemotherapy")
    before = the_course(file).decided
    file.add("mrd_reported", after_relapse(DECIDED + 1), **result())
    assert the_course(file).decided == before


# Where nothing is asked.


@pytest.mark.parametrize("decision", DECISIONS)
def test_without_a_strategy_no_decision_is_asked(decision: str) -> None:
    file = in_remission(None)
    assert file.add("consolidation_decided", after_relapse(DECIDED), decision=decision).deviations == ()
    assert step_of(in_remission(None)).advice is None


def test_from_the_second_relapse_on_no_decision_is_asked() -> None:
    file = reach("second_relapse")
    file.add("protocol_chosen", after_relapse(180), protocol="all-rez-bfm-2002", strategy="BFM_2002")
    file.add("block_started", after_relapse(183))
    file.add("block_completed", after_relapse(188))
    file.add("response_assessed", after_relapse(190))
    assert file.add("consolidation_decided", after_relapse(191), decision="chemotherapy").deviations == ()


@pytest.mark.parametrize("value", [None, "0.001"])
def test_where_recommendations_are_off_no_decision_is_asked_nor_advised(value: str | None) -> None:
    file = in_remission() if value is None else decided_by(value)
    outcome = without_recommendations(file, "chemotherapy")
    assert isinstance(outcome, Accepted)
    assert {deviation.kind for deviation in outcome.deviations} <= OF_RECOMMENDATIONS
    step = step_of(file, recommendations=False)
    assert (step.allowed, step.why_not, step.advice) == (True, None, None)
