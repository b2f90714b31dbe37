"""Who read and wrote what, and when: written with every act, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from workflow.persistence.faults import translated
from workflow.persistence.outcome import Access
from workflow.persistence.pages import Listing, Page, cursor_of
from workflow.persistence.rows import access_row
from workflow.persistence.sqlite_writes import INSERT_ACCESS
from workflow.persistence.tables import AccessLogTable
from workflow.persistence.tables.base import table_of

LOG = table_of(AccessLogTable)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRow:
    """One logged act."""

    id: int
    at: datetime
    actor_id: str
    action: str
    patient_id: str | None
    site_id: str | None
    items: int | None


def write_access(connection: Connection, acts: Sequence[Access], at: datetime) -> None:
    """Log acts inside the transaction that carries them out."""
    if acts:
        with translated():
            connection.execute(INSERT_ACCESS, [access_row(access, at) for access in acts])


def read_access(connection: Connection, *, patient_id: str | None = None, page: Page) -> Listing[AccessRow]:
    """Return a page of logged acts, the newest first; of one patient where it is given."""
    statement = select(LOG).order_by(LOG.c.id.desc()).limit(page.limit + 1)
    if patient_id is not None:
        statement = statement.where(LOG.c.patient_id == patient_id)
    after = page.after(int)
    if after is not None:
        statement = statement.where(LOG.c.id < after[0])
    with translated():
        rows = connection.execute(statement).mappings().all()
    items = tuple(AccessRow(**row) for row in rows[: page.limit])
    return Listing(items, cursor_of(items[-1].id) if len(rows) > page.limit else None)
