"""A cap on starts: what is counted for it, what one more is answered, and how one more is recorded all the same."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.facts import AS_ORDERED, OVERRIDE, PatientFile, a_draft, a_registered_patient
from tests.spec.small_protocols import BLOCKS, CYCLE_AFTER_CYCLE, TWO_MINIMA, a_course_of, cycles, give, small
from workflow.domain.errors import Refusal
from workflow.domain.roles import Role
from workflow.rules.judgement import Accepted

BLOCKS_ALONE = small("blocks", BLOCKS)
ELSEWHERE = cycles(protocol_id="elsewhere")


def after_two(scope: str = "course") -> PatientFile:
    file = a_course_of([cycles(scope), cycles(scope, version="2"), ELSEWHERE, BLOCKS_ALONE])
    give(file, "CYCLE_1", "2025-02-03", "2025-03-03")
    return give(file, "CYCLE_2", "2025-04-01", "2025-04-29")


def after_one_of(protocol: str, code: str = "CYCLE_1") -> PatientFile:
    """Return a patient with one cycle of the capped protocol, and one element of another."""
    file = a_course_of([cycles(), ELSEWHERE, BLOCKS_ALONE])
    give(file, "CYCLE_1", "2025-02-03", "2025-03-03")
    file.add("protocol_chosen", "2025-03-20", protocol=protocol)
    give(file, code, "2025-04-01", "2025-04-29")
    file.add("protocol_chosen", "2025-05-02", protocol="cycles")
    return file


def in_a_second_course(scope: str) -> PatientFile:
    file = after_two(scope)
    file.add("response_assessed", "2025-05-01", marrow_blasts_percent=1, final=True)
    file.add("relapse_diagnosed", "2025-05-05", relapse_site="isolated_bm")
    file.add("protocol_chosen", "2025-05-05", protocol="cycles")
    return file


def in_a_second_attempt() -> PatientFile:
    file = after_two()
    file.add("reinduction_failed", "2025-05-05")
    return file


def in_another_version() -> PatientFile:
    file = after_two()
    file.add("protocol_chosen", "2025-05-05", protocol="cycles@2")
    return file


def with_a_block_between() -> PatientFile:
    file = after_one_of("blocks", "R1")
    return give(file, "CYCLE_2", "2025-05-03", "2025-05-04")


def with_the_second_ceased() -> PatientFile:
    file = give(a_course_of([cycles()]), "CYCLE_1", "2025-02-03", "2025-03-03")
    file.add("block_started", "2025-04-01", element="CYCLE_2")
    file.add("block_ended", "2025-04-05", element="CYCLE_2", end="ceased", reason="neurotoxicity")
    return file


def with_one_voided() -> PatientFile:
    file = after_two()
    start, end = file.facts[-2:]
    file.void(end)
    file.void(start)
    return file


def with_one_corrected_to_the_prephase() -> PatientFile:
    file = after_two()
    file.supersede(file.facts[-2], a_draft("block_started", "2025-04-01", element="PREPHASE"))
    return file


@pytest.mark.parametrize(
    ("story", "element"),
    [
        (after_two, "CYCLE_3"),
        (after_two, "CYCLE_2"),
        (lambda: in_a_second_course("life"), "CYCLE_1"),
        (in_a_second_attempt, "CYCLE_1"),
        (in_another_version, "CYCLE_3"),
        (with_a_block_between, "CYCLE_3"),
        (with_the_second_ceased, "CYCLE_3"),
        (lambda: a_course_of([cycles()]), "CYCLE_3"),
        (after_two, "CYCLE"),
    ],
)
def test_one_more_is_refused(story: Callable[[], PatientFile], element: str) -> None:
    refusal = story().refused("block_started", "2025-06-02", element=element)

    assert (refusal.code, refusal.status, refusal.rule, refusal.source) == ("cap_reached", 409, "CAP-1", "000, page 2")
    assert (refusal.field, refusal.earliest_on) == ("data.element", None)


@pytest.mark.parametrize(
    ("story", "element"),
    [
        (lambda: in_a_second_course("course"), "CYCLE_1"),
        (lambda: after_one_of("elsewhere"), "CYCLE_2"),
        (lambda: after_one_of("blocks", "R1"), "CYCLE_2"),
        (lambda: after_one_of("blocks", "CYCLE_2"), "CYCLE_2"),
        (with_one_voided, "CYCLE_2"),
        (with_one_corrected_to_the_prephase, "CYCLE_2"),
        (after_two, "PREPHASE"),
        (after_two, "R9"),
    ],
)
def test_what_is_not_one_more_is_taken(story: Callable[[], PatientFile], element: str) -> None:
    story().add("block_started", "2025-06-02", element=element)


def test_a_start_under_another_protocol_is_no_one_more() -> None:
    file = after_two()
    file.add("protocol_chosen", "2025-05-05", protocol="elsewhere")
    file.add("block_started", "2025-06-02", element="CYCLE_1")


def test_one_more_is_told_what_is_on_file_what_is_stated_and_every_way_out() -> None:
    refusal = after_two("life").refused("block_started", "2025-06-02", role=Role.NURSE, element="CYCLE_3")

    assert refusal.title == "Cap reached"
    assert refusal.detail == (
        "CYCLE_3 on 2025-06-02 would be number 3 of CYCLE under cycles; at most 2 are stated in a patient's life, all "
        "courses together. On file: CYCLE_1 of 2025-02-03, CYCLE_2 of 2025-04-01. If one of these was never given, "
        "correct it; if another protocol is followed now, record protocol_chosen first: its starts are counted by its "
        "own limit. Otherwise a clinician decides before it is given, and records it with a coded reason; what was "
        "given already on a clinician's order a nurse records with given_as_ordered and ordered_by."
    )
    assert refusal.arithmetic == "2 on file + 1 = 3 > 2"
    assert refusal.override is not None
    assert refusal.override["or"] == {"code": "given_as_ordered", "with": "ordered_by", "needs_role": "nurse"}


def test_a_number_above_the_most_is_one_too_many_by_its_name() -> None:
    file = give(a_course_of([cycles()]), "CYCLE_1", "2025-02-03", "2025-03-03")
    refusal = file.refused("block_started", "2025-06-02", element="CYCLE_3")

    assert refusal.arithmetic == "number 3 > 2"
    assert "would be CYCLE_3, by its name number 3 of CYCLE" in refusal.detail
    assert "at most 2 are stated in one course. On file: CYCLE_1 of 2025-02-03." in refusal.detail
    assert "If the number is wrong, send the right one: CYCLE_2 comes next; if another protocol" in refusal.detail


def test_where_none_is_on_file_nobody_is_asked_whether_one_was_never_given() -> None:
    refusal = a_course_of([cycles()]).refused("block_started", "2025-06-02", element="CYCLE_3")

    assert "On file: none. If the number is wrong, send the right one: CYCLE_1 comes next;" in refusal.detail
    assert "never given" not in refusal.detail


@pytest.mark.parametrize("booked", ["CYCLE_3", "CYCLE"])
def test_a_booking_of_one_more_meets_the_gate_in_full(booked: str) -> None:
    data: dict[str, Any] = {"for_": booked, "on": "2025-06-02"}
    nurse = after_two().refused("appointment_booked", "2025-05-05", role=Role.NURSE, override=AS_ORDERED, **data)

    assert (nurse.code, nurse.field) == ("cap_reached", "data.for")
    assert nurse.override is not None
    assert "or" not in nurse.override
    assert "given_as_ordered" not in nurse.detail
    imported = after_two().propose(a_draft("appointment_booked", "2025-05-05", **data), Role.ADMIN, importing=True)
    assert isinstance(imported, Refusal)
    after_two().add("appointment_booked", "2025-05-05", override=OVERRIDE, **data)


@pytest.mark.parametrize("cycles_only", [True, False])
def test_a_booking_that_names_no_element_meets_a_cap_where_each_that_may_come_is_one_too_many(
    *, cycles_only: bool
) -> None:
    file = a_course_of([cycles(more=CYCLE_AFTER_CYCLE if cycles_only else "")])
    give(file, "CYCLE_1", "2025-02-03", "2025-03-03")
    give(file, "CYCLE_2", "2025-04-01", "2025-04-29")
    outcome = file.propose(a_draft("appointment_booked", "2025-05-05", for_="block_started", on="2025-06-02"))

    assert isinstance(outcome, Refusal) is cycles_only
    if isinstance(outcome, Refusal):
        assert outcome.detail.startswith("The next block on 2025-06-02 would be number 3 of CYCLE under cycles")


@pytest.mark.parametrize("booked", ["PREPHASE", "mri"])
def test_a_booking_of_anything_else_meets_no_cap(booked: str) -> None:
    after_two().add("appointment_booked", "2025-05-05", for_=booked, on="2025-06-02")


def test_a_clinicians_reason_passes_and_is_kept_and_the_next_is_asked_about_again() -> None:
    file = after_two()
    accepted = file.add("block_started", "2025-06-02", override=OVERRIDE, element="CYCLE_3")
    assert accepted.fact.override is not None
    assert accepted.after.unconfirmed == ()
    file.add("block_completed", "2025-06-30")
    assert file.refused("block_started", "2025-08-01", element="CYCLE_4").arithmetic == "3 on file + 1 = 4 > 2"


@pytest.mark.parametrize("importing", [False, True])
def test_what_was_given_as_ordered_or_comes_by_import_counts_and_waits_for_a_clinician(*, importing: bool) -> None:
    draft = a_draft("block_started", "2025-06-02", override=None if importing else AS_ORDERED, element="CYCLE_3")
    outcome = after_two().propose(draft, Role.ADMIN if importing else Role.NURSE, importing=importing)

    assert isinstance(outcome, Accepted)
    assert outcome.after.unconfirmed == (outcome.fact.lineage,)
    assert outcome.fact.override is not None
    assert outcome.fact.override.reason == ("cap_reached" if importing else None)


def test_a_start_entered_late_is_one_more_though_fewer_come_before_it() -> None:
    refusal = after_two().refused("block_started", "2025-03-15", element="CYCLE_2")

    assert refusal.arithmetic == "2 on file + 1 = 3 > 2"
    assert "CYCLE_2 of 2025-04-01" in refusal.detail


def test_of_two_gates_the_one_that_no_waiting_lifts_comes_first_and_the_other_is_told_with_it() -> None:
    file = a_course_of([cycles(more=TWO_MINIMA)])
    give(file, "CYCLE_1", "2025-02-03", "2025-03-03")
    give(file, "CYCLE_2", "2025-04-01", "2025-04-29")
    refusal = file.refused("block_started", "2025-05-05", element="CYCLE_3")

    assert (refusal.code, refusal.earliest_on) == ("cap_reached", None)
    assert "Besides: CYCLE_3 on 2025-05-05 would start 34 days after CYCLE_2 of 2025-04-01" in refusal.detail
    imported = file.propose(a_draft("block_started", "2025-05-05", element="CYCLE_3"), Role.ADMIN, importing=True)
    assert isinstance(imported, Accepted)
    assert imported.fact.override is not None
    assert imported.fact.override.reason == "cap_reached, too_early"


def of_blinatumomab(protocol: str, cycles_given: int) -> PatientFile:
    """Return a patient with so many cycles of 28 days, the next one 42 days after the start of the one before."""
    file = a_registered_patient(ph_status="negative")
    file.add("relapse_diagnosed", "2025-01-06", relapse_site="isolated_bm")
    file.add("protocol_chosen", "2025-01-06", protocol=protocol)
    for number in range(cycles_given):
        started_on = date(2025, 1, 8) + timedelta(days=42 * number)
        give(file, f"CYCLE_{number + 1}", str(started_on), str(started_on + timedelta(days=28)))
    return file


def test_a_sixth_cycle_of_blinatumomab_for_relapsed_disease_is_one_too_many() -> None:
    file = of_blinatumomab("blinatumomab-rr", 4)
    assert give(file, "CYCLE_5", "2025-06-25", "2025-07-23").state.unconfirmed == ()
    refusal = file.refused("block_started", "2025-08-06", role=Role.NURSE, element="CYCLE_6")

    assert (refusal.code, refusal.rule, refusal.arithmetic) == ("cap_reached", "TR-043", "5 on file + 1 = 6 > 5")
    assert "up to 5 cycles in total" in (refusal.source or "")
    assert refusal.detail.startswith(
        "CYCLE_6 on 2025-08-06 would be number 6 of CYCLE under blinatumomab-rr; at most 5 are stated in a patient's "
        "life, all courses together. On file: CYCLE_1 of 2025-01-08, CYCLE_2 of 2025-02-19, CYCLE_3 of 2025-04-02, "
        "CYCLE_4 of 2025-05-14, CYCLE_5 of 2025-06-25."
    )


def test_a_fifth_cycle_of_blinatumomab_for_mrd_is_one_too_many() -> None:
    refusal = of_blinatumomab("blinatumomab-mrd", 4).refused("block_started", "2025-06-25", element="CYCLE_5")

    assert (refusal.code, refusal.rule, refusal.arithmetic) == ("cap_reached", "TR-045", "4 on file + 1 = 5 > 4")
    assert "at most 4 are stated in one course" in refusal.detail


def test_cycles_for_the_one_indication_are_never_counted_for_the_other() -> None:
    file = of_blinatumomab("blinatumomab-mrd", 4)
    file.add("protocol_chosen", "2025-06-20", protocol="blinatumomab-rr")
    accepted = file.add("block_started", "2025-06-25", element="CYCLE_1")

    assert "out_of_sequence" not in [warning.code for warning in accepted.warnings]
