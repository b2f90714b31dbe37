"""How a window stands on a day, in SQL: the same expression as Window.status, for lists."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Date, Table, and_, case, literal, or_

from workflow.domain.windows import DUE_WITHIN_DAYS

DUE = "due"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SiteDays:
    """The calendar date of each site at one instant; `elsewhere` where a site has no setting."""

    by_site: Mapping[str, date]
    elsewhere: date

    def of(self, site_id: str) -> date:
        """Return the date at a site."""
        return self.by_site.get(site_id, self.elsewhere)


# One day that is asked about, or what stood last, judged by the date that each patient's site has.
Today = date | SiteDays


@dataclass(frozen=True, slots=True)
class AsOf:
    """The calendar date that a list is about: one for all, or that of the site in `site_id`."""

    today: Today
    site_id: ColumnElement[str]

    @property
    def first(self) -> date:
        """The earliest date that any row may have."""
        return min(self._sites_by_day())

    @property
    def last(self) -> date:
        """The latest date that any row may have."""
        return max(self._sites_by_day())

    def day(self, plus_days: int = 0) -> ColumnElement[date]:
        """Return the expression for a row's date, shifted by days."""
        (elsewhere, _), *others = self._sites_by_day().items()
        shifted = [(self.site_id.in_(sites), _day(day, plus_days)) for day, sites in others]
        return case(*shifted, else_=_day(elsewhere, plus_days)) if shifted else _day(elsewhere, plus_days)

    def on_its_day(self, condition: Callable[[date], ColumnElement[bool]]) -> ColumnElement[bool]:
        """Whether a condition about a day holds on the date of the row's site, looked up once for each date."""
        (elsewhere, _), *others = self._sites_by_day().items()
        if not others:
            return condition(elsewhere)
        away = [site for _, sites in others for site in sites]
        return or_(
            and_(condition(elsewhere), self.site_id.not_in(away)),
            *(and_(condition(day), self.site_id.in_(sites)) for day, sites in others),
        )

    def _sites_by_day(self) -> dict[date, list[str]]:
        """Return the sites of each date; the first date is that of all who are not named."""
        if isinstance(self.today, date):
            return {self.today: []}
        by_day: dict[date, list[str]] = {self.today.elsewhere: []}
        for site, day in sorted(self.today.by_site.items()):
            by_day.setdefault(day, []).append(site)
        return by_day


def _day(day: date, plus_days: int) -> ColumnElement[date]:
    return literal(day + timedelta(days=plus_days), Date())


def known(spans: Table, known_at: datetime | None) -> ColumnElement[bool]:
    """Whether a span row belongs to what was recorded by an instant; None means now."""
    if known_at is None:
        return spans.c.known_to.is_(None)
    return and_(spans.c.known_from <= known_at, or_(spans.c.known_to.is_(None), spans.c.known_to > known_at))


def valid(spans: Table, today: Today) -> ColumnElement[bool]:
    """Whether a state holds, or a window waits, on the day that is asked about; without one, whether nothing ended it.

    What is dated tomorrow, at a site whose day begins earlier, belongs to what stands last.
    """
    if not isinstance(today, date):
        return spans.c.valid_to.is_(None)
    return and_(spans.c.valid_from <= today, or_(spans.c.valid_to.is_(None), spans.c.valid_to > today))


def status(windows: Table, day: date) -> ColumnElement[str]:
    """Return the expression of Window.status over a table of window spans."""
    columns = windows.c
    return case(
        (and_(columns.ended_as.is_not(None), columns.valid_to <= day), columns.ended_as),
        (columns.critical_from <= day, "critical"),
        (columns.latest_on < day, "late"),
        (columns.earliest_on > day, "upcoming"),
        else_="open",
    )


def matches_status(windows: Table, wanted: str, day: date) -> ColumnElement[bool]:
    """Whether a window stands so on a day; `due` is Window.is_due: it waits within three days of its latest day."""
    if wanted != DUE:
        return status(windows, day) == wanted
    near = windows.c.latest_on <= day + timedelta(days=DUE_WITHIN_DAYS)
    return and_(status(windows, day).in_(("open", "upcoming")), near)
