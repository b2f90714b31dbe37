"""The databases that are measured hold what was recorded: each copy's chain is its own, and nothing else differs."""

import csv
import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

import benchmarks
from benchmarks.courses_as_recorded import NOW, house_at
from benchmarks.scale.databases import Place
from benchmarks.scale.loading import COHORT, load
from tests.databases import PostgresqlServer
from workflow.domain.actor import LOCAL_ADMIN
from workflow.services.rounds import Rounds
from workflow.services.sweep import sweep
from workflow.services.verify_database import Hearing, verify_database
from workflow.services.verify_patient import Finding

PATIENTS = 50
# One whose course has ended, to be copied, and one in treatment.
NAMES = ("ALL-0001", "ALL-0002", "ALL-0003", "ALL-0004")


@pytest.fixture
def place(postgresql_server: PostgresqlServer, tmp_path: Path) -> Iterator[Place]:
    """Give a loaded database; its owner copies, whom every reference holds."""
    urls = postgresql_server.migrated()
    given = Place(superuser=urls.owner, owner=urls.owner, app=urls.app, folder=tmp_path)
    load(given, PATIENTS, cohort=a_few(tmp_path / "few.csv"), sites=("berlin",), processes=1)
    yield given
    postgresql_server.drop(urls)


def a_few(file: Path) -> Path:
    """Write the rows of a few patients of the cohort, all of one site."""
    with COHORT.open(encoding="utf-8", newline="") as source:
        reader = csv.DictReader(source)
        rows = [row for row in reader if row["patient"] in NAMES]
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, reader.fieldnames or ())
        writer.writeheader()
        writer.writerows(row | ({"data.site": "berlin"} if row["data.site"] else {}) for row in rows)
    return file


def test_a_loaded_database_is_healthy_and_its_copies_are_quiet(place: Place) -> None:
    require_names_and_hashes_of_their_own(place)
    findings: list[Finding] = []
    with house_at(place.app, place.folder) as (house, clock):
        clock.now = NOW + timedelta(hours=1)
        assert list(Rounds().whom(house)) == []
        verified = verify_database(house, LOCAL_ADMIN, Hearing(found=findings.append))
        assert (findings, verified.patients, verified.unsealed) == ([], PATIENTS, 0)
        clock.now = NOW + timedelta(days=60)
        report = sweep(house)
    # Judged by the house as what they are copies of: their windows pass, and are raised.
    assert report.failed == Counter()
    assert report.patients > PATIENTS / 2
    assert len(report.raised) > PATIENTS / 2


def require_names_and_hashes_of_their_own(place: Place) -> None:
    """Fail unless the copies differ from each other in their names and hashes, and otherwise are of a few kinds."""
    with psycopg.connect(place.owner) as connection:
        asked = (
            "SELECT count(*), count(DISTINCT id), count(DISTINCT pseudonym), count(DISTINCT head_hash), "
            "count(DISTINCT replace(state_json, pseudonym, '')) FROM patient WHERE pseudonym LIKE 'LOAD-%'"
        )
        counted = connection.execute(asked).fetchone()
        assert counted is not None
        copies, ids, pseudonyms, hashes, courses = counted
    assert copies == ids == pseudonyms == hashes
    assert 1 < courses < copies


def test_every_benchmark_can_be_loaded() -> None:
    found = [module.name for module in pkgutil.walk_packages(benchmarks.__path__, "benchmarks.")]
    assert len(found) > 20
    for name in found:
        importlib.import_module(name)
