"""Laws of merging: whatever a file says of whatever patient, twice is once, and the patient is the fold of facts."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as some

from tests.facts import FIRST_INSTANT, LEAST, REGISTERED, RELAPSED_ON, TODAY, a_draft
from workflow.domain.facts.fact import Fact, FactDraft
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.roles import Role
from workflow.protocols.library import shipped
from workflow.rules.candidates import candidate
from workflow.rules.fold import fold
from workflow.rules.judgement import Circumstances, Stamp
from workflow.rules.merge import Merged, merge

GIVEN = Circumstances(role=Role.COORDINATOR, today=TODAY, protocols=shipped(), importing=True)
# Those that move the chart come more often, so that courses reach beyond their first block.
MOVES = (
    "block_started",
    "block_completed",
    "response_assessed",
    "consolidation_decided",
    "reinduction_failed",
    "relapse_diagnosed",
    "protocol_chosen",
    "lost_to_follow_up",
    "care_resumed",
)
days = some.integers(min_value=-5, max_value=40).map(lambda offset: RELAPSED_ON + timedelta(days=offset))
drafts = some.builds(a_draft, some.sampled_from(MOVES) | some.sampled_from(sorted(LEAST)), days)
registration = a_draft(REGISTRATION, RELAPSED_ON, **REGISTERED)
relapse = a_draft("relapse_diagnosed", RELAPSED_ON)


def merged(stored: Sequence[Fact], rows: Sequence[FactDraft]) -> Merged:
    candidates = [candidate(row, draft) for row, draft in enumerate(rows)]
    stamp = Stamp(seq=len(stored) + 1, recorded_at=FIRST_INSTANT, recorded_by="data_manager")
    return merge(stored, candidates, (), given=GIVEN, stamp=stamp)


@given(first=some.lists(drafts, max_size=12), second=some.lists(drafts, max_size=12))
def test_a_second_merge_of_the_same_rows_changes_nothing(first: list[FactDraft], second: list[FactDraft]) -> None:
    stored = merged((), [registration, relapse, *first]).facts
    answer = merged(stored, second)
    everything = [*stored, *answer.facts]
    assert answer.state == fold(everything, shipped())
    again = merged(everything, second)
    assert not again.accepted
    assert again.state == answer.state
    assert again.known == {*answer.accepted, *answer.known}


@given(rows=some.lists(drafts, min_size=1, max_size=14), data=some.data())
def test_every_row_comes_out_once_and_only_refused_rows_explain_a_refusal(
    rows: list[FactDraft], data: some.DataObject
) -> None:
    shuffled = data.draw(some.permutations([registration, *rows]))
    answer = merged((), shuffled)
    outcomes = [*answer.accepted, *answer.known, *answer.refused]
    assert sorted(outcomes) == list(range(len(shuffled)))
    for row, rejected in answer.refused.items():
        assert set(rejected.because_of) <= set(answer.refused) - {row}
