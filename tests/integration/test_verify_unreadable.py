"""What nobody can read any more is named as such, hides nothing else, and prints nothing of itself."""

import pytest
from sqlalchemy import text

from tests.integration.recorded import OWNED, Recorded, unguarded
from workflow.persistence.tables import METADATA
from workflow.services.seal_chains import seal_chains

ALTERED = "UPDATE fact SET occurred_on = '2025-01-02' WHERE patient_id = :b AND seq = 2"
NAMED = "chain: patient B, f2: the row was altered or put in"


@pytest.mark.parametrize("database_urls", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE patient SET owner = CAST(x'FFFE' AS TEXT) WHERE id = :a", "patient: patient A: a row"),
        (
            "UPDATE fact SET note = CAST(x'FFFE' AS TEXT) WHERE patient_id = :a AND seq = 2",
            "patient: patient A: a row",
        ),
        (
            "UPDATE site_setting SET time_zone = CAST(x'FFFE' AS TEXT)",
            "site: the sites' settings: a row",
        ),
        (
            "UPDATE sealed_head SET hash = CAST(x'FFFE' AS TEXT) WHERE patient_id = :a",
            "database: seals: cannot be read any further",
        ),
        ("UPDATE sealed_head SET hash = x'FF' WHERE patient_id = :a", "seal: seal 1: a row of it cannot be read"),
    ],
)
def test_a_text_that_is_none_is_named_and_hides_nothing(courses: Recorded, statement: str, expected: str) -> None:
    list(seal_chains(courses.house))
    courses.tamper(statement, ALTERED)

    found = courses.findings()

    assert any(line.startswith(expected) for line in found), found
    assert NAMED in found


def test_a_forged_patient_without_an_id_is_named(courses: Recorded) -> None:
    with unguarded(courses.urls) as connection:
        for table in ("patient", *OWNED[:3]):
            names = [column.name for column in METADATA.tables[table].columns]
            key = "id" if table == "patient" else "patient_id"
            kept = [name for name in names if name not in {key, "pseudonym"} and (name != "id" or key == "id")]
            forged = ["''", *(["'FORGED'"] if key == "id" else []), *kept]
            into = [key, *(["pseudonym"] if key == "id" else []), *kept]
            statement = (
                f"INSERT INTO {table} ({', '.join(into)}) SELECT {', '.join(forged)} FROM {table} WHERE {key} = :a"  # noqa: S608 -- our own names
            )
            connection.execute(text(statement), {"a": courses.a})

    found = courses.findings()

    assert any(line.startswith("chain: patient with an id that was altered") for line in found), found
    assert "FORGED" not in "".join(found)


def test_a_seal_before_the_first_is_named(courses: Recorded) -> None:
    list(seal_chains(courses.house))
    courses.tamper("INSERT INTO seal SELECT -1, sealed_at, patients, heads_sha256, prev_hash, hash FROM seal")

    assert courses.findings() == ["seal: seal -1: it was put in: seals count from 1"]


def test_a_key_that_was_altered_is_not_printed(courses: Recorded) -> None:
    newline = "chr" if courses.house.database.dialect == "postgresql" else "char"
    forged = f"'x' || {newline}(10) || 'chain: forged'"
    courses.tamper(f"UPDATE patient_site SET patient_id = {forged} WHERE patient_id = :a")  # noqa: S608 -- our own text

    found = courses.findings()

    assert not any("forged" in line for line in found)
    assert any("patient with an id that was altered" in line for line in found)
