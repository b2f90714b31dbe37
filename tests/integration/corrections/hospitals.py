"""A house with two hospitals far apart and a clock in the test's hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workflow.bootstrap import build
from workflow.domain.actor import LOCAL_ADMIN
from workflow.services import sites
from workflow.services.house import House
from workflow.settings import Settings

# After every day that these histories draw: what is recorded happened before.
OPENED_AT = datetime(2026, 7, 1, 9, tzinfo=UTC)
# So far apart that a day by the clock of the wrong one shows.
TIME_ZONES = {"berlin": "Europe/Berlin", "hamburg": "Pacific/Auckland"}


@dataclass(slots=True)
class HandClock:
    """A clock that stands where the test put it, and moves on by a moment whenever it is read."""

    now: datetime = OPENED_AT

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@contextmanager
def opened_house(database_url: str, folder: Path) -> Iterator[tuple[House, HandClock]]:
    """Open a house on a migrated database, with its clock, until the block ends."""
    clock = HandClock()
    settings = Settings(database=database_url, data_dir=folder, secret_file=folder / "chain.secret")
    house = build(settings, clock=clock)
    try:
        for site, time_zone in TIME_ZONES.items():
            sites.put(house, LOCAL_ADMIN, site, {"time_zone": time_zone})
        yield house, clock
    finally:
        house.close()
