"""A patient moved to another version: each open window is found by what it counts from, whatever has come since."""

from tests.facts import PatientFile
from tests.spec.small_protocols import BLOCKS, a_course_of, give, small
from workflow.domain.windows import Window

OF_DECISION = """
[[windows]]
rule = "W-4"
label = "Conditioning"
source = "000, page 4"
anchor = "consolidation_decided"
anchor_decisions = ["hsct"]
expects = [{{ facts = ["conditioning_started"] }}]
latest_days = {latest}
"""
AFTER_R1 = """
[[windows]]
rule = "W-5"
label = "Marrow after R1"
source = "000, page 5"
anchor = "block_completed"
anchor_elements = ["R1"]
expects = [{{ facts = ["findings_recorded"] }}]
latest_days = {latest}
"""


def after_r1(window: str) -> PatientFile:
    """Return a patient after R1, who follows the first of two versions: 60 days in the one, 50 in the other."""
    versions = [
        small("blocks", BLOCKS, window.format(latest=days), version=version) for version, days in (("1", 60), ("2", 50))
    ]
    return give(a_course_of(versions), "R1", "2025-01-07", "2025-01-12")


def the(file: PatientFile, rule: str) -> Window:
    (window,) = (known for known in file.state.windows if known.rule == rule)
    return window


def test_a_decision_that_was_replaced_is_still_what_its_window_counts_from() -> None:
    file = after_r1(OF_DECISION)
    file.add("response_assessed", "2025-01-20", marrow_blasts_percent=1, final=True)
    file.add("consolidation_decided", "2025-01-20", decision="hsct")
    file.add("consolidation_decided", "2025-01-25", decision="bridging_then_hsct")
    file.add("protocol_chosen", "2025-01-28", protocol="blocks@2")

    assert (the(file, "W-4").end, str(the(file, "W-4").latest_on)) == (None, "2025-03-11")


def test_of_two_blocks_that_ended_on_one_day_each_is_told_from_the_other() -> None:
    file = after_r1(AFTER_R1)
    file.add("block_started", "2025-01-12", element="R2")
    file.add("block_completed", "2025-01-12", given="modified")
    assert [str(block.ended_on) for block in file.state.current_course.blocks] == ["2025-01-12", "2025-01-12"]
    file.add("protocol_chosen", "2025-01-14", protocol="blocks@2")

    assert (the(file, "W-5").end, str(the(file, "W-5").latest_on)) == (None, "2025-03-03")
