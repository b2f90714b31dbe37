"""What a ward is told: seldom, and of nothing that is over; by the courses of the cohort, lived or typed in later."""

from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import text

from benchmarks.lived import HandClock, set_up_sites
from benchmarks.notices_per_course import told_by
from tests.databases import Urls
from tests.integration.recorded import settings_of
from tests.introduced import seeing
from workflow.bootstrap import build
from workflow.domain.actor import LOCAL_ADMIN
from workflow.services.import_facts import import_facts
from workflow.services.import_rows import Row, read_rows
from workflow.services.sweep import sweep

COHORT = Path(__file__).parents[1] / "data" / "cohort.csv"
SOME = 40
ENDS = ("died", "lost_to_follow_up", "maintenance_completed")


def rows_of_some() -> list[Row]:
    rows = read_rows(COHORT)
    chosen = set(sorted({row.patient for row in rows if row.patient})[:SOME])
    return [row for row in rows if row.patient in chosen]


def test_a_course_without_deviation_is_told_of_its_plans_alone_and_once_a_block() -> None:
    told = told_by(rows_of_some())
    kept = told.of(deviating=False)
    assert len(kept) > 5
    assert {cause for course in kept for cause in course} == {"RM-02"}
    assert sum(sum(course.values()) for course in kept) / len(kept) < 4
    deviating = told.of(deviating=True)
    assert {"RM-02", "RM-04", "RM-05"} <= {cause for course in deviating for cause in course}


def test_bringing_in_old_courses_tells_nobody(database_urls: Urls, tmp_path: Path) -> None:
    clock = HandClock(datetime(2026, 11, 1, 12, tzinfo=UTC))
    house = build(settings_of(database_urls, tmp_path), clock=clock)
    try:
        set_up_sites(house, ("berlin", "london", "madrid", "wien"))
        imported = import_facts(house, LOCAL_ADMIN, rows_of_courses_that_are_over())
        assert imported.count("accepted") > SOME * 10
        assert sweep(house).raised == []
        with seeing(house.database) as connection:
            late = "SELECT count(*) FROM window_span WHERE known_to IS NULL AND valid_to > latest_on"
            assert connection.execute(text(late)).scalar_one() > SOME // 2
            assert connection.execute(text("SELECT count(*) FROM alert")).scalar_one() == 0
    finally:
        house.close()


def rows_of_courses_that_are_over() -> list[Row]:
    rows = [row for row in read_rows(COHORT) if row.draft is not None and row.draft.occurred_on < date(2026, 7, 1)]
    last: dict[str | None, Row] = {}
    for row in sorted(rows, key=lambda row: str(row.occurred_on)):
        last[row.patient] = row
    over = sorted(str(patient) for patient, row in last.items() if row.type in ENDS)[:SOME]
    return [row for row in rows if row.patient in over]
