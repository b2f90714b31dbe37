"""Several people at one patient at one time: all that they record stays, in one order."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.integration.persistence.people import enrol, record, relapse
from tests.introduced import seeing
from workflow.persistence.chain_check import broken_links
from workflow.persistence.engine import Database
from workflow.persistence.errors import DuplicatePseudonymError, IdempotencyKeyTakenError, PersistenceError
from workflow.persistence.patient_reads import load_facts

WRITERS = 6
FACTS_EACH = 5


def at_once(act: Callable[[int], None], writers: int = WRITERS) -> list[type[Exception] | None]:
    """Let every writer act at the same moment; return what each was refused with."""
    ready = Barrier(writers)

    def write(number: int) -> type[Exception] | None:
        ready.wait(timeout=30)
        try:
            act(number)
        except PersistenceError as refused:
            return type(refused)
        return None

    with ThreadPoolExecutor(writers) as pool:
        return list(pool.map(write, range(writers)))


def test_two_writers_on_one_patient_lose_no_update(database: Database) -> None:
    enrol(database)
    relapse(database)

    def write(number: int) -> None:
        for place in range(FACTS_EACH):
            record(database, "note_added", "2024-02-01", {"text": f"{number} {place}"})

    assert at_once(write) == [None] * WRITERS
    with seeing(database) as connection:
        facts = load_facts(connection, "p1")
        assert broken_links(database, connection) == []
    assert [fact.seq for fact in facts] == list(range(1, WRITERS * FACTS_EACH + 3))
    written = [fact.data.model_dump()["text"] for fact in facts[2:]]
    assert sorted(written) == sorted(f"{number} {place}" for number in range(WRITERS) for place in range(FACTS_EACH))
    instants = [fact.recorded_at for fact in facts]
    assert sorted(set(instants)) == instants


def test_a_request_sent_twice_at_once_is_carried_out_once(database: Database) -> None:
    enrol(database)
    refused = at_once(lambda _: void(record(database, "note_added", "2024-02-01", {"text": "once"}, key="k1")), 2)
    assert sorted(map(str, refused)) == sorted(map(str, [None, IdempotencyKeyTakenError]))
    with seeing(database) as connection:
        assert len(load_facts(connection, "p1")) == 2


def test_a_pseudonym_registered_twice_at_once_is_registered_once(database: Database) -> None:
    refused = at_once(lambda number: enrol(database, f"p{number}"), 2)
    assert sorted(map(str, refused)) == sorted(map(str, [None, DuplicatePseudonymError]))


def void(_: object) -> None:
    """Drop what an act answers."""
