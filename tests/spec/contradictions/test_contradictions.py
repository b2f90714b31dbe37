"""Every contradiction between the sources is told, and what the program does about it can be seen and can fail."""

from importlib.util import find_spec
from re import fullmatch

import pytest

from tests.spec.contradictions.example import Example
from tests.spec.contradictions.of_consolidation import CONSOLIDATION
from tests.spec.contradictions.of_risk import RISK
from tests.spec.contradictions.of_sites import SITES
from tests.spec.contradictions.of_therapy import THERAPY
from tests.spec.contradictions.of_timing import TIMING
from tests.spec.contradictions.of_units import UNITS
from workflow.knowledge.contradictions import CONTRADICTIONS
from workflow.knowledge.contradictions.contradiction import Contradiction
from workflow.knowledge.statements import STATEMENTS
from workflow.knowledge.strategies import STRATEGIES
from workflow.protocols.library import shipped

EXAMPLES: tuple[Example, ...] = (*UNITS, *TIMING, *SITES, *RISK, *CONSOLIDATION, *THERAPY)
OTHER_RULES = r"TR-0\d\d|G[1-7]"
DECISIONS = {row.id for row in STATEMENTS} | {row.id for table in STRATEGIES.values() for row in table.rows}
NAMED = DECISIONS | set(shipped().ids)
# Every contradiction that was found in the sources, by what hangs on it.
KNOWN = {
    "S": "C14 C22 C44 C45",
    "D": "C01 C02 C03 C04 C05 C07 C08 C10 C11 C12 C15 C16 C17 C18 C20 C24 C25 C26 C28 C29 C30 C31 C33 C35 C38 C41 "
    "C48 C49 C50 C50b C74 C90",
    "I": "C06 C09 C13 C14b C19 C21 C27 C34 C36 C37 C39 C40 C42 C43 C47 C51 C52 C53 C54 C60 C66 C69 C72 C91 C92 C92b",
    "X": "X1 X2 X3 X4 X5 X6 X7",
}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.of}: {example.says}")
def test_the_program_takes_the_reading_that_is_told(example: Example) -> None:
    assert example.shown() == example.expected


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.of}: {example.says}")
def test_an_example_would_show_the_other_reading(example: Example) -> None:
    assert example.expected != example.otherwise


def test_every_contradiction_of_the_sources_is_told_with_what_hangs_on_it() -> None:
    told = {priority: [c.id for c in CONTRADICTIONS.values() if c.priority == priority] for priority in KNOWN}

    assert {priority: sorted(ids) for priority, ids in told.items()} == {
        priority: sorted(ids.split()) for priority, ids in KNOWN.items()
    }
    assert len(CONTRADICTIONS) == sum(len(ids.split()) for ids in KNOWN.values())


def test_whatever_changes_an_answer_has_an_example_and_nothing_unknown_has() -> None:
    needed = {c.id for c in CONTRADICTIONS.values() if c.priority != "I"}

    assert needed <= {example.of for example in EXAMPLES} <= set(CONTRADICTIONS)


@pytest.mark.parametrize("contradiction", CONTRADICTIONS.values(), ids=lambda contradiction: contradiction.id)
def test_what_is_told_names_its_sources_and_its_guards(contradiction: Contradiction) -> None:
    assert any(source in contradiction.finding for source in ("000", "001", "002", "003", "004"))
    assert contradiction.guards or contradiction.priority == "I"
    for guard in contradiction.guards:
        known = find_spec(guard) if guard.startswith("workflow.") else guard in NAMED or fullmatch(OTHER_RULES, guard)
        assert known, guard
