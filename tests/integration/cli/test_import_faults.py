"""A full disk, a lost database, a killed process in mid-import: whole patients are in, and the same import ends it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, event, text

from tests.databases import PostgresqlServer, Urls
from tests.integration.cli.files import course, write
from tests.integration.cli.running import at_home, coursewatch
from workflow import bootstrap
from workflow.domain.actor import LOCAL_ADMIN
from workflow.persistence.patient_reads import load_facts, read_patient
from workflow.persistence.unit_of_work import reading
from workflow.rules.fold import fold
from workflow.rules.merge import merge
from workflow.services import import_facts
from workflow.services.house import House
from workflow.settings import Settings

PATIENTS = [f"ALL-{number:04}" for number in range(40)]
# Room for some of the forty patients and not for all.
PAGES_LEFT = 40


def forty_patients(folder: Path) -> Path:
    return write(folder / "facts.csv", *(line for patient in PATIENTS for line in course(patient)))


@contextmanager
def a_house_that_fails(monkeypatch: pytest.MonkeyPatch, plant: Callable[[House], None]) -> Iterator[None]:
    """Let every house that is opened meanwhile carry a fault."""
    build = bootstrap.build

    def with_fault(settings: Settings) -> House:
        house = build(settings)
        plant(house)
        return house

    with monkeypatch.context() as patch:
        patch.setattr(bootstrap, "build", with_fault)
        yield


def stored(settings: Settings) -> dict[str, list[tuple[str, str]]]:
    """Return every patient's facts by pseudonym, having checked that each snapshot is the fold of its facts."""
    house = bootstrap.build(settings)
    found: dict[str, list[tuple[str, str]]] = {}
    with reading(house.database, LOCAL_ADMIN) as unit:
        for (patient_id,) in unit.connection.execute(text("SELECT id FROM patient")).all():
            facts = load_facts(unit.connection, str(patient_id))
            row = read_patient(unit.connection, str(patient_id), unit.reach, unit.instant())
            assert row is not None
            assert row.state == fold(facts, house.protocols)
            found[row.pseudonym] = [(fact.type, str(fact.occurred_on)) for fact in facts]
    house.close()
    return found


def assert_whole_patients_are_in(settings: Settings, said: str, report: Path) -> None:
    before = stored(settings)
    assert 0 < len(before) < len(PATIENTS)
    assert {len(facts) for facts in before.values()} == {6}
    assert f"{len(before)} of 40 patients are done, {6 * len(before)} rows are stored, nothing is half-written" in said
    assert "Run the same import again" in said
    accepted = [json.loads(line)["patient"] for line in report.read_text(encoding="utf-8").splitlines()]
    assert sorted(set(accepted)) == sorted(before)


def assert_the_same_import_ends_it(settings: Settings, file: Path) -> None:
    finished = coursewatch("import", file)
    assert finished.code == 0
    after = stored(settings)
    assert sorted(after) == PATIENTS
    assert {len(facts) for facts in after.values()} == {6}
    assert "0 accepted, 240 known, 0 refused" in coursewatch("import", file).err


def a_full_disk(house: House) -> None:
    def limit(connection: Any, _record: object) -> None:  # noqa: ANN401 -- the driver's
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + PAGES_LEFT}")

    house.database.writer.dispose()
    event.listen(house.database.writer, "connect", limit)


def test_a_full_disk_leaves_whole_patients_and_the_same_import_ends_it(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "coursewatch.sqlite3"
    database.write_bytes(sqlite_template.read_bytes())
    url = f"sqlite:///{database}"
    settings = at_home(tmp_path, Urls(owner=url, app=url), monkeypatch)
    file = forty_patients(tmp_path)
    with a_house_that_fails(monkeypatch, a_full_disk):
        finished = coursewatch("import", file, "--report", "report.ndjson")
    assert finished.code == 1
    assert "The import failed: the database is not available (SQLITE_FULL)" in finished.err
    assert_whole_patients_are_in(settings, finished.err, Path("report.ndjson"))
    assert_the_same_import_ends_it(settings, file)


def lost_at_the_tenth_patient(url: str) -> Callable[[House], None]:
    numbers = count(1)

    def lose(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if "INSERT INTO patient_site" in statement and next(numbers) == 10:
            with psycopg.connect(url, autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()"
                )

    return lambda house: event.listen(house.database.writer, "before_cursor_execute", lose)


def test_a_lost_database_leaves_whole_patients_and_the_same_import_ends_it(
    tmp_path: Path,
    postgresql_server: PostgresqlServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    urls = postgresql_server.migrated()
    settings = at_home(tmp_path, urls, monkeypatch)
    file = forty_patients(tmp_path)
    with a_house_that_fails(monkeypatch, lost_at_the_tenth_patient(urls.app)):
        finished = coursewatch("import", file, "--report", "report.ndjson")
    assert finished.code == 1
    assert "The import failed: the database is not available" in finished.err
    assert "9 of 40 patients" in finished.err
    assert_whole_patients_are_in(settings, finished.err, Path("report.ndjson"))
    assert_the_same_import_ends_it(settings, file)
    postgresql_server.drop(urls)


def test_a_person_who_stops_the_import_is_told_the_same(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    file = forty_patients(Path())
    numbers = count(1)

    def stopped(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 -- whatever merging takes
        if next(numbers) == 5:
            raise KeyboardInterrupt
        return merge(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(import_facts, "merge", stopped)
        finished = coursewatch("import", file, "--report", "report.ndjson")
    assert finished.code == 1
    assert "The import was stopped. 4 of 40 patients are done" in finished.err
    assert_whole_patients_are_in(home, finished.err, Path("report.ndjson"))
    assert_the_same_import_ends_it(home, file)


KILLED = """
import os, sys
from itertools import count
from sqlalchemy import event
from workflow import bootstrap
from workflow.cli import main

build, numbers = bootstrap.build, count(1)

def die(_connection, _cursor, statement, *_rest):
    if "window_span" in statement and next(numbers) == 10:
        os._exit(137)

def with_fault(settings):
    house = build(settings)
    event.listen(house.database.writer, "after_cursor_execute", die)
    return house

bootstrap.build = with_fault
sys.exit(main(["import", sys.argv[1]]))
"""


def test_a_process_killed_in_the_middle_of_a_patient_leaves_nothing_of_them(home: Settings) -> None:
    file = forty_patients(Path())
    killed = subprocess.run([sys.executable, "-c", KILLED, str(file)], check=False, capture_output=True)
    assert killed.returncode == 137
    before = stored(home)
    assert 0 < len(before) < len(PATIENTS)
    assert {len(facts) for facts in before.values()} == {6}
    assert_the_same_import_ends_it(home, file)
