"""The stories of the issue, told to the core: early, ordered, late, critical, unfinished, deferred, entered late."""

from datetime import date

import pytest

from tests.facts import AS_ORDERED, OVERRIDE, PatientFile, a_draft, a_running_block
from workflow.domain.reasons import CLINICIAN_OVERRIDES
from workflow.domain.roles import Role
from workflow.domain.windows import Window
from workflow.rules.judgement import Accepted


def r1_on_3_february() -> PatientFile:
    file = a_running_block("2025-02-03")
    file.add("block_completed", "2025-02-08")
    return file


def interval_of(file: PatientFile, anchor: str = "f4") -> Window:
    return next(window for window in file.state.windows if window.id == f"1:TR-001:{anchor}")


@pytest.mark.parametrize("role", [Role.NURSE, Role.CLINICIAN, Role.COORDINATOR, Role.ADMIN])
def test_a_block_13_days_after_the_last_start_is_refused_with_its_arithmetic(role: Role) -> None:
    file = r1_on_3_february()
    refusal = file.refused("block_started", "2025-02-16", element="R2", role=role)

    assert (refusal.code, refusal.status, refusal.title) == ("too_early", 409, "Too early")
    assert refusal.rule == "TR-001"
    assert refusal.detail == "R2 on 2025-02-16 would start 13 days after R1 of 2025-02-03; at least 14 are required."
    assert refusal.arithmetic == "2025-02-16 − 2025-02-03 = 13 d < 14 d"
    assert refusal.earliest_on == date(2025, 2, 17)
    assert refusal.source is not None
    assert "2 to 3 weeks" in refusal.source
    assert refusal.override == {
        "codes": list(CLINICIAN_OVERRIDES),
        "needs_role": "clinician",
        "or": {"code": "given_as_ordered", "with": "ordered_by", "needs_role": "nurse"},
    }


def test_what_a_refusal_names_as_the_earliest_day_is_accepted() -> None:
    file = r1_on_3_february()
    accepted = file.add("block_started", "2025-02-17", element="R2", role=Role.NURSE)

    assert accepted.deviations == ()
    assert interval_of(file).verdict(file.today) == "on_time"


@pytest.mark.parametrize("code", CLINICIAN_OVERRIDES)
def test_a_clinicians_coded_reason_passes_the_gate_and_is_stored(code: str) -> None:
    file = r1_on_3_february()
    override = {"code": code, "reason": "progression under therapy"}
    accepted = file.add("block_started", "2025-02-16", element="R2", override=override)

    assert accepted.fact.override is not None
    assert (accepted.fact.override.code, accepted.fact.override.reason) == (code, "progression under therapy")
    (deviation,) = accepted.deviations
    assert (deviation.kind, deviation.days, deviation.explained) == ("early", 13, True)
    assert file.state.unconfirmed == ()


def test_a_nurse_cannot_pass_the_gate_with_a_clinicians_code() -> None:
    refusal = r1_on_3_february().refused(
        "block_started", "2025-02-16", element="R2", role=Role.NURSE, override=OVERRIDE
    )

    assert (refusal.code, refusal.status, refusal.field) == ("override_needs_role", 403, "override.code")
    assert "needs the role clinician" in refusal.detail
    assert "given_as_ordered" in refusal.detail


def test_a_nurse_records_what_was_ordered_and_it_waits_for_a_countersignature() -> None:
    file = r1_on_3_february()
    accepted = file.add("block_started", "2025-02-16", element="R2", role=Role.NURSE, override=AS_ORDERED)

    assert accepted.fact.unconfirmed
    assert accepted.fact.override is not None
    assert accepted.fact.override.ordered_by == "treating_doctor"
    assert file.state.state == "reinduction.block"
    assert file.state.unconfirmed == (accepted.fact.lineage,)

    confirmed = file.add("confirmed", "2025-02-17", fact=accepted.fact.id)
    assert confirmed.after.unconfirmed == ()


def test_only_a_clinician_countersigns_and_only_what_waits() -> None:
    file = r1_on_3_february()
    file.add("block_started", "2025-02-16", element="R2", role=Role.NURSE, override=AS_ORDERED)

    assert file.refused("confirmed", "2025-02-17", fact="f6", role=Role.NURSE).code == "role_needed"
    refusal = file.refused("confirmed", "2025-02-17", fact="f4")
    assert refusal.code == "nothing_to_confirm"
    assert "waiting: f6" in refusal.detail


