"""A minimum between named elements is one of the drug: other therapy or a failure ends the wait, not the minimum."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.facts import PatientFile, a_registered_patient
from tests.spec.small_protocols import BLOCKS, TWO_MINIMA, a_course_of, cycles, give, small
from workflow.protocols.model import Protocol
from workflow.rules.next_steps import next_steps

SHORTER = TWO_MINIMA.replace("42", "35").replace("14", "7")
AT_LEAST, DAY_BEFORE = "2025-03-21", "2025-03-20"


def after_cycle_1(*more: Protocol) -> PatientFile:
    """Return a patient whose cycle ended on 2025-03-07, so that the next is possible from 2025-03-21 on."""
    file = a_course_of([cycles(more=TWO_MINIMA), small("blocks", BLOCKS), *more])
    return give(file, "CYCLE_1", "2025-02-03", "2025-03-07")


def with_the_prephase_between() -> PatientFile:
    return give(after_cycle_1(), "PREPHASE", "2025-03-08", "2025-03-09")


def with_an_unlisted_element_between() -> PatientFile:
    return give(after_cycle_1(), "R1", "2025-03-08", "2025-03-09")


def with_another_protocol_between() -> PatientFile:
    file = after_cycle_1()
    file.add("protocol_chosen", "2025-03-08", protocol="blocks")
    give(file, "R1", "2025-03-08", "2025-03-09")
    file.add("protocol_chosen", "2025-03-10", protocol="cycles")
    return file


def after_a_failure() -> PatientFile:
    file = after_cycle_1()
    file.add("reinduction_failed", "2025-03-10")
    return file


def after_a_failure_and_another_attempt() -> PatientFile:
    return give(after_a_failure(), "PREPHASE", "2025-03-11", "2025-03-12")


def with_the_next_cycle_omitted() -> PatientFile:
    file = after_cycle_1()
    file.add("block_ended", "2025-03-08", element="CYCLE_2", end="omitted", reason="infection")
    return file


def after_palliative_days() -> PatientFile:
    file = after_cycle_1()
    file.add("treatment_intent_changed", "2025-03-08", intent="palliative")
    file.add("treatment_intent_changed", "2025-03-10", intent="curative")
    return file


@pytest.mark.parametrize(
    "story",
    [
        with_the_prephase_between,
        with_an_unlisted_element_between,
        with_another_protocol_between,
        after_a_failure,
        after_a_failure_and_another_attempt,
        with_the_next_cycle_omitted,
        after_palliative_days,
    ],
)
def test_the_next_cycle_keeps_the_minimum_whatever_lies_between(story: Callable[[], PatientFile]) -> None:
    refusal = story().refused("block_started", DAY_BEFORE, element="CYCLE_2")

    assert (refusal.code, refusal.rule, str(refusal.earliest_on)) == ("too_early", "W-2", AT_LEAST)
    story().add("block_started", AT_LEAST, element="CYCLE_2")


def test_the_refusal_says_what_ended_the_wait_and_not_the_minimum() -> None:
    refusal = with_an_unlisted_element_between().refused("block_started", "2025-03-12", element="CYCLE_2")

    assert refusal.detail == (
        "CYCLE_2 on 2025-03-12 would start 5 days after CYCLE_1 ended on 2025-03-07; at least 14 are required. "
        "block_started of 2025-03-08 ended the wait for it, not the minimum."
    )
    assert refusal.arithmetic == "2025-03-12 − 2025-03-07 = 5 d < 14 d"


def an_infusion_that_ended_on_2025_02_05() -> PatientFile:
    file = a_registered_patient(ph_status="negative")
    file.add("relapse_diagnosed", "2025-01-06", relapse_site="isolated_bm")
    file.add("protocol_chosen", "2025-01-06", protocol="blinatumomab-rr")
    return give(file, "CYCLE_1", "2025-01-08", "2025-02-05")


def and_r1() -> PatientFile:
    file = an_infusion_that_ended_on_2025_02_05()
    file.add("block_started", "2025-02-06", element="R1")
    return file


def and_a_failure() -> PatientFile:
    file = an_infusion_that_ended_on_2025_02_05()
    file.add("reinduction_failed", "2025-02-06")
    return file


@pytest.mark.parametrize(("story", "cycle"), [(and_r1, "CYCLE_2"), (and_a_failure, "CYCLE_1")])
def test_of_blinatumomab_next_steps_and_bookings_say_so_too(story: Callable[[], PatientFile], cycle: str) -> None:
    file = story()
    for today, allowed in ((date(2025, 2, 18), False), (date(2025, 2, 19), True)):
        steps = {step.type: step for step in next_steps(file.state, today, file.protocols)}
        assert (steps["block_started"].allowed, steps["block_started"].elements) == (allowed, (cycle,))
        assert str(steps["block_started"].earliest_on) == ("None" if allowed else "2025-02-19")

    for booked in (cycle, "CYCLE", "block_started"):
        assert file.refused("appointment_booked", "2025-02-10", for_=booked, on="2025-02-18").code == "too_early"
        file.add("appointment_booked", "2025-02-10", for_=booked, on="2025-02-19")


def test_a_later_relapse_is_a_course_of_its_own() -> None:
    file = after_cycle_1()
    file.add("response_assessed", "2025-03-08", marrow_blasts_percent=1, final=True)
    file.add("relapse_diagnosed", "2025-03-10", relapse_site="isolated_bm")
    file.add("protocol_chosen", "2025-03-10", protocol="cycles")

    file.add("block_started", "2025-03-11", element="CYCLE_1")


def test_under_another_protocol_it_is_not_asked() -> None:
    file = after_cycle_1(cycles(protocol_id="elsewhere"))
    file.add("protocol_chosen", "2025-03-08", protocol="elsewhere")

    assert file.add("block_started", "2025-03-09", element="CYCLE_1").fact.override is None


@pytest.mark.parametrize(("parts", "earliest_on"), [(SHORTER, "2025-03-14"), ("", None), (TWO_MINIMA, AT_LEAST)])
def test_it_is_the_minimum_of_the_version_that_is_followed_now(parts: str, earliest_on: str | None) -> None:
    file = after_cycle_1(cycles(version="2", more=parts))
    give(file, "R1", "2025-03-08", "2025-03-09")
    file.add("protocol_chosen", "2025-03-10", protocol="cycles@2")

    if earliest_on is not None:
        day_before = date.fromisoformat(earliest_on) - timedelta(days=1)
        assert str(file.refused("block_started", day_before, element="CYCLE_2").earliest_on) == earliest_on
    file.add("block_started", earliest_on or "2025-03-11", element="CYCLE_2")
