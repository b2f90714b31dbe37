"""The worklist never says that all is well because of a typo, and never tells of a day what came later."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.databases import Urls
from workflow.bootstrap import build
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.errors import InvalidInputError
from workflow.persistence.pages import Page
from workflow.services.house import House
from workflow.services.read_worklist import Wanted, rows
from workflow.services.record_fact import record
from workflow.services.register_patient import register
from workflow.settings import Settings

SILENT_DAY = date(2024, 3, 1)


@pytest.fixture
def house(database_urls: Urls, tmp_path: Path) -> Iterator[House]:
    """Give a house with one patient whose first block started on 2024-01-08 and of whom nothing was heard since."""
    environment = {"COURSEWATCH_DATABASE": database_urls.app, "COURSEWATCH_DATA_DIR": str(tmp_path / "data")}
    house = build(Settings.from_environment(environment))
    registration = {"pseudonym": "A", "site": "berlin", "diagnosis_date": "2021-01-01", "phenotype": "BCP"}
    patient = json.loads(register(house, LOCAL_ADMIN, registration).body)["id"]
    for fact_type, on, data in (
        ("relapse_diagnosed", "2024-01-05", {"relapse_site": "isolated_bm"}),
        ("protocol_chosen", "2024-01-05", {"protocol": "all-rez-bfm-2002"}),
        ("block_started", "2024-01-08", {"element": "R1"}),
        ("owner_changed", "2024-02-20", {"actor": "dr.a"}),
    ):
        record(house, LOCAL_ADMIN, patient, {"type": fact_type, "occurred_on": on, "data": data})
    yield house
    house.close()


@pytest.mark.parametrize(
    ("wanted", "field", "known"), [(Wanted(rule="TR001"), "rule", "TR-001"), (Wanted(site="berln"), "site", "berlin")]
)
def test_an_unknown_filter_is_refused_and_names_what_is_known(
    house: House, wanted: Wanted, field: str, known: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        rows(house, LOCAL_ADMIN, wanted, Page())
    (problem,) = refused.value.problems
    assert (problem.field, problem.code) == (field, f"unknown_{field}")
    assert known in problem.message


def test_asked_for_one_rule_a_patient_without_a_window_of_it_has_no_row(house: House) -> None:
    found = rows(house, LOCAL_ADMIN, Wanted(as_of=SILENT_DAY, rule="TR-021"), Page())
    assert found.rows == ()
    (row, _day) = rows(house, LOCAL_ADMIN, Wanted(as_of=SILENT_DAY, rule="TR-001"), Page()).rows[0]
    assert (row.status, row.unknown) == ("critical", True)


def test_work_at_the_desk_ends_no_silence(house: House) -> None:
    (row, _day) = rows(house, LOCAL_ADMIN, Wanted(as_of=SILENT_DAY, rule="TR-001"), Page()).rows[0]
    assert (row.owner, row.last_contact_on) == ("dr.a", date(2024, 1, 8))


def test_of_a_day_no_later_contact_is_told(house: House) -> None:
    before = date(2024, 1, 7)
    everything = Wanted(as_of=before, statuses=frozenset({"open", "upcoming", "unknown"}))
    assert all(
        row.last_contact_on is None or row.last_contact_on <= before
        for row, _day in rows(house, LOCAL_ADMIN, everything, Page()).rows
    )
    (row, _day) = rows(house, LOCAL_ADMIN, Wanted(as_of=date(2024, 1, 29), rule="TR-001"), Page()).rows[0]
    assert row.last_contact_on == date(2024, 1, 8)
