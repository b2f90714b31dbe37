"""The worklist: windows that wait, and patients of whom nothing has been heard, the longest overdue first."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Date, RowMapping, Select, and_, func, literal, or_, select, tuple_

from workflow.domain.windows import Status, Window
from workflow.persistence.faults import translated
from workflow.persistence.mapping import row_to_window
from workflow.persistence.pages import CursorPart, Listing, Page, cursor_of
from workflow.persistence.patients import PATIENT, STATE, WINDOW, member_of, treating_site
from workflow.persistence.reach import Reach
from workflow.persistence.standing import DUE, UNKNOWN, AsOf, Today, known, matches_status, status, waits

ANY_STATUS = frozenset({"upcoming", "open", DUE, "late", "critical", UNKNOWN})
# Sorts what has no latest day behind everything that has one.
_NO_LATEST = literal(date.max, Date())


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistRow:
    """One window that waits, on the day `as_of` of its site; `window` None where a silent patient has none."""

    patient_id: str
    pseudonym: str = field(repr=False)
    site_id: str
    state: str | None
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


def list_worklist(
    connection: Connection,
    reach: Reach,
    *,
    today: Today,
    now: datetime,
    page: Page,
    statuses: frozenset[str] = ANY_STATUS,
    site: str | None = None,
    rule: str | None = None,
    known_at: datetime | None = None,
) -> Listing[WorklistRow]:
    """Return a page of the worklist as of `today` (a date, or the date of each site), from what was known then.

    `statuses` are a window's, or `due`, or `unknown`. Access follows the memberships at `now`. Whether a patient is
    silent is told by today's snapshot.
    """
    as_of = AsOf(today, treating_site(now))
    statement = _rows(as_of, statuses, rule=rule, known_at=known_at, now=now)
    if reach.sites is not None:
        statement = statement.where(member_of(reach.sites, now))
    if site is not None:
        statement = statement.where(member_of((site,), now))
    with translated():
        after = page.after(str, int)
        if after is not None:
            statement = statement.where(_after(connection, after))
        statement = statement.order_by(*_order()).limit(page.limit + 1)
        rows = connection.execute(statement).mappings().all()
    items = tuple(_worklist_row(row) for row in rows[: page.limit])
    last = rows[page.limit - 1] if len(rows) > page.limit else None
    return Listing(items, None if last is None else cursor_of(last["patient_id"], last["window_id"]))


def _rows(
    as_of: AsOf, statuses: frozenset[str], *, rule: str | None, known_at: datetime | None, now: datetime
) -> Select[Any]:
    silent = func.coalesce(PATIENT.c.silent_from <= as_of.day(), literal(value=False))
    waiting = [WINDOW.c.patient_id == PATIENT.c.id, known(WINDOW, known_at), waits(WINDOW, as_of)]
    if rule is not None:
        waiting.append(WINDOW.c.rule == rule)
    standing = or_(
        *(matches_status(WINDOW, name, as_of) for name in sorted(statuses - {UNKNOWN})), literal(value=False)
    )
    standing = and_(WINDOW.c.id.is_not(None), standing)
    # Asked for one rule, a patient without a window of it has no row: others may well be open.
    with_silent = UNKNOWN in statuses and rule is None
    return (
        select(
            *(column for column in WINDOW.columns if column.name not in {"id", "patient_id"}),
            WINDOW.c.id.label("window_id"),
            PATIENT.c.id.label("patient_id"),
            *(PATIENT.c[name] for name in ("pseudonym", "owner", "deputy", "last_contact_on")),
            treating_site(now).label("site_id"),
            _state(as_of, known_at).label("state"),
            as_of.day().label("as_of"),
            status(WINDOW, as_of).label("status"),
            silent.label("unknown"),
        )
        .select_from(PATIENT.join(WINDOW, and_(*waiting), isouter=with_silent))
        .where(or_(standing, silent) if UNKNOWN in statuses else standing)
    )


def _state(as_of: AsOf, known_at: datetime | None) -> ColumnElement[str]:
    still = or_(STATE.c.valid_to.is_(None), STATE.c.valid_to > as_of.day())
    of_patient = and_(STATE.c.patient_id == PATIENT.c.id, known(STATE, known_at))
    return select(STATE.c.state).where(of_patient, STATE.c.valid_from <= as_of.day(), still).limit(1).scalar_subquery()


def _order() -> tuple[ColumnElement[Any], ...]:
    return (func.coalesce(WINDOW.c.latest_on, _NO_LATEST), PATIENT.c.id, func.coalesce(WINDOW.c.id, 0))


def _after(connection: Connection, cursor: tuple[CursorPart, ...]) -> ColumnElement[bool]:
    """Return the condition for what comes behind a row; its day is looked up, so that no date stands in a URL."""
    patient_id, window_id = cursor
    latest = connection.execute(select(WINDOW.c.latest_on).where(WINDOW.c.id == window_id)).scalar()
    behind = (literal(latest or date.max, Date()), literal(patient_id), literal(window_id or 0))
    return tuple_(*_order()) > tuple_(*behind)


def _worklist_row(row: RowMapping) -> WorklistRow:
    window = None if row["window_id"] is None else row_to_window(row)
    return WorklistRow(
        patient_id=row["patient_id"],
        pseudonym=row["pseudonym"],
        site_id=row["site_id"],
        state=row["state"],
        as_of=row["as_of"],
        window=window,
        status=None if window is None else row["status"],
        unknown=bool(row["unknown"]),
        owner=row["owner"],
        deputy=row["deputy"],
        last_contact_on=row["last_contact_on"],
    )
