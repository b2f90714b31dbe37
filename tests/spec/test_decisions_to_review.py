"""A decision that the strategy contradicts since it was taken is told to whoever records what makes it so."""

import pytest

from tests.facts import FIRST_INSTANT, OVERRIDE, PatientFile, a_draft, after_relapse
from tests.spec.classified_courses import DECIDED, REPORTED, in_remission, result, the_course
from tests.unit.rules.correcting import corrected, superseding, voiding
from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import FactDraft
from workflow.domain.roles import Role
from workflow.rules.agreement import agrees_now
from workflow.rules.correct import Corrected
from workflow.rules.judgement import Accepted, Caution, Circumstances, Stamp
from workflow.rules.record import record

NEGATIVE, POSITIVE = "0.0005", "0.002"
LATER = DECIDED + 4


def decided(decision: str = "chemotherapy", value: str | None = None) -> PatientFile:
    """Return a patient decided upon on day 36, by a result of this value or without one."""
    file = in_remission()
    if value is not None:
        file.add("mrd_reported", after_relapse(REPORTED), **result(value=value))
    file.add("consolidation_decided", after_relapse(DECIDED), override=OVERRIDE, decision=decision)
    return file


def to_review(answer: Accepted | Corrected) -> list[str]:
    return [caution.message for caution in answer.warnings if caution.code == "decision_to_review"]


def said_without_recommendations(file: PatientFile, draft: FactDraft) -> tuple[Caution, ...]:
    given = Circumstances(role=Role.CLINICIAN, today=file.today, protocols=file.protocols, recommendations=False)
    stamp = Stamp(seq=len(file.facts) + 1, recorded_at=FIRST_INSTANT, recorded_by="treating_doctor")
    outcome = record(file.state, draft, stamp, given, file.facts)
    assert not isinstance(outcome, Refusal)
    return outcome.warnings


def test_a_late_result_against_the_decision_asks_to_review_it() -> None:
    file = decided("chemotherapy")
    assert agrees_now(the_course(file)) is None
    answer = file.add("mrd_reported", after_relapse(LATER), **result(value=POSITIVE))
    (message,) = to_review(answer)
    assert message.startswith("Recommended now: HSCT by BFM_2002; decided: chemotherapy on 2025-02-11.")
    assert message.endswith("Decide anew with consolidation_decided, or leave it.")
    assert agrees_now(the_course(file)) is False


@pytest.mark.parametrize(("decision", "value"), [("chemotherapy", NEGATIVE), ("hsct", POSITIVE)])
def test_a_late_result_with_the_decision_says_nothing(decision: str, value: str) -> None:
    file = decided(decision)
    assert to_review(file.add("mrd_reported", after_relapse(LATER), **result(value=value))) == []
    assert agrees_now(the_course(file)) is True


def test_a_result_entered_for_a_day_before_the_decision_asks_too() -> None:
    answer = decided("chemotherapy").add("mrd_reported", after_relapse(REPORTED), **result(value=POSITIVE))
    assert len(to_review(answer)) == 1


def test_a_confirmed_result_asks_where_it_counts_from_then_on() -> None:
    file = decided("chemotherapy")
    doubted = file.add("mrd_reported", after_relapse(LATER), **result(26, value=POSITIVE))
    assert to_review(doubted) == []
    assert len(to_review(file.add("confirmed", after_relapse(LATER), fact=doubted.fact.id))) == 1


def test_a_corrected_or_voided_result_asks() -> None:
    file = decided("chemotherapy", NEGATIVE)
    reported = next(fact for fact in file.facts if fact.type == "mrd_reported")
    right = superseding(reported.seq, "mrd_reported", reported.occurred_on, **result(value=POSITIVE))
    assert len(to_review(corrected(file.copy(), right))) == 1
    file.add("mrd_reported", after_relapse(REPORTED), **result(28, value=POSITIVE))
    assert agrees_now(the_course(file)) is True
    assert len(to_review(corrected(file, voiding(reported.seq)))) == 1


