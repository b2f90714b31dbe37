"""What a site has set about when and whom to tell."""

from dataclasses import dataclass
from datetime import date, time

# ISO weekdays, Monday is 1.
WEEKDAYS = (1, 2, 3, 4, 5)
# Critical notices go out at this hour of the site, weekends included (clinical reminders, first paragraph); other
# notices at the same hour of a working day, unless the site has set its own.
CRITICAL_NOTICES_AT = time(7, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePractice:
    """A site's days and hours; `time_zone` is an IANA name, `mrd_result_days` counts from the sample (None: not set).

    `contacts` are whom its notices go to, as the site wrote them; `silent_after_days` is its own limit of silence.
    """

    id: str
    time_zone: str
    working_days: tuple[int, ...] = WEEKDAYS
    holidays: tuple[date, ...] = ()
    contacts: tuple[str, ...] = ()
    notices_at: time = CRITICAL_NOTICES_AT
    mrd_result_days: int | None = None
    silent_after_days: int | None = None

    def works_on(self, day: date) -> bool:
        """Whether a day is a working day of the site."""
        return day.isoweekday() in self.working_days and day not in self.holidays
