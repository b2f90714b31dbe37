"""A decision that is missing after an element of S4 is pushed on the day on which the element ends (RM-08; TR-006)."""

from typing import Any

import pytest

from tests.facts import PatientFile
from tests.spec.judged_files import JudgedFile, at
from tests.spec.small_protocols import BLOCKS, DECISION_OF_S4, EARLY, VERY_EARLY, a_course_of, small
from workflow.domain.windows import INDIVIDUAL_DECISION
from workflow.knowledge.reminders import reminder_of

WINDOW = """
[[windows]]
rule = "TR-006"
label = "Individual decision"
source = "000, page 3; TR-006"
anchor = "block_completed"
risk = { scheme = "ALL_REZ_BFM_95", groups = ["S4"] }
expects = [{ facts = ["block_decision"] }]
target_days = 0
closed_by = ["block_started", "reinduction_failed"]
"""


def a_running_r1(registered: dict[str, Any]) -> JudgedFile:
    """Return a patient whose R1 runs since Monday 3 February 2025, judged that morning."""
    file = a_course_of([small("decided", BLOCKS, DECISION_OF_S4, WINDOW)], **registered)
    file.add("block_started", "2025-02-03", element="R1")
    judged = JudgedFile(file)
    judged.look(at("2025-02-03"))
    return judged


def ended(file: PatientFile) -> object:
    return file.add("block_completed", "2025-02-07")


def decided(file: PatientFile) -> object:
    return file.add("block_decision", "2025-02-10", continue_=True, reason="in good condition")


def test_the_missing_decision_is_raised_when_the_element_has_ended_and_told_at_the_sites_hour() -> None:
    judged = a_running_r1(VERY_EARLY)
    assert judged.standing == []
    judged.know(at("2025-02-07", "15:00"), ended)

    assert judged.standing == [("RM-08", "open", None, 1)]
    assert judged.told == [("RM-08", at("2025-02-10", "07:30"))]
    assert judged.alert("RM-08").key.threshold_on.isoformat() == "2025-02-07"


def test_the_decision_resolves_it_and_whoever_was_to_be_told_is_told_nothing() -> None:
    judged = a_running_r1(VERY_EARLY)
    judged.know(at("2025-02-07", "15:00"), ended)
    judged.know(at("2025-02-10", "07:00"), decided)

    assert judged.standing == [("RM-08", "resolved", "by_fact", 1)]
    assert judged.told == []


@pytest.mark.parametrize("late", [False, True])
def test_a_decision_recorded_with_the_end_mails_nobody(*, late: bool) -> None:
    judged = a_running_r1(VERY_EARLY)
    judged.know(at("2025-02-12" if late else "2025-02-10"), lambda file: (ended(file), decided(file)))

    assert judged.standing == []


def test_outside_the_group_nothing_is_raised() -> None:
    judged = a_running_r1(EARLY)
    judged.know(at("2025-02-07", "15:00"), ended)

    assert judged.standing == []


def test_its_row_asks_for_a_decision_and_never_for_a_start() -> None:
    row = reminder_of("RM-08")

    assert (row.rule, row.severity, row.threshold) == (INDIVIDUAL_DECISION, "task", "anchor_on")
    assert "Decide and document" in row.sentence
    assert "start" not in row.sentence
