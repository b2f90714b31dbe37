"""Importing as a use case: whose rows they are, who may import them, and what becomes of sites and moves."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli.files import HEADER, course, registration, row
from tests.integration.cli.running import NOW
from workflow import bootstrap
from workflow.domain.actor import LOCAL_ADMIN, Actor, Grant
from workflow.domain.roles import Role
from workflow.persistence.access_log import read_access
from workflow.persistence.pages import Page
from workflow.persistence.patient_reads import load_facts
from workflow.persistence.pseudonyms import ids_by_pseudonym
from workflow.persistence.unit_of_work import reading
from workflow.services import import_facts as importing
from workflow.services import list_patients, sites
from workflow.services.errors import NotAllowedError
from workflow.services.house import House
from workflow.services.import_facts import ImportOptions, import_facts
from workflow.services.import_report import ImportResult
from workflow.services.import_rows import rows_of
from workflow.services.record_fact import record
from workflow.services.register_patient import register
from workflow.settings import Settings

REGISTERED = {"pseudonym": "P1", "site": "berlin", "diagnosis_date": "2022-03-02", "phenotype": "T"}


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """Open a house of each kind on the day of these tests, in Berlin's time zone."""
    environment = {
        "COURSEWATCH_DATABASE": database_url,
        "COURSEWATCH_DATA_DIR": str(tmp_path),
        "COURSEWATCH_TIME_ZONE": "Europe/Berlin",
    }
    seconds = count()
    clock = lambda: NOW + timedelta(seconds=next(seconds))  # noqa: E731 -- one line, used once
    opened = bootstrap.build(Settings.from_environment(environment), clock=clock)
    yield opened
    opened.close()


def coordinator(*of_sites: str) -> Actor:
    grants = tuple(Grant(Role.COORDINATOR, site) for site in of_sites) or (Grant(Role.COORDINATOR),)
    return Actor("data_manager", "data_manager", grants)


def imported(house: House, *lines: str, by: Actor = LOCAL_ADMIN) -> ImportResult:
    rows = list(rows_of("\n".join([HEADER, *lines]).encode(), "facts.csv"))
    return import_facts(house, by, rows)


def codes(result: ImportResult) -> list[str | None]:
    return [line.code if line.outcome == "refused" else line.outcome for line in result.rows]


def found(house: House, pseudonym: str, by: Actor = LOCAL_ADMIN) -> list[dict[str, str]]:
    items = json.loads(list_patients.search(house, by, {"pseudonym": pseudonym}).body)["items"]
    return [{"id": item["id"], "site": item["site"], "state": item["state"]} for item in items]


def test_a_nurse_may_not_import(house: House) -> None:
    nurse = Actor("ward_nurse", "ward_nurse", (Grant(Role.NURSE),))
    with pytest.raises(NotAllowedError):
        imported(house, *course("P1"), by=nurse)


def test_a_coordinator_imports_for_their_own_sites_only(house: House) -> None:
    sites.put(house, LOCAL_ADMIN, "berlin", {})
    sites.put(house, LOCAL_ADMIN, "wien", {})
    result = imported(house, *course("P1"), *course("P2", "wien"), by=coordinator("berlin"))
    assert codes(result) == ["accepted"] * 6 + ["role_needed"] * 6
    other_hospital = coordinator("wien")
    stranger = imported(house, row("P1", "died", "2025-03-01"), by=other_hospital)
    assert codes(stranger) == ["unknown_patient"]


def test_a_row_of_the_wrong_length_stops_no_other_whatever_its_patient_is(house: House) -> None:
    result = imported(house, *course("P1"), " P1 ,died", "A\0B,died", *course("P2"))
    assert codes(result) == ["accepted"] * 6 + ["cell_count"] * 2 + ["accepted"] * 6
    assert [line.patient for line in result.rows[6:8]] == ["P1", None]


def test_only_who_may_act_everywhere_names_a_new_site(house: House) -> None:
    result = imported(house, *course("P1", "paris"), by=coordinator("paris"))
    assert set(codes(result)) == {"unknown_site"}
    assert result.warnings == ()


def test_a_new_site_gets_the_default_time_zone_and_a_warning(house: House) -> None:
    result = imported(house, *course("P1"), *course("P2"))
    (warning,) = result.warnings
    assert "Site berlin was made with time zone Europe/Berlin" in warning.message
    (site,) = json.loads(sites.listed(house, LOCAL_ADMIN).body)["items"]
    assert (site["id"], site["time_zone"]) == ("berlin", "Europe/Berlin")
    assert imported(house, *course("P3")).warnings == ()


def test_a_site_is_not_made_for_a_registration_that_is_refused(house: House) -> None:
    refused = registration("P1", "paris").replace("2022-03-01", "2027-03-01")
    result = imported(house, refused)
    assert codes(result) == ["in_the_future"]
    assert result.warnings == ()
    assert json.loads(sites.listed(house, LOCAL_ADMIN).body)["items"] == []


def test_the_future_is_what_lies_ahead_at_the_patients_site(house: House) -> None:
    sites.put(house, LOCAL_ADMIN, "auckland", {"time_zone": "Pacific/Auckland"})
    tomorrow = [course("P1", "auckland")[0], row("P1", "died", "2026-07-02")]
    assert codes(imported(house, *tomorrow)) == ["accepted", "in_the_future"]
    sites.put(house, LOCAL_ADMIN, "auckland", {"time_zone": "Pacific/Kiritimati"})
    # Kiritimati is 14 hours ahead of UTC, and still on the same day at nine in the morning.
    assert codes(imported(house, tomorrow[1])) == ["in_the_future"]


