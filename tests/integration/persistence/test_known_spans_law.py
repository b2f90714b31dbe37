"""The law behind checking and folding anew: the facts alone tell every span row that the write path ever stored."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import pytest
from sqlalchemy import RowMapping

from tests.integration.persistence.people import enrol
from tests.integration.persistence.test_spans_law import PROTOCOLS, chance_fact, relapse_and_protocol, store
from tests.introduced import seeing
from workflow.domain.facts.fact import Fact
from workflow.persistence.engine import Database
from workflow.persistence.evidence import stored_patients
from workflow.persistence.mapping import Columns, row_to_fact
from workflow.services.known_rows import Rules, known_rows

RULES = Rules(PROTOCOLS, "", {})
TURNS = 25
AT_ONE_INSTANT = 3


def some_facts(chance: random.Random) -> Callable[[tuple[Fact, ...], datetime], Sequence[Fact]]:
    """Return what draws facts of one instant: one as a rule, several as in an import or a batch of corrections."""

    def draw(facts: tuple[Fact, ...], now: datetime) -> Sequence[Fact]:
        drawn: tuple[Fact, ...] = ()
        for _ in range(chance.choice((1, 1, AT_ONE_INSTANT))):
            drawn = (*drawn, chance_fact(chance, (*facts, *drawn), now))
        return drawn

    return draw


def counted(rows: Iterable[RowMapping | Columns]) -> Counter[tuple[tuple[str, object], ...]]:
    return Counter(tuple(sorted((str(name), row[name]) for name in row if name != "id")) for row in rows)


@pytest.mark.parametrize("seed", range(4))
def test_the_facts_tell_every_span_of_every_knowledge(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    enrol(database)
    store(database, relapse_and_protocol)
    for _ in range(TURNS):
        store(database, some_facts(chance))
    with seeing(database) as connection:
        (stored,) = stored_patients(connection)
    known = known_rows("p1", [row_to_fact(row) for row in stored.facts], RULES)
    assert counted(stored.states) == counted(known.states)
    assert counted(stored.windows) == counted(known.windows)
    assert stored.row["version"] == known.instants == TURNS + 2
    assert sum(row["known_to"] is not None for row in (*stored.states, *stored.windows)) >= TURNS // 3
