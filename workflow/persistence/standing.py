"""How a window stands on a day, in SQL: the same expression as Window.status, for lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Date, Table, and_, case, literal, or_

from workflow.domain.windows import DUE_WITHIN_DAYS

Today = date | Mapping[str, date]
DUE = "due"
UNKNOWN = "unknown"
# Before every site's calendar: where no site is known, nothing has begun.
_NO_DAY = date.min


@dataclass(frozen=True, slots=True)
class AsOf:
    """The calendar date that a list is about: one for all, or each site's own."""

    today: Today
    site_id: ColumnElement[str]

    def day(self, plus_days: int = 0) -> ColumnElement[date]:
        """Return the expression for a row's date, shifted by days; a site without a date gets the earliest one."""
        if isinstance(self.today, date):
            return literal(self.today + timedelta(days=plus_days), Date())
        earliest, *later = sorted(set(self.today.values())) or [_NO_DAY]
        shifted = [
            (self.site_id.in_(self._sites_on(day)), literal(day + timedelta(days=plus_days), Date())) for day in later
        ]
        default = literal(earliest + timedelta(days=plus_days), Date())
        return case(*shifted, else_=default) if shifted else default

    def _sites_on(self, day: date) -> list[str]:
        assert isinstance(self.today, Mapping)
        return [site for site, its_day in self.today.items() if its_day == day]


def known(spans: Table, known_at: datetime | None) -> ColumnElement[bool]:
    """Whether a span row belongs to what was recorded by an instant; None means now."""
    if known_at is None:
        return spans.c.known_to.is_(None)
    return and_(spans.c.known_from <= known_at, or_(spans.c.known_to.is_(None), spans.c.known_to > known_at))


def status(windows: Table, as_of: AsOf) -> ColumnElement[str]:
    """Return the expression of Window.status over a table of window spans."""
    columns, day = windows.c, as_of.day()
    return case(
        (and_(columns.ended_as.is_not(None), columns.valid_to <= day), columns.ended_as),
        (columns.critical_from <= day, "critical"),
        (columns.latest_on < day, "late"),
        (columns.earliest_on > day, "upcoming"),
        else_="open",
    )


def begun(windows: Table, as_of: AsOf) -> ColumnElement[bool]:
    """Whether a window's anchor lies on or before the day."""
    return windows.c.valid_from <= as_of.day()


def waits(windows: Table, as_of: AsOf) -> ColumnElement[bool]:
    """Whether a window has begun and nothing has ended it yet."""
    return and_(begun(windows, as_of), or_(windows.c.ended_as.is_(None), windows.c.valid_to > as_of.day()))


def matches_status(windows: Table, wanted: str, as_of: AsOf) -> ColumnElement[bool]:
    """Whether a window stands so on a day; `due` is one that waits within three days of its latest day."""
    if wanted != DUE:
        return status(windows, as_of) == wanted
    near = windows.c.latest_on <= as_of.day(DUE_WITHIN_DAYS)
    return and_(status(windows, as_of).in_(("open", "upcoming")), near)
