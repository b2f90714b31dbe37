"""A cohort lived day by day: each fact entered at noon of its day, a sweep every morning, notices counted when due."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, text

from workflow.clock import Clock
from workflow.domain.actor import LOCAL_ADMIN
from workflow.services import sites
from workflow.services.house import House
from workflow.services.import_facts import import_facts
from workflow.services.import_rows import Row
from workflow.services.sweep import sweep

NEXT_DUE = text("SELECT min(next_due_at) FROM patient")
PENDING = text("SELECT count(*) FROM notice WHERE status = 'pending'")
# A notice that is due is pushed at once here: what is counted is what the judge lets come due.
PUSH = text("UPDATE notice SET status = 'delivered', settled_at = :now WHERE status = 'pending' AND due_at <= :now")
PUSHED = text(
    "SELECT a.patient_id, a.course, a.reminder, count(*) FROM notice n JOIN alert a ON a.id = n.alert_id "
    "WHERE n.status = 'delivered' GROUP BY a.patient_id, a.course, a.reminder"
)
ENTERED_AT, SWEPT_AT = time(12), time(8)


@dataclass
class HandClock:
    """The clock of a house that lives through years in seconds."""

    now: datetime

    def __call__(self) -> datetime:
        """Return the instant that it was set to."""
        return self.now


@dataclass(frozen=True)
class Pushed:
    """How many notices of which reminder a course pushed."""

    patient_id: str
    course: int
    reminder: str
    notices: int


def live(house: House, clock: HandClock, rows: Sequence[Row], until: date) -> list[Pushed]:
    """Live through all rows until a day, and return what was pushed; the clock of the house is `clock`."""
    by_day: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        by_day[row.draft.occurred_on if row.draft else until].append(row)
    days = sorted(by_day)
    for place, day in enumerate(days):
        clock.now = datetime.combine(day, ENTERED_AT, UTC)
        import_facts(house, LOCAL_ADMIN, by_day[day])
        upto = days[place + 1] if place + 1 < len(days) else until
        for morning in _mornings(house, clock, upto):
            clock.now = morning
            sweep(house, _stop)
            _push(house, clock)
    with house.database.read() as connection:
        return [Pushed(*row) for row in connection.execute(PUSHED)]


def _mornings(house: House, clock: Clock, upto: date) -> Iterator[datetime]:
    """Yield the mornings until a day, its own included, on which something is due."""
    day = clock().date()
    while day < upto:
        day += timedelta(days=1)
        morning = datetime.combine(day, SWEPT_AT, UTC)
        with house.database.read() as connection:
            due = connection.execute(NEXT_DUE).scalar_one()
            waiting = connection.execute(PENDING).scalar_one()
        if waiting or (due is not None and _instant(due) <= morning):
            yield morning


def _instant(told: datetime | str) -> datetime:
    return told if isinstance(told, datetime) else datetime.fromisoformat(told).replace(tzinfo=UTC)


def _push(house: House, clock: Clock) -> None:
    with house.database.write() as connection:
        _pushed(connection, clock())


def _pushed(connection: Connection, now: datetime) -> None:
    told = now if connection.dialect.name == "postgresql" else now.strftime("%Y-%m-%d %H:%M:%S.%f")
    connection.execute(PUSH, {"now": told})


def _stop(fault: Exception) -> None:
    raise fault


def set_up_sites(house: House, names: Sequence[str], **setting: object) -> None:
    """Make these sites, all in Berlin's time zone, with one contact."""
    for name in names:
        sites.put(house, LOCAL_ADMIN, name, {"time_zone": "Europe/Berlin", "contacts": ["log"], **setting})