def test_an_import_records_a_gated_fact_as_unconfirmed() -> None:
    file = r1_on_3_february()
    outcome = file.propose(a_draft("block_started", "2025-02-16", element="R2"), Role.COORDINATOR, importing=True)
    assert isinstance(outcome, Accepted)
    file.keep(outcome)

    assert outcome.fact.unconfirmed
    assert outcome.fact.override is not None
    assert outcome.fact.override.reason == "too_early"
    assert file.state.unconfirmed == (outcome.fact.lineage,)


@pytest.mark.parametrize(("on", "days", "verdict"), [("2025-02-25", 22, "late"), ("2025-03-01", 26, "critical")])
def test_a_late_start_is_accepted_from_a_nurse_and_asks_for_reasons(on: str, days: int, verdict: str) -> None:
    file = r1_on_3_february()
    accepted = file.add("block_started", on, element="R2", role=Role.NURSE)

    (deviation,) = accepted.deviations
    assert (deviation.window, deviation.kind, deviation.days) == ("1:TR-001:f4", verdict, days)
    assert (deviation.days_past_latest, deviation.explained) == (days - 21, False)
    assert interval_of(file).verdict(file.today) == verdict


def test_a_delay_is_explained_once_its_segments_sum_to_it() -> None:
    file = r1_on_3_february()
    file.add("block_started", "2025-03-01", element="R2")
    file.add("delay_explained", "2025-03-02", window="1:TR-001:f4", segments=[{"code": "count_recovery", "days": 3}])
    assert [(known.explained_days, known.explained) for known in file.state.deviations] == [(3, False)]

    segments = [{"code": "count_recovery", "days": 3}, {"code": "infection", "days": 2, "note": "fever"}]
    file.add("delay_explained", "2025-03-03", window="1:TR-001:f4", segments=segments)
    assert [(known.explained_days, known.explained) for known in file.state.deviations] == [(5, True)]

    longer = [{"code": "infection", "days": 6}]
    refusal = file.refused("delay_explained", "2025-03-04", window="1:TR-001:f4", segments=longer)
    assert (refusal.code, refusal.field) == ("segments_exceed_delay", "data.segments")
    assert "sum to 6 d, the delay is only 5 d" in refusal.detail


def test_a_start_over_a_running_block_is_accepted_and_leaves_the_completion_to_mend() -> None:
    file = a_running_block("2025-02-03")
    accepted = file.add("block_started", "2025-02-20", element="R2", role=Role.NURSE)

    assert [caution.code for caution in accepted.warnings] == ["completion_not_recorded"]
    (deviation,) = accepted.deviations
    assert (deviation.kind, deviation.fact) == ("completion_not_recorded", 4)
    first, second = file.state.current_course.blocks
    assert (first.ended, first.ended_on) == ("completion_not_recorded", date(2025, 2, 20))
    assert (second.element, second.ended_on) == ("R2", None)

    file.add("block_completed", "2025-02-08", role=Role.NURSE)
    assert file.state.deviations == ()
    assert file.state.current_course.blocks[0].ended == "completed"
    assert file.state.state == "reinduction.block"


def test_a_deferral_closes_nothing_and_keeps_every_threshold() -> None:
    file = r1_on_3_february()
    before = interval_of(file)
    file.add(
        "block_deferred",
        "2025-02-24",
        element="R2",
        causes=[{"code": "infection", "primary": True}, {"code": "count_recovery"}],
        review_on="2025-02-27",
    )
    after = interval_of(file)

    assert after.end is None
    assert (after.latest_on, after.critical_from) == (before.latest_on, before.critical_from)
    assert after.status(date(2025, 2, 25)) == "late"
    assert after.review_on == date(2025, 2, 27)
    assert after.next_threshold(date(2025, 2, 26)) == date(2025, 2, 27)
    assert file.state.state == "reinduction.recovery"


def test_a_new_deferral_replaces_the_review_date() -> None:
    file = r1_on_3_february()
    file.add("block_deferred", "2025-02-20", review_on="2025-02-24")
    file.add("block_deferred", "2025-02-24", review_on="2025-02-28")

    assert interval_of(file).review_on == date(2025, 2, 28)