def test_a_strategy_chosen_after_the_decision_that_says_otherwise_asks() -> None:
    file = in_remission(None)
    file.add("mrd_reported", after_relapse(REPORTED), **result(value=POSITIVE))
    file.add("consolidation_decided", after_relapse(DECIDED), decision="chemotherapy")
    chosen = file.add("protocol_chosen", after_relapse(LATER), protocol="all-rez-bfm-2002", strategy="BFM_2002")
    assert len(to_review(chosen)) == 1


def test_what_was_contradicted_before_is_told_once() -> None:
    file = decided("chemotherapy", POSITIVE)
    assert agrees_now(the_course(file)) is False
    assert to_review(file.add("mrd_reported", after_relapse(LATER), **result(30, value=POSITIVE))) == []
    assert to_review(file.add("response_assessed", after_relapse(LATER))) == []


def test_a_decision_against_its_strategy_is_asked_by_its_gate_alone() -> None:
    file = decided("hsct", NEGATIVE)
    answer = file.add("consolidation_decided", after_relapse(LATER), decision="hsct", override=OVERRIDE)
    assert to_review(answer) == []


@pytest.mark.parametrize("next_step", ["chemotherapy", "individual"])
def test_a_cancelled_transplant_is_itself_what_is_decided(next_step: str) -> None:
    file = decided("hsct", POSITIVE)
    assert to_review(file.add("hsct_cancelled", after_relapse(LATER), reason="no donor", next=next_step)) == []
    answer = file.add("mrd_reported", after_relapse(LATER + 1), **result(30, value=NEGATIVE))
    assert to_review(answer) == []


def test_after_the_transplant_it_is_said_that_nothing_is_decided_anew() -> None:
    file = decided("hsct", POSITIVE)
    file.add("conditioning_started", after_relapse(80))
    file.add("transplanted", after_relapse(90))
    reported = next(fact for fact in file.facts if fact.type == "mrd_reported")
    right = superseding(reported.seq, "mrd_reported", reported.occurred_on, **result(value=NEGATIVE))
    (message,) = to_review(corrected(file, right))
    assert message.endswith("decided: hsct on 2025-02-11. In state hsct.transplanted nothing is decided anew.")


def test_where_recommendations_are_off_nothing_is_said_of_a_strategy() -> None:
    late = a_draft("mrd_reported", after_relapse(LATER), **result(value=POSITIVE))
    assert said_without_recommendations(decided(), late) == ()
    other = a_draft("mrd_not_available", after_relapse(LATER), timepoint="PRE_HSCT")
    assert said_without_recommendations(in_remission(), other) == ()


# A result that will not come.


def test_a_time_point_that_the_strategy_does_not_wait_for_changes_nothing_and_names_the_one_it_does() -> None:
    (caution,) = in_remission().add("mrd_not_available", after_relapse(REPORTED), timepoint="END_INDUCTION").warnings
    assert caution.code == "other_timepoint_awaited"
    assert caution.message == (
        "This changes nothing for BFM_2002, which waits for AFTER_INDUCTION_COURSE_2 and not for END_INDUCTION."
    )


def test_the_time_point_that_the_strategy_waits_for_is_recorded_silently() -> None:
    file = in_remission()
    assert file.add("mrd_not_available", after_relapse(REPORTED), timepoint="AFTER_INDUCTION_COURSE_2").warnings == ()
    assert file.add("mrd_not_available", after_relapse(REPORTED), timepoint="PRE_HSCT").warnings == ()


def test_a_strategy_that_waits_for_nothing_or_for_any_time_point_says_nothing() -> None:
    for file in (in_remission(None), in_remission("I_BFM_FIG1"), decided("hsct", POSITIVE)):
        assert file.add("mrd_not_available", after_relapse(LATER), timepoint="PRE_HSCT").warnings == ()
