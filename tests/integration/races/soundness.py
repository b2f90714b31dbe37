"""What must hold of a database after any race: one gapless history a patient, and every cache equal to its fold."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence

from sqlalchemy import Connection, text

from tests.introduced import seeing
from workflow.domain.facts.fact import Fact, Moved
from workflow.domain.spans import StateSpan
from workflow.persistence.chain_check import broken_links
from workflow.persistence.mapping import read_snapshot
from workflow.persistence.patient_reads import load_facts, load_spans, read_patient
from workflow.persistence.reach import Reach
from workflow.rules.fold import fold
from workflow.services.house import House
from workflow.services.patient_write import spans_of

# The acts that raise a patient's version; each of them leaves one access row for each patient it changes.
WRITES = ("register_patient", "record_fact", "correct_facts", "move_facts", "import_facts", "confirm_fact")


def sound_histories(house: House, *, but: Container[str] = ()) -> dict[str, tuple[Fact, ...]]:
    """Return every patient's facts, by id, once all that must hold of them is found to hold.

    `but` are patients of whom nothing but the chain is checked anew.
    """
    with seeing(house.database) as connection:
        assert broken_links(house.database, connection) == []
        now = house.database.instant(connection)
        histories = {patient_id: load_facts(connection, patient_id) for patient_id in _patients(connection)}
        acts = _acts(connection)
        for patient_id, facts in histories.items():
            if patient_id in but:
                continue
            assert [fact.seq for fact in facts] == list(range(1, len(facts) + 1)), patient_id
            instants = [fact.recorded_at for fact in facts]
            assert instants == sorted(instants), patient_id
            row = read_patient(connection, patient_id, Reach.everywhere(), now)
            assert row is not None
            assert row.version == sum(acts[patient_id, action] for action in WRITES), patient_id
            folded = fold(facts, house.protocols)
            assert read_snapshot(row.state_json) == folded, patient_id
            stored, expected = load_spans(connection, patient_id), spans_of(folded)
            assert [_values(span) for span in stored.states] == [_values(span) for span in expected.states]
            assert Counter(stored.windows) == Counter(expected.windows), patient_id
    _require_both_ends_of_each_move(histories)
    return histories


def patient_ids(house: House) -> list[str]:
    """Return the ids of all patients."""
    with seeing(house.database) as connection:
        return _patients(connection)


def facts_of(house: House, patient_id: str) -> tuple[Fact, ...]:
    """Return every version of every fact of one patient."""
    with seeing(house.database) as connection:
        return load_facts(connection, patient_id)


def acts_of(house: House, action: str) -> Counter[str]:
    """Return how often something was done about each patient, by the access log."""
    with seeing(house.database) as connection:
        acts = _acts(connection)
    return Counter({patient_id: count for (patient_id, done), count in acts.items() if done == action})


def kept_keys(house: House) -> set[str]:
    """Return the idempotency keys whose answers are kept for repeated requests."""
    with seeing(house.database) as connection:
        return set(connection.execute(text("SELECT key FROM idempotency")).scalars())


def _require_both_ends_of_each_move(histories: Mapping[str, Sequence[Fact]]) -> None:
    for patient_id, facts in histories.items():
        for fact in facts:
            if fact.moved is not None:
                other = histories[fact.moved.patient_id][fact.moved.seq - 1]
                assert (fact.type, fact.occurred_on, fact.data) == (other.type, other.occurred_on, other.data)
                if fact.operation == "void":
                    # The void names the new record, which names the version that was voided.
                    assert other.moved == Moved(patient_id=patient_id, seq=fact.target_seq or 0)
                    assert other.recorded_at == fact.recorded_at
                else:
                    assert any(
                        known.target_seq == other.seq and known.operation == "void"
                        for known in histories[fact.moved.patient_id]
                    )


def _patients(connection: Connection) -> list[str]:
    return list(connection.execute(text("SELECT id FROM patient ORDER BY id")).scalars())


def _acts(connection: Connection) -> Counter[tuple[str, str]]:
    counted = text("SELECT patient_id, action, count(*) FROM access_log WHERE patient_id IS NOT NULL GROUP BY 1, 2")
    return Counter({(patient_id, action): count for patient_id, action, count in connection.execute(counted)})


def _values(span: StateSpan) -> tuple[object, ...]:
    return (span.course, span.state, span.site_id, span.protocol, span.valid_from, span.valid_to)
