"""Rows of a file are merged with stored facts: each judged by the facts before it, and twice is once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import permutations

from tests.facts import (
    FIRST_INSTANT,
    REGISTERED,
    RELAPSED_ON,
    TODAY,
    a_draft,
    a_fact,
    a_registration,
    a_relapsed_patient,
    after_relapse,
)
from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import Fact, FactDraft
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.roles import Role
from workflow.protocols.library import shipped
from workflow.rules.candidates import Unread, candidate
from workflow.rules.fold import fold
from workflow.rules.judgement import Circumstances, Stamp
from workflow.rules.merge import Merged, merge

GIVEN = Circumstances(role=Role.COORDINATOR, today=TODAY, protocols=shipped(), importing=True)


def merged(drafts: Sequence[FactDraft], stored: Sequence[Fact] = (), unread: Sequence[Unread] = ()) -> Merged:
    """Merge drafts as the rows 1, 2, 3 and so on."""
    rows = [candidate(row, draft) for row, draft in enumerate(drafts, start=1)]
    stamp = Stamp(seq=len(stored) + 1, recorded_at=FIRST_INSTANT, recorded_by="data_manager")
    return merge(stored, rows, unread, given=GIVEN, stamp=stamp)


def registration(on: date = RELAPSED_ON) -> FactDraft:
    return a_draft(REGISTRATION, on, **REGISTERED)


def unread(row: int, fact_type: str | None, on: date | None = None) -> Unread:
    refusal = Refusal(code="unknown_type", title="Not readable as a fact", detail="type is not known", status=422)
    return Unread(row=row, refusal=refusal, type=fact_type, occurred_on=on)


def two_blocks(days_between: int = 21) -> list[FactDraft]:
    return [
        registration(),
        a_draft("relapse_diagnosed", RELAPSED_ON),
        a_draft("protocol_chosen", RELAPSED_ON),
        a_draft("block_started", after_relapse(1), element="R1"),
        a_draft("block_completed", after_relapse(7)),
        a_draft("block_started", after_relapse(1 + days_between), element="R2"),
    ]


def test_rows_may_come_in_any_order() -> None:
    in_order = merged(two_blocks())
    assert not in_order.refused
    for order in permutations(two_blocks()):
        shuffled = merged(order)
        assert shuffled.state == in_order.state
        assert len(shuffled.accepted) == len(order)


def test_the_patient_is_the_fold_of_what_was_stored_and_accepted() -> None:
    file = a_relapsed_patient()
    answer = merged(two_blocks(), file.facts)
    assert answer.state == fold([*file.facts, *answer.facts], shipped())
    assert [fact.seq for fact in answer.facts] == [4, 5, 6]


def test_a_second_merge_of_the_same_rows_accepts_nothing() -> None:
    first = merged(two_blocks())
    second = merged(two_blocks(), first.facts)
    assert (second.accepted, second.known, second.refused) == ({}, frozenset(range(1, 7)), {})
    assert second.state == first.state


def test_a_row_that_stands_twice_is_known_the_second_time() -> None:
    answer = merged([*two_blocks(), a_draft("block_started", after_relapse(1), element="R1")])
    assert answer.known == {7}
    assert len(answer.accepted) == 6


def test_note_certainty_and_override_make_no_other_fact() -> None:
    rows = two_blocks()
    again = replace(rows[3], note="seen again", certainty="estimated")
    assert merged([*rows, again]).known == {7}


def test_rows_with_ids_of_their_own_are_two_facts_although_they_say_the_same() -> None:
    dose = replace(a_draft("local_therapy_given", after_relapse(3)), external_id="dose-1")
    answer = merged([*two_blocks(), dose, replace(dose, external_id="dose-2"), replace(dose, external_id="dose-1")])
    assert set(answer.accepted) == set(range(1, 9))
    assert answer.known == {9}


def test_an_external_id_with_other_content_is_refused_in_the_file_and_against_the_store() -> None:
    dose = replace(a_draft("local_therapy_given", after_relapse(3)), external_id="dose-1")
    later = replace(dose, occurred_on=after_relapse(4))
    first = merged([*two_blocks(), later, dose])
    assert first.refused[8].refusal.code == "external_id_reused"
    second = merged([replace(dose, occurred_on=after_relapse(5)), later], first.facts)
    assert second.refused[1].refusal.code == "external_id_reused"
    assert second.known == {2}


def test_a_fact_corrected_since_its_import_is_still_known() -> None:
    file = a_relapsed_patient()
    start = file.add("block_started", after_relapse(1), element="R1").fact
    file.supersede(start, a_draft("block_started", after_relapse(2), element="R1"))
    voided = file.add("local_therapy_given", after_relapse(3)).fact
    file.void(voided)
    rows = [a_draft("block_started", after_relapse(1), element="R1"), a_draft("local_therapy_given", after_relapse(3))]
    assert merged(rows, file.facts).known == {1, 2}


def test_a_gated_row_counts_and_waits_for_a_countersignature() -> None:
    answer = merged(two_blocks(days_between=9))
    fact = answer.accepted[6]
    assert fact.override is not None
    assert (fact.override.code, fact.override.reason) == ("imported_unconfirmed", "too_early")
    assert answer.state is not None
    assert answer.state.unconfirmed == (fact.lineage,)


def test_a_gated_row_with_a_reason_is_confirmed() -> None:
    reason = {"code": "clinical_decision", "reason": "progress under therapy"}
    start = a_draft("block_started", after_relapse(10), element="R2", override=reason)
    answer = merged([*two_blocks()[:-1], start])
    assert not answer.accepted[6].unconfirmed


def test_an_element_of_one_day_is_completed_after_its_start() -> None:
    day = after_relapse(1)
    rows = [*two_blocks()[:3], a_draft("block_completed", day), a_draft("block_started", day, element="R1")]
    answer = merged(rows)
    assert answer.state is not None
    assert answer.state.state == "reinduction.recovery"
    assert answer.state == fold(answer.facts, shipped())


def test_a_refused_row_stops_no_other() -> None:
    future = a_draft("block_started", date(2031, 1, 1), element="R1")
    answer = merged([future, *two_blocks()])
    assert answer.refused[1].refusal.code == "in_the_future"
    assert len(answer.accepted) == 6


def test_a_row_repeating_a_refused_one_is_refused_for_the_same_reason() -> None:
    future = a_draft("block_started", date(2031, 1, 1), element="R1")
    answer = merged([*two_blocks(), future, future])
    assert answer.refused[7] == answer.refused[8]


def test_rows_that_fail_only_because_an_earlier_one_was_refused_name_it() -> None:
    rows = [
        *two_blocks()[:3],
        a_draft("block_completed", after_relapse(7)),
        a_draft("response_assessed", after_relapse(14)),
        a_draft("reinduction_failed", after_relapse(20)),
        a_draft("maintenance_completed", after_relapse(30)),
    ]
    answer = merged(rows, unread=[unread(99, "block_started", after_relapse(1))])
    because = {row: rejected.because_of for row, rejected in answer.refused.items()}
    # The assessment is recorded in every state of a course; nothing in the file leads to a maintenance.
    assert because == {99: (), 4: (99,), 6: (99,), 7: ()}


def test_everything_after_an_unreadable_relapse_names_it() -> None:
    rows = [two_blocks()[0], *two_blocks()[2:]]
    answer = merged(rows, unread=[unread(99, "relapse_diagnosed", RELAPSED_ON)])
    assert {row: rejected.because_of for row, rejected in answer.refused.items()} == {
        99: (),
        2: (99,),
        3: (99,),
        4: (99,),
        5: (99,),
    }


def test_a_refused_row_without_a_readable_day_explains_as_well() -> None:
    rows = [two_blocks()[0], *two_blocks()[2:]]
    answer = merged(rows, unread=[unread(99, "relapse_diagnosed")])
    assert [answer.refused[row].because_of for row in (2, 3, 4, 5)] == [(99,)] * 4


def test_a_row_impossible_for_its_own_sake_names_no_other() -> None:
    rows = [*two_blocks(), a_draft("maintenance_completed", after_relapse(30))]
    answer = merged(rows, unread=[unread(99, "mrd_reported", after_relapse(8)), unread(98, None)])
    assert answer.refused[7].refusal.code == "not_possible_in_state"
    assert answer.refused[7].because_of == ()


def test_rows_of_nobody_are_refused_and_name_the_registration_that_was() -> None:
    answer = merged(two_blocks()[1:], unread=[unread(99, REGISTRATION, RELAPSED_ON)])
    assert answer.state is None
    assert {rejected.refusal.code for row, rejected in answer.refused.items() if row != 99} == {"unknown_patient"}
    assert answer.refused[1].because_of == (99,)


def test_a_second_registration_with_other_data_is_refused() -> None:
    other = a_draft(REGISTRATION, RELAPSED_ON, **(REGISTERED | {"sex": "male"}))
    answer = merged([*two_blocks(), other])
    assert answer.refused[7].refusal.code == "already_registered"
    earlier = replace(other, occurred_on=after_relapse(-7))
    for again in (other, earlier):
        later = merged([again], answer.facts)
        assert later.refused[1].refusal.code == "already_registered"
        assert later.state == answer.state


def test_the_row_that_takes_the_step_of_a_stored_fact_is_the_one_refused() -> None:
    file = a_relapsed_patient()
    file.add("block_started", after_relapse(1), element="R1")
    file.add("block_completed", after_relapse(7))
    failed = a_draft("reinduction_failed", after_relapse(5))
    assessed = a_draft("response_assessed", after_relapse(10))
    answer = merged([failed, assessed], file.facts)
    assert answer.refused[1].refusal.code == "makes_conflicts"
    assert set(answer.accepted) == {2}
    assert answer.state == fold([*file.facts, *answer.facts], shipped())


def test_a_row_takes_no_step_that_another_row_gives_back_to_a_stored_fact() -> None:
    file = a_relapsed_patient()
    file.add("block_started", after_relapse(1), element="R1")
    file.add("block_completed", after_relapse(7))
    file.add("block_started", after_relapse(35), element="R2")
    file.add("block_completed", after_relapse(41))
    file.add("lost_to_follow_up", after_relapse(26))
    assert [conflict.type for conflict in file.state.conflicts] == ["block_started", "block_completed"]
    rows = [a_draft("care_resumed", after_relapse(30)), a_draft("block_completed", after_relapse(37))]
    answer = merged(rows, file.facts)
    assert set(answer.accepted) == {1}
    assert answer.refused[2].refusal.code == "makes_conflicts"
    assert answer.state is not None
    assert answer.state.conflicts == ()


def test_rows_that_cannot_help_a_stored_fact_without_a_step_are_accepted_beside_it() -> None:
    file = a_relapsed_patient()
    file.add("block_started", after_relapse(5), element="R1")
    file.add("lost_to_follow_up", after_relapse(3))
    assert len(file.state.conflicts) == 1
    answer = merged([a_draft("note_added", after_relapse(8))], file.facts)
    assert set(answer.accepted) == {1}
    assert answer.state == fold([*file.facts, *answer.facts], shipped())


def test_death_is_kept_although_stored_facts_come_after_it() -> None:
    file = a_relapsed_patient()
    file.add("block_started", after_relapse(5), element="R1")
    answer = merged([a_draft("died", after_relapse(3))], file.facts)
    assert set(answer.accepted) == {1}
    assert answer.state is not None
    assert [conflict.type for conflict in answer.state.conflicts] == ["block_started"]


def test_rows_that_make_no_conflict_together_are_both_accepted() -> None:
    file = a_relapsed_patient()
    file.add("block_started", after_relapse(20), element="R2")
    file.add("block_completed", after_relapse(27))
    rows = [
        a_draft("block_completed", after_relapse(7)),
        a_draft("block_started", after_relapse(1), element="R1"),
    ]
    assert set(merged(rows, file.facts).accepted) == {1, 2}


def test_a_row_that_a_later_line_of_the_same_day_makes_possible_is_accepted() -> None:
    day = after_relapse(3)
    rows = [
        *two_blocks()[:4],
        a_draft("block_ended", day, element="R2", end="omitted", reason="organ toxicity"),
        a_draft("block_ended", day, element="R1", end="ceased", reason="organ toxicity"),
    ]
    first = merged(rows)
    assert set(first.accepted) == set(range(1, 7))
    assert first.state == fold(first.facts, shipped())


def test_a_refused_start_moves_no_stored_completion() -> None:
    day = after_relapse(5)
    # After a death that was recorded late, stored facts stand without a step; their order tells who came first.
    facts = [
        a_registration(),
        a_fact("relapse_diagnosed", RELAPSED_ON, seq=2),
        a_fact("block_completed", day, seq=3),
        a_fact("response_assessed", day, seq=4),
        a_fact("died", after_relapse(1), seq=5),
    ]
    answer = merged([a_draft("block_started", day, element="R1")], facts)
    assert set(answer.refused) == {1}
    assert answer.state == fold(facts, shipped())
