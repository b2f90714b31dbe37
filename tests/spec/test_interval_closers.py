"""What ends the block interval TR-001 without its fact, each on its own (contract §5), and what leaves it running."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.facts import LEAST, OVERRIDE, PatientFile, after_relapse
from tests.spec.chart_paths import Circumstances, reach
from workflow.domain.roles import Role
from workflow.domain.windows import Window

LONG_OVERDUE = after_relapse(120)
Data = Mapping[str, Any]
# The state in which the interval waits, the fact that ends it, and what that fact carries.
CLOSERS: list[tuple[str, str, Data]] = [
    ("reinduction.recovery", "block_ended", {"element": "R1", "end": "omitted", "reason": "organ toxicity"}),
    ("mrd_check", "block_ended", {"element": "R1", "end": "ceased", "reason": "organ toxicity"}),
    ("consolidation.recovery", "block_ended", {"element": "R1", "end": "skipped_per_protocol", "reason": "by plan"}),
    ("hsct.preparation", "block_ended", {"element": "R1", "end": "omitted", "reason": "no more before the transplant"}),
    ("consolidation.recovery", "intensive_chemotherapy_completed", {}),
    ("bridging.recovery", "conditioning_started", {}),
    ("hsct.preparation", "conditioning_started", {}),
    ("hsct.preparation", "transplanted", {}),
    ("consolidation.recovery", "maintenance_started", {}),
    ("reinduction.recovery", "reinduction_failed", {}),
    ("reinduction.block", "reinduction_failed", {}),
    ("mrd_check", "reinduction_failed", {}),
    ("consolidation.recovery", "relapse_diagnosed", {}),
    ("bridging.block", "relapse_diagnosed", {}),
    ("reinduction.recovery", "treatment_intent_changed", {"intent": "palliative"}),
    ("reinduction.recovery", "treatment_intent_changed", {"intent": "stopped"}),
    ("bridging.recovery", "hsct_cancelled", {"reason": "no donor", "next": "palliative"}),
    ("reinduction.recovery", "died", {}),
    ("reinduction.block", "died", {}),
    ("consolidation.recovery", "lost_to_follow_up", {}),
    ("reinduction.block", "lost_to_follow_up", {}),
    ("consolidation.recovery", "withdrawn", {}),
    ("bridging.block", "withdrawn", {}),
]
OPEN_ENDED: list[tuple[str, str, Data]] = [
    ("reinduction.block", "block_completed", {}),
    ("reinduction.block", "block_ended", {"element": "R2", "end": "ceased", "reason": "organ toxicity"}),
    ("reinduction.recovery", "block_deferred", {"causes": [{"code": "infection"}]}),
    ("reinduction.recovery", "block_decision", {"continue": False, "reason": "in poor condition"}),
    ("reinduction.recovery", "response_assessed", {}),
    ("reinduction.recovery", "protocol_chosen", {"protocol": "all-rez-bfm-90"}),
    ("reinduction.recovery", "treatment_intent_changed", {"intent": "curative"}),
    ("reinduction.recovery", "therapy_interrupted", {}),
    ("mrd_check", "consolidation_decided", {"decision": "hsct"}),
    ("mrd_check", "consolidation_decided", {"decision": "chemotherapy"}),
    ("mrd_check", "consolidation_decided", {"decision": "bridging_then_hsct"}),
    ("hsct.preparation", "hsct_cancelled", {"reason": "no donor", "next": "chemotherapy"}),
    ("hsct.preparation", "hsct_cancelled", {"reason": "no donor", "next": "individual"}),
    ("hsct.preparation", "hsct_postponed", {"reason": "infection"}),
    ("hsct.preparation", "donor_lost", {}),
    ("mrd_check", "mrd_reported", {}),
    ("mrd_check", "mrd_not_available", {}),
    ("mrd_check", "appointment_booked", {"for": "mri", "on": "2026-06-30"}),
    ("consolidation.recovery", "local_therapy_given", {}),
    ("consolidation.recovery", "second_malignancy_diagnosed", {}),
    ("consolidation.recovery", "site_changed", {}),
    ("consolidation.recovery", "note_added", {}),
]


def waiting_interval(file: PatientFile) -> Window:
    (window,) = (window for window in file.state.open_windows if window.rule == "TR-001")
    return window


def again(file: PatientFile, window: Window) -> Window:
    return next(known for known in file.state.windows if known.id == window.id)


def case_name(value: object) -> str | None:
    return "/".join(map(str, value.values())) if isinstance(value, Mapping) else None


@pytest.mark.parametrize(("state", "fact", "data"), CLOSERS, ids=case_name)
def test_the_interval_is_closed_without_a_verdict_by(state: str, fact: str, data: Data) -> None:
    file = reach(state)
    window = waiting_interval(file)
    assert window.status(LONG_OVERDUE) == "critical"
    accepted = file.add(fact, LONG_OVERDUE, **dict(data) or LEAST[fact])
    ended = again(file, window)

    assert (ended.end, ended.ended_on, ended.ended_by) == ("closed", LONG_OVERDUE, accepted.fact.lineage)
    assert ended.ended_because == fact
    assert (ended.status(file.today), ended.verdict(file.today)) == ("closed", "not_applicable")
    assert ended.days_past_latest(file.today) is None
    assert file.open_window("TR-001") is None
    assert [deviation.kind for deviation in accepted.deviations if deviation.window == window.id] == []


@pytest.mark.parametrize(("state", "fact", "data"), OPEN_ENDED, ids=case_name)
def test_the_interval_is_left_running_by(state: str, fact: str, data: Data) -> None:
    file = reach(state)
    window = waiting_interval(file)
    file.add(fact, LONG_OVERDUE, **dict(data) or LEAST[fact])
    later = again(file, window)

    assert later.end is None
    assert later.status(LONG_OVERDUE) == "critical"
    assert (later.latest_on, later.critical_from) == (window.latest_on, window.critical_from)


def test_the_next_start_meets_it_and_opens_the_next_one() -> None:
    file = reach("reinduction.recovery")
    window = waiting_interval(file)
    accepted = file.add("block_started", LONG_OVERDUE, element="R1")

    assert again(file, window).end == "met"
    assert again(file, window).ended_by == accepted.fact.lineage
    assert waiting_interval(file).anchor == accepted.fact.lineage


@pytest.mark.parametrize("suspension", ["lost_to_follow_up", "withdrawn"])
def test_after_care_is_resumed_the_next_start_opens_a_new_series(suspension: str) -> None:
    file = reach("reinduction.recovery")
    file.add(suspension, after_relapse(35))
    file.add("care_resumed", after_relapse(90))
    assert file.open_window("TR-001") is None
    accepted = file.add("block_started", after_relapse(91), element="R1")

    assert accepted.deviations == ()
    assert waiting_interval(file).anchor == accepted.fact.lineage


def test_a_new_attempt_after_a_failure_is_no_interval() -> None:
    file = reach("refractory")
    accepted = file.add("block_started", after_relapse(36), element="F1")

    assert file.state.current_course.attempt == 2
    assert accepted.deviations == ()
    assert waiting_interval(file).anchor == accepted.fact.lineage


@pytest.mark.parametrize("attempt", [2, 9])
def test_an_attempt_that_nobody_has_said_to_have_failed_is_the_same_one_for_the_minimum(attempt: int) -> None:
    file = reach("reinduction.recovery")
    refusal = file.refused("block_started", after_relapse(33), role=Role.NURSE, element="F1", attempt=attempt)

    assert (refusal.code, refusal.rule) == ("too_early", "TR-001")
    assert refusal.detail.endswith(f"Attempt {attempt} begins once reinduction_failed is on file.")


def test_nobody_goes_back_to_an_earlier_attempt_past_the_minimum() -> None:
    file = reach("reinduction.recovery")
    file.add("reinduction_failed", after_relapse(33))
    file.add("block_started", after_relapse(40), element="R1")
    file.add("block_completed", after_relapse(45))

    assert file.refused("block_started", after_relapse(46), element="R2", attempt=1).code == "too_early"


def test_after_a_failure_another_attempt_is_asked_for_no_minimum() -> None:
    file = reach("reinduction.recovery")
    file.add("reinduction_failed", after_relapse(32))

    assert file.add("block_started", after_relapse(33), element="F1", attempt=2).fact.override is None


def test_a_start_that_says_it_is_another_attempt_closes_the_interval_without_a_verdict() -> None:
    file = reach("reinduction.recovery")
    window = waiting_interval(file)
    accepted = file.add("block_started", after_relapse(33), element="F1", attempt=2, override=OVERRIDE)

    assert again(file, window).end == "closed"
    assert again(file, window).ended_because == "block_started"
    assert accepted.deviations == ()


def test_a_new_course_has_no_interval_with_the_old_one() -> None:
    file = reach("consolidation.block", Circumstances(early_remission=True))
    file.add("relapse_diagnosed", after_relapse(50))
    file.add("protocol_chosen", after_relapse(50))
    accepted = file.add("block_started", after_relapse(52), element="R1")

    assert accepted.deviations == ()
    assert waiting_interval(file).course == 2


def test_a_backdated_end_closes_an_interval_that_stood_as_critical() -> None:
    file = reach("reinduction.recovery")
    file.add("note_added", LONG_OVERDUE)
    window = waiting_interval(file)
    file.add("block_ended", after_relapse(40), element="R1", end="omitted", reason="organ toxicity")

    assert again(file, window).ended_on == after_relapse(40)
    assert again(file, window).status(LONG_OVERDUE) == "closed"


@pytest.mark.parametrize("state", ["palliative", "lost_to_follow_up", "withdrawn"])
@pytest.mark.parametrize("fact", ["donor_search_started", "response_assessed", "mrd_reported"])
def test_while_the_clocks_stop_nothing_starts_one(state: str, fact: str) -> None:
    file = reach(state)
    file.add(fact, LONG_OVERDUE)

    assert file.state.open_windows == ()


def test_the_running_block_that_ceased_ends_its_length_and_not_the_interval() -> None:
    file = reach("reinduction.block")
    length = file.open_window("TR-004")
    assert length is not None
    file.add("block_ended", after_relapse(27), element="R2", end="ceased", reason="organ toxicity")

    assert again(file, length).ended_because == "block_ended"
    assert file.state.current_course.blocks[-1].ended == "ceased"


def test_a_gate_is_no_closer() -> None:
    file = reach("reinduction.recovery")
    window = waiting_interval(file)
    file.refused("block_started", after_relapse(26), element="R1")
    assert again(file, window) == window

    file.add("block_started", after_relapse(31), element="R1", override=OVERRIDE)
    assert again(file, window).verdict(file.today) == "early"
