"""Several processes of one new installation start at the same moment: they agree on one secret and on the protocols."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest

from tests.integration.races.waiting import LONGEST_WAIT_SECONDS, until_somebody_waits
from tests.introduced import changing
from workflow.persistence.engine import Database
from workflow.persistence.errors import ProtocolHashMismatchError
from workflow.persistence.protocol_versions import StoredProtocol, list_versions, store_versions
from workflow.settings import read_or_make_secret

PROCESSES = 4
ROUNDS = 40
AT = datetime(2024, 1, 1, tzinfo=UTC)
FIRST, OTHER = StoredProtocol("all-rez", "1", "a" * 64, "id = 'a'"), StoredProtocol("ukall", "1", "b" * 64, "id = 'b'")


def test_processes_that_start_at_once_in_an_empty_folder_have_one_whole_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(PROCESSES) as processes:
        for number in range(ROUNDS):
            file, ready = tmp_path / str(number) / "chain.secret", Barrier(PROCESSES)

            def start(place: int, file: Path = file, ready: Barrier = ready) -> bytes:
                ready.wait(LONGEST_WAIT_SECONDS)
                return read_or_make_secret(file, lambda: f"{place}" * 43)

            secrets = set(processes.map(start, range(PROCESSES)))
            assert len(secrets) == 1
            assert [left.name for left in file.parent.iterdir()] == [file.name]


# On SQLite nobody waits inside a transaction: there is one writer.
@pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
def test_of_processes_that_store_one_protocol_at_once_one_stores_it(database: Database) -> None:
    with ThreadPoolExecutor(1) as other:
        with changing(database) as connection:
            store_versions(connection, [FIRST, OTHER], AT)
            waiting = other.submit(stored_after, database, [FIRST, OTHER])
            until_somebody_waits(database)
        assert waiting.result(LONGEST_WAIT_SECONDS) == (FIRST, OTHER)


@pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
def test_of_processes_that_store_one_protocol_with_two_bodies_at_once_one_is_refused(database: Database) -> None:
    with ThreadPoolExecutor(1) as other:
        with changing(database) as connection:
            store_versions(connection, [FIRST], AT)
            waiting = other.submit(stored_after, database, [replace(FIRST, sha256="c" * 64, body="id = 'changed'")])
            until_somebody_waits(database)
        with pytest.raises(ProtocolHashMismatchError, match="give the changed body a new version"):
            waiting.result(LONGEST_WAIT_SECONDS)


def stored_after(database: Database, versions: list[StoredProtocol]) -> tuple[StoredProtocol, ...]:
    """Store versions, and return what is stored then."""
    with changing(database) as connection:
        store_versions(connection, versions, AT)
        return list_versions(connection)
