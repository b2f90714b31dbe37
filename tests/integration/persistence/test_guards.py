"""What was recorded cannot be rewritten: triggers refuse it to everybody, rights refuse it to the app."""

import re
import traceback

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.conftest import SECRET
from tests.databases import Urls
from tests.integration.persistence.contents import contents
from tests.integration.persistence.people import enrol, set_up_sites
from tests.introduced import changing
from workflow.persistence.engine import Database, open_database
from workflow.persistence.errors import BrokenConstraintError
from workflow.persistence.tables import APPEND_ONLY, METADATA

ROWS = {
    "fact": "",
    "access_log": "",
    "site_setting": "",
    "alert_event": "INSERT INTO alert_event (alert_id, at, kind, episode) VALUES ('a1', '2024-01-01', 'raised', 1)",
    "attempt": "INSERT INTO attempt (notice_id, at, worker, outcome) VALUES ('n1', '2024-01-01', 'w', 'delivered')",
    "seal": "INSERT INTO seal (sealed_at, patients, heads_sha256, prev_hash, hash) "
    "VALUES ('2024-01-01', 1, 'h', '', 'h')",
    "sealed_head": "INSERT INTO sealed_head (seal_id, patient_id, seq, hash) SELECT max(id), 'p1', 1, 'h' FROM seal",
    "protocol_version": "INSERT INTO protocol_version (id, version, sha256, body, stored_at) "
    "VALUES ('p', '1', 'h', 'b', '2024-01-01')",
    "protocol_signature": "INSERT INTO protocol_signature (sha256, part, actor_id, signed_at) "
    "VALUES ('h', 'author', 'a', '2024-01-01')",
}
ALERT = (
    "INSERT INTO alert (id, patient_id, course, window_key, rule, reminder, stage, severity, threshold_on, raised_at, "
    "status, episode, step, proof) VALUES ('a1', 'p1', 1, 'w', 'r', 'm', 'late', 's', '2024-01-01', '2024-01-01', "
    "'open', 1, 0, '')"
)
NOTICE = (
    "INSERT INTO notice (id, alert_id, episode, step, recipient, channel, status, made_at, due_at, "
    "planned_at, attempts, accounted) "
    "VALUES ('n1', 'a1', 1, 0, 'r', 'c', 'pending', '2024-01-01', '2024-01-01', '2024-01-01', 0, FALSE)"
)


def fill(database: Database) -> None:
    set_up_sites(database)
    enrol(database)
    with changing(database) as connection:
        for statement in (ALERT, NOTICE, *ROWS.values()):
            if statement:
                connection.execute(text(statement))


def refusal(database: Database, statement: str) -> str:
    with database.writer.connect() as connection:
        try:
            connection.execute(text(statement))
        except DBAPIError as fault:
            return str(fault.orig)
        finally:
            connection.rollback()
    return ""


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_even_the_owner_cannot_change_what_was_recorded(database_urls: Urls, table: str) -> None:
    owner = open_database(database_urls.owner, secret=SECRET)
    fill(owner)
    before = contents(owner)
    column = next(iter(METADATA.tables[table].columns)).name
    for act in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):  # noqa: S608 -- our own names
        assert f"{table} is append-only: rows are never updated or deleted" in refusal(owner, act)
    if owner.dialect == "postgresql":
        assert "append-only" in refusal(owner, f"TRUNCATE {table} CASCADE")
    assert contents(owner) == before
    owner.dispose()


@pytest.mark.parametrize("database_urls", ["sqlite"], indirect=True)
def test_no_fact_can_be_replaced_on_sqlite(database: Database) -> None:
    enrol(database)
    assert "append-only" in refusal(database, "INSERT OR REPLACE INTO fact SELECT * FROM fact")


@pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
def test_the_app_has_no_right_to_change_what_was_recorded(database: Database) -> None:
    fill(database)
    for table in APPEND_ONLY:
        column = next(iter(METADATA.tables[table].columns)).name
        for act in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", f"TRUNCATE {table}"):  # noqa: S608 -- our own names
            assert f"permission denied for table {table}" in refusal(database, act)
    for act in ("DROP TABLE fact", "ALTER TABLE fact DISABLE TRIGGER ALL"):
        assert "must be owner of table fact" in refusal(database, act)
    for table in set(METADATA.tables) - {*APPEND_ONLY, "idempotency", "ended_session"}:
        assert f"permission denied for table {table}" in refusal(database, f"DELETE FROM {table}")  # noqa: S608 -- our own names
    for forgotten in ("idempotency WHERE made_at < '2020-01-01'", "ended_session WHERE until_at < '2020-01-01'"):
        assert refusal(database, f"DELETE FROM {forgotten}") == ""  # noqa: S608 -- our own names


def test_who_reads_cannot_write(database: Database) -> None:
    enrol(database)
    with database.reader.connect() as connection, pytest.raises(DBAPIError) as refused:
        connection.execute(text("UPDATE patient SET version = 7"))
    assert re.search("read-?only", str(refused.value.orig))


def test_a_refused_row_is_named_by_its_rule_and_not_by_its_values(database: Database) -> None:
    enrol(database)
    statement = text("INSERT INTO patient_site VALUES ('p1', 'secret site', '2024-01-01', 'visiting', NULL)")
    with (
        pytest.raises(BrokenConstraintError, match="ck_patient_site_role") as refused,
        changing(database) as connection,
    ):
        connection.execute(statement)
    assert "secret" not in "".join(traceback.format_exception(refused.value))
