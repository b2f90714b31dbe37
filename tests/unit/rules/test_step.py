"""One fact at a time: what it leaves in the course besides the state it leads to."""

from datetime import date

import pytest

from tests.facts import (
    MRD,
    OVERRIDE,
    a_draft,
    a_fact,
    a_registered_patient,
    a_relapsed_patient,
    a_running_block,
    after_relapse,
)
from tests.spec.chart_paths import Circumstances, reach
from workflow.domain.patient import PatientState
from workflow.protocols.library import shipped
from workflow.rules.judgement import Accepted
from workflow.rules.step import step


def kinds(state: PatientState) -> list[str]:
    return [deviation.kind for deviation in state.deviations]


def test_a_fact_without_a_step_becomes_a_conflict_and_moves_nothing() -> None:
    file = a_relapsed_patient()
    after = step(file.state, a_fact("maintenance_completed", "2025-03-01", seq=9), shipped())

    (conflict,) = after.conflicts
    assert (conflict.fact, conflict.type, conflict.state) == (9, "maintenance_completed", "relapse_diagnosed")
    assert conflict.occurred_on == date(2025, 3, 1)
    assert (after.state, after.course, after.trail) == (file.state.state, file.state.course, file.state.trail)
    assert after.last_contact_on == date(2025, 3, 1)


def test_a_block_without_a_protocol_is_a_gap_to_mend() -> None:
    file = a_registered_patient()
    file.add("relapse_diagnosed", "2025-01-06")
    accepted = file.add("block_started", "2025-01-09", element="R1")

    assert kinds(file.state) == ["gap"]
    assert [caution.code for caution in accepted.warnings] == ["no_protocol"]
    assert file.state.open_windows == ()

    file.add("protocol_chosen", "2025-01-09", protocol="all-rez-bfm-2002")
    assert kinds(file.state) == []
    assert file.open_window("TR-001") is not None


def test_a_transplant_without_conditioning_and_without_remission_leaves_both_deviations() -> None:
    file = reach("hsct.preparation", Circumstances(marrow_blasts_percent=12))
    accepted = file.add("transplanted", after_relapse(60))

    assert [deviation.kind for deviation in accepted.deviations] == ["gap", "transplanted_not_in_cr"]
    assert {caution.code for caution in accepted.warnings} == {"conditioning_not_recorded", "transplanted_not_in_cr"}
    assert file.state.current_course.transplanted_on == after_relapse(60)
    assert file.state.current_course.had_remission


def test_a_transplant_in_remission_after_conditioning_leaves_none() -> None:
    file = reach("hsct.conditioning")
    assert file.add("transplanted", after_relapse(90)).deviations == ()


def test_a_relapse_opens_a_new_course_and_leaves_the_old_one_as_it_was() -> None:
    file = reach("consolidation.block")
    old = file.state.current_course
    file.add("relapse_diagnosed", after_relapse(60), relapse_site="isolated_em")

    assert file.state.state == "second_relapse"
    assert file.state.relapse_number == 2
    (ended,) = file.state.ended_courses
    assert ended.number == 1
    assert ended.blocks[:-1] == old.blocks[:-1]
    assert (ended.blocks[-1].ended, ended.blocks[-1].ended_on) == ("relapse_diagnosed", after_relapse(60))
    assert file.state.current_course.blocks == ()
    assert file.state.current_course.protocol is None
    assert not file.state.current_course.had_remission


def test_a_first_relapse_recorded_here_may_be_a_later_one_of_the_patient() -> None:
    file = a_registered_patient()
    file.add("relapse_diagnosed", "2025-01-06", relapse_site="isolated_bm", relapse_number=3)
    assert (file.state.state, file.state.relapse_number) == ("relapse_diagnosed", 3)

    file.add("relapse_diagnosed", "2025-06-06", relapse_site="isolated_bm", override=OVERRIDE)
    assert (file.state.state, file.state.relapse_number) == ("second_relapse", 4)
    assert kinds(file.state) == ["relapse_without_remission"]


def test_a_failure_makes_the_next_start_a_new_attempt() -> None:
    file = reach("refractory")
    assert not file.state.current_course.in_remission
    file.add("block_started", after_relapse(40), element="F1")

    course = file.state.current_course
    assert [block.attempt for block in course.blocks] == [1, 1, 2]
    assert course.assessment_final is None
    assert file.state.state == "reinduction.block"


def test_findings_that_come_later_indicate_local_therapy() -> None:
    file = reach("consolidation.recovery")
    file.add("findings_recorded", after_relapse(50), cns_mass=True)
    assert file.state.current_course.extramedullary == ("cns",)

    file.add("intensive_chemotherapy_completed", after_relapse(60))
    assert file.state.state == "local_therapy"


@pytest.mark.parametrize("fact", ["local_therapy_given", "local_therapy_postponed"])
def test_local_therapy_given_or_postponed_is_settled(fact: str) -> None:
    file = reach("local_therapy")
    warned = file.propose(a_draft("maintenance_started", after_relapse(80)))
    file.add(fact, after_relapse(70))
    accepted = file.add("maintenance_started", after_relapse(80))

    assert [caution.code for caution in getattr(warned, "warnings", ())] == ["local_therapy_open"]
    assert accepted.warnings == ()


