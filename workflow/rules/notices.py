"""When a site is told: at its hour, not sooner than a quarter of an hour after the alert."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from workflow.domain.alerts import Severity
from workflow.domain.site_practice import CRITICAL_NOTICES_AT, SitePractice

# So that typing in an old history mails nobody (domain model §5).
AFTER_RAISING = timedelta(minutes=15)
# No site rests longer; one that never works is told at its hour all the same.
_MOST_DAYS_OFF = 31


def first_due_at(since: datetime, severity: Severity, site: SitePractice) -> datetime:
    """Return when an alert that stands since an instant is told first."""
    return notice_hour(since + AFTER_RAISING, severity, site)


def notice_hour(earliest: datetime, severity: Severity, site: SitePractice) -> datetime:
    """Return the site's next hour of notices from an instant on, in UTC: for critical ones of any day."""
    zone = ZoneInfo(site.time_zone)
    critical = severity == "critical"
    hour = CRITICAL_NOTICES_AT if critical else site.notices_at
    first = earliest.astimezone(zone).date()
    days = (first + timedelta(days=ahead) for ahead in range(_MOST_DAYS_OFF + 2))
    hours = ((day, datetime.combine(day, hour, zone).astimezone(UTC)) for day in days)
    later = [(day, at) for day, at in hours if at >= earliest]
    return next((at for day, at in later if critical or site.works_on(day)), later[0][1])
