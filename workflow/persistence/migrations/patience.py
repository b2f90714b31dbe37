"""How an upgrade gets its locks while processes work: it asks briefly and often, so that nobody queues behind it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

from sqlalchemy import Engine, text

from workflow.clock import monotonic
from workflow.persistence.errors import DatabaseBusyError

# Whoever asks for a table while a migration waits to have it alone stands behind the migration. This is well under the
# time that a request waits for a lock (3 s), and under the second after which PostgreSQL would look for a deadlock and
# might choose the request.
SHORT_LOCK_SECONDS = 0.5
# Between two times, those who stood behind it go on.
PAUSE_SECONDS = 1.0
PATIENCE_SECONDS = 120.0
# One upgrade at a time; the others wait so long for it.
ANOTHER_UPGRADE_SECONDS = 30.0
_WAIT_FOR_ANOTHER = text(f"SET lock_timeout = '{ANOTHER_UPGRADE_SECONDS:.0f}s'")
_ALONE = text("SELECT pg_advisory_lock(hashtext('coursewatch migrations'))")


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Keep every other upgrade of this database waiting until the block is left; on SQLite they wait in any case.

    The lock has a connection of its own without a transaction: an index that is built beside the work waits for all
    transactions that began before it.
    """
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(_WAIT_FOR_ANOTHER)
        connection.execute(_ALONE)
        try:
            yield
        finally:
            # The lock goes with its session.
            connection.invalidate()


def patiently(act: Callable[[], None], tell: Callable[[str], None]) -> None:
    """Try again and again what a lock that is taken keeps from being done; raises DatabaseBusyError in the end.

    What an act had done before it met the lock must be done, or undone, by then.
    """
    began, told = monotonic(), False
    while True:
        try:
            act()
        except DatabaseBusyError:
            if monotonic() - began > PATIENCE_SECONDS:
                raise DatabaseBusyError(
                    "some tables are in use by somebody who reads or writes for long, like a backup, a check or an "
                    "import; run the upgrade again when that has ended"
                ) from None
            if not told:
                tell("Waiting for tables that are in use; whoever works goes on meanwhile …")
                told = True
            Event().wait(PAUSE_SECONDS)
        else:
            return
