"""Courses in treatment, written as a ward would: what most patients of a large database are copies of."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from benchmarks.courses_as_recorded import DESK_OPENS, NOW, HandClock
from workflow.domain.actor import LOCAL_ADMIN
from workflow.services.house import House
from workflow.services.record_fact import record
from workflow.services.register_patient import register

SITES = ("berlin", "graz", "london", "wien")
# How many days before today the last block began, and how many days after the one before it: on time, or late, so
# that an alert was raised and resolved again.
LAST_BEGAN = (6, 7, 8)
INTERVALS = (21, 24)
_DAY = timedelta(days=1)

Told = tuple[date, str, dict[str, object]]


def write_ward_courses(house: House, clock: HandClock, sites: tuple[str, ...]) -> tuple[str, ...]:
    """Write a course of each kind at each site through the real write path and return the patients' ids."""
    today = NOW.date()
    written = tuple(
        _write(house, clock, f"WARD-{site}-{ago}-{interval}", (site, today - ago * _DAY, interval))
        for site in sites
        for ago in LAST_BEGAN
        for interval in INTERVALS
    )
    clock.now = NOW
    return written


def _write(house: House, clock: HandClock, pseudonym: str, course: tuple[str, date, int]) -> str:
    site, last, interval = course
    first = last - interval * _DAY
    clock.now = datetime.combine(first, DESK_OPENS)
    registration = {
        "pseudonym": pseudonym,
        "site": site,
        "diagnosis_date": (first - 900 * _DAY).isoformat(),
        "phenotype": "BCP",
        "frontline_end_date": (first - 170 * _DAY).isoformat(),
        "occurred_on": first.isoformat(),
    }
    patient = str(json.loads(register(house, LOCAL_ADMIN, registration).body)["id"])
    for day, name, data in _told(first, last):
        clock.now = max(datetime.combine(day, DESK_OPENS) + timedelta(hours=1), clock.now)
        record(house, LOCAL_ADMIN, patient, {"type": name, "occurred_on": day.isoformat(), "data": data})
    return patient


def _told(first: date, last: date) -> Iterator[Told]:
    yield first, "relapse_diagnosed", {"findings": {"marrow_blasts_percent": 62, "peripheral_blasts": True}}
    yield first, "protocol_chosen", {"protocol": "all-rez-bfm-2002", "strategy": "BFM_2002"}
    yield first, "block_started", {"element": "R1"}
    yield first + 6 * _DAY, "block_completed", {"given": "as_planned"}
    yield last - _DAY, "counts_recorded", {"anc": 1200, "wbc": 2.9, "platelets": 124}
    yield last, "block_started", {"element": "R2"}
    yield last + 5 * _DAY, "block_completed", {"given": "as_planned"}
