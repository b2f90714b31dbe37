"""`coursewatch db verify` as an administrator runs it: findings on stdout, the rest on stderr, and an exit code."""

import sqlite3
from pathlib import Path

import psycopg
import pytest

from tests.databases import Urls
from tests.integration.cli.running import COHORT, coursewatch
from workflow import bootstrap
from workflow.persistence.engine import name_of, parse_url
from workflow.services import verify_database
from workflow.services.seal_chains import seal_chains
from workflow.settings import Settings


def seal(home: Settings) -> str:
    """Seal what was recorded, and return the seal's hash."""
    house = bootstrap.build(home)
    (made,) = seal_chains(house)
    house.close()
    return made.hash


def test_the_cohort_is_healthy_and_its_seal_is_told(home: Settings) -> None:
    assert coursewatch("import", COHORT).code == 0
    unsealed = coursewatch("db", "verify")
    assert (unsealed.code, unsealed.out) == (0, "")
    assert "240 patients checked: healthy. Nothing is sealed yet" in unsealed.err
    noted = seal(home)
    sealed = coursewatch("db", "verify", "--expect-seal", noted)
    assert (sealed.code, sealed.out) == (0, "")
    assert "\n240 patients checked: healthy.\nNewest seal: 1 of 2026-07-01 09:00 UTC, " in sealed.err
    assert sealed.err.rstrip().endswith(noted)


def test_a_seal_that_is_not_there_is_a_finding(home: Settings) -> None:
    finished = coursewatch("db", "verify", "--expect-seal", "0" * 64)
    assert finished.code == 1
    assert finished.out.startswith("seal: the noted seal: is not there")
    assert "0 patients checked: 1 finding. " in finished.err


def test_the_database_that_is_verified_is_named_first(home: Settings, database_urls: Urls) -> None:
    url = parse_url(database_urls.app)
    named = {
        "sqlite": f"the SQLite database {url.database}",
        "postgresql+psycopg": f"the PostgreSQL database {url.database} on {url.query.get('host')}",
    }
    assert coursewatch("db", "verify").err.splitlines()[0] == f"Verifying {named[url.drivername]}."


def test_a_server_is_named_without_role_and_password() -> None:
    named = name_of("postgresql://app:hush@db.hospital.example:5433/cw?sslmode=verify-full")
    assert named == "the PostgreSQL database cw on db.hospital.example, port 5433"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://app@127.0.0.1:1/coursewatch", "the database is not available"),
        ("sqlite:///nowhere.sqlite3", "there is no database nowhere.sqlite3"),
    ],
)
def test_what_could_not_be_checked_is_no_finding(url: str, said: str, new_home: Path) -> None:
    finished = coursewatch("db", "verify", "--database", url)
    assert (finished.code, finished.out) == (2, "")
    assert said in finished.err
    assert finished.err.endswith("The database was not checked to its end: this says nothing of what is in it.\n")


def test_a_fault_in_the_middle_is_no_finding(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("A-1")

    monkeypatch.setattr(verify_database, "verify_database", broken)
    finished = coursewatch("db", "verify")
    assert (finished.code, finished.out) == (2, "")
    assert "an error inside Coursewatch (RuntimeError at " in finished.err
    assert "A-1" not in finished.err


def test_what_is_no_hash_is_wrong_usage(home: Settings) -> None:
    finished = coursewatch("db", "verify", "--expect-seal", "the one of Monday")
    assert finished.code == 2
    assert "64 hexadecimal digits" in finished.err


@pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
def test_what_a_hospital_made_around_the_fence_is_told_and_no_finding(home: Settings, database_urls: Urls) -> None:
    assert home.database == database_urls.app
    with psycopg.connect(database_urls.owner) as connection:
        connection.execute("CREATE VIEW counted AS SELECT count(*) FROM patient; GRANT SELECT ON counted TO PUBLIC")
    finished = coursewatch("db", "verify")
    assert (finished.code, finished.out) == (0, "")
    assert "\nnotice: the view counted: not of this release, and may lead around row-level security" in finished.err
    assert "0 patients checked: healthy." in finished.err


@pytest.mark.parametrize("database_urls", ["sqlite"], indirect=True)
def test_a_finding_names_patient_and_fact_and_nothing_that_stands_there(home: Settings, database_urls: Urls) -> None:
    assert coursewatch("import", COHORT).code == 0
    with sqlite3.connect(database_urls.owner.removeprefix("sqlite:///")) as connection:
        connection.execute("DROP TRIGGER fact_append_only_update")
        connection.execute("UPDATE fact SET note = 'a secret' WHERE rowid = 1")
        ((patient_id, seq),) = connection.execute("SELECT patient_id, seq FROM fact WHERE rowid = 1")
    connection.close()
    finished = coursewatch("db", "verify")
    assert finished.code == 1
    assert finished.out.splitlines() == [
        f"chain: patient {patient_id}, f{seq}: the note, the override or the reason was altered",
        "guard: the trigger fact_append_only_update: is missing or switched off: it keeps rows from being changed",
    ]
    assert "240 patients checked: 2 findings. Keep this output and the database as it is." in finished.err
    assert "secret" not in finished.err
