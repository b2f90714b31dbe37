"""The database is gone for a while: who asks meanwhile is told so and when to ask again, and then all goes on."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from scheduler.jobs import JOBS, sweeping, tick
from tests.api.ward import Ward, opened_ward
from tests.databases import PostgresqlServer
from tests.integration.races.soundness import facts_of
from workflow.services.rounds import Rounds

PROCESS = "0a1b2c3d"
NOTE = {"type": "note_added", "occurred_on": "2025-01-10", "data": {"text": "seen"}}
ONCE = {"Idempotency-Key": "the same request"}


@pytest.fixture
def own_server() -> Iterator[PostgresqlServer]:
    """Start a server that nobody else is on; it keeps what it has confirmed."""
    server = PostgresqlServer(synchronous=True)
    yield server
    server.stop()


@pytest.fixture
def ward(own_server: PostgresqlServer, tmp_path: Path) -> Iterator[Ward]:
    """Open a ward on it."""
    with opened_ward(own_server.migrated().app, tmp_path) as opened:
        yield opened


def test_a_process_tells_of_an_outage_and_goes_on_by_itself(own_server: PostgresqlServer, ward: Ward) -> None:
    patient = ward.in_first_block()
    tick_all(ward)
    assert ward.client.get("/health/ready").status_code == 200
    with gone(own_server):
        # Twice: on connections that were open before, and where none can be made.
        for _ in range(2):
            for answer in (
                ward.get("/worklist"),
                ward.get(f"/patients/{patient}"),
                ward.post(f"/patients/{patient}/facts", NOTE, headers=ONCE),
            ):
                assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.headers["retry-after"] == "1"
        ready = ward.client.get("/health/ready")
        assert (ready.status_code, ready.json()["database"]) == (503, "DatabaseUnavailableError")
        assert ward.client.get("/health/live").status_code == 200
        # The clock's work fails, is told of, and is tried again at the next tick.
        tick_all(ward)

    assert ward.client.get("/health/ready").status_code == 200
    assert ward.post(f"/patients/{patient}/facts", NOTE, headers=ONCE).status_code == 201
    assert ward.get(f"/patients/{patient}").status_code == 200
    assert [fact.type for fact in facts_of(ward.house, patient)].count("note_added") == 1
    before = ward.client.get("/health/ready").json()["last_sweep_at"]
    tick_all(ward)
    assert ward.client.get("/health/ready").json()["last_sweep_at"] > before


@pytest.mark.parametrize("crashes", [True, False])
def test_a_restart_between_two_requests_costs_nobody_an_error(
    own_server: PostgresqlServer, ward: Ward, *, crashes: bool
) -> None:
    patient = ward.in_first_block()
    database = ward.house.database
    with ExitStack() as held:
        for engine in (database.writer, database.reader):
            for _ in range(3):
                held.enter_context(engine.connect())
    if crashes:
        own_server.crash()
    else:
        with gone(own_server):
            pass

    for _ in range(4):
        assert ward.get(f"/patients/{patient}").status_code == 200
        assert ward.post(f"/patients/{patient}/facts", NOTE).status_code == 201


@contextmanager
def gone(server: PostgresqlServer) -> Iterator[None]:
    """Let nobody reach the server until the block is left."""
    server.halt()
    try:
        yield
    finally:
        server.go_on()


def tick_all(ward: Ward) -> None:
    """Let every job of the clock tick once."""
    for job in (sweeping(Rounds()), *JOBS):
        tick(job, ward.house, PROCESS)
