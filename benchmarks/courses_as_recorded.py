"""Courses as wards write them: each fact recorded some days after it happened, now and then behind a later one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from workflow.bootstrap import build
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.errors import InvalidInputError
from workflow.domain.facts.fact import FactDraft, payload_json
from workflow.domain.facts.types import REGISTRATION
from workflow.services.errors import ServiceError
from workflow.services.house import House
from workflow.services.import_rows import read_rows
from workflow.services.record_fact import record
from workflow.services.register_patient import register
from workflow.services.sites import put
from workflow.settings import Settings

# The day that the cohort of the tests ends on, at noon: the "now" of every list that is measured.
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
TIME_ZONES = ("Europe/Berlin", "Europe/Vienna", "Europe/London", "Pacific/Auckland")
# How many days after a fact a ward enters it: mostly the next day, sometimes after a weekend or a holiday.
DELAYS = (0, 1, 1, 1, 1, 2, 3, 9)
DESK_OPENS = time(10, tzinfo=UTC)
ONE_ENTRY = timedelta(minutes=2)


@dataclass(slots=True)
class HandClock:
    """A clock that stands where the benchmark puts it and moves on by a tick whenever it is read."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """Return the present instant."""
        self.now += timedelta(microseconds=1)
        return self.now


@contextmanager
def house_at(database_url: str, folder: Path, **given: Any) -> Iterator[tuple[House, HandClock]]:  # noqa: ANN401 -- settings
    """Open the house on a migrated database, its clock in the benchmark's hand."""
    clock = HandClock()
    settings = Settings(database=database_url, data_dir=folder, secret_file=folder / "secret", **given)
    house = build(settings, clock=clock)
    try:
        yield house, clock
    finally:
        house.close()


def write_courses(house: House, clock: HandClock, cohort: Path) -> int:
    """Write the cohort through the real write path, patient by patient; return how many facts were accepted."""
    courses = _courses(cohort)
    for place, site in enumerate(sorted({str(_data(course[0])["site"]) for course in courses})):
        clock.now = datetime(2010, 1, 1, tzinfo=UTC)
        put(house, LOCAL_ADMIN, site, {"time_zone": TIME_ZONES[place % len(TIME_ZONES)]})
    chance = Random(20260701)
    accepted = sum(_write(house, clock, course, chance) for course in courses)
    clock.now = NOW
    return accepted


def _courses(cohort: Path) -> list[list[FactDraft]]:
    """Return the drafts of each patient, the registration first."""
    by_patient: dict[str, list[FactDraft]] = {}
    for row in read_rows(cohort):
        if row.draft is not None and row.patient is not None:
            by_patient.setdefault(row.patient, []).append(row.draft)
    ordered = (sorted(drafts, key=lambda draft: draft.type != REGISTRATION) for drafts in by_patient.values())
    return [drafts for drafts in ordered if drafts[0].type == REGISTRATION]


def _write(house: House, clock: HandClock, course: list[FactDraft], chance: Random) -> int:
    entries = sorted(
        (_entered_on(draft, chance), draft.occurred_on, number, draft) for number, draft in enumerate(course[1:])
    )
    first = min([_entered_on(course[0], chance), *(entered for entered, *_ in entries)])
    clock.now = datetime.combine(max(first, course[0].occurred_on), DESK_OPENS)
    patient = json.loads(register(house, LOCAL_ADMIN, _data(course[0])).body)["id"]
    accepted = 0
    for entered, _, _, draft in entries:
        clock.now = max(datetime.combine(entered, DESK_OPENS), clock.now + ONE_ENTRY)
        try:
            record(house, LOCAL_ADMIN, patient, _fact(draft))
            accepted += 1
        except (ServiceError, InvalidInputError):
            # The cohort has rows that are to be refused; a ward would not have them either.
            continue
    return accepted


def _entered_on(draft: FactDraft, chance: Random) -> date:
    return draft.occurred_on + timedelta(days=chance.choice(DELAYS))


def _fact(draft: FactDraft) -> dict[str, object]:
    fact = {"type": draft.type, "occurred_on": draft.occurred_on.isoformat(), "keep_conflicts": True}
    if draft.override is not None:
        fact["override"] = {"code": draft.override.code, "reason": draft.override.reason}
    return {**fact, "data": json.loads(payload_json(draft.data))}


def _data(registration: FactDraft) -> dict[str, object]:
    data: dict[str, object] = json.loads(payload_json(registration.data))
    return {**data, "occurred_on": registration.occurred_on.isoformat()}
