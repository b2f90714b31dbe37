"""How many notices the courses of the cohort would have pushed, had they been lived with the program: by cause."""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from statistics import mean, median

from benchmarks.lived import HandClock, Pushed, live, set_up_sites
from workflow.bootstrap import build, migrate
from workflow.domain.facts.registration import PatientRegistered
from workflow.domain.patient import PatientState
from workflow.persistence.patients import patient_rows, row_to_patient
from workflow.persistence.reach import Reach
from workflow.services.house import House
from workflow.services.import_rows import Row, read_rows
from workflow.settings import Settings

COHORT = Path(__file__).parents[1] / "tests" / "data" / "cohort.csv"
# The cohort ends here; what is dated later is refused as lying in the future.
UNTIL = date(2026, 7, 1)
CourseOf = tuple[str, int]


@dataclass(frozen=True)
class Told:
    """The courses of a cohort with what each pushed, and which of them deviated from their intervals."""

    pushed: Mapping[CourseOf, Counter[str]]
    deviating: frozenset[CourseOf]

    def of(self, *, deviating: bool) -> list[Counter[str]]:
        """Return what each course with, or without, a deviation pushed."""
        return [found for course, found in self.pushed.items() if (course in self.deviating) == deviating]


def main() -> None:
    """Print the figures of the README."""
    told = told_by(read_rows(COHORT))
    for label, courses in (("without", told.of(deviating=False)), ("with", told.of(deviating=True))):
        notices = [sum(each.values()) for each in courses]
        causes = sum(courses, Counter())
        split = ", ".join(f"{cause} {count / len(courses):.2f}" for cause, count in sorted(causes.items()))
        print(
            f"{len(courses)} courses {label} a deviation: {mean(notices):.2f} notices a course, median "
            f"{median(notices):.0f}, most {max(notices)} ({split})"
        )


def told_by(rows: Iterable[Row]) -> Told:
    """Live through the rows of a cohort and return what was pushed."""
    dated = [row for row in rows if row.draft is not None and row.draft.occurred_on < UNTIL]
    with tempfile.TemporaryDirectory(prefix="coursewatch-lived-") as folder:
        settings = Settings.from_environment({"COURSEWATCH_DATA_DIR": folder})
        migrate(settings)
        first = min(row.draft.occurred_on for row in dated if row.draft)
        clock = HandClock(datetime.combine(first, time(6), UTC))
        house = build(settings, clock=clock)
        try:
            set_up_sites(house, sorted(_sites_of(dated)))
            return _told(live(house, clock, dated, UNTIL), _states(house, clock.now))
        finally:
            house.close()


def _sites_of(rows: Iterable[Row]) -> set[str]:
    return {row.draft.data.site for row in rows if row.draft and isinstance(row.draft.data, PatientRegistered)}


def _states(house: House, now: datetime) -> dict[str, PatientState]:
    with house.database.read() as connection:
        found = connection.execute(patient_rows(Reach.everywhere(), now)).mappings()
        return {patient.id: patient.state for patient in map(row_to_patient, found)}


def _told(pushed: Iterable[Pushed], states: Mapping[str, PatientState]) -> Told:
    notices: dict[CourseOf, Counter[str]] = defaultdict(Counter)
    for each in pushed:
        notices[each.patient_id, each.course][each.reminder] += each.notices
    deviating = set()
    for patient_id, state in states.items():
        for course in state.courses:
            of_course = patient_id, course.number
            notices.setdefault(of_course, Counter())
            if _deviates(state, course.number):
                deviating.add(of_course)
    return Told(notices, frozenset(deviating))


def _deviates(state: PatientState, course: int) -> bool:
    """Whether an interval of the course was not kept: a deviation, or a window that was late when it ended."""
    recorded = any(known.window and known.window.startswith(f"{course}:") for known in state.deviations)
    late = (
        window.latest_on is not None and (window.ended_on or UNTIL) > window.latest_on
        for window in state.windows
        if window.course == course and window.rule == "TR-001"
    )
    return recorded or any(late)


if __name__ == "__main__":
    main()
