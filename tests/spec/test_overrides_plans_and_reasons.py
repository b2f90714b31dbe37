"""What an override, a plan and a reason are good for, and what they are not."""

import pytest

from tests.facts import AS_ORDERED, OVERRIDE, PatientFile, a_draft, a_registered_patient, a_relapsed_patient
from workflow.domain.errors import Refusal
from workflow.domain.roles import Role
from workflow.rules.judgement import Accepted


def after_r1(element: str = "R1") -> PatientFile:
    file = a_relapsed_patient()
    file.add("block_started", "2025-02-03", element=element)
    file.add("block_completed", "2025-02-08")
    return file


def test_an_early_start_that_was_only_ordered_or_imported_is_still_to_be_explained() -> None:
    ordered = after_r1()
    ordered.add("block_started", "2025-02-16", element="R2", role=Role.NURSE, override=AS_ORDERED)
    imported = after_r1()
    outcome = imported.propose(a_draft("block_started", "2025-02-16", element="R2"), Role.ADMIN, importing=True)
    assert isinstance(outcome, Accepted)
    for file in (ordered.state, outcome.after):
        assert [(known.kind, known.explained) for known in file.deviations] == [("early", False)]
        assert file.unconfirmed == (6,)


@pytest.mark.parametrize("named", ["block_started", "R2"])
def test_a_booking_meets_the_gate_in_full(named: str) -> None:
    on = "2025-02-16"
    refusal = after_r1().refused(
        "appointment_booked", "2025-02-10", role=Role.NURSE, override=AS_ORDERED, for_=named, on=on
    )
    assert (refusal.code, refusal.field) == ("too_early", "data.on")
    assert refusal.override is not None
    assert "or" not in refusal.override
    draft = a_draft("appointment_booked", "2025-02-10", for_=named, on=on)
    imported = after_r1().propose(draft, Role.ADMIN, importing=True)
    assert isinstance(imported, Refusal)
    after_r1().add("appointment_booked", "2025-02-10", override=OVERRIDE, for_=named, on=on)


def test_a_booking_of_anything_else_meets_no_gate() -> None:
    after_r1().add("appointment_booked", "2025-02-10", for_="echocardiography", on="2025-02-11")


def test_an_imported_relapse_whose_override_passes_no_gate_is_unconfirmed_like_one_without() -> None:
    file = after_r1()
    for override in (None, AS_ORDERED):
        outcome = file.propose(a_draft("relapse_diagnosed", "2025-03-01", override=override), importing=True)
        assert isinstance(outcome, Accepted)
        assert outcome.after.unconfirmed == (6,)


def test_nothing_that_was_given_is_nothing_to_countersign() -> None:
    file = after_r1()
    accepted = file.add("note_added", "2025-02-09", role=Role.NURSE, override=AS_ORDERED, text="seen in clinic")
    assert accepted.fact.override is not None
    assert file.state.unconfirmed == ()


def test_a_delay_judged_anew_to_fewer_days_is_to_be_explained_anew() -> None:
    file = after_r1()
    late = file.add("block_started", "2025-03-18", element="R2")
    window = late.deviations[0].window
    file.add("delay_explained", "2025-03-19", window=window, segments=[{"code": "infection", "days": 22}])
    assert file.state.deviations[0].explained
    file.add("block_started", "2025-02-26", element="R2")
    (now,) = [known for known in file.state.deviations if known.window == window]
    assert (now.days_past_latest, now.explained_days, now.explained) == (2, 2, False)


def test_the_day_of_registration_is_no_news_of_the_course() -> None:
    file = a_registered_patient()
    assert file.state.last_contact_on is None
    file.add("relapse_diagnosed", "2024-06-01")
    assert str(file.state.last_contact_on) == "2024-06-01"


def test_ceasing_what_has_not_started_is_accepted_with_a_warning() -> None:
    file = after_r1()
    ceased = file.add("block_ended", "2025-02-10", element="R2", end="ceased", reason="progression")
    assert [warning.code for warning in ceased.warnings] == ["ceased_before_start"]
    omitted = after_r1().add("block_ended", "2025-02-10", element="R2", end="omitted", reason="trial")
    assert omitted.warnings == ()


@pytest.mark.parametrize(
    ("sampled_at", "code"),
    [
        ("2030-01-01T08:00:00Z", "in_the_future"),
        ("2025-06-02T08:00:00Z", "date_order"),
        ("1999-01-01T08:00:00Z", "before_anchor"),
    ],
)
def test_a_csf_sample_has_a_possible_day(sampled_at: str, code: str) -> None:
    csf = {"wbc_per_ul": 1, "blasts": False, "rbc_per_ul": 0, "sampled_at": sampled_at}
    refusal = after_r1().refused("findings_recorded", "2025-03-01", csf=csf)
    assert (refusal.code, refusal.status, refusal.field) == (code, 422, "data.csf.sampled_at")


def test_a_csf_sample_of_the_evening_before_is_the_same_day_somewhere_on_earth() -> None:
    csf = {"wbc_per_ul": 1, "blasts": False, "rbc_per_ul": 0, "sampled_at": "2025-03-02T04:00:00Z"}
    after_r1().add("findings_recorded", "2025-03-01", csf=csf)


def test_a_curative_intent_decided_while_the_patient_is_lost_is_kept() -> None:
    file = after_r1()
    file.add("treatment_intent_changed", "2025-02-20", intent="palliative")
    file.add("lost_to_follow_up", "2025-03-01")
    file.add("treatment_intent_changed", "2025-03-05", intent="curative")
    file.add("care_resumed", "2025-03-10")
    assert file.state.state == "reinduction.recovery"
