"""Looks whether somebody waits for a lock, so that a test knows when to let go of it."""

from time import monotonic

import pytest
from sqlalchemy import text

from tests.introduced import seeing
from workflow.persistence.engine import Database

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
LONGEST_WAIT_SECONDS = 60.0


def until_somebody_waits(database: Database) -> None:
    """Return when another connection to this PostgreSQL database waits for a lock."""
    until = monotonic() + LONGEST_WAIT_SECONDS
    while monotonic() < until:
        with seeing(database) as connection:
            if connection.execute(WAITING).scalar_one():
                return
    pytest.fail("nobody came to wait for a lock")