def test_a_later_block_reopens_intensive_chemotherapy() -> None:
    file = reach("consolidation.recovery", Circumstances(intensive_completed=True))
    accepted = file.add("block_started", after_relapse(70), element="R1")

    assert [caution.code for caution in accepted.warnings] == ["intensive_reopened"]
    assert not file.state.current_course.intensive_completed
    assert file.state.state == "consolidation.block"


def test_a_later_decision_replaces_the_earlier_from_its_date() -> None:
    file = reach("hsct.preparation")
    file.add("consolidation_decided", after_relapse(60), decision="chemotherapy")

    assert file.state.current_course.decision == "chemotherapy"
    assert [(change.on, change.state) for change in file.state.trail[-2:]] == [
        (after_relapse(34), "hsct.preparation"),
        (after_relapse(60), "consolidation.recovery"),
    ]


def test_a_cancelled_transplant_cancels_its_decision() -> None:
    file = reach("hsct.preparation")
    file.add("hsct_cancelled", after_relapse(60), reason="no donor")

    assert (file.state.state, file.state.current_course.decision) == ("mrd_check", None)


def test_a_transfer_moves_the_patient_and_shared_care_does_not() -> None:
    file = a_relapsed_patient()
    shared = file.propose(a_draft("site_changed", "2025-02-01", to="hamburg", role="shared_care"))
    assert isinstance(shared, Accepted)
    file.keep(shared)
    assert file.state.registration.site == "berlin"

    file.add("site_changed", "2025-02-02", to="hamburg")
    assert file.state.registration.site == "hamburg"


def test_the_owner_and_the_last_contact_are_kept() -> None:
    file = a_relapsed_patient()
    file.add("owner_changed", "2025-02-01", actor="treating_doctor", deputy="ward_nurse")
    assert (file.state.owner, file.state.deputy) == ("treating_doctor", "ward_nurse")
    assert file.state.last_contact_on == file.state.current_course.relapse_on

    file.add("owner_changed", "2025-02-02", actor="data_manager")
    assert (file.state.owner, file.state.deputy) == ("data_manager", None)

    file.add("contact_recorded", "2025-03-01", on="2025-02-20")
    assert file.state.last_contact_on == date(2025, 2, 20)


def test_of_several_changes_on_one_day_the_trail_keeps_the_last() -> None:
    file = a_relapsed_patient()
    file.add("block_started", "2025-01-06", element="R1")
    file.add("block_completed", "2025-03-01")
    file.add("reinduction_failed", "2025-03-01")
    file.add("treatment_intent_changed", "2025-03-02", intent="palliative")
    file.add("treatment_intent_changed", "2025-03-02", intent="curative")

    assert [(change.on, change.state, change.course) for change in file.state.trail] == [
        (date.min, "registered", None),
        (date(2025, 1, 6), "reinduction.block", 1),
        (date(2025, 3, 1), "refractory", 1),
    ]


def test_a_patient_lost_again_comes_back_palliative() -> None:
    file = reach("reinduction.recovery")
    file.add("lost_to_follow_up", after_relapse(40))
    file.add("treatment_intent_changed", after_relapse(50), intent="palliative")
    file.add("lost_to_follow_up", after_relapse(60))
    file.add("care_resumed", after_relapse(70))
    assert file.state.state == "palliative"

    file.add("withdrawn", after_relapse(80))
    file.add("treatment_intent_changed", after_relapse(90), intent="stopped")
    file.add("treatment_intent_changed", after_relapse(95), intent="curative")
    assert file.state.state == "lost_to_follow_up"
    file.add("care_resumed", after_relapse(96))
    assert (file.state.state, file.state.before) == ("reinduction.recovery", ())


def test_a_block_that_was_running_goes_on_when_care_is_resumed() -> None:
    file = a_running_block("2025-02-03")
    file.add("withdrawn", "2025-02-05")
    file.add("care_resumed", "2025-02-06")
    file.add("block_completed", "2025-02-08")

    assert file.state.current_course.blocks[-1].ended == "completed"


def test_a_second_protocol_judges_only_what_it_anchors() -> None:
    file = a_running_block("2025-02-03")
    file.add("block_completed", "2025-02-08")
    file.add("protocol_chosen", "2025-02-10", protocol="all-rez-bfm-90")
    waiting = file.open_window("TR-001")
    assert waiting is not None
    assert waiting.protocol == "all-rez-bfm-2002@2"

    file.add("block_started", "2025-02-24", element="R3")
    following = file.open_window("TR-001")
    assert following is not None
    assert following.protocol == "all-rez-bfm-90@2"
    assert following.hard_min_on == date(2025, 3, 10)


def test_the_marrow_and_mrd_window_waits_for_both_and_takes_no_other_time_point() -> None:
    file = reach("reinduction.recovery")
    window = file.open_window("TR-013")
    assert window is not None
    assert window.expects == ("response_assessed", "mrd_reported")

    file.add("mrd_reported", after_relapse(31), **{**MRD, "timepoint": "END_BLOCK_1"})
    file.add("response_assessed", after_relapse(32))
    window = file.open_window("TR-013")
    assert window is not None
    assert window.expects == ("mrd_reported",)

    file.add("mrd_not_available", after_relapse(40), timepoint="AFTER_INDUCTION_COURSE_2")
    assert file.open_window("TR-013") is None
    assert next(known for known in file.state.windows if known.rule == "TR-013").end == "met"
