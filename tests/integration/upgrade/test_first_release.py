"""The first release's database, upgraded: nothing that was recorded is lost, and all is judged by today's rules."""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests.conftest import DIALECTS
from tests.databases import PostgresqlServer, Urls
from workflow.bootstrap import build, migrate
from workflow.domain.actor import LOCAL_ADMIN
from workflow.persistence.engine import parse_url
from workflow.persistence.migrations import current_revision, newest_revision
from workflow.persistence.pages import Page
from workflow.services import sites
from workflow.services.clocks import Clocks
from workflow.services.house import House
from workflow.services.import_facts import import_facts
from workflow.services.import_rows import rows_of
from workflow.services.read_history import history
from workflow.services.read_patient import one
from workflow.services.read_worklist import Wanted, row_shape, rows
from workflow.services.verify_database import Hearing, verify_database
from workflow.settings import Settings

DATA = Path(__file__).parents[2] / "data"
SECRET = "the secret of a fixture for tests, of no hospital"
FIRST, SECOND = datetime(2026, 1, 2, 9, tzinfo=UTC), datetime(2026, 7, 1, 9, tzinfo=UTC)
THEN, DAY = datetime(2026, 3, 1, 9, tzinfo=UTC), date(2023, 1, 1)
AFTERWARDS = datetime(2026, 7, 2, 9, tzinfo=UTC)
TIME_ZONES = {"berlin": "Europe/Berlin", "madrid": "Europe/Madrid", "wien": "Europe/Vienna", "london": "Europe/London"}
STATUSES = frozenset({"upcoming", "open", "due", "late", "critical", "unknown", "met", "closed"})
ALL_FACTS = text("SELECT * FROM fact ORDER BY patient_id, seq")
HEADS = text("SELECT id, version, last_seq, head_hash, changed_at FROM patient ORDER BY id")


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A house of today on the database of the first release, and its patients' ids."""

    house: House
    patient_ids: tuple[str, ...]


@pytest.fixture(scope="module", params=DIALECTS)
def first_release(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Urls]:
    """Give the database as the first release left it, on each kind."""
    if request.param == "sqlite":
        file = tmp_path_factory.mktemp("first") / "coursewatch.sqlite3"
        file.write_bytes(kept("sqlite3"))
        yield Urls(owner=f"sqlite:///{file}", app=f"sqlite:///{file}")
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    urls = server.empty()
    with psycopg.connect(urls.owner, autocommit=True) as connection:
        connection.execute(kept("postgresql.sql"))
    yield urls
    server.drop(urls)


def kept(kind: str) -> bytes:
    return gzip.decompress((DATA / "databases" / f"first-release.{kind}.gz").read_bytes())


def settings_for(urls: Urls, folder: Path) -> Settings:
    secret = folder / "chain.secret"
    secret.write_text(SECRET, encoding="ascii")
    secret.chmod(0o600)
    return Settings(database=urls.app, data_dir=folder, secret_file=secret)


