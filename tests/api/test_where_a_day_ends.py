"""In which time zone a day ends for a patient who moves between hospitals far apart."""

import pytest

from tests.api.hospitals import BERLIN, DOCTORS, NOTE, WIEN, at, changed, put_site, writes
from tests.api.ward import Ward


@pytest.fixture
def far_apart(ward: Ward) -> Ward:
    """Open a ward whose second hospital lies where a day ends ten hours before it ends in Berlin (in summer)."""
    put_site(ward, BERLIN, time_zone="Europe/Berlin")
    put_site(ward, WIEN, time_zone="Pacific/Auckland")
    return ward


def day_at(ward: Ward, patient: str, **clocks: str) -> str:
    """Return the day that an answer is about."""
    return str(ward.get(f"/patients/{patient}", "admin", **clocks).json()["as_of"])


def test_a_day_ends_where_the_patient_is_treated(far_apart: Ward) -> None:
    far_apart.clock.now = at("2025-06-10")
    patient = far_apart.relapsed()
    far_apart.recorded(patient, "block_started", "2025-06-09", {"element": "R1"})

    def standing(time: str) -> tuple[str, str, list[str]]:
        far_apart.clock.now = at("2025-06-30", time)
        shown = far_apart.get(f"/patients/{patient}", "admin").json()
        rows = far_apart.get("/worklist", "admin", rule="TR-001", status="open,late").json()["items"]
        window = next(window for window in shown["windows"] if window["rule"] == "TR-001")
        return shown["as_of"], window["status"], [f"{row['as_of']} {row['status']}" for row in rows]

    open_there, late_there = ["2025-06-30 open"], ["2025-07-01 late"]
    assert standing("21:59") == ("2025-06-30", "open", open_there)
    assert standing("22:00") == ("2025-07-01", "late", late_there)

    far_apart.clock.now = at("2025-06-30", "08:00")
    changed(far_apart, patient, "2025-06-30", by=BERLIN, to=WIEN)
    assert standing("11:59") == ("2025-06-30", "open", open_there)
    assert standing("12:00") == ("2025-07-01", "late", late_there)


def test_what_lies_in_the_future_is_told_by_the_calendar_of_the_treating_site(far_apart: Ward) -> None:
    far_apart.clock.now = at("2025-06-30", "12:30")
    patient = far_apart.relapsed()

    def recorded_on(day: str, who: str) -> int:
        return far_apart.record(patient, "note_added", day, NOTE, who=who).status_code

    assert (day_at(far_apart, patient), recorded_on("2025-07-01", DOCTORS[BERLIN])) == ("2025-06-30", 422)

    moved = changed(far_apart, patient, "2025-06-30", by=BERLIN, to=WIEN)["patient"]
    assert (moved["site"], moved["as_of"]) == (WIEN, "2025-07-01")
    assert (day_at(far_apart, patient), recorded_on("2025-07-01", DOCTORS[WIEN])) == ("2025-07-01", 201)

    changed(far_apart, patient, "2025-07-01", by=WIEN, to=BERLIN)
    assert (day_at(far_apart, patient), recorded_on("2025-07-01", DOCTORS[BERLIN])) == ("2025-06-30", 422)
    assert recorded_on("2025-06-30", DOCTORS[BERLIN]) == 201


def test_a_fact_dated_tomorrow_counts_today_and_not_for_who_asks_about_today(far_apart: Ward) -> None:
    far_apart.clock.now = at("2025-06-30", "12:30")
    patient = far_apart.relapsed()
    changed(far_apart, patient, "2025-06-30", by=BERLIN, to=WIEN)
    far_apart.recorded(patient, "block_started", "2025-07-01", {"element": "R1"}, who=DOCTORS[WIEN])
    changed(far_apart, patient, "2025-07-01", by=WIEN, to=BERLIN)

    def shown(**clocks: str) -> tuple[str, str, str, int]:
        body = far_apart.get(f"/patients/{patient}", **clocks).json()
        history = far_apart.get(f"/patients/{patient}/history", **clocks).json()["items"]
        return body["as_of"], body["site"], body["state"], len(history)

    assert shown() == ("2025-06-30", BERLIN, "reinduction.block", 6)
    assert shown(known_at=far_apart.clock().isoformat()) == ("2025-06-30", BERLIN, "reinduction.block", 6)
    assert shown(as_of="2025-06-30") == ("2025-06-30", WIEN, "relapse_diagnosed", 4)
    assert shown(as_of="2025-07-01") == ("2025-07-01", BERLIN, "reinduction.block", 6)


def test_a_question_about_an_instant_is_answered_for_the_day_it_was_where_the_patient_was_treated(
    far_apart: Ward,
) -> None:
    far_apart.clock.now = at("2025-06-28", "12:00")
    patient = far_apart.relapsed()
    far_apart.clock.now = at("2025-06-29", "09:00")
    changed(far_apart, patient, "2025-06-29", by=BERLIN, to=WIEN)
    far_apart.clock.now = at("2025-06-30", "09:00")
    changed(far_apart, patient, "2025-06-30", by=WIEN, to=BERLIN)
    far_apart.clock.now = at("2025-07-05")

    def day(known_at: str) -> str:
        return day_at(far_apart, patient, known_at=known_at)

    assert (day("2025-06-28T21:59:59.999999Z"), day("2025-06-28T22:00:00Z")) == ("2025-06-28", "2025-06-29")
    assert (day("2025-06-29T11:59:59.999999Z"), day("2025-06-29T12:00:00Z")) == ("2025-06-29", "2025-06-30")
    assert (day("2025-06-30T21:59:59.999999Z"), day("2025-06-30T22:00:00Z")) == ("2025-06-30", "2025-07-01")


def test_for_a_site_that_shares_the_care_the_day_is_that_of_the_treating_site(far_apart: Ward) -> None:
    far_apart.clock.now = at("2025-06-30", "12:30")
    patient = far_apart.relapsed()
    changed(far_apart, patient, "2025-06-30", by=BERLIN, to=WIEN, role="shared_care", until="2025-06-30")

    assert far_apart.get(f"/patients/{patient}", DOCTORS[WIEN]).json()["as_of"] == "2025-06-30"
    assert far_apart.record(patient, "note_added", "2025-07-01", NOTE, who=DOCTORS[WIEN]).status_code == 422
    far_apart.clock.now = at("2025-06-30", "21:59")
    assert writes(far_apart, patient, "2025-06-30") == [BERLIN, WIEN]
    far_apart.clock.now = at("2025-06-30", "22:00")
    assert writes(far_apart, patient, "2025-06-30") == [BERLIN]


def test_the_lists_of_a_site_that_shares_the_care_go_by_the_day_of_the_treating_site(far_apart: Ward) -> None:
    far_apart.clock.now = at("2025-06-30", "12:30")
    patient = far_apart.relapsed()
    far_apart.recorded(patient, "block_started", "2025-06-09", {"element": "R1"})
    changed(far_apart, patient, "2025-06-30", by=BERLIN, to=WIEN, role="shared_care")

    def told(who: str) -> tuple[list[str], list[str]]:
        rows = far_apart.get("/worklist", who, rule="TR-001", status="open,late").json()["items"]
        lines = far_apart.get("/patients", who).json()["items"]
        return [f"{row['as_of']} {row['status']}" for row in rows], [line["as_of"] for line in lines]

    assert told(DOCTORS[BERLIN]) == (["2025-06-30 open"], ["2025-06-30"])
    assert told(DOCTORS[WIEN]) == told(DOCTORS[BERLIN])
