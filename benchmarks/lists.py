"""How long lists take: today's worklist as more patients come, worklist and census of 100,000 at past clocks."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlalchemy import Engine, create_engine

from benchmarks.courses_as_recorded import NOW, house_at, write_courses
from benchmarks.many_patients import choose_quiet, multiply
from benchmarks.server import OWNER_DATABASE
from workflow.domain.actor import LOCAL_ADMIN, Actor, Grant
from workflow.domain.roles import Role
from workflow.persistence.engine import parse_url
from workflow.persistence.pages import Page
from workflow.persistence.unit_of_work import reading
from workflow.services.clocks import Clocks
from workflow.services.count_states import CensusFilter, counted
from workflow.services.house import Answer, House
from workflow.services.read_worklist import Wanted, listed

SIZES = (1_000, 10_000, 100_000)
ROUNDS = 11
# A recent pair, one in the middle of the ten years that the courses last, and each clock alone.
PAST = (
    Clocks(as_of=date(2026, 5, 3), known_at=datetime(2026, 5, 4, 10, tzinfo=UTC)),
    Clocks(as_of=date(2023, 3, 26), known_at=datetime(2023, 3, 27, 10, tzinfo=UTC)),
    Clocks(as_of=date(2023, 3, 26)),
    Clocks(known_at=datetime(2025, 3, 27, 10, tzinfo=UTC)),
)


def lists(label: str, environment: Mapping[str, str], cohort: Path) -> None:
    """Build a database of 1,000, 10,000 and 100,000 patients and print the medians of its lists in milliseconds."""
    url, folder = environment["COURSEWATCH_DATABASE"], Path(environment["COURSEWATCH_DATA_DIR"])
    engine = create_engine(parse_url(environment.get(OWNER_DATABASE, url)))
    today: dict[str, list[float]] = {}
    with house_at(url, folder) as (house, clock):
        write_courses(house, clock, cohort)
        people = _people(house)
        with engine.begin() as connection:
            choose_quiet(connection, NOW.date() + timedelta(days=14))
        for size in SIZES:
            begun = perf_counter()
            with engine.begin() as connection:
                multiply(connection, patients=size)
            _settle(engine)
            print(f"{label}: {size:,} patients after {perf_counter() - begun:.0f} s more", flush=True)
            for who, actor in people.items():
                taken = _milliseconds(partial(listed, house, actor, Wanted(), Page()))
                today.setdefault(who, []).append(taken)
                print(f"{label}: today's worklist of {size:,} patients, {who}: {taken:.1f} ms", flush=True)
        for who, medians in today.items():
            print(f"{label}: today's worklist, {who}: ratio 100,000 : 1,000 {medians[-1] / medians[0]:.2f}", flush=True)
        for clocks in PAST:
            for who, actor in people.items():
                _past(label, house, who, actor, clocks)
    engine.dispose()


def _past(label: str, house: House, who: str, actor: Actor, clocks: Clocks) -> None:
    census = _milliseconds(lambda: counted(house, actor, CensusFilter(), clocks))
    wanted = Wanted(as_of=clocks.as_of, known_at=clocks.known_at)
    worklist = _milliseconds(lambda: listed(house, actor, wanted, Page()))
    at = f"as_of {clocks.as_of or '-'}, known_at {clocks.known_at.date() if clocks.known_at else '-'}"
    print(f"{label}: {at}, {who}: census {census:.0f} ms, worklist {worklist:.0f} ms", flush=True)


def _people(house: House) -> dict[str, Actor]:
    """Return who asks: somebody for all sites, and somebody of one of them, whose every row is checked."""
    with reading(house.database, LOCAL_ADMIN) as unit:
        site = unit.connection.exec_driver_sql("SELECT min(site_id) FROM patient_site").scalar_one()
    return {"all sites": LOCAL_ADMIN, "one site": Actor("bench", "bench", (Grant(Role.VIEWER, site),))}


def _settle(engine: Engine) -> None:
    """Do what PostgreSQL's autovacuum does by itself; SQLite has nothing of the kind, and keeps no statistics."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _milliseconds(ask: Callable[[], Answer]) -> float:
    """Return the median of some rounds after one that warms up, the access row and the JSON text included."""
    taken = []
    for _ in range(ROUNDS + 1):
        begun = perf_counter()
        ask()
        taken.append((perf_counter() - begun) * 1000)
    return median(taken[1:])
