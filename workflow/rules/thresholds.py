"""Which thresholds the open windows of a patient have, and at which instants they pass at the site that treats them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from workflow.domain.alerts import AlertKey
from workflow.domain.calendar import add_days
from workflow.domain.patient import PatientState
from workflow.domain.site_practice import SitePractice
from workflow.domain.windows import Window
from workflow.knowledge.reminders import CATALOGUE, Reminder

_BY_RULE: dict[str, list[Reminder]] = defaultdict(list)
for _row in CATALOGUE:
    _BY_RULE[_row.rule].append(_row)
# A site that never works is a mistake of its setting; a reminder then comes on its own day.
_MOST_DAYS_BEFORE = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """The first day of a stage of an open window: `key.threshold_on`; told from `fires_at` on, an instant in UTC."""

    key: AlertKey
    reminder: Reminder
    window: Window
    fires_at: datetime


def thresholds(state: PatientState, site: SitePractice) -> tuple[Threshold, ...]:
    """Return every threshold of the patient's open windows, passed or not.

    The day is that of the window alone. When it is told may follow the site's working days, so that a changed holiday
    never makes it another threshold.
    """
    return tuple(
        found
        for window in state.open_windows
        for reminder in _BY_RULE.get(window.rule, ())
        if (found := _threshold(window, reminder, site)) is not None
    )


def begins(day: date, time_zone: str) -> datetime:
    """Return the instant, in UTC, at which a calendar date begins in an IANA time zone."""
    return datetime.combine(day, time.min, ZoneInfo(time_zone)).astimezone(UTC)


def threshold_day(window: Window, reminder: Reminder, site: SitePractice) -> date | None:
    """Return the first day of a row's stage in a window, open or ended; None where the window or the site has none."""
    on: date | None = getattr(window, reminder.threshold)
    days = getattr(site, reminder.site_days) if reminder.site_days else 0
    return None if on is None or days is None else add_days(on, reminder.shift_days + days)


def told_from(threshold_on: date, reminder: Reminder, site: SitePractice) -> date:
    """Return the day of the site from whose beginning a threshold of this day is told."""
    return _working_day(threshold_on, site) if reminder.on_working_day else threshold_on


def _threshold(window: Window, reminder: Reminder, site: SitePractice) -> Threshold | None:
    threshold_on = threshold_day(window, reminder, site)
    if threshold_on is None:
        return None
    return Threshold(
        key=AlertKey(window.id, reminder.id, threshold_on),
        reminder=reminder,
        window=window,
        fires_at=begins(told_from(threshold_on, reminder, site), site.time_zone),
    )


def _working_day(day: date, site: SitePractice) -> date:
    """Return the day, or the last working day of the site before it."""
    before = (day - timedelta(days=back) for back in range(_MOST_DAYS_BEFORE))
    return next((each for each in before if site.works_on(each)), day)
