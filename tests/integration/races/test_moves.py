"""Facts moved between patients while others record, correct and move: both patients change, or neither."""

from itertools import permutations

from tests.integration.races.bedside import Bed, admitted, at_once, in_first_block, one_by_one, outcomes
from tests.integration.races.processes import Hospital
from tests.integration.races.soundness import facts_of
from workflow.domain.facts.fact import Fact

ROUNDS = 5


def with_a_note(opened: Hospital) -> Bed:
    """Return a patient with one fact (f2) that may be another's."""
    bed = admitted(opened)
    (reply,) = one_by_one(opened, [bed.note("whose is this?")])
    assert reply.status == 201
    return bed


def what_became_of(opened: Hospital, bed: Bed) -> list[tuple[str, str, bool]]:
    """Return operation, type and whether another patient is named, of each fact after the registration, sorted."""
    stored: tuple[Fact, ...] = facts_of(opened.house, bed.id)
    return sorted((fact.operation, fact.type, fact.moved is not None) for fact in stored[1:])


def test_opposite_moves_beside_new_facts_of_both_patients_are_all_carried_out(opened: Hospital) -> None:
    for _ in range(ROUNDS):
        one, other = with_a_note(opened), with_a_note(opened)
        acts = [one.move(["f2"], other), other.move(["f2"], one), one.note("seen"), other.note("seen")]
        assert outcomes(at_once(opened, acts)) == [(200, None), (200, None), (201, None), (201, None)]
        for bed in (one, other):
            assert what_became_of(opened, bed) == [
                ("record", "note_added", False),
                ("record", "note_added", False),
                ("record", "note_added", True),
                ("void", "note_added", True),
            ]


def test_moves_in_every_direction_among_four_patients_do_not_wait_for_each_other_for_ever(opened: Hospital) -> None:
    beds = [admitted(opened) for _ in range(4)]
    for bed in beds:
        assert {reply.status for reply in one_by_one(opened, [bed.note(f"note {number}") for number in range(3)])} == {
            201
        }
    notes = {bed.id: iter(("f2", "f3", "f4")) for bed in beds}
    acts = [wrong.move([next(notes[wrong.id])], right) for wrong, right in permutations(beds, 2)]
    assert outcomes(at_once(opened, acts)) == [(200, None)] * 12
    for bed in beds:
        assert what_became_of(opened, bed) == [
            *[("record", "note_added", False)] * 3,
            *[("record", "note_added", True)] * 3,
            *[("void", "note_added", True)] * 3,
        ]


def test_a_fact_moved_to_two_patients_at_once_goes_to_one_of_them(opened: Hospital) -> None:
    for _ in range(ROUNDS):
        wrong, right, other = with_a_note(opened), admitted(opened), admitted(opened)
        replies = at_once(opened, [wrong.move(["f2"], right), wrong.move(["f2"], other)])
        assert outcomes(replies) == [(200, None), (409, "already_corrected")]
        arrived = [what_became_of(opened, bed) for bed in (right, other)]
        assert sorted(arrived) == [[], [("record", "note_added", True)]]


def test_a_fact_moved_and_corrected_at_once_is_one_of_both(opened: Hospital) -> None:
    for _ in range(ROUNDS):
        wrong, right = in_first_block(opened), in_first_block(opened)
        one_by_one(opened, [wrong.note("whose is this?")])
        correction = wrong.supersede("f5", "note_added", "2025-01-21", {"text": "this one's"})
        moved, corrected = at_once(opened, [wrong.move(["f5"], right), correction])
        assert outcomes([moved, corrected]) == [(200, None), (409, "already_corrected")]
        stored = [facts_of(opened.house, bed.id) for bed in (wrong, right)]
        assert [fact.operation for fact in stored[0][5:]] == ["void" if moved.status == 200 else "supersede"]
        assert len(stored[1]) == (5 if moved.status == 200 else 4)


def test_one_move_sent_at_once_under_one_key_is_made_once_and_answered_alike(opened: Hospital) -> None:
    for _ in range(ROUNDS):
        wrong, right = with_a_note(opened), admitted(opened)
        letter = wrong.move(["f2"], right, Idempotency_Key=f"move-{wrong.id}")
        replies = at_once(opened, [letter] * 4)
        replies += one_by_one(opened, [letter])
        assert set(replies) == {replies[0]}
        assert replies[0].status == 200
        assert what_became_of(opened, right) == [("record", "note_added", True)]
