"""The law of the caches: snapshot and spans are the fold of the facts, at every instant of knowledge."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, func, select

from tests.integration.persistence.people import EVERYWHERE, enrol, fact, lock, outcome_of, spans_of, treating_doctor
from tests.introduced import changing, seeing
from workflow.domain.facts.fact import Fact
from workflow.domain.patient import PatientState
from workflow.persistence.engine import Database
from workflow.persistence.mapping import row_to_window
from workflow.persistence.outcome import NewFact
from workflow.persistence.patient_reads import load_facts, load_spans, read_patient
from workflow.persistence.patient_writes import write_outcome
from workflow.persistence.standing import known
from workflow.persistence.tables import StateSpanTable, WindowSpanTable
from workflow.persistence.tables.base import table_of
from workflow.protocols.library import shipped
from workflow.rules.fold import effective, fold

PROTOCOLS = shipped()
BFM = PROTOCOLS.named("all-rez-bfm-2002")
FIRST_DAY = date(2024, 1, 1)
STATES, WINDOWS = table_of(StateSpanTable), table_of(WindowSpanTable)
STARTS: list[tuple[str, dict[str, object]]] = [
    ("block_started", {"element": "R1"}),
    ("block_started", {"element": "R2"}),
    ("block_completed", {"given": "as_planned"}),
]
RARE: list[tuple[str, dict[str, object]]] = [
    ("response_assessed", {"marrow_blasts_percent": 2, "final": False}),
    ("block_deferred", {"element": "R2", "review_on": "2024-03-01"}),
    ("consolidation_decided", {"decision": "chemotherapy"}),
    ("treatment_intent_changed", {"intent": "palliative"}),
    ("lost_to_follow_up", {}),
    ("care_resumed", {}),
    ("relapse_diagnosed", {"relapse_site": "isolated_bm"}),
]


def chance_fact(chance: random.Random, facts: tuple[Fact, ...], now: datetime) -> Fact:
    """Return any fact on any day, or a correction of any version that counts."""
    seq = len(facts) + 1
    correctable = [known for known in effective(facts) if known.type not in {"patient_registered", "protocol_chosen"}]
    fact_type, data = chance.choice(STARTS if chance.random() < 0.6 else RARE)
    on = (FIRST_DAY + timedelta(days=chance.randrange(70))).isoformat()
    new = fact(seq, fact_type, on, data, recorded_at=now)
    if len(correctable) < 3 or chance.random() < 0.7:
        return new
    wrong = chance.choice(correctable)
    moved = wrong.occurred_on + timedelta(days=chance.randrange(-9, 9))
    correction = chance.choice(["supersede", "void"])
    return replace(
        wrong,
        seq=seq,
        operation="void" if correction == "void" else "supersede",
        target_seq=wrong.seq,
        occurred_on=wrong.occurred_on if correction == "void" else moved,
        recorded_at=now,
    )


def store(database: Database, made: Callable[[tuple[Fact, ...], datetime], Sequence[Fact]]) -> None:
    with changing(database, treating_doctor.id) as connection:
        locked = lock(database, connection)
        facts = load_facts(connection, "p1")
        new = made(facts, locked.now)
        state = fold((*facts, *new), PROTOCOLS)
        outcome = replace(
            outcome_of(locked), state=state, after=spans_of(state), facts=tuple(NewFact(each) for each in new)
        )
        write_outcome(database, connection, outcome)


def relapse_and_protocol(_: tuple[Fact, ...], now: datetime) -> Sequence[Fact]:
    assert BFM is not None
    chosen = fact(3, "protocol_chosen", "2024-01-01", {"protocol": BFM.id}, recorded_at=now)
    return (
        fact(2, "relapse_diagnosed", "2024-01-01", {"relapse_site": "isolated_bm"}, recorded_at=now),
        replace(chosen, protocol_sha=BFM.sha256),
    )


def told(state: PatientState) -> tuple[set[object], set[object]]:
    """Return what the spans of a state say."""
    spans = spans_of(state)
    return {(span.course, span.state, span.valid_from, span.valid_to) for span in spans.states}, set(spans.windows)


def stored(connection: Connection, known_at: datetime) -> tuple[set[object], set[object]]:
    """Return what the stored spans said at an instant."""
    states = connection.execute(select(STATES).where(known(STATES, known_at))).all()
    windows = connection.execute(select(WINDOWS).where(known(WINDOWS, known_at))).mappings().all()
    assert len(states) == len({row[2:6] for row in states})
    return {(row.course, row.state, row.valid_from, row.valid_to) for row in states}, {
        row_to_window(row) for row in windows
    }


@pytest.mark.parametrize("seed", range(3))
def test_stored_spans_are_the_fold_at_every_instant_of_knowledge(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    enrol(database)
    store(database, relapse_and_protocol)
    for _ in range(15):
        store(database, lambda facts, now: [chance_fact(chance, facts, now)])
    with seeing(database) as connection:
        facts = load_facts(connection, "p1")
        current = fold(facts, PROTOCOLS)
        row = read_patient(connection, "p1", EVERYWHERE, datetime(2100, 1, 1, tzinfo=UTC))
        assert row is not None
        assert row.state == current
        spans = load_spans(connection, "p1")
        assert set(spans.windows) == set(current.windows)
        assert connection.execute(select(func.count()).select_from(WINDOWS)).scalar_one() > 1
        knowledge = connection.execute(
            select(STATES.c.known_from).union(select(WINDOWS.c.known_from)).order_by("known_from")
        ).scalars()
        for known_at in [*knowledge, facts[-1].recorded_at]:
            assert stored(connection, known_at) == told(fold(until_known(facts, known_at), PROTOCOLS))


def until_known(facts: tuple[Fact, ...], known_at: datetime) -> list[Fact]:
    return effective(facts, known_at=known_at)
