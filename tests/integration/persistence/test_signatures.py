"""Signatures of a protocol's release: two parts, two people, one text each, whoever is first by a moment."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from workflow.persistence.engine import Database
from workflow.persistence.errors import BrokenConstraintError, PartSignedError, SignedByThemError
from workflow.persistence.protocol_signatures import Signature, list_signatures, store_signature
from workflow.persistence.protocol_versions import StoredProtocol, list_versions, store_versions

AT = datetime(2025, 1, 1, 9, tzinfo=UTC)
OWN = StoredProtocol("home-blocks", "1", "a" * 64, "id = 'home-blocks'", "own")
AUTHOR = Signature(sha256=OWN.sha256, part="author", actor_id="anna", signed_at=AT, note="read")
APPROVER = Signature(sha256=OWN.sha256, part="approver", actor_id="boris", signed_at=AT.replace(hour=10))


@pytest.fixture
def stored(database: Database) -> Database:
    """Return a database with a protocol of the installation's own, signed by its author."""
    with database.write() as connection:
        store_versions(connection, [OWN], AT)
        store_signature(connection, AUTHOR)
    return database


def test_what_was_signed_is_read_back_the_oldest_first(stored: Database) -> None:
    with stored.write() as connection:
        store_signature(connection, APPROVER)
    with stored.read() as connection:
        assert list_signatures(connection) == (AUTHOR, APPROVER)
        assert list_versions(connection) == (OWN,)


def test_each_part_is_signed_once(stored: Database) -> None:
    with pytest.raises(PartSignedError), stored.write() as connection:
        store_signature(connection, replace(APPROVER, part="author"))


def test_nobody_signs_both_parts(stored: Database) -> None:
    with pytest.raises(SignedByThemError), stored.write() as connection:
        store_signature(connection, replace(APPROVER, actor_id=AUTHOR.actor_id))


def test_only_a_stored_text_is_signed(stored: Database) -> None:
    with pytest.raises(BrokenConstraintError), stored.write() as connection:
        store_signature(connection, replace(APPROVER, sha256="b" * 64))
