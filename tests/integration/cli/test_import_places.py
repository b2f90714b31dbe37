"""What an import says of changes of site: who reads afterwards, and a pseudonym that the other site has already."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.cli.running import NOW
from workflow import bootstrap
from workflow.domain.actor import LOCAL_ADMIN
from workflow.persistence.patient_reads import lock_patient, read_patient
from workflow.persistence.pseudonyms import ids_by_pseudonym
from workflow.persistence.unit_of_work import reading, writing
from workflow.services import sites
from workflow.services.house import House
from workflow.services.import_facts import ImportOptions, import_facts
from workflow.services.import_report import ImportResult
from workflow.services.import_rows import rows_of
from workflow.services.record_fact import record
from workflow.settings import Settings


class HandClock:
    """A clock that moves on by a second whenever it is read."""

    now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """Open a house of each kind with four hospitals, two of them far from UTC."""
    settings = Settings(database=database_url, data_dir=tmp_path, secret_file=tmp_path / "chain.secret")
    opened = bootstrap.build(settings, clock=HandClock())
    for site, time_zone in {"berlin": "America/New_York", "wien": "Asia/Tokyo", "paris": "UTC", "rom": "UTC"}.items():
        sites.put(opened, LOCAL_ADMIN, site, {"time_zone": time_zone})
    yield opened
    opened.close()


def line(fact_type: str, on: str, *, patient_at: str | None = None, **data: object) -> str:
    """Return one line about P1; `patient_at` says which, where two sites have one."""
    which = {} if patient_at is None else {"site": patient_at}
    return json.dumps({"patient": "P1", "type": fact_type, "occurred_on": on, "data": data, **which})


def registration(site: str = "berlin") -> str:
    return line(
        "patient_registered", "2025-01-06", pseudonym="P1", site=site, diagnosis_date="2022-03-01", phenotype="BCP"
    )


def change(to: str, on: str, *, patient_at: str | None = None, **data: object) -> str:
    return line("site_changed", on, patient_at=patient_at, to=to, **data)


def share(to: str, on: str, until: str) -> str:
    return change(to, on, role="shared_care", until=until)


def imported(house: House, *lines: str, dry_run: bool = False) -> ImportResult:
    rows = list(rows_of("\n".join(lines).encode(), "facts.ndjson"))
    return import_facts(house, LOCAL_ADMIN, rows, ImportOptions(dry_run=dry_run))


def codes(result: ImportResult) -> list[str | None]:
    return [row.code if row.outcome == "refused" else row.outcome for row in result.rows]


def ids(house: House) -> tuple[str, ...]:
    with reading(house.database, LOCAL_ADMIN) as unit:
        return ids_by_pseudonym(unit.connection, ["P1"], unit.reach, now=unit.instant()).get("P1", ())


def members(house: House) -> dict[str, tuple[str, datetime | None]]:
    """Return who reads the one patient now, in which role and until when."""
    (patient_id,) = ids(house)
    with writing(house.database, LOCAL_ADMIN) as unit:
        locked = lock_patient(house.database, unit.connection, patient_id, unit.reach)
    assert locked is not None
    return {known.site_id: (known.role, known.until_at) for known in locked.memberships}


def test_the_last_transfer_of_the_course_says_who_treats_in_whatever_order_files_come(house: House) -> None:
    imported(house, registration(), change("paris", "2025-03-01"))
    assert codes(imported(house, change("wien", "2025-02-01"))) == ["accepted"]

    assert members(house) == {"paris": ("treating", None)}


@pytest.mark.parametrize("in_one_file", [True, False])
def test_shared_care_keeps_its_end_whatever_comes_later(house: House, in_one_file: bool) -> None:
    lines = [registration(), share("rom", "2025-02-01", "2026-12-31"), change("wien", "2025-03-01")]
    later = share("paris", "2025-04-01", "2026-12-31")
    if in_one_file:
        assert codes(imported(house, *lines, later)) == ["accepted"] * 4
    else:
        assert [codes(imported(house, one)) for one in [*lines, later]] == [["accepted"]] * 4

    assert members(house) == {
        "wien": ("treating", None),
        "rom": ("shared", datetime(2027, 1, 1, 5, tzinfo=UTC)),
        "paris": ("shared", datetime(2026, 12, 31, 15, tzinfo=UTC)),
    }


def test_what_was_shared_and_is_over_lets_nobody_in(house: House) -> None:
    imported(house, registration(), share("rom", "2025-02-01", "2025-12-31"))

    assert members(house) == {"berlin": ("treating", None)}


def test_care_recorded_and_care_imported_end_alike(house: House) -> None:
    imported(house, registration(), share("rom", "2025-02-01", "2026-12-31"))
    (patient_id,) = ids(house)
    move = {"type": "site_changed", "occurred_on": "2025-03-01", "data": {"to": "paris"}}
    record(house, LOCAL_ADMIN, patient_id, move)

    assert members(house) == {"paris": ("treating", None), "rom": ("shared", datetime(2027, 1, 1, 5, tzinfo=UTC))}


def test_a_move_to_where_the_patient_is_treated_is_refused_alone(house: House) -> None:
    result = imported(house, registration(), share("berlin", "2025-02-01", "2026-12-31"), change("wien", "2025-03-01"))

    assert codes(result) == ["accepted", "already_treating", "accepted"]
    assert members(house) == {"wien": ("treating", None)}


def test_a_move_onto_another_patient_of_the_pseudonym_is_refused_alone(house: House) -> None:
    imported(house, registration("paris"))
    at_berlin = line("relapse_diagnosed", "2025-01-06", patient_at="berlin", relapse_site="isolated_bm")
    move = change("paris", "2025-03-01", patient_at="berlin")

    for dry_run in (True, False):
        result = imported(house, registration(), at_berlin, move, dry_run=dry_run)
        assert codes(result) == ["accepted", "accepted", "pseudonym_taken_at_site"]
        assert not result.faulty
    again = imported(house, registration(), at_berlin, move)
    assert codes(again) == ["known", "known", "pseudonym_taken_at_site"]
    assert "data.to is a site that knows another patient" in str(again.rows[2].reason)
    assert len(ids(house)) == 2


def test_a_move_onto_a_patient_whom_the_same_file_registers_is_refused_alone(house: House) -> None:
    move = change("paris", "2025-03-01", patient_at="berlin")

    assert codes(imported(house, registration(), move, registration("paris"))) == [
        "accepted",
        "pseudonym_taken_at_site",
        "accepted",
    ]


def test_a_move_through_such_a_site_stands(house: House) -> None:
    imported(house, registration("paris"))
    through = [change(to, on, patient_at="berlin") for to, on in (("paris", "2025-03-01"), ("wien", "2025-03-02"))]

    assert codes(imported(house, registration(), *through)) == ["accepted"] * 3


def test_a_patient_in_treatment_is_silent_by_the_sites_own_setting(house: House) -> None:
    sites.put(house, LOCAL_ADMIN, "berlin", {"silent_after_days": 30})
    sites.put(house, LOCAL_ADMIN, "wien", {"silent_after_days": 20})
    started = line("block_started", "2025-01-10", element="R1")
    imported(house, registration(), line("relapse_diagnosed", "2025-01-08", relapse_site="isolated_bm"), started)
    assert silent_from(house) == "2025-02-10"

    imported(house, line("block_completed", "2025-01-15", given="as_planned"))
    assert silent_from(house) == "2025-02-15"
    imported(house, change("wien", "2025-01-15"))
    assert silent_from(house) == "2025-02-05"


def silent_from(house: House) -> str:
    (patient_id,) = ids(house)
    with reading(house.database, LOCAL_ADMIN) as unit:
        row = read_patient(unit.connection, patient_id, unit.reach, unit.instant())
    assert row is not None
    return str(row.silent_from)
