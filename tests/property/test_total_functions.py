"""Nothing well-formed makes the core raise: the fold takes any facts, recording answers any draft, reading any data."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.facts import DIAGNOSED_ON, FIRST_INSTANT, LEAST, PatientFile, a_registration
from tests.property.histories import arbitrary_drafts, histories
from workflow.domain.errors import InvalidInputError, Problem, Refusal
from workflow.domain.facts.fact import FactDraft
from workflow.domain.facts.read import read_fact
from workflow.domain.facts.types import FACT_TYPES
from workflow.domain.roles import Role
from workflow.protocols.library import shipped
from workflow.protocols.model import Protocols
from workflow.rules.fold import effective, fold, replay
from workflow.rules.judgement import Accepted, Circumstances, Stamp
from workflow.rules.machine import fire
from workflow.rules.record import as_fact

JSON: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


def recorded(drafts: list[FactDraft], protocols: Protocols) -> PatientFile:
    """Return a patient in whose file these drafts stand, whether they could have been recorded or not."""
    given = Circumstances(role=Role.ADMIN, today=date(2027, 1, 1), protocols=protocols)
    facts = [a_registration()]
    for seq, draft in enumerate(drafts, start=2):
        facts.append(as_fact(draft, Stamp(seq=seq, recorded_at=FIRST_INSTANT, recorded_by="local"), given))
    return PatientFile(facts, fold(facts, protocols), protocols)


@settings(max_examples=60)
@given(arbitrary_drafts(), st.sampled_from([shipped(), Protocols(())]))
def test_the_fold_takes_any_facts_and_counts_those_without_a_step(
    drafts: list[FactDraft], protocols: Protocols
) -> None:
    file = recorded(drafts, protocols)
    moments = list(replay(effective(file.facts), protocols))[1:]
    without_step = [
        moment.fact.lineage for moment in moments if fire(moment.before, moment.fact.type, moment.fact.data) is None
    ]

    assert len(moments) == len(drafts)
    assert [conflict.fact for conflict in file.state.conflicts] == without_step


@settings(max_examples=60)
@given(histories(10), arbitrary_drafts(6), st.sampled_from(Role), st.booleans(), st.booleans())
def test_recording_answers_any_draft_of_anybody(
    file: PatientFile, drafts: list[FactDraft], role: Role, importing: bool, keep: bool
) -> None:
    for draft in drafts:
        outcome = file.propose(draft, role, importing=importing, keep_conflicts=keep)
        if isinstance(outcome, Refusal):
            assert outcome.code
            assert outcome.detail.endswith(".")
            assert outcome.status in {403, 409, 422}
        else:
            assert isinstance(outcome, Accepted)
            assert DIAGNOSED_ON <= outcome.fact.occurred_on <= file.today
            assert role >= Role.NURSE
            assert outcome.after == fold([*file.facts, outcome.fact], file.protocols)


def problems_of(raw: Mapping[str, object]) -> tuple[Problem, ...] | None:
    try:
        read_fact(raw)
    except InvalidInputError as invalid:
        return invalid.problems
    return None


def assert_read_or_explained(raw: Mapping[str, object]) -> None:
    problems = problems_of(raw)
    if problems is not None:
        assert problems
        assert all(problem.code and problem.message.startswith(problem.field) for problem in problems)
        assert len({problem.field for problem in problems}) == len(problems)


@settings(max_examples=120)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(FACT_TYPES) | JSON,
            "occurred_on": st.dates().map(str) | JSON,
            "data": JSON,
            "certainty": JSON,
            "override": JSON,
            "recorded_at": JSON,
            "colour": JSON,
        },
    )
)
def test_reading_answers_anything_with_a_fact_or_with_named_problems(raw: dict[str, object]) -> None:
    assert_read_or_explained(raw)


@settings(max_examples=120)
@given(st.sampled_from(sorted(LEAST)), st.data(), JSON)
def test_one_strange_value_in_a_good_fact_is_answered_too(fact_type: str, data: st.DataObject, strange: object) -> None:
    carried: dict[str, Any] = dict(LEAST[fact_type])
    name = data.draw(st.sampled_from([*carried, "element", "value", "findings", "causes", "reason"]))
    assert_read_or_explained({"type": fact_type, "occurred_on": "2025-03-01", "data": carried | {name: strange}})
