"""What a site sets about notices, and that the next sweep judges its patients by it."""

import pytest

from tests.api.hospitals import at, put_site
from tests.api.ledger import LATE, alert_id, late_patient, notices, stands
from tests.api.ward import BASE, Ward, as_person
from workflow.services.sweep import sweep

SAMPLE = {"timepoint": "END_BLOCK_1", "method": "PCR", "sample_on": "2025-01-14"}


def site(ward: Ward) -> dict[str, object]:
    return next(each for each in ward.get("/sites").json()["items"] if each["id"] == "north")


def test_what_is_set_is_shown_stays_and_is_taken_back_with_null(ward: Ward) -> None:
    names = ("silent_after_days", "notices_at", "mrd_result_days")
    assert [site(ward)[name] for name in names] == [None, None, None]

    put_site(ward, "north", silent_after_days=5, notices_at="08:15", mrd_result_days=14)
    put_site(ward, "north", name="Hospital north")
    assert [site(ward)[name] for name in names] == [5, "08:15", 14]

    put_site(ward, "north", notices_at=None)
    assert [site(ward)[name] for name in names] == [5, None, 14]
    put_site(ward, "north", **dict.fromkeys(names))
    assert [site(ward)[name] for name in names] == [None, None, None]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"notices_at": "7:30"}, "notices_at"),
        ({"notices_at": "24:00"}, "notices_at"),
        ({"notices_at": "07:30:00"}, "notices_at"),
        ({"notices_at": 730}, "notices_at"),
        ({"mrd_result_days": 0}, "mrd_result_days"),
        ({"mrd_result_days": 366}, "mrd_result_days"),
        ({"mrd_result_days": "14"}, "mrd_result_days"),
    ],
)
def test_what_no_site_can_set_is_named(edge: Ward, sent: dict[str, object], field: str) -> None:
    answer = edge.client.put(f"{BASE}/sites/north", json=sent, headers=as_person("admin"))

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    "setting",
    [
        {"time_zone": "Europe/Vienna"},
        {"working_days": [1, 2, 3]},
        {"holidays": ["2025-02-04"]},
        {"contacts": ["ward-3@north.example"]},
        {"notices_at": "08:00"},
        {"mrd_result_days": 14},
    ],
)
def test_another_practice_wakes_the_sites_patients_and_nobody_else(ward: Ward, setting: dict[str, object]) -> None:
    late_patient(ward)
    late_patient(ward, pseudonym="ALL-0008")
    ward.register(pseudonym="ALL-0009", site="south")
    assert sweep(ward.house).patients == 0

    put_site(ward, "north", **setting)
    put_site(ward, "north", **setting)

    assert sweep(ward.house).patients == 2
    assert sweep(ward.house).patients == 0


def test_what_changes_no_practice_wakes_nobody(ward: Ward) -> None:
    late_patient(ward)
    put_site(ward, "north", name="North", silent_after_days=9)

    assert sweep(ward.house).patients == 0


def test_a_number_of_days_set_or_taken_back_counts_for_samples_that_were_taken(ward: Ward) -> None:
    patient = late_patient(ward)
    ward.recorded(patient, "mrd_sampled", "2025-01-14", SAMPLE)
    put_site(ward, "north", mrd_result_days=10)
    sweep(ward.house)
    assert stands(ward, rule="OP-001") == {"RM-19": "open"}

    put_site(ward, "north", mrd_result_days=None)
    sweep(ward.house)
    assert stands(ward, rule="OP-001") == {}


def test_a_site_is_told_at_its_own_hour(ward: Ward) -> None:
    put_site(ward, "north", time_zone="Europe/Berlin", notices_at="08:15")
    late_patient(ward, LATE)

    (notice,) = notices(ward, alert_id(ward, "RM-04"))
    assert notice["due_at"] == at("2025-01-30", "07:15").isoformat().replace("+00:00", "Z")
