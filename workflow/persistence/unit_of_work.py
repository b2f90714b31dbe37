"""One actor, one transaction: the only way by which use cases reach the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from workflow.domain.actor import Actor
from workflow.persistence.access_log import write_access
from workflow.persistence.engine import Database
from workflow.persistence.errors import DatabaseBusyError
from workflow.persistence.outcome import Access
from workflow.persistence.reach import Reach

ALL_SITES = "*"
# Behind each site, so that no site's name alone reads as all of them.
_END_OF_SITE = "\n"
# Told to PostgreSQL for this transaction only: what row-level security asks (migrations.site_fence). By another clock
# than the database's, memberships end by that one, too. Who lists is asked about all patients at once, not one by one.
_INTRODUCE = text(
    "SELECT now(), set_config('app.actor', :actor, true), set_config('app.sites', :sites, true), "
    "set_config('app.now', :now, true), set_config('app.lists', :lists, true)"
)
# All patients within reach are collected anew by each process that takes part in a statement.
_ALONE = text("SET LOCAL max_parallel_workers_per_gather = 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitOfWork:
    """An open transaction of one actor; `reach` is what the actor may see today.

    `began_at` is the database's clock, in UTC, from before anything was read: whatever was committed by then is seen.
    """

    database: Database
    connection: Connection
    actor: Actor
    reach: Reach
    began_at: datetime
    acts: list[Access] = field(default_factory=list)

    def instant(self) -> datetime:
        """Return the present instant by the database's clock, in UTC."""
        return self.database.instant(self.connection)

    def note(
        self, action: str, *, patient_id: str | None = None, site_id: str | None = None, items: int | None = None
    ) -> None:
        """Note an act for the access log; it is written when the unit ends well, before anybody sees the answer."""
        self.acts.append(
            Access(actor_id=self.actor.id, action=action, patient_id=patient_id, site_id=site_id, items=items)
        )


@contextmanager
def writing(database: Database, actor: Actor, *, bounded: bool = True) -> Iterator[UnitOfWork]:
    """Open a transaction that may write: committed with its access rows at the end, rolled back on any exception.

    Raises DatabaseBusyError, and stores nothing, where it has lasted longer than Limits.oldest_commit_seconds: what is
    known at an instant must not change for ever after. Only one that records no facts may do without (`bounded`).
    """
    with database.write() as connection:
        # Measured from when the connection is there: waiting for it dates no fact.
        started = database.stopwatch()
        unit = _introduced(database, connection, actor)
        yield unit
        if unit.acts:
            write_access(connection, unit.acts, unit.instant())
        if bounded and database.stopwatch() - started > database.limits.oldest_commit_seconds:
            raise DatabaseBusyError(
                "the transaction has lasted too long to be committed; nothing was stored, try again"
            )


@contextmanager
def reading(database: Database, actor: Actor, *, lists: bool = False) -> Iterator[UnitOfWork]:
    """Open a transaction that sees one snapshot; what was noted is logged by a short write of its own at the end.

    `lists` says that many patients are asked about, of whom most are looked at: it changes the price, not the answer.
    An answer whose access cannot be logged is not given: the error is raised.
    """
    with database.read() as connection:
        unit = _introduced(database, connection, actor, lists=lists)
        yield unit
    if unit.acts:
        with database.write() as connection:
            _introduced(database, connection, actor)
            write_access(connection, unit.acts, database.instant(connection))


def _introduced(database: Database, connection: Connection, actor: Actor, *, lists: bool = False) -> UnitOfWork:
    reach = Reach.of(actor)
    began_at = None
    if database.dialect == "sqlite" or database.clock is not None:
        began_at = database.instant(connection)
    if database.dialect == "postgresql":
        sites = ALL_SITES if reach.sites is None else "".join(f"{site}{_END_OF_SITE}" for site in reach.sites)
        now = "" if began_at is None else began_at.isoformat()
        told = {"actor": actor.id, "sites": sites, "now": now, "lists": "on" if lists else ""}
        transaction_began = connection.execute(_INTRODUCE, told).one()[0]
        began_at = began_at or transaction_began.astimezone(UTC)
        if lists and not reach.all_sites:
            connection.execute(_ALONE)
    assert began_at is not None
    return UnitOfWork(database=database, connection=connection, actor=actor, reach=reach, began_at=began_at)
