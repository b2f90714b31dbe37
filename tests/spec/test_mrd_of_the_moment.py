"""A doubt of an MRD result follows the blocks, and a result counts in the attempt of its sample alone."""

from typing import Any

import pytest

from tests.facts import OVERRIDE, PatientFile, a_draft, after_relapse
from tests.spec.classified_courses import (
    ISOLATED_MARROW,
    R1,
    R1_ENDS,
    R2,
    R2_ENDS,
    a_chosen_strategy,
    in_remission,
    recommended,
    result,
    the_course,
)
from workflow.domain.patient import MrdOnFile
from workflow.rules.classification import case_of

SAMPLED_IN_R2 = R2 + 3
STILL_RUNNING = "R2 of 2025-01-28 is still running; its end is not on file"


def in_second_block(sampled: int = SAMPLED_IN_R2, **changes: object) -> PatientFile:
    """Return a patient whose second block runs, with a result of a sample from inside it."""
    file = a_chosen_strategy()
    file.add("block_started", after_relapse(R1), element="R1")
    file.add("block_completed", after_relapse(R1_ENDS))
    file.add("block_started", after_relapse(R2), element="R2")
    file.add("mrd_reported", after_relapse(R2_ENDS - 1), **result(sampled, **changes))
    return file


def at_second_attempt(file: PatientFile) -> PatientFile:
    """Return this patient after a failure, in remission again after two blocks of a second attempt."""
    file.add("reinduction_failed", after_relapse(44))
    for started, ended in ((45, 50), (64, 69)):
        file.add("block_started", after_relapse(started), element="R1")
        file.add("block_completed", after_relapse(ended))
    file.add("response_assessed", after_relapse(72))
    return file


def only_result(file: PatientFile, number: int = 1) -> MrdOnFile:
    (known,) = the_course(file, number).mrd
    return known


def used(file: PatientFile) -> list[str]:
    """Return the time points of the results that the tables are asked with."""
    return [one.timepoint for one in case_of(file.state, the_course(file), file.protocols).mrd]


# A doubt follows the blocks.


@pytest.mark.parametrize(
    ("ended", "doubt"),
    [
        (SAMPLED_IN_R2, None),
        (SAMPLED_IN_R2 + 1, "the sample of 2025-01-31 was taken before R2 of 2025-01-28 ended on 2025-02-01"),
    ],
)
@pytest.mark.parametrize("timepoint", ["AFTER_INDUCTION_COURSE_2", "END_INDUCTION"])
def test_a_sample_from_inside_a_running_block_is_in_doubt_until_its_end_is_recorded_on_or_before_it(
    timepoint: str, ended: int, doubt: str | None
) -> None:
    file = in_second_block(timepoint=timepoint)
    assert only_result(file).doubt == STILL_RUNNING
    waiting = file.state.unconfirmed
    assert waiting == (only_result(file).fact,)
    file.add("block_completed", after_relapse(ended))
    assert only_result(file).doubt == doubt
    assert file.state.unconfirmed == (() if doubt is None else waiting)


def test_a_result_whose_doubt_goes_away_decides_with_the_fact_that_took_it_away() -> None:
    file = in_second_block()
    assert recommended(file).decision == "NEED_MRD"
    file.add("block_completed", after_relapse(SAMPLED_IN_R2))
    assert recommended(file).decision == "HSCT"


def test_a_block_that_is_entered_later_brings_a_result_in_doubt() -> None:
    file = in_remission()
    reported = file.add("mrd_reported", after_relapse(34), **result(33)).fact
    assert recommended(file).decision == "HSCT"
    file.add("block_started", after_relapse(32), override=OVERRIDE, element="R1")
    assert only_result(file).doubt == "the sample of 2025-02-08 was taken after R1 of 2025-02-07 had started"
    assert file.state.unconfirmed == (reported.lineage,)
    assert recommended(file).decision == "NEED_MRD"


def test_other_facts_that_wait_for_a_countersignature_wait_on_when_a_doubt_goes_away() -> None:
    file = in_second_block()
    ordered = {"code": "given_as_ordered", "ordered_by": "treating_doctor"}
    file.add("block_completed", after_relapse(SAMPLED_IN_R2), override=ordered)
    assert only_result(file).doubt is None
    assert file.state.unconfirmed == (file.facts[-1].lineage,)


def test_what_a_clinician_has_confirmed_stays_confirmed_whatever_the_blocks_say() -> None:
    file = in_second_block()
    file.add("confirmed", after_relapse(R2_ENDS - 1), fact=f"f{only_result(file).fact}")
    file.add("block_completed", after_relapse(R2_ENDS))
    assert only_result(file).doubt is None
    assert only_result(file).confirmed
    assert file.state.unconfirmed == ()
    assert recommended(file).decision == "HSCT"


@pytest.mark.parametrize(
    ("fact", "data"), [("block_started", {"element": "R1"}), ("relapse_diagnosed", ISOLATED_MARROW)]
)
def test_a_block_that_is_cut_off_may_have_ended_on_any_day_so_the_doubt_goes_away(
    fact: str, data: dict[str, Any]
) -> None:
    file = in_second_block()
    file.add(fact, after_relapse(60), override=OVERRIDE, **data)
    assert only_result(file).doubt is None
    assert file.state.unconfirmed == ()
    assert recommended(file).decision == "HSCT"