def test_one_pseudonym_at_two_sites_needs_the_column_site(house: House) -> None:
    start = row("P1", "relapse_diagnosed", "2025-01-06", data_relapse_site="isolated_bm")
    at_wien = row("P1", "relapse_diagnosed", "2025-01-06", data_relapse_site="isolated_bm", site="wien")
    result = imported(house, registration("P1"), registration("P1", "wien"), start, at_wien)
    assert codes(result) == ["accepted", "accepted", "ambiguous_pseudonym", "accepted"]
    assert "at berlin, wien; add a column site" in str(result.rows[2].reason)
    assert {(patient["site"], patient["state"]) for patient in found(house, "P1")} == {
        ("berlin", "registered"),
        ("wien", "relapse_diagnosed"),
    }
    # Somebody who sees one of the sites means the patient there.
    assert codes(imported(house, start, by=coordinator("berlin"))) == ["accepted"]


def test_a_row_for_another_site_than_the_patients_means_nobody(house: House) -> None:
    imported(house, *course("P1"))
    assert codes(imported(house, row("P1", "died", "2025-03-01", site="wien"))) == ["unknown_patient"]


def test_rows_are_merged_with_what_people_recorded(house: House) -> None:
    lines = course("P1")
    imported(house, *lines[:3])
    (patient,) = found(house, "P1")
    record(
        house,
        LOCAL_ADMIN,
        patient["id"],
        {"type": "block_started", "occurred_on": "2025-01-07", "data": {"element": "R1"}},
    )
    result = imported(house, *lines)
    assert codes(result) == ["known"] * 4 + ["accepted"] * 2
    assert found(house, "P1")[0]["state"] == "reinduction.block"


def test_the_time_of_recording_elsewhere_is_kept_and_not_used(house: House) -> None:
    imported(house, registration("P1", recorded_at="2025-01-06T10:00:00+01:00"))
    (patient,) = found(house, "P1")
    with reading(house.database, LOCAL_ADMIN) as unit:
        (fact,) = load_facts(unit.connection, patient["id"])
    assert fact.source_recorded_at == datetime(2025, 1, 6, 9, 0, tzinfo=UTC)
    assert fact.recorded_at > NOW


def test_an_external_id_is_one_fact(house: House) -> None:
    lines = course("P1")
    treated = row("P1", "died", "2025-03-01", external_id="ward-17")
    assert codes(imported(house, *lines, treated))[-1] == "accepted"
    moved = row("P1", "died", "2025-03-02", external_id="ward-17")
    assert codes(imported(house, treated, moved)) == ["known", "external_id_reused"]


def test_a_moved_patient_is_read_where_they_are_treated_and_known_again(house: House) -> None:
    lines = [*course("P1"), row("P1", "site_changed", "2025-02-10", data_to="wien")]
    result = imported(house, *lines)
    assert codes(result) == ["accepted"] * 7
    assert [warning.message.split()[1] for warning in result.warnings] == ["berlin", "wien"]
    assert [patient["site"] for patient in found(house, "P1", coordinator("wien"))] == ["wien"]
    assert found(house, "P1", coordinator("berlin")) == []
    assert codes(imported(house, *lines)) == ["known"] * 7
    assert len(found(house, "P1")) == 1


def test_a_move_that_comes_later_changes_who_reads_from_then_on(house: House) -> None:
    imported(house, *course("P1"))
    imported(house, row("P1", "site_changed", "2025-02-10", data_to="wien"))
    assert [patient["site"] for patient in found(house, "P1", coordinator("wien"))] == ["wien"]
    assert found(house, "P1", coordinator("berlin")) == []


def test_every_patient_and_the_import_itself_leave_an_access_row(house: House) -> None:
    imported(house, *course("P1"), *course("P2"), by=coordinator())
    imported(house, *course("P1"), by=coordinator())
    with reading(house.database, LOCAL_ADMIN) as unit:
        acts = [act for act in read_access(unit.connection, page=Page(100)).items if act.action == "import_facts"]
    assert [(act.patient_id is not None, act.items) for act in acts] in (
        [(True, 6), (True, 6), (False, 12), (False, 6)],
        [(False, 6), (False, 12), (True, 6), (True, 6)],
    )
    assert {act.actor_id for act in acts} == {"data_manager"}


def test_a_patient_registered_meanwhile_is_found_at_the_second_try(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = course("P1")
    look_up = ids_by_pseudonym

    def too_early(*arguments: Any, **named: Any) -> dict[str, tuple[str, ...]]:  # noqa: ANN401 -- as it comes
        monkeypatch.undo()
        seen = look_up(*arguments, **named)
        register(house, LOCAL_ADMIN, REGISTERED)
        return seen

    monkeypatch.setattr(importing, "ids_by_pseudonym", too_early)
    result = imported(house, *lines)
    assert codes(result) == ["already_registered", *["accepted"] * 5]
    assert len(found(house, "P1")) == 1


def test_progress_counts_every_row(house: House) -> None:
    told: list[int] = []
    rows = list(rows_of("\n".join([HEADER, *course("P1"), ",died", *course("P2")]).encode(), "facts.csv"))
    import_facts(house, LOCAL_ADMIN, rows, ImportOptions(progress=told.append))
    assert sum(told) == len(rows) == 13