def test_a_start_entered_a_week_late_is_judged_by_its_own_day_and_re_judges_what_followed() -> None:
    file = r1_on_3_february()
    file.add("block_started", "2025-03-17", element="R1")
    assert [known.kind for known in file.state.deviations] == ["critical"]

    accepted = file.add("block_started", "2025-02-24", element="R2")

    assert accepted.fact.id == "f7"
    assert interval_of(file).verdict(file.today) == "on_time"
    assert interval_of(file, "f7").verdict(file.today) == "on_time"
    assert interval_of(file, "f7").days(file.today) == 21
    assert [known.kind for known in file.state.deviations] == ["completion_not_recorded"]
    assert [block.element for block in file.state.current_course.blocks] == ["R1", "R2", "R1"]


def test_a_backdated_start_meets_the_gate_of_the_history_known_on_its_day() -> None:
    file = r1_on_3_february()
    file.add("block_started", "2025-03-01", element="R1")
    refusal = file.refused("block_started", "2025-02-10", element="R2")

    assert refusal.arithmetic == "2025-02-10 − 2025-02-03 = 7 d < 14 d"


def test_a_later_block_that_a_backdated_one_makes_early_gets_a_deviation_and_is_no_conflict() -> None:
    file = r1_on_3_february()
    file.add("block_started", "2025-03-01", element="R1")
    accepted = file.add("block_started", "2025-02-20", element="R2")

    assert file.state.conflicts == ()
    early = [known for known in accepted.deviations if known.kind == "early"]
    assert [(known.window, known.days, known.explained) for known in early] == [("1:TR-001:f7", 9, False)]


def test_a_backdated_fact_that_takes_later_facts_their_step_is_refused_with_their_names() -> None:
    file = r1_on_3_february()
    file.add("response_assessed", "2025-02-15")
    file.add("consolidation_decided", "2025-02-16", decision="hsct")
    file.add("conditioning_started", "2025-03-10")
    refusal = file.refused("maintenance_completed", "2025-03-01")
    assert refusal.code == "not_possible_in_state"

    refusal = file.refused("hsct_cancelled", "2025-03-01", reason="no donor", next="chemotherapy")
    assert (refusal.code, refusal.status) == ("makes_conflicts", 409)
    assert refusal.conflicts == ("f8 conditioning_started of 2025-03-10",)
    assert "f8 conditioning_started of 2025-03-10" in refusal.detail
    assert refusal.override == {"keep_conflicts": True, "needs_role": "clinician"}


@pytest.mark.parametrize(("role", "kept"), [(Role.NURSE, False), (Role.CLINICIAN, True), (Role.COORDINATOR, True)])
def test_from_a_clinician_up_conflicts_may_be_kept_and_stay_visible(role: Role, kept: bool) -> None:
    file = r1_on_3_february()
    file.add("response_assessed", "2025-02-15")
    file.add("consolidation_decided", "2025-02-16", decision="hsct")
    file.add("conditioning_started", "2025-03-10")
    cancelled = a_draft("hsct_cancelled", "2025-03-01", reason="no donor", next="chemotherapy")
    outcome = file.propose(cancelled, role, keep_conflicts=True)

    assert isinstance(outcome, Accepted) is kept
    if isinstance(outcome, Accepted):
        file.keep(outcome)
        assert [(known.type, known.state) for known in file.state.conflicts] == [
            ("conditioning_started", "consolidation.recovery")
        ]
        assert file.state.state == "consolidation.recovery"


@pytest.mark.parametrize("ending", ["died", "lost_to_follow_up", "withdrawn"])
def test_a_death_or_loss_is_kept_whatever_it_overtakes(ending: str) -> None:
    file = r1_on_3_february()
    file.add("block_started", "2025-02-24", element="R2")
    file.add("block_completed", "2025-03-01")
    accepted = file.add(ending, "2025-02-20", role=Role.NURSE)

    assert accepted.fact.occurred_on == date(2025, 2, 20)
    assert [known.type for known in file.state.conflicts] == ["block_started", "block_completed"]
    (warning,) = accepted.warnings
    assert warning.code == "conflicts_kept"
    assert "f6 block_started of 2025-02-24; f7 block_completed of 2025-03-01" in warning.message
    assert file.state.open_windows == ()


def test_after_a_death_only_notes_and_papers_are_possible() -> None:
    file = r1_on_3_february()
    file.add("died", "2025-02-20", cause="infection")
    possible = file.refused("block_started", "2025-02-24", element="R2").possible

    assert set(possible) == {"note_added", "delay_explained", "confirmed", "owner_changed", "contact_recorded"}
    file.add("note_added", "2025-02-24", text="autopsy report received")
    assert file.state.state == "deceased"