def test_a_result_in_doubt_that_is_put_right_in_its_value_is_in_doubt_until_it_is_confirmed_anew() -> None:
    file = in_second_block()
    reported = file.facts[-1]
    file.add("confirmed", after_relapse(R2_ENDS - 1), fact=reported.id)
    file.supersede(reported, a_draft(reported.type, reported.occurred_on, **result(SAMPLED_IN_R2, value="0.00001")))
    assert only_result(file).doubt == STILL_RUNNING
    file.add("confirmed", after_relapse(R2_ENDS - 1), fact=reported.id)
    assert recommended(file).decision == "CHEMO_MAINT"


def test_a_result_that_was_put_right_after_its_confirmation_may_come_in_doubt() -> None:
    file = in_second_block()
    reported = file.facts[-1]
    file.add("confirmed", after_relapse(R2_ENDS - 1), fact=reported.id)
    early = result(R1_ENDS, timepoint="END_BLOCK_1")
    file.supersede(reported, a_draft(reported.type, reported.occurred_on, **early))
    assert only_result(file).doubt is None
    (completed,) = (fact for fact in file.facts if fact.type == "block_completed")
    file.supersede(completed, a_draft("block_completed", after_relapse(R1_ENDS + 1)))
    assert only_result(file).doubt is not None


# The end of induction.


def test_after_a_block_of_consolidation_it_is_not_the_end_of_induction_any_more() -> None:
    file = in_remission()
    file.add("consolidation_decided", after_relapse(40), override=OVERRIDE, decision="chemotherapy")
    file.add("block_started", after_relapse(43), element="R1")
    file.add("block_completed", after_relapse(48))
    file.add("mrd_reported", after_relapse(50), **result(49, timepoint="END_INDUCTION"))
    assert only_result(file).doubt == "the sample of 2025-02-24 was taken after R1 of 2025-02-18 had started"


def test_each_attempt_has_an_end_of_induction_of_its_own() -> None:
    file = in_remission()
    file.add("consolidation_decided", after_relapse(40), override=OVERRIDE, decision="bridging_then_hsct")
    file.add("block_started", after_relapse(43), element="R1")
    file.add("block_completed", after_relapse(48))
    file.add("hsct_cancelled", after_relapse(50), reason="no remission", next="individual")
    file.add("reinduction_failed", after_relapse(51))
    file.add("block_started", after_relapse(64), element="R1")
    file.add("block_completed", after_relapse(69))
    for sampled, fits in ((49, False), (70, True)):
        file.add("mrd_reported", after_relapse(71), **result(sampled, timepoint="END_INDUCTION"))
        assert (the_course(file).mrd[-1].doubt is None) is fits


# Before the treatment, and of another attempt.


@pytest.mark.parametrize(("sampled", "counts"), [(0, False), (R1, False), (R1 + 1, True)])
def test_a_sample_before_the_first_start_is_on_file_without_a_doubt_and_counts_for_nothing(
    sampled: int, *, counts: bool
) -> None:
    file = in_remission("I_BFM_FIG1")
    file.add("mrd_reported", after_relapse(34), **result(sampled, timepoint="OTHER", value="0.8"))
    assert only_result(file).doubt is None
    assert file.state.unconfirmed == ()
    assert used(file) == (["OTHER"] if counts else [])
    assert recommended(file, "I_BFM_FIG1").decision == ("HSCT" if counts else "NEED_MRD")


@pytest.mark.parametrize(("sampled", "counts"), [(29, False), (45, False), (46, True), (70, True)])
def test_a_result_counts_in_the_attempt_of_its_sample_alone(sampled: int, *, counts: bool) -> None:
    file = at_second_attempt(in_remission())
    file.add("mrd_reported", after_relapse(73), **result(sampled, timepoint="OTHER"))
    assert used(file) == (["OTHER"] if counts else [])


def test_a_result_of_a_failed_attempt_allocates_nobody() -> None:
    file = in_remission()
    file.add("mrd_reported", after_relapse(34), **result())
    assert recommended(file).decision == "HSCT"
    at_second_attempt(file)
    assert recommended(file).decision == "NEED_MRD"
    file.add("mrd_reported", after_relapse(73), **result(70, value="0.00001"))
    assert recommended(file).decision == "CHEMO_MAINT"


def test_that_no_result_will_come_holds_for_the_attempt_in_which_it_was_said() -> None:
    file = in_remission()
    file.add("mrd_not_available", after_relapse(34), timepoint="AFTER_INDUCTION_COURSE_2")
    assert recommended(file).decision == "INDIVIDUAL"
    at_second_attempt(file)
    assert the_course(file).mrd_not_available == ()
    assert recommended(file).decision == "NEED_MRD"
    file.add("mrd_not_available", after_relapse(73), timepoint="AFTER_INDUCTION_COURSE_2")
    assert recommended(file).decision == "INDIVIDUAL"


def test_a_result_of_a_failed_attempt_that_comes_in_late_says_that_no_strategy_looks_at_it() -> None:
    file = at_second_attempt(in_remission())
    late = file.add("mrd_reported", after_relapse(73), **result(R2_ENDS))
    assert [caution.code for caution in late.warnings] == ["result_without_effect"]
