"""The worklist: windows that wait, and patients of whom nothing has been heard, the longest overdue first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    FromClause,
    RowMapping,
    Select,
    and_,
    func,
    literal,
    select,
    tuple_,
    union_all,
)

from workflow.domain.windows import Status, Window
from workflow.persistence.due_rows import ANY_STATUS, FOUND_BY_RANGE, Sought, rows_sought
from workflow.persistence.faults import translated
from workflow.persistence.mapping import row_to_window
from workflow.persistence.pages import BadCursorError, CursorPart, Listing, Page, cursor_of
from workflow.persistence.patients import PATIENT, STATE, WINDOW, looked_up_member_of, member_of, treating_site
from workflow.persistence.reach import Reach
from workflow.persistence.silent_then import Patience
from workflow.persistence.span_parts import At, dialect_of, spans_at
from workflow.persistence.standing import SiteDays, Today, known, valid

# Sorts what has no latest day behind everything that has one.
_NO_LATEST = literal(date.max, Date())
_WINDOW_COLUMNS = [column for column in WINDOW.columns if column.name not in {"id", "patient_id", "latest_on"}]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistRow:
    """One window that waits, on the day `as_of` of its site; `window` None where a silent patient has none."""

    patient_id: str
    pseudonym: str = field(repr=False)
    site_id: str
    state: str
    as_of: date
    window: Window | None
    status: Status | None
    unknown: bool
    owner: str | None
    deputy: str | None
    last_contact_on: date | None

    @property
    def due(self) -> bool:
        """Whether the window waits within three days of its latest day."""
        return self.window is not None and self.window.is_due(self.as_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRow:
    """One row of a worklist at past clocks: who, where, in which state, on which protocol (id@version) they were then.

    `window` is as it was known: what was known by then to come after the day has changed it too.
    """

    patient_id: str
    site_id: str
    state: str
    protocol: str | None
    window: Window | None


def list_worklist(
    connection: Connection,
    reach: Reach,
    *,
    today: SiteDays,
    now: datetime,
    page: Page,
    statuses: frozenset[str] = ANY_STATUS,
    site: str | None = None,
    rule: str | None = None,
) -> Listing[WorklistRow]:
    """Return a page of today's worklist, each patient judged by the date of the site that treats them.

    `statuses` are a window's, or `due`, or `unknown`. Access, and what `site` means, follow the memberships at `now`.
    """
    at = At(today=today, dialect=dialect_of(connection))
    found = rows_sought(at, Sought(statuses=statuses, rule=rule), now).subquery("found")
    # Few rows are looked up one by one; all that wait are joined with all that is within reach.
    member = looked_up_member_of if statuses <= FOUND_BY_RANGE else member_of
    statement = select(found)
    for sites in (reach.sites, None if site is None else (site,)):
        if sites is not None:
            statement = statement.where(member(sites, now, found.c.patient_id))
    with translated():
        chosen = _page_of(connection, statement, found, page, _days_within(reach, now)).subquery("chosen")
        rows = connection.execute(_in_full(chosen, today, now)).mappings().all()
    return _listing(rows, page, lambda row: _worklist_row(row, today))


def list_past_worklist(
    connection: Connection,
    reach: Reach,
    *,
    today: Today,
    known_at: datetime | None,
    patience: Patience,
    now: datetime,
    page: Page,
    statuses: frozenset[str] = ANY_STATUS,
    site: str | None = None,
    rule: str | None = None,
) -> Listing[PastRow]:
    """Return a page of the worklist as of a day, or as it stood last, in what was known at an instant.

    Access follows the memberships at `now`; `site` is the one that treated the patient at these clocks.
    """
    at = At(today=today, known_at=known_at, dialect=dialect_of(connection))
    found = rows_sought(at, Sought(statuses=statuses, rule=rule, patience=patience), now).subquery("found")
    statement = select(found)
    if reach.sites is not None:
        statement = statement.where(member_of(reach.sites, now, found.c.patient_id))
    if site is not None:
        there = union_all(*spans_at(STATE, at, [STATE.c.patient_id], STATE.c.site_id == site))
        statement = statement.where(found.c.patient_id.in_(there))
    with translated():
        chosen = _page_of(connection, statement, found, page, _days_within(reach, now)).subquery("chosen")
        stood = and_(STATE.c.patient_id == chosen.c.patient_id, known(STATE, known_at), valid(STATE, today))
        # A window has a protocol as well: that of its anchor.
        place = (STATE.c.site_id, STATE.c.state, STATE.c.protocol.label("pinned"))
        in_full = (
            select(chosen, *_WINDOW_COLUMNS, *place)
            .select_from(chosen.join(STATE, stood).outerjoin(WINDOW, WINDOW.c.id == chosen.c.window_id))
            .order_by(*_order(chosen))
        )
        rows = connection.execute(in_full).mappings().all()
    return _listing(rows, page, _past_row)


def _days_within(reach: Reach, now: datetime) -> Select[Any]:
    """Return the latest days of the windows within reach: of another one, no list may tell what lies behind it."""
    days = select(WINDOW.c.latest_on)
    return days if reach.sites is None else days.where(member_of(reach.sites, now, WINDOW.c.patient_id))


def _page_of(
    connection: Connection, statement: Select[Any], found: FromClause, page: Page, days: Select[Any]
) -> Select[Any]:
    after = page.after(str, int | None)
    if after is not None:
        statement = statement.where(_behind(connection, found, after, days))
    return statement.order_by(*_order(found)).limit(page.limit + 1)


def _order(found: FromClause) -> tuple[ColumnElement[Any], ...]:
    return (func.coalesce(found.c.latest_on, _NO_LATEST), found.c.patient_id, func.coalesce(found.c.window_id, 0))


def _behind(
    connection: Connection, found: FromClause, cursor: tuple[CursorPart, ...], days: Select[Any]
) -> ColumnElement[bool]:
    """Return the condition for what comes behind a row; its day is looked up, so that no date stands in a URL.

    Raises BadCursorError where the patient has no such window, or none within reach.
    """
    patient_id, window_id = cursor
    latest = None
    if window_id is not None:
        place = connection.execute(
            days.where(WINDOW.c.id == window_id, WINDOW.c.patient_id == patient_id)
        ).one_or_none()
        if place is None:
            raise BadCursorError
        latest = place.latest_on
    behind = (literal(latest or date.max, Date()), literal(patient_id), literal(window_id or 0))
    return tuple_(*_order(found)) > tuple_(*behind)


def _in_full(chosen: FromClause, today: SiteDays, now: datetime) -> Select[Any]:
    """Return the chosen rows with everything that is shown, from what is known now."""
    stands = and_(STATE.c.patient_id == chosen.c.patient_id, known(STATE, None), valid(STATE, today))
    return (
        select(
            chosen,
            *_WINDOW_COLUMNS,
            *(PATIENT.c[name] for name in ("pseudonym", "owner", "deputy", "last_contact_on", "silent_from")),
            STATE.c.state,
            treating_site(now).label("site_id"),
        )
        .select_from(
            chosen.join(PATIENT, PATIENT.c.id == chosen.c.patient_id)
            .join(STATE, stands)
            .outerjoin(WINDOW, WINDOW.c.id == chosen.c.window_id)
        )
        .order_by(*_order(chosen))
    )


def _listing(rows: Sequence[RowMapping], page: Page, read: Callable[[RowMapping], Item]) -> Listing[Item]:
    items = tuple(read(row) for row in rows[: page.limit])
    last = rows[page.limit - 1] if len(rows) > page.limit else None
    return Listing(items, None if last is None else cursor_of(last["patient_id"], last["window_id"]))


def _window_of(row: RowMapping) -> Window | None:
    return None if row["window_id"] is None else row_to_window(row)


def _past_row(row: RowMapping) -> PastRow:
    return PastRow(
        patient_id=row["patient_id"],
        site_id=row["site_id"],
        state=row["state"],
        protocol=row["pinned"],
        window=_window_of(row),
    )


def _worklist_row(row: RowMapping, today: SiteDays) -> WorklistRow:
    window, as_of = _window_of(row), today.of(row["site_id"])
    return WorklistRow(
        patient_id=row["patient_id"],
        pseudonym=row["pseudonym"],
        site_id=row["site_id"],
        state=row["state"],
        as_of=as_of,
        window=window,
        status=None if window is None else window.status(as_of),
        unknown=row["silent_from"] is not None and row["silent_from"] <= as_of,
        owner=row["owner"],
        deputy=row["deputy"],
        last_contact_on=row["last_contact_on"],
    )
