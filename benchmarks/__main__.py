"""`make bench`: POST facts against a bare insert, the import and lists, on SQLite and PostgreSQL, in figures."""

import csv
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks import course
from benchmarks.delivering import delivered
from benchmarks.lists import lists
from benchmarks.load import CONNECTIONS, Call, answers_of, timed_round
from benchmarks.server import OWNER_DATABASE, TREE, coursewatch, database_of_two_roles, postgresql, serving
from benchmarks.verifying import verified

ROUNDS = 7
PATIENTS_A_ROUND = 48
COHORT = TREE / "tests" / "data" / "cohort.csv"
Environment = dict[str, str]


def main() -> None:
    """Print every figure of the README with its median and its ratio."""
    with tempfile.TemporaryDirectory(prefix="coursewatch-bench-") as name, postgresql() as admin:
        for label, database in (("SQLite", sqlite(Path(name))), ("PostgreSQL", postgres(admin, Path(name)))):
            with database as (environment, bare):
                post_facts(label, environment, bare)
            with database_again(label, admin, Path(name)) as (environment, _bare):
                imported(label, environment)
            with database_again(label, admin, Path(name)) as (environment, _bare):
                lists(label, environment, COHORT)
            with database_again(label, admin, Path(name)) as (environment, _bare):
                verified(label, environment)
            with database_again(label, admin, Path(name)) as (environment, _bare):
                delivered(label, environment)


@contextmanager
def sqlite(folder: Path) -> Iterator[tuple[Environment, str]]:
    """Give a fresh, migrated SQLite database and the URL of the reference's."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        environment = {
            "COURSEWATCH_DATABASE": f"sqlite:///{own}/bench.sqlite3",
            "COURSEWATCH_SECRET_FILE": f"{own}/secret",
            "COURSEWATCH_DATA_DIR": own,
        }
        coursewatch("db", "upgrade", environment=environment)
        yield environment, f"sqlite:///{own}/bare.sqlite3"


@contextmanager
def postgres(admin: str, folder: Path) -> Iterator[tuple[Environment, str]]:
    """Give a fresh, migrated PostgreSQL database, the reference's tables in the same one."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        name = f"bench_{Path(own).name}".lower()
        owner, app = database_of_two_roles(admin, name)
        environment = {
            "COURSEWATCH_DATABASE": app,
            OWNER_DATABASE: owner,
            "COURSEWATCH_SECRET_FILE": f"{own}/secret",
            "COURSEWATCH_DATA_DIR": own,
        }
        coursewatch("db", "upgrade", environment=environment | {"COURSEWATCH_DATABASE": owner})
        yield environment, owner


@contextmanager
def database_again(label: str, admin: str, folder: Path) -> Iterator[tuple[Environment, str]]:
    """Give another fresh database of the same kind."""
    with sqlite(folder) if label == "SQLite" else postgres(admin, folder) as given:
        yield given


def post_facts(label: str, environment: Environment, bare_url: str) -> None:
    """Print requests per second of both routes in interleaved rounds, and the ratio of the medians."""
    key = coursewatch("key", "create", "bench", "--role", "admin", environment=environment)
    headers = {"Authorization": f"Bearer {key}"}
    ours: list[float] = []
    theirs: list[float] = []
    with ExitStack() as stack:
        port = stack.enter_context(serving("api.main:app_from_environment", environment))
        bare = stack.enter_context(
            serving("benchmarks.bare:app_from_environment", environment | {"BARE_DATABASE": bare_url})
        )
        for number in range(ROUNDS + 1):
            scripts = prepared(port, headers, number)
            reference = [[Call("/bare", call.body) for call in script] for script in scripts]
            theirs.append(timed_round(bare, reference))
            ours.append(timed_round(port, scripts, headers))
    # The first round of each warms caches and statement plans up.
    mine, reference_median = median(ours[1:]), median(theirs[1:])
    print(
        f"{label}: POST facts {mine:,.0f}/s, bare insert {reference_median:,.0f}/s, "
        f"ratio of medians {mine / reference_median:.2f} "
        f"({ROUNDS} rounds of {PATIENTS_A_ROUND * course.FACTS_A_COURSE} requests, {CONNECTIONS} connections)",
        flush=True,
    )


def prepared(port: int, headers: dict[str, str], number: int) -> list[list[Call]]:
    """Register the patients of one round and return the script of each."""
    calls = [course.registration(number * PATIENTS_A_ROUND + place) for place in range(PATIENTS_A_ROUND)]
    return [course.facts(str(answer["id"])) for answer in answers_of(port, calls, headers)]


def imported(label: str, environment: Environment) -> None:
    """Print how many rows of the cohort a whole `coursewatch import` takes in a second."""
    with COHORT.open(encoding="utf-8", newline="") as file:
        rows = sum(1 for _ in csv.DictReader(file))
    times = []
    for _ in range(2):
        begun = perf_counter()
        coursewatch("import", str(COHORT), environment=environment)
        times.append(perf_counter() - begun)
    print(
        f"{label}: import of {rows:,} rows {rows / times[0]:,.0f} rows/s, "
        f"again (all known) {rows / times[1]:,.0f} rows/s",
        flush=True,
    )


if __name__ == "__main__":
    main()
