"""What happens when the database is busy, full or gone: a clear error, nothing half-written, and then it goes on."""

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.conftest import SECRET
from tests.integration.persistence.contents import contents
from tests.integration.persistence.people import BERLIN, enrol, lock, other_hospital, record, treating_doctor
from tests.introduced import changing
from workflow.persistence.access_log import write_access
from workflow.persistence.engine import Database, open_database, parse_url
from workflow.persistence.errors import (
    DatabaseBusyError,
    DatabaseUnavailableError,
    DatabaseUrlError,
    OutOfReachError,
    PermissionDeniedError,
)
from workflow.persistence.faults import error_for, in_one_line
from workflow.persistence.limits import Limits
from workflow.persistence.migrations import current_revision
from workflow.persistence.outcome import Access
from workflow.persistence.unit_of_work import writing


def test_who_waits_too_long_for_a_patient_is_told_to_try_again(database: Database, database_url: str) -> None:
    enrol(database)
    hasty = open_database(database_url, secret=SECRET, limits=Limits(lock_seconds=0.05))
    with changing(database) as connection:
        lock(database, connection)
        with pytest.raises(DatabaseBusyError, match="try again"):
            record(hasty, "note_added", "2024-01-01", {"text": "seen"})
    record(hasty, "note_added", "2024-01-01", {"text": "seen"})
    hasty.dispose()


def test_who_waits_too_long_for_a_connection_is_told_to_try_again(database: Database, database_url: str) -> None:
    hasty = open_database(database_url, secret=SECRET, limits=Limits(lock_seconds=0.05))
    engine = hasty.writer
    held = [engine.connect() for _ in range(engine.pool.size())]  # type: ignore[attr-defined]
    with pytest.raises(DatabaseBusyError, match="try again"):
        enrol(hasty)
    for connection in held:
        connection.close()
    enrol(hasty)
    hasty.dispose()


@pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
def test_a_statement_that_takes_too_long_is_stopped(database_url: str) -> None:
    impatient = open_database(database_url, secret=SECRET, limits=Limits(statement_seconds=0.05))
    with pytest.raises(DatabaseBusyError), impatient.read() as connection:
        connection.execute(text("SELECT count(*) FROM generate_series(1, 1000000000)"))
    impatient.dispose()


@pytest.mark.parametrize("database_urls", ["sqlite"], indirect=True)
def test_a_full_disk_refuses_the_write_and_keeps_what_was_there(database: Database) -> None:
    enrol(database)
    before = contents(database)
    with database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    with database.write() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DatabaseUnavailableError, match="SQLITE_FULL"):
        record(database, "note_added", "2024-01-01", {"text": "x" * 4000}, key="k" * 40000)
    assert contents(database) == before
    with database.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    record(database, "note_added", "2024-01-01", {"text": "seen"})


@pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
def test_a_lost_connection_costs_one_error_and_no_row(database: Database) -> None:
    enrol(database)
    before = contents(database)
    with pytest.raises(DatabaseUnavailableError), database.write() as connection:
        lose(connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())")).scalar_one)
    assert contents(database) == before
    record(database, "note_added", "2024-01-01", {"text": "seen"})


def lose(read: object) -> None:
    """Read from a connection that is gone."""
    assert callable(read)
    read()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"database": "mistyped"}, 'FATAL:  database "mistyped" does not exist'),
        ({"username": "nobody"}, 'FATAL:  role "nobody" does not exist'),
    ],
)
@pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
def test_who_is_not_let_in_is_told_the_servers_own_reason_in_one_line(
    database_url: str, changed: dict[str, str], said: str
) -> None:
    url = parse_url(database_url).set(
        username=changed.get("username"), database=changed.get("database"), password="not for a log"
    )
    refused = open_database(url.render_as_string(hide_password=False), secret=SECRET)
    with pytest.raises(DatabaseUnavailableError) as found, refused.read():
        pass
    refused.dispose()
    assert str(found.value).endswith(f"{said})")
    assert "\n" not in str(found.value)
    assert "not for a log" not in str(found.value)


@pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
def test_a_row_behind_the_fence_is_told_from_a_right_that_was_never_granted(database: Database) -> None:
    enrol(database)
    before = contents(database)
    in_another_name = Access(actor_id=treating_doctor.id, action="read_patient", site_id=BERLIN)
    with pytest.raises(OutOfReachError, match="a mistake in Coursewatch"), writing(database, other_hospital) as unit:
        write_access(unit.connection, [in_another_name], unit.instant())
    with pytest.raises(PermissionDeniedError, match="coursewatch db upgrade"), database.write() as connection:
        connection.execute(text("DELETE FROM fact"))
    assert contents(database) == before


def test_a_database_that_is_not_there_is_named_unavailable() -> None:
    nowhere = open_database("postgresql://nobody@/nowhere?host=/nonexistent", secret=SECRET)
    with pytest.raises(DatabaseUnavailableError, match="not available"), nowhere.read():
        pass
    nowhere.dispose()
    with pytest.raises(DatabaseUnavailableError):
        current_revision("postgresql://nobody@/nowhere?host=/nonexistent")


def test_a_file_that_is_no_database_is_named_unavailable(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear colleague, " * 100, encoding="ascii")
    database = open_database(f"sqlite:///{file}", secret=SECRET)
    with pytest.raises(DatabaseUnavailableError, match="SQLITE_NOTADB"), database.write():
        pass
    database.dispose()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense", "cannot be read; use sqlite:///PATH"),
        ("mysql://root@localhost/x", "names mysql; use sqlite:///PATH"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
def test_a_url_of_another_kind_is_refused_with_what_is_possible(url: str, message: str) -> None:
    with pytest.raises(DatabaseUrlError, match=message):
        open_database(url, secret=SECRET)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="ascii")
    with pytest.raises(DatabaseUrlError, match="cannot be made or opened: "):
        open_database(f"sqlite:///{tmp_path}/file/x.sqlite3", secret=SECRET)


def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "data" / "x.sqlite3"
    open_database(f"sqlite:///{file}", secret=SECRET).dispose()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize("database_urls", ["sqlite"], indirect=True)
def test_sqlite_is_set_up_to_survive_a_power_cut(database: Database) -> None:
    for opened, query_only in ((database.write, 0), (database.read, 1)):
        with opened() as connection:
            found = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "query_only")
            ]
        assert found == ["wal", 2, 1, 1, query_only]


@pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
def test_postgresql_sessions_have_their_limits(database: Database) -> None:
    names = ("statement_timeout", "lock_timeout", "timezone", "jit", "transaction_isolation", "transaction_read_only")
    for opened, expected in (
        (database.write, ["5s", "3s", "UTC", "off", "read committed", "off"]),
        (database.read, ["5s", "3s", "UTC", "off", "repeatable read", "on"]),
    ):
        with opened() as connection:
            assert [connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names] == expected
            assert connection.exec_driver_sql("SELECT current_user").scalar_one() == "coursewatch_app"


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ('connection failed: FATAL:  password authentication failed for user "coursewatch_app"', True),
        ("connection failed: fe_sendauth: no password supplied", True),
        ('connection failed: FATAL:  database "mistyped" does not exist', False),
    ],
)
def test_who_has_no_password_or_a_wrong_one_is_told_where_it_is_read_from(said: str, *, known: bool) -> None:
    fault = OperationalError("", {}, psycopg.OperationalError(said))
    error = error_for(fault)
    assert isinstance(error, DatabaseUnavailableError)
    for told in (str(error), in_one_line(fault)):
        assert said in told
        assert ("the file that COURSEWATCH_DATABASE_PASSWORD_FILE names" in told) is known
