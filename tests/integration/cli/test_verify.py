"""`coursewatch db verify` as an administrator runs it: findings on stdout, the rest on stderr, and an exit code."""

import sqlite3

import pytest

from tests.databases import Urls
from tests.integration.cli.running import COHORT, coursewatch
from workflow import bootstrap
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
    assert sealed.err.startswith("240 patients checked: healthy.\nNewest seal: 1 of 2026-07-01 09:00 UTC, ")
    assert sealed.err.rstrip().endswith(noted)


def test_a_seal_that_is_not_there_is_a_finding(home: Settings) -> None:
    finished = coursewatch("db", "verify", "--expect-seal", "0" * 64)
    assert finished.code == 1
    assert finished.out.startswith("seal: the noted seal: is not there")
    assert "0 patients checked: 1 finding. " in finished.err


def test_what_is_no_hash_is_wrong_usage(home: Settings) -> None:
    finished = coursewatch("db", "verify", "--expect-seal", "the one of Monday")
    assert finished.code == 2
    assert "64 hexadecimal digits" in finished.err


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
