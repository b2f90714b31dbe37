"""The fold counts what stands, in the contract's order; one-day elements and corrections find their place."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from tests.facts import (
    FIRST_INSTANT,
    PatientFile,
    a_draft,
    a_fact,
    a_registered_patient,
    a_registration,
    a_relapsed_patient,
    a_running_block,
)
from workflow.domain.facts.fact import Fact
from workflow.domain.facts.types import REGISTRATION
from workflow.protocols.library import shipped
from workflow.rules.fold import NotRegisteredError, appends, effective, fold, replay, until


def types_of(facts: list[Fact]) -> list[str]:
    return [fact.type for fact in facts]


def test_without_a_registration_there_is_no_patient() -> None:
    with pytest.raises(NotRegisteredError):
        fold([], shipped())
    with pytest.raises(NotRegisteredError):
        fold([a_fact("note_added", "2025-02-03", seq=1)], shipped())


def test_the_registration_orders_nothing() -> None:
    facts = [a_fact("relapse_diagnosed", "2025-01-06", seq=1), a_registration(date(2026, 6, 4))]
    numbered = [facts[0], a_fact(REGISTRATION, date(2026, 6, 4), facts[1].data, seq=2)]
    state = fold(numbered, shipped())

    assert state.state == "relapse_diagnosed"
    assert [(change.on, change.state) for change in state.trail] == [
        (date.min, "registered"),
        (date(2025, 1, 6), "relapse_diagnosed"),
    ]


def test_only_the_last_version_of_a_fact_counts_and_a_voided_one_not_at_all() -> None:
    file = a_relapsed_patient()
    file.add("block_started", "2025-02-03", element="R1")
    wrong = file.facts[-1]
    file.supersede(wrong, a_draft("block_started", "2025-02-04", element="R2"))

    (block,) = file.state.current_course.blocks
    assert (block.element, block.started_on, block.fact) == ("R2", date(2025, 2, 4), wrong.lineage)
    assert [window.id for window in file.state.open_windows] == ["1:TR-001:f4", "1:TR-004:f4"]

    file.void(file.facts[-1])
    assert file.state.state == "relapse_diagnosed"
    assert file.state.open_windows == ()
    assert len(file.facts) == 6


def test_what_was_known_at_an_instant_is_read_without_what_came_later() -> None:
    file = a_relapsed_patient()
    file.add("block_started", "2025-02-03", element="R1")
    wrong = file.facts[-1]
    file.supersede(wrong, a_draft("block_started", "2025-02-04", element="R2"))
    just_before = file.facts[-1].recorded_at - timedelta(microseconds=1)

    assert effective(file.facts, known_at=just_before)[-1] == wrong
    assert effective(file.facts, known_at=file.facts[-1].recorded_at)[-1] == file.facts[-1]
    assert types_of(effective(file.facts, known_at=FIRST_INSTANT + timedelta(minutes=1))) == [REGISTRATION]
    assert effective(file.facts, known_at=FIRST_INSTANT) == []


def test_a_clinical_day_ends_with_its_last_fact() -> None:
    file = a_running_block("2025-02-03")
    file.add("block_completed", "2025-02-08")

    assert types_of(until(file.facts, date(2025, 2, 7)))[-1] == "block_started"
    assert types_of(until(file.facts, date(2025, 2, 8)))[-1] == "block_completed"
    assert types_of(until(file.facts, date(1999, 1, 1))) == [REGISTRATION]


def one_day_element() -> PatientFile:
    file = a_running_block("2025-02-03")
    file.add("block_completed", "2025-02-08")
    file.add("block_started", "2025-02-24", element="R2")
    file.add("block_completed", "2025-02-24")
    return file


def test_a_one_day_element_starts_before_it_is_completed() -> None:
    file = one_day_element()

    assert file.state.state == "reinduction.recovery"
    assert file.state.conflicts == ()
    last = file.state.current_course.blocks[-1]
    assert (last.started_on, last.ended_on, last.ended) == (date(2025, 2, 24), date(2025, 2, 24), "completed")


def test_a_completion_that_ends_yesterdays_block_does_not_wait_for_todays_start() -> None:
    file = a_running_block("2025-02-03")
    file.add("block_completed", "2025-02-24")
    file.add("block_started", "2025-02-24", element="R2")

    first, second = file.state.current_course.blocks
    assert (first.ended, first.ended_on) == ("completed", date(2025, 2, 24))
    assert second.ended_on is None
    assert file.state.state == "reinduction.block"


def test_a_day_may_end_one_block_and_hold_another_whole() -> None:
    file = a_running_block("2025-02-03")
    for fact in ("block_completed", "block_started", "block_completed"):
        file.add(fact, "2025-02-24")

    assert [block.ended for block in file.state.current_course.blocks] == ["completed", "completed"]
    assert file.state.conflicts == ()


def test_a_start_that_takes_a_kept_conflict_along_is_folded_anew() -> None:
    facts = [
        a_registration(),
        a_fact("relapse_diagnosed", "2025-01-06", seq=2),
        a_fact("block_completed", "2025-02-03", seq=3),
    ]
    state = fold(facts, shipped())
    start = a_fact("block_started", "2025-02-03", seq=4)
    assert [conflict.type for conflict in state.conflicts] == ["block_completed"]

    assert not appends(state, start)
    assert appends(state, a_fact("block_started", "2025-02-04", seq=4))
    assert fold([*facts, start], shipped()).conflicts == ()


@pytest.mark.parametrize(
    ("fact_type", "on", "comes_last"),
    [
        ("note_added", "2025-02-03", True),
        ("note_added", "2025-02-02", False),
        ("block_started", "2025-02-03", True),
        ("block_completed", "2025-02-03", False),
        ("block_completed", "2025-02-04", True),
        ("findings_recorded", "2025-02-03", False),
        ("died", "2025-02-03", True),
    ],
)
def test_a_fact_comes_last_by_day_and_by_its_place_within_the_day(fact_type: str, on: str, comes_last: bool) -> None:
    file = a_running_block("2025-02-03")
    assert appends(file.state, a_fact(fact_type, on, seq=5)) is comes_last


def test_facts_of_one_day_are_applied_in_the_contracts_order_whatever_the_order_of_entry() -> None:
    file = a_registered_patient()
    for fact_type in ("relapse_diagnosed", "block_started", "protocol_chosen"):
        file.add(fact_type, "2025-02-03")

    assert types_of(effective(file.facts)) == [REGISTRATION, "relapse_diagnosed", "protocol_chosen", "block_started"]
    assert file.state.deviations == ()
    assert file.open_window("TR-001") is not None


def test_every_moment_carries_the_patient_before_and_after_its_fact() -> None:
    moments = list(replay(effective(one_day_element().facts), shipped()))

    assert [moment.after.state for moment in moments] == [
        "registered",
        "relapse_diagnosed",
        "relapse_diagnosed",
        "reinduction.block",
        "reinduction.recovery",
        "reinduction.block",
        "reinduction.recovery",
    ]
    for before, after in pairwise(moments):
        assert after.before == before.after
