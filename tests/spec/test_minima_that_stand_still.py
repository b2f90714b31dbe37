"""A minimum whose rule leaves interruptions out: while therapy stands still, no day brings the next start nearer."""

from datetime import date

import pytest

from tests.facts import PatientFile
from tests.spec.small_protocols import CYCLE_AFTER_CYCLE, a_course_of, cycles
from workflow.rules.next_steps import NextStep, next_steps

PAUSING_MINIMUM = """
[[windows]]
rule = "W-3"
label = "Next cycle"
source = "000, page 4: 42 days on therapy"
anchor = "block_started"
anchor_elements = ["CYCLE"]
expects = [{ facts = ["block_started"], elements = ["CYCLE"] }]
pauses_with_interruption = true
hard_min_days = 42
hard_min_elements = ["CYCLE"]
earliest_days = 42
"""


def a_cycle_that_stands_still() -> PatientFile:
    """Return a patient whose cycle of 2025-02-03 stands still since its 20th day; 42 days would end on 2025-03-17."""
    file = a_course_of([cycles(more=PAUSING_MINIMUM + CYCLE_AFTER_CYCLE)])
    file.add("block_started", "2025-02-03", element="CYCLE_1")
    file.add("therapy_interrupted", "2025-02-23")
    file.add("block_ended", "2025-02-28", element="CYCLE_1", end="ceased", reason="toxicity")
    return file


def next_start(file: PatientFile, today: str) -> NextStep:
    steps = next_steps(file.state, date.fromisoformat(today), file.protocols)
    return next(step for step in steps if step.type == "block_started")


@pytest.mark.parametrize("on", ["2025-03-16", "2025-03-17", "2025-06-02"])
def test_while_therapy_stands_still_no_day_brings_a_minimum_nearer(on: str) -> None:
    file = a_cycle_that_stands_still()
    refusal = file.refused("block_started", on, element="CYCLE_2")

    assert (refusal.code, refusal.earliest_on) == ("too_early", None)
    assert "Therapy stands still since 2025-02-23, so that no day passes; record therapy_resumed." in refusal.detail
    assert refusal.arithmetic is not None
    assert refusal.arithmetic.endswith("d interrupted = 20 d < 42 d")
    assert (next_start(file, on).allowed, next_start(file, on).earliest_on) == (False, None)


def test_once_therapy_has_gone_on_the_minimum_is_later_by_the_days_between() -> None:
    file = a_cycle_that_stands_still()
    file.add("therapy_resumed", "2025-03-05")
    refusal = file.refused("block_started", "2025-03-26", element="CYCLE_2")

    assert (str(refusal.earliest_on), refusal.arithmetic) == (
        "2025-03-27",
        "2025-03-26 − 2025-02-03 − 10 d interrupted = 41 d < 42 d",
    )
    assert "would start 51 days after CYCLE_1 of 2025-02-03, 10 of them interrupted; at least 42" in refusal.detail
    assert str(next_start(file, "2025-03-26").earliest_on) == "2025-03-27"
    file.add("block_started", "2025-03-27", element="CYCLE_2")


def test_other_therapy_lets_a_minimum_that_stood_still_go_on_from_its_day() -> None:
    file = a_cycle_that_stands_still()
    file.add("block_started", "2025-03-05", element="R1")

    assert str(file.refused("block_started", "2025-03-26", element="CYCLE_2").earliest_on) == "2025-03-27"