def stored(urls: Urls) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return all facts and the heads of all chains, column by column."""
    engine = create_engine(parse_url(urls.owner))
    with engine.connect() as connection:
        facts, heads = ([dict(row) for row in connection.execute(asked).mappings()] for asked in (ALL_FACTS, HEADS))
    engine.dispose()
    return facts, heads


@pytest.fixture(scope="module")
def upgraded(first_release: Urls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    """Upgrade it; facts and chains must be what they were."""
    settings = settings_for(first_release, tmp_path_factory.mktemp("upgraded"))
    facts, heads = stored(first_release)
    told: list[str] = []
    migrate(settings.with_(database=first_release.owner), tell=told.append)
    assert told[-1] == "Folded anew: 10 patients."
    assert current_revision(first_release.owner) == newest_revision()
    facts_now, heads_now = stored(first_release)
    assert (len(facts), heads_now) == (212, heads)
    assert [{name: row[name] for name in facts[0]} for row in facts_now] == facts
    house = build(settings, clock=lambda: AFTERWARDS)
    yield Upgraded(house, tuple(head["id"] for head in heads))
    house.close()


@pytest.fixture(scope="module")
def recorded_today(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give a house of today that imported the same rows at the same instants."""
    folder = tmp_path_factory.mktemp("today")
    file = folder / "coursewatch.sqlite3"
    file.write_bytes(sqlite_template.read_bytes())
    settings = settings_for(Urls(f"sqlite:///{file}", f"sqlite:///{file}"), folder)
    cohort = list(csv.DictReader(io.StringIO((DATA / "cohort.csv").read_text(encoding="utf-8"), newline="")))
    for now in (FIRST, SECOND):
        house = build(settings, clock=lambda now=now: now)  # type: ignore[misc]
        for site, time_zone in TIME_ZONES.items() if now == FIRST else ():
            sites.put(house, LOCAL_ADMIN, site, {"name": site.title(), "time_zone": time_zone})
        of_then = [row for row in cohort if now == SECOND or row["occurred_on"] < "2026-01-01"]
        import_facts(house, LOCAL_ADMIN, list(rows_of(of_ten(of_then), "ten.csv")))
        house.close()
    house = build(settings, clock=lambda: AFTERWARDS)
    yield house
    house.close()


def of_ten(cohort: list[dict[str, str]]) -> bytes:
    """Return the rows about the ten patients as a file; courses follow what that release had: the first versions."""
    told = (DATA / "ten_patients" / "states.csv").read_text(encoding="utf-8").splitlines()
    names = {row["patient"] for row in csv.DictReader(line for line in told if not line.startswith("#"))}
    file = io.StringIO()
    writer = csv.DictWriter(file, list(cohort[0]))
    writer.writeheader()
    for row in cohort:
        if row["patient"] in names:
            protocol = row["data.protocol"]
            writer.writerow(row | {"data.protocol": f"{protocol}@1" if protocol else ""})
    return file.getvalue().encode()


def worklist(house: House, wanted: Wanted) -> list[dict[str, Any]]:
    """Return the rows of a worklist without the patients' ids, which every database gives anew."""
    found = [row_shape(row, day) for row, day in rows(house, LOCAL_ADMIN, wanted, Page(limit=500)).rows]
    return sorted(({**row, "patient": None} for row in found), key=json_text)


def json_text(value: object) -> str:
    return json.dumps(value, default=str, sort_keys=True)


def test_facts_and_chains_are_what_they_were_and_everything_beside_them_is_by_the_rules_of_today(
    upgraded: Upgraded,
) -> None:
    found: list[str] = []
    verified = verify_database(upgraded.house, LOCAL_ADMIN, Hearing(found=lambda finding: found.append(finding.line)))
    assert (found, verified.patients) == ([], 10)


def test_every_patient_is_readable_today_and_as_of_a_day_of_the_past(upgraded: Upgraded) -> None:
    assert len(upgraded.patient_ids) == 10
    for patient_id in upgraded.patient_ids:
        now, then = (one(upgraded.house, LOCAL_ADMIN, patient_id, asked) for asked in (Clocks(), Clocks(as_of=DAY)))
        assert (now.status, then.status) == (200, 200)
        told = history(upgraded.house, LOCAL_ADMIN, patient_id, Clocks(), include_superseded=True)
        assert json.loads(now.body)["state"] == json.loads(told.body)["items"][-1]["state_after"]


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(as_of=date(2026, 6, 30), statuses=STATUSES),
        Wanted(as_of=DAY, statuses=STATUSES),
        Wanted(as_of=DAY, known_at=THEN, statuses=STATUSES),
    ],
    ids=["when all is known", "on a day of the past", "when less was known"],
)
def test_the_worklist_is_that_of_the_same_facts_recorded_today(
    upgraded: Upgraded, recorded_today: House, wanted: Wanted
) -> None:
    assert worklist(upgraded.house, wanted) == worklist(recorded_today, wanted) != []
