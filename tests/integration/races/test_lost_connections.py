"""The connection to PostgreSQL is lost at any moment: who tries again under the same key gets one application."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from httpx2 import Response
from sqlalchemy import Connection, event

from tests.api.ward import REGISTRATION, Ward, opened_ward
from tests.integration.races.relay import Relay, relayed
from tests.integration.races.soundness import acts_of, facts_of, sound_histories
from workflow.domain.actor import LOCAL_ADMIN
from workflow.services.import_facts import ImportInterruptedError, import_facts
from workflow.services.import_rows import rows_of

NOTE = {"type": "note_added", "occurred_on": "2025-01-10", "data": {"text": "seen"}}
ONCE = {"Idempotency-Key": "the same request"}
START = {"type": "block_started", "occurred_on": "2025-01-09", "data": {"element": "R1"}}
CORRECTION = {"supersedes": "f4", "reason": "wrong date", "fact": START}
TERMINATE_OTHERS = (
    "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)

pytestmark = pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)


@pytest.fixture
def ward(database_url: str, tmp_path: Path) -> Iterator[Ward]:
    """Open a ward; afterwards every history must be sound."""
    with opened_ward(database_url, tmp_path) as opened:
        yield opened
        sound_histories(opened.house)


@pytest.fixture
def line_and_ward(database_url: str, tmp_path: Path) -> Iterator[tuple[Relay, Ward]]:
    """Open a ward whose connections run through a relay; afterwards every history must be sound."""
    with relayed(database_url) as (relay, url), opened_ward(url, tmp_path) as ward:
        yield relay, ward
        sound_histories(ward.house)


def record(ward: Ward, one: str, _other: str) -> Response:
    return ward.post(f"/patients/{one}/facts", NOTE, headers=ONCE)


def correct(ward: Ward, one: str, _other: str) -> Response:
    return ward.post(f"/patients/{one}/corrections", CORRECTION, headers=ONCE)


def move(ward: Ward, one: str, other: str) -> Response:
    body = {"facts": ["f4"], "from": one, "to": other, "reason": "wrong patient"}
    return ward.post("/corrections/move", body, headers=ONCE)


def register(ward: Ward, _one: str, _other: str) -> Response:
    return ward.post("/patients", {**REGISTRATION, "pseudonym": "ALL-0009"}, headers=ONCE)


ACTS = (record, correct, move, register)


@pytest.mark.parametrize("arrives", [True, False], ids=["carried out unheard", "never arrived"])
@pytest.mark.parametrize("act", ACTS)
def test_a_commit_that_is_lost_with_its_connection_is_one_application_after_a_retry(
    line_and_ward: tuple[Relay, Ward], act: Callable[[Ward, str, str], Response], *, arrives: bool
) -> None:
    relay, ward = line_and_ward
    one, other = ward.in_first_block(), ward.relapsed(pseudonym="ALL-0008")
    before = {patient_id: len(facts) for patient_id, facts in sound_histories(ward.house).items()}
    relay.cut_at_commit(arrives=arrives)

    lost = act(ward, one, other)
    stored = {patient_id: len(facts) for patient_id, facts in sound_histories(ward.house).items()}
    first, again = act(ward, one, other), act(ward, one, other)

    assert relay.cuts == 1
    assert (lost.status_code, lost.json()["code"]) == (503, "database_unavailable")
    assert (stored != before) == arrives
    assert first.status_code in {200, 201}
    assert (again.status_code, again.content, again.headers.get("etag")) == (
        first.status_code,
        first.content,
        first.headers.get("etag"),
    )
    after = {patient_id: len(facts) for patient_id, facts in sound_histories(ward.house).items()}
    assert sum(after.values()) == sum(before.values()) + (2 if act is move else 1)
    replays = acts_of(ward.house, "replay_answer").total()
    assert replays == (2 if arrives else 1) * (2 if act is move else 1)


@pytest.mark.parametrize("arrives", [True, False], ids=["carried out unheard", "never arrived"])
def test_an_import_that_loses_its_connection_at_the_commit_brings_in_the_rest_when_run_again(
    line_and_ward: tuple[Relay, Ward], *, arrives: bool
) -> None:
    relay, ward = line_and_ward
    patient = ward.relapsed()
    file = b'{"patient": "ALL-0007", "type": "note_added", "occurred_on": "2025-01-16", "data": {"text": "imported"}}'
    # The first commit ends the look-up of who is stored already.
    relay.cut_at_commit(2, arrives=arrives)

    with pytest.raises(ImportInterruptedError, match="Run the same import again"):
        import_facts(ward.house, LOCAL_ADMIN, list(rows_of(file, "file.ndjson")))
    again = import_facts(ward.house, LOCAL_ADMIN, list(rows_of(file, "file.ndjson")))

    assert relay.cuts == 1
    assert (again.count("known"), again.count("accepted")) == ((1, 0) if arrives else (0, 1))
    assert [fact.type for fact in facts_of(ward.house, patient)].count("note_added") == 1


@pytest.mark.parametrize("act", ACTS)
def test_a_backend_terminated_at_any_statement_costs_one_503_and_a_retry_is_one_application(
    ward: Ward, database_url: str, act: Callable[[Ward, str, str], Response]
) -> None:
    one, other = ward.in_first_block(), ward.relapsed(pseudonym="ALL-0008")
    before = sound_histories(ward.house)
    statement = 0
    while True:
        statement += 1
        with terminating(ward, database_url, statement):
            answer = act(ward, one, other)
        if answer.status_code != 503:
            break
        assert answer.json()["code"] == "database_unavailable"
        assert sound_histories(ward.house) == before
    assert statement > 3
    assert answer.status_code in {200, 201}
    assert act(ward, one, other).content == answer.content
    after = sound_histories(ward.house)
    assert sum(map(len, after.values())) == sum(map(len, before.values())) + (2 if act is move else 1)


@contextmanager
def terminating(ward: Ward, database_url: str, statement: int) -> Iterator[None]:
    """Terminate the backend of the writing connection before its n-th statement."""
    seen = [0]

    def terminate(connection: Connection, *_: object) -> None:
        seen[0] += 1
        if seen[0] == statement:
            driver = connection.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)
            with psycopg.connect(database_url, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 60000)", [driver.info.backend_pid])

    event.listen(ward.house.database.writer, "before_cursor_execute", terminate)
    try:
        yield
    finally:
        event.remove(ward.house.database.writer, "before_cursor_execute", terminate)


def test_after_all_connections_died_in_their_sleep_nobody_hears_of_it(ward: Ward, database_url: str) -> None:
    patient = ward.in_first_block()
    assert ward.get("/sites").status_code == 200
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute(TERMINATE_OTHERS)

    recorded, read = record(ward, patient, ""), ward.get("/sites")

    assert (recorded.status_code, read.status_code) == (201, 200)
    assert len(facts_of(ward.house, patient)) == 5
