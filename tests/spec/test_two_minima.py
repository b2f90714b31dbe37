"""A start that two minima wait for: the later earliest date holds, with the rule that it comes from."""

from datetime import date, timedelta

import pytest

from tests.facts import OVERRIDE, PatientFile
from tests.spec.small_protocols import BLOCKS, TWO_MINIMA, a_course_of, cycles, give, small


def after_cycle_1(ended_on: str) -> PatientFile:
    """Return a patient whose cycle began on 2025-02-03: from the start the next is possible from 2025-03-17 on."""
    file = a_course_of([cycles(more=TWO_MINIMA), small("blocks", BLOCKS)])
    return give(file, "CYCLE_1", "2025-02-03", ended_on)


def test_where_the_end_was_early_the_minimum_from_the_start_is_told() -> None:
    refusal = after_cycle_1("2025-02-28").refused("block_started", "2025-03-10", element="CYCLE_2")

    assert (refusal.code, refusal.rule, refusal.source) == ("too_early", "W-1", "000, page 4: 42 days")
    assert refusal.detail.startswith("CYCLE_2 on 2025-03-10 would start 35 days after CYCLE_1 of 2025-02-03; at least")
    assert refusal.arithmetic == "2025-03-10 − 2025-02-03 = 35 d < 42 d"
    assert refusal.earliest_on == date(2025, 3, 17)


def test_where_the_end_was_late_the_minimum_from_the_end_is_told() -> None:
    refusal = after_cycle_1("2025-03-07").refused("block_started", "2025-03-10", element="CYCLE_2")

    assert (refusal.code, refusal.rule, refusal.source) == ("too_early", "W-2", "000, page 5: 14 days free")
    assert refusal.detail == (
        "CYCLE_2 on 2025-03-10 would start 3 days after CYCLE_1 ended on 2025-03-07; at least 14 are required."
    )
    assert refusal.arithmetic == "2025-03-10 − 2025-03-07 = 3 d < 14 d"
    assert refusal.earliest_on == date(2025, 3, 21)


@pytest.mark.parametrize(("ended_on", "earliest_on"), [("2025-02-28", "2025-03-17"), ("2025-03-07", "2025-03-21")])
def test_on_its_earliest_date_a_start_passes_and_the_day_before_it_does_not(ended_on: str, earliest_on: str) -> None:
    day_before = str(date.fromisoformat(earliest_on) - timedelta(days=1))

    assert after_cycle_1(ended_on).refused("block_started", day_before, element="CYCLE_2").code == "too_early"
    assert after_cycle_1(ended_on).add("block_started", earliest_on, element="CYCLE_2").warnings == ()


@pytest.mark.parametrize("booked", ["CYCLE_2", "block_started"])
def test_a_booking_is_asked_against_both(booked: str) -> None:
    file = after_cycle_1("2025-03-07")
    refusal = file.refused("appointment_booked", "2025-03-08", for_=booked, on="2025-03-18")

    assert (refusal.rule, refusal.field, refusal.earliest_on) == ("W-2", "data.on", date(2025, 3, 21))
    file.add("appointment_booked", "2025-03-08", for_=booked, on="2025-03-21")


def test_a_minimum_that_waits_for_cycles_is_not_asked_of_a_block_of_another_protocol() -> None:
    file = after_cycle_1("2025-03-07")
    file.add("protocol_chosen", "2025-03-08", protocol="blocks")

    (warning,) = file.add("block_started", "2025-03-09", element="R1").warnings
    assert warning.code == "minimum_left"


def test_a_booking_that_names_no_element_is_asked_against_minima_of_every_protocol() -> None:
    file = after_cycle_1("2025-03-07")
    file.add("protocol_chosen", "2025-03-08", protocol="blocks")

    assert file.refused("appointment_booked", "2025-03-08", for_="block_started", on="2025-03-20").rule == "W-2"
    file.add("appointment_booked", "2025-03-08", for_="R1", on="2025-03-09")


def test_a_reason_passes_both_minima_at_once() -> None:
    accepted = after_cycle_1("2025-03-07").add("block_started", "2025-03-10", override=OVERRIDE, element="CYCLE_2")
    assert accepted.fact.override is not None
