"""A sweep with the same number of due patients at each size, and one with nobody due."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter

from benchmarks.courses_as_recorded import DESK_OPENS, NOW, HandClock, house_at
from benchmarks.scale.databases import Place
from benchmarks.scale.ending import end_courses
from benchmarks.scale.figures import Sizes, interleaved, milliseconds
from benchmarks.scale.ward_courses import SITES
from workflow.domain.actor import LOCAL_ADMIN
from workflow.identifiers import new_key_id
from workflow.services.house import House
from workflow.services.record_fact import record
from workflow.services.register_patient import register
from workflow.services.sweep import sweep

DUE, ROUNDS, IDLE_ROUNDS = 200, 5, 9
_DAY = timedelta(days=1)
DUE_PSEUDONYM = "DUE-"


def measure(places: Mapping[int, Place]) -> Iterator[str]:
    """Yield the seconds of a sweep at each size, medians of interleaved rounds, and the ratios."""
    with ExitStack() as stack:
        houses = {size: stack.enter_context(house_at(place.app, place.folder)) for size, place in places.items()}
        for house, clock in houses.values():
            clock.now = NOW
            sweep(house)
        try:
            busy = {size: _Due(house, clock) for size, (house, clock) in houses.items()}
            yield str(Sizes(f"sweep, {DUE} patients due", "ms", interleaved(busy, ROUNDS)))
        finally:
            for place in places.values():
                end_courses(place, DUE_PSEUDONYM)
        idle = {size: milliseconds(partial(sweep, house)) for size, (house, _) in houses.items()}
        yield str(Sizes("sweep, nobody due", "ms", interleaved(idle, IDLE_ROUNDS)))


class _Due:
    """Lets a block of so many patients become late, and sweeps."""

    def __init__(self, house: House, clock: HandClock) -> None:
        self._house, self._clock = house, clock

    def __call__(self) -> float:
        """Return the milliseconds of one sweep."""
        # Recorded the day before, when nothing of it was late yet.
        self._clock.now = datetime.combine(NOW.date() - _DAY, DESK_OPENS)
        for number in range(DUE):
            _begin_block(self._house, SITES[number % len(SITES)])
        self._clock.now = NOW
        begun = perf_counter()
        report = sweep(self._house)
        taken = (perf_counter() - begun) * 1000
        assert (report.patients, len(report.raised) >= DUE, report.failed.total()) == (DUE, True, 0), report
        return taken


def _begin_block(house: House, site: str) -> None:
    """Register a patient whose next block is late from today on."""
    on = (NOW.date() - 22 * _DAY).isoformat()
    data: dict[str, object] = {
        "pseudonym": DUE_PSEUDONYM + new_key_id(),
        "site": site,
        "diagnosis_date": (NOW.date() - 900 * _DAY).isoformat(),
        "phenotype": "BCP",
        "occurred_on": on,
    }
    patient = str(json.loads(register(house, LOCAL_ADMIN, data).body)["id"])
    for name, payload in (
        ("relapse_diagnosed", {"relapse_site": "isolated_bm"}),
        ("protocol_chosen", {"protocol": "all-rez-bfm-2002"}),
        ("block_started", {"element": "R1"}),
    ):
        record(house, LOCAL_ADMIN, patient, {"type": name, "occurred_on": on, "data": payload})
