"""What is said of clocks with a fact: a minimum that is left behind, a wait that runs on, days that did not count."""

from typing import Any

import pytest

from tests.facts import OVERRIDE, PatientFile, a_registered_patient, a_running_block
from tests.spec.chart_paths import reach
from workflow.rules.judgement import Accepted

CYCLE_1, INFUSION_ENDED = "2025-02-18", "2025-03-18"


def told(accepted: Accepted) -> dict[str, str]:
    return {warning.code: warning.message for warning in accepted.warnings}


def an_infusion() -> PatientFile:
    """Return a patient whose first cycle of blinatumomab runs; its 28 days end on 2025-03-18."""
    file = a_registered_patient(ph_status="negative")
    file.add("relapse_diagnosed", "2025-01-06", relapse_site="isolated_bm")
    file.add("protocol_chosen", "2025-01-06", protocol="blinatumomab-rr")
    file.add("block_started", CYCLE_1, element="CYCLE_1")
    return file


def a_free_interval() -> PatientFile:
    file = an_infusion()
    file.add("block_completed", INFUSION_ENDED)
    return file


@pytest.mark.parametrize(
    ("protocol", "element"), [("blinatumomab-rr", "R1"), ("all-rez-bfm-2002", "R1"), ("blinatumomab-mrd", "CYCLE_1")]
)
def test_a_start_that_leaves_a_minimum_behind_names_it_with_its_protocol_and_its_day(
    protocol: str, element: str
) -> None:
    file = a_free_interval()
    file.add("protocol_chosen", "2025-03-20", protocol=protocol)

    assert told(file.add("block_started", "2025-03-28", element=element))["minimum_left"] == (
        "A minimum is still ahead: Next cycle (TR-041-START of blinatumomab-rr@1) until 2025-04-01; "
        f"Free interval (TR-041 of blinatumomab-rr@1) until 2025-04-01. It is not asked of {element}; intended?"
    )


@pytest.mark.parametrize(("on", "element"), [("2025-04-01", "R1"), ("2025-04-01", "CYCLE_2")])
def test_once_the_minimum_is_over_nothing_is_left_behind(on: str, element: str) -> None:
    assert "minimum_left" not in told(a_free_interval().add("block_started", on, element=element))


def test_what_was_asked_and_passed_with_a_reason_is_not_left_behind() -> None:
    file = a_free_interval()
    assert "minimum_left" not in told(file.add("block_started", "2025-03-28", element="CYCLE_2", override=OVERRIDE))
    blocks = a_running_block("2025-02-03")
    assert told(blocks.add("block_started", "2025-02-10", element="R2", attempt=2, override=OVERRIDE)).keys() == {
        "completion_not_recorded"
    }


def test_a_decision_not_to_go_on_says_that_the_interval_runs_on_and_what_ends_it() -> None:
    file = a_running_block("2025-02-03")
    file.add("block_completed", "2025-02-08")

    assert told(file.add("block_decision", "2025-02-10", continue_=False, reason="in poor condition")) == {
        "clock_runs_on": "This ends no clock: Next block (TR-001) and its alerts run on until it is recorded what "
        "follows. What ends it here: block_ended of the awaited element (R1 or R2 or F1 or F2), reinduction_failed, "
        "treatment_intent_changed."
    }
    assert told(file.add("block_decision", "2025-02-11", continue_=True, reason="better")) == {}


@pytest.mark.parametrize(
    ("state", "ends"),
    [
        ("mrd_check", "reinduction_failed"),
        ("consolidation.recovery", "maintenance_started"),
        ("bridging.recovery", "conditioning_started"),
    ],
)
def test_what_is_named_is_possible_there_and_ends_the_interval(state: str, ends: str) -> None:
    file = reach(state)
    decided = file.add("block_decision", "2025-06-01", continue_=False, reason="in poor condition")
    message = told(decided)["clock_runs_on"]

    assert ends in message.partition("What ends it here: ")[2]
    assert "A consolidation decision alone does not" in message
    file.add(ends, "2025-06-02")
    assert all("block_started" not in window.expects for window in file.state.open_windows)


def test_where_nothing_waits_for_a_start_nothing_is_said_to_run_on() -> None:
    file = a_registered_patient()
    file.add("relapse_diagnosed", "2025-01-06", relapse_site="isolated_bm")

    assert told(file.add("block_decision", "2025-01-07", continue_=False, reason="in poor condition")) == {}


def test_an_interruption_that_begins_nothing_and_a_resumption_that_ends_nothing_say_so() -> None:
    file = an_infusion()
    assert told(file.add("therapy_resumed", "2025-02-20")).keys() == {"not_interrupted"}
    assert told(file.add("therapy_interrupted", "2025-02-28")) == {}
    again = told(file.add("therapy_interrupted", "2025-03-01"))
    assert again.keys() == {"already_interrupted"}
    assert "stands still since 2025-02-28, so this begins nothing" in again["already_interrupted"]
    assert told(file.add("therapy_resumed", "2025-03-04")) == {}


def test_an_interruption_while_no_block_runs_says_so() -> None:
    assert told(a_free_interval().add("therapy_interrupted", "2025-03-20")).keys() == {"interrupted_without_block"}


@pytest.mark.parametrize(
    ("resumed_on", "ended_on", "counted"),
    [
        ("2025-03-04", "2025-03-22", "ran on 28 of 28 days; 2025-03-22 − 2025-02-18 = 32 d, of which 4 d interrupted"),
        (
            "2025-03-04",
            INFUSION_ENDED,
            "ran on 24 of 28 days; 2025-03-18 − 2025-02-18 = 28 d, of which 4 d interrupted",
        ),
        (None, INFUSION_ENDED, "ran on 10 of 28 days; 2025-03-18 − 2025-02-18 = 28 d, of which 18 d interrupted"),
    ],
)
@pytest.mark.parametrize("ending", ["block_completed", "block_ended"])
def test_an_infusion_that_stood_still_says_at_its_end_on_how_many_days_it_ran(
    resumed_on: str | None, ended_on: str, counted: str, ending: str
) -> None:
    file = an_infusion()
    file.add("therapy_interrupted", "2025-02-28")
    if resumed_on is not None:
        file.add("therapy_resumed", resumed_on)
    data: dict[str, Any] = (
        {} if ending == "block_completed" else {"element": "CYCLE_1", "end": "ceased", "reason": "toxicity"}
    )
    message = told(file.add(ending, ended_on, **data))["interrupted_days_not_counted"]

    assert f"Infusion: {counted} are not counted." in message
    assert ("No therapy_resumed is on file since 2025-02-28" in message) is (resumed_on is None)


def test_an_infusion_that_ran_through_says_nothing_and_neither_does_a_block_without_such_a_rule() -> None:
    assert told(an_infusion().add("block_completed", INFUSION_ENDED)) == {}
    file = a_running_block("2025-02-03")
    file.add("therapy_interrupted", "2025-02-04")
    assert told(file.add("block_completed", "2025-02-08")) == {}
