"""Whoever rewrites the facts behind the program's back is found out."""

import pytest
from sqlalchemy import text

from tests.conftest import SECRET
from tests.databases import Urls
from tests.integration.persistence.people import enrol, record, relapse
from tests.introduced import changing, seeing
from workflow.persistence.chain_check import broken_links
from workflow.persistence.engine import Database, open_database

TAMPERED = [
    ("UPDATE fact SET occurred_on = '2024-02-02' WHERE seq = 2", [(2, "the row was altered or put in")]),
    ("UPDATE fact SET actor_id = 'somebody' WHERE seq = 3", [(3, "the row was altered or put in")]),
    ("UPDATE fact SET payload = '{}' WHERE seq = 2", [(2, "the payload was altered")]),
    ("UPDATE fact SET note = 'never said' WHERE seq = 2", [(2, "the note, the override or the reason was altered")]),
    ("DELETE FROM fact WHERE seq = 2", [(2, "it is missing")]),
    ("DELETE FROM fact WHERE seq = 3", [(3, "it is missing")]),
    (
        "UPDATE patient SET head_hash = 'x'",
        [(None, "head_hash was altered, or the newest fact is another one")],
    ),
]


def tamper(database: Database, statement: str) -> None:
    """Do what only an owner of the database can: switch the triggers off first."""
    with changing(database) as connection:
        if database.dialect == "postgresql":
            connection.execute(text("ALTER TABLE fact DISABLE TRIGGER fact_append_only"))
        else:
            for act in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER fact_append_only_{act}"))
        connection.execute(text(statement))


@pytest.mark.parametrize(("statement", "expected"), TAMPERED)
def test_a_change_behind_the_programs_back_breaks_the_chain(
    database_urls: Urls, statement: str, expected: list[tuple[int | None, str]]
) -> None:
    owner = open_database(database_urls.owner, secret=SECRET)
    enrol(owner)
    relapse(owner)
    record(owner, "note_added", "2024-02-01", {"text": "seen"})
    with seeing(owner) as connection:
        assert broken_links(owner, connection) == []
    tamper(owner, statement)
    with seeing(owner) as connection:
        found = [(link.seq, link.why) for link in broken_links(owner, connection)]
    assert found == expected
    owner.dispose()


def test_a_chain_made_with_another_secret_does_not_hold(database: Database, database_url: str) -> None:
    enrol(database)
    stranger = open_database(database_url, secret=b"another secret")
    with seeing(stranger) as connection:
        assert [link.seq for link in broken_links(stranger, connection)] == [1]
    stranger.dispose()
