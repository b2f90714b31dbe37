"""`coursewatch serve --demo`: a made-up ward on a morning of its own, in a database that is nothing else."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from workflow.cli.talk import say
from workflow.clock import Clock
from workflow.settings import PREFIX, Settings

if TYPE_CHECKING:
    from workflow.persistence.engine import Database

DEMO_FOLDER = "coursewatch-demo"
SEED = 38
# Half a minute before critical notices are due (07:30 at the site): they come while somebody watches.
FIRST_MORNING = datetime(2026, 3, 10, 7, 29, 30, tzinfo=ZoneInfo("Europe/Berlin"))
# A notice is due 15 minutes after its alert was raised at the earliest; this leaves time for the import itself.
IMPORTED_BEFORE = timedelta(minutes=19, seconds=30)


@dataclass(frozen=True, slots=True)
class Morning:
    """A demo that is ready to be served: the folder of its data, and the clock by which everybody in it lives."""

    data_dir: Path
    clock: Clock


def demo_folder() -> str:
    """Return the folder of the demo's data: a folder of its own, unless COURSEWATCH_DATA_DIR names one."""
    return os.environ.get(f"{PREFIX}DATA_DIR", "").strip() or DEMO_FOLDER


def make_ready(settings: Settings) -> Morning:
    """Make the demo's database and load its ward, or go on where its days have come to.

    The first start begins at COURSEWATCH_NOW or at FIRST_MORNING, the ward having been imported shortly before. A later
    one goes on from the newest instant in the database, or from COURSEWATCH_NOW where that comes later: no clock runs
    back. Raises NoDemoHereError before anything is changed.
    """
    from workflow.bootstrap import build, migrate, moved_clock
    from workflow.services.demo_ward import PATIENTS, load_demo, stands_at

    _require_fit(settings)
    migrate(settings, rehearsal=True, tell=say)
    with _opened(settings) as database:
        newest = stands_at(database)
    begins = settings.now or FIRST_MORNING
    before = begins - IMPORTED_BEFORE
    if newest is not None:
        begins, before = max(begins, newest), max(before, newest)
    house = build(settings.with_(now=before), clock=moved_clock(before))
    try:
        # S311: chance is seeded here, and guards nothing.
        loaded = load_demo(house, Random(SEED))  # noqa: S311
    finally:
        house.close()
    if loaded:
        say(f"Demo: {PATIENTS} virtual patients were made, {loaded} facts.")
    return Morning(settings.data_dir, moved_clock(begins))


def _require_fit(settings: Settings) -> None:
    from workflow.persistence.migrations import current_revision
    from workflow.services.demo_ward import require_fit_for_demo

    if current_revision(settings.database_url) is None:
        return
    with _opened(settings) as database:
        require_fit_for_demo(database)


@contextmanager
def _opened(settings: Settings) -> "Iterator[Database]":
    from workflow.persistence.engine import open_database

    # Nothing is recorded through it, so it needs no secret.
    database = open_database(settings.database_url, secret=b"")
    try:
        yield database
    finally:
        database.dispose()


def show_around(morning: Morning, key_file_name: str, address: str) -> None:
    """Tell a newcomer which morning it is, where the key is, and three things to look at."""
    from workflow.services.demo_ward import HOME_TIME_ZONE

    now = morning.clock().astimezone(ZoneInfo(HOME_TIME_ZONE))
    key_file = morning.data_dir / key_file_name
    say(f"This is a demo: every patient is made up, and it is {now:%A, %Y-%m-%d %H:%M} here. Enter no real patient.")
    if key_file.exists():
        say(f"The key in {key_file} opens the pages and the API:")
    else:
        make = f"{PREFIX}DATA_DIR={morning.data_dir} coursewatch key create NAME --role admin"
        say(f"A key for the pages and the API is made by: {make}")
    say(f"  who is late, critical or due    {address}/worklist")
    say(
        f'  the same from the API           curl -H "Authorization: Bearer $(cat {key_file})" {address}/api/v1/worklist'
    )
    say(f"  everything else that it answers {address}/docs")
