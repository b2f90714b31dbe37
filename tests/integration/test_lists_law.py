"""Lists, worklist and census at any pair of clocks are what folding each patient's facts tells, on both databases."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.databases import Urls
from tests.integration.living_wards import ZONES, Wards, living_wards, some_days
from tests.introduced import seeing
from workflow.clock import today_in
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.patient import PatientState
from workflow.domain.windows import Window
from workflow.persistence.due_rows import ANY_STATUS
from workflow.persistence.pages import Page
from workflow.persistence.patient_lists import PatientFilter
from workflow.persistence.patient_reads import load_facts
from workflow.rules.fold import effective, fold, until
from workflow.rules.silence import is_silent
from workflow.services import count_states, list_patients, read_patient, read_worklist
from workflow.services.clocks import Clocks
from workflow.services.count_states import CensusFilter
from workflow.services.read_worklist import WORTH_SHOWING, Wanted

SILENT_AFTER = {"berlin": 4}
ROWS_A_PAGE = 3


@dataclass(frozen=True, slots=True)
class Told:
    """One patient as the fold tells them at a pair of clocks."""

    state: PatientState
    day: date
    silent: bool

    def stands(self, window: Window, statuses: frozenset[str]) -> bool:
        """Whether one of these words is said of a window."""
        return window.status(self.day) in statuses or ("due" in statuses and window.is_due(self.day))

    def rows(self, statuses: frozenset[str]) -> Iterator[Window | None]:
        """Yield the windows that a worklist of these statuses shows, None for a silent patient without any."""
        silent = "unknown" in statuses and self.silent
        yield from (
            window for window in self.state.open_windows if silent or self.stands(window, statuses - {"unknown"})
        )
        if silent and not self.state.open_windows:
            yield None


@pytest.mark.parametrize("seed", [1, 2])
def test_lists_worklist_and_census_equal_the_fold(database_urls: Urls, tmp_path: Path, seed: int) -> None:
    seen: Counter[str] = Counter()
    with living_wards(database_urls.app, tmp_path, seed) as wards:
        wards.live(90)
        for clocks in pairs(wards):
            told = told_by_the_fold(wards, clocks)
            require_patients(wards, clocks, told)
            require_worklist(wards, clocks, told)
            require_census(wards, clocks, told)
            seen.update(standing for patient in told.values() for standing in standings(patient))
            seen["left out"] += len(wards.patients) - len(told)
    assert seen.keys() >= ANY_STATUS | {"left out"}


def pairs(wards: Wards) -> Iterator[Clocks]:
    """Yield now, some days in what is known now, some instants, and some of both."""
    yield Clocks()
    instants = [wards.seen[1], *(wards.chance.choice(wards.seen) + timedelta(hours=5) for _ in range(3))]
    for day in some_days(wards):
        yield Clocks(as_of=day)
        yield Clocks(as_of=day, known_at=wards.chance.choice(instants))
    for instant in instants:
        yield Clocks(known_at=instant)


def told_by_the_fold(wards: Wards, clocks: Clocks) -> Mapping[str, Told]:
    """Return everybody of whom something was known, folded one by one."""
    told = {}
    for patient in sorted(wards.patients):
        with seeing(wards.house.database) as connection:
            known = effective(load_facts(connection, patient), known_at=clocks.known_at)
        if not known:
            continue
        state = fold(until(known, clocks.as_of) if clocks.as_of else known, wards.house.protocols)
        site = state.registration.site
        day = clocks.as_of or day_at(site, clocks.known_at or wards.now)
        told[patient] = Told(state, day, is_silent(state, day, wards.house.protocols, SILENT_AFTER.get(site)))
    return told


def day_at(site: str, instant: datetime) -> date:
    return today_in(ZONES[site], instant)


def standings(patient: Told) -> Iterator[str]:
    """Yield every word that a worklist knows and that is true of the patient."""
    for window in patient.state.open_windows:
        yield from (word for word in ANY_STATUS if patient.stands(window, frozenset({word})))
    if patient.silent:
        yield "unknown"


def require_patients(wards: Wards, clocks: Clocks, told: Mapping[str, Told]) -> None:
    """Check every line against the answer about that patient alone, and every filter against the fold."""
    lines = {line["id"]: line for line in listed(wards, clocks, PatientFilter())}
    assert list(lines) == list(told)
    for patient, line in lines.items():
        alone = json.loads(read_patient.one(wards.house, LOCAL_ADMIN, patient, clocks).body)
        alone.pop("settled", None)
        for told_of_one in ("registration", "alerts", "classification", "response", "consolidation", "courses"):
            del alone[told_of_one]
        assert line == alone
    expected: dict[PatientFilter, list[str]] = {}
    for patient, of in told.items():
        expected.setdefault(PatientFilter(state=of.state.state), []).append(patient)
        expected.setdefault(PatientFilter(site=of.state.registration.site), []).append(patient)
        if of.state.relapse_number:
            expected.setdefault(PatientFilter(relapse_number=of.state.relapse_number), []).append(patient)
        for word in set(standings(of)):
            expected.setdefault(PatientFilter(status=word), []).append(patient)
    for wanted, ids in expected.items():
        assert [line["id"] for line in listed(wards, clocks, wanted)] == ids, wanted
    for word in ANY_STATUS - {wanted.status for wanted in expected if wanted.status}:
        assert listed(wards, clocks, PatientFilter(status=word)) == []


def listed(wards: Wards, clocks: Clocks, wanted: PatientFilter) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = Page(ROWS_A_PAGE, cursor)
        answer = json.loads(list_patients.listed(wards.house, LOCAL_ADMIN, wanted, page, clocks).body)
        assert ("settled" in answer) == (clocks.known_at is not None)
        lines += answer["items"]
        cursor = answer["next_cursor"]
        if cursor is None:
            return lines


def require_worklist(wards: Wards, clocks: Clocks, told: Mapping[str, Told]) -> None:
    """Check the rows of each status, of those shown without being asked, and of all."""
    for statuses in (*map(frozenset, ([word] for word in sorted(ANY_STATUS))), WORTH_SHOWING, ANY_STATUS):
        expected = [
            row_of(patient, of, window, window.status(of.day) if window else None)
            for patient, of in told.items()
            for window in of.rows(statuses)
        ]
        rows = worklist(wards, clocks, statuses)
        assert Counter(map(repr, rows)) == Counter(map(repr, expected)), (clocks, statuses)


def row_of(patient: str, of: Told, window: Window | None, status: str | None) -> tuple[object, ...]:
    state = of.state
    owner = (state.owner, state.deputy, state.last_contact_on)
    return (patient, of.day, state.registration.site, state.state, of.silent, *owner, status, window)


def worklist(wards: Wards, clocks: Clocks, statuses: frozenset[str]) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    cursor: str | None = None
    while True:
        wanted = Wanted(as_of=clocks.as_of, known_at=clocks.known_at, statuses=statuses)
        page = read_worklist.rows(wards.house, LOCAL_ADMIN, wanted, Page(ROWS_A_PAGE, cursor))
        for row, day in page.rows:
            told = (row.owner, row.deputy, row.last_contact_on)
            place = (row.patient_id, day, row.site_id, row.state, row.unknown)
            found.append((*place, *told, row.status, row.window))
        cursor = page.next_cursor
        if cursor is None:
            return found


def require_census(wards: Wards, clocks: Clocks, told: Mapping[str, Told]) -> None:
    """Check the counts, whole and of one site."""
    expected = Counter(
        (of.state.state, of.state.registration.site, of.state.course.protocol if of.state.course else None)
        for of in told.values()
    )
    assert census(wards, clocks, CensusFilter()) == expected
    here = {key: count for key, count in expected.items() if key[1] == "berlin"}
    assert census(wards, clocks, CensusFilter(site="berlin")) == here
    on_protocol = {key: count for key, count in expected.items() if key[2] is not None}
    assert census(wards, clocks, CensusFilter(protocol="all-rez-bfm-2002")) == on_protocol


def census(wards: Wards, clocks: Clocks, wanted: CensusFilter) -> Mapping[tuple[str, str, str | None], int]:
    items = json.loads(count_states.counted(wards.house, LOCAL_ADMIN, wanted, clocks).body)["items"]
    return {(item["state"], item["site"], item["protocol"]): item["patients"] for item in items}
