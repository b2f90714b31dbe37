"""A start that its protocol does not list as it is written: what was meant, which protocol lists it, what to record."""

from datetime import date

import pytest

from tests.facts import PatientFile, a_registered_patient, a_relapsed_patient
from tests.spec.small_protocols import BLOCKS, MINIMUM_OF_BLOCKS, TWO_MINIMA, a_course_of, cycles, give, small
from workflow.rules.explain import explain

LAST_DAY = date(2025, 12, 31)


def warned(file: PatientFile, element: str) -> str:
    """Return what is said of a start of an element that is not listed as it is written."""
    (warning,) = (
        warning
        for warning in file.copy().add("block_started", "2025-06-02", element=element).warnings
        if warning.code == "element_not_listed"
    )
    return warning.message


def of_cog() -> PatientFile:
    file = a_registered_patient()
    file.add("relapse_diagnosed", "2025-01-06", relapse_site="isolated_bm")
    file.add("protocol_chosen", "2025-01-06", protocol="cog-aall01p2")
    return file


def test_where_other_protocols_list_it_they_are_named_with_what_to_record() -> None:
    assert warned(of_cog(), "F1").endswith(
        ". all-rez-bfm-2002 and all-rez-bfm-95 list it: if one of them is followed, record protocol_chosen with it, "
        "dated on the day of the start or before, or none of its intervals is counted for this start."
    )
    small_ones = a_course_of([small("blocks", BLOCKS), cycles()])
    assert "cycles lists it: if it is followed, record protocol_chosen with it" in warned(small_ones, "CYCLE_1")


@pytest.mark.parametrize(
    ("element", "meant"),
    [
        ("R11", "Did you mean R1?"),
        ("F_1", "Did you mean F1?"),
        ("CYLCE_3", "Did you mean CYCLE_3?"),
        (
            "BLINA",
            "blinatumomab-mrd and blinatumomab-rr list CYCLE_1, CYCLE_2 and so on: if one of them is followed",
        ),
    ],
)
def test_a_slip_of_the_keyboard_is_told_what_was_perhaps_meant(element: str, meant: str) -> None:
    assert f". {meant}" in warned(a_relapsed_patient(), element)


def test_what_nobody_can_guess_is_told_what_is_listed() -> None:
    assert warned(a_relapsed_patient(), "XX").endswith("it lists R1, R2, F1, F2.")


def test_the_explanation_of_a_start_without_an_interval_says_which_protocol_lists_its_element() -> None:
    file = of_cog()
    start = file.add("block_started", "2025-06-02", element="R1").fact
    proof = explain(file.state, f"1:TR-001:{start.id}", LAST_DAY, file.protocols)

    assert proof is not None
    assert proof.why.startswith("cog-aall01p2@1 does not list R1, so none of its intervals applies. all-rez-bfm-2002,")
    assert "record protocol_chosen with it, dated on the day of the start or before" in proof.why


def test_a_choice_while_a_block_runs_is_told_on_which_day_it_belongs() -> None:
    file = of_cog()
    file.add("block_started", "2025-06-02", element="R1")
    refusal = file.refused("protocol_chosen", "2025-06-03", protocol="all-rez-bfm-2002")

    assert refusal.code == "not_possible_in_state"
    assert (
        "R1 is running since 2025-06-02. For its intervals date it on the day of the start or before; for what comes "
        "after it, record its end first, and choose on a later day." in refusal.detail
    )
    file.add("protocol_chosen", "2025-06-02", protocol="all-rez-bfm-2002")
    assert [window.rule for window in file.state.open_windows if window.rule == "TR-001"] == ["TR-001"]


@pytest.mark.parametrize("written", ["cycle_3", "CYCLE_03", "CYCLE_3 ", " Cycle _003", "CYCLE_100", "CYCLE"])
def test_no_cap_is_passed_by_how_an_element_is_written(written: str) -> None:
    file = give(a_course_of([cycles()]), "CYCLE_1", "2025-02-03", "2025-03-03")
    give(file, "cycle_02", "2025-04-01", "2025-04-29")

    assert file.refused("block_started", "2025-06-02", element=written).code == "cap_reached"
    assert file.refused("appointment_booked", "2025-06-02", for_=written, on="2025-06-09").code == "cap_reached"


@pytest.mark.parametrize("written", ["cycle_2", "CYCLE_02", "CYCLE"])
def test_no_minimum_is_passed_by_how_an_element_is_written(written: str) -> None:
    file = give(a_course_of([cycles(more=TWO_MINIMA)]), " cycle_01", "2025-02-03", "2025-03-07")

    assert str(file.refused("block_started", "2025-03-20", element=written).earliest_on) == "2025-03-21"


def test_what_is_only_written_otherwise_counts_as_what_it_is_and_is_to_be_put_right() -> None:
    blocks = small("blocks", BLOCKS, MINIMUM_OF_BLOCKS)
    file = a_course_of([blocks])
    assert warned(file, "r1") == "blocks@1 lists this element as R1, and it counts as that; correct how it is written."
    give(file, "r1", "2025-02-03", "2025-02-08")

    assert file.refused("block_started", "2025-02-10", element="R2").rule == "TR-001"
