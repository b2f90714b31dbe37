"""A patient moves from Berlin to Wien and back: who sees what, when, and at which pair of clocks."""

import pytest

from tests.api.hospitals import BERLIN, COORDINATORS, DOCTORS, WIEN, at, change, changed, put_site, writes
from tests.api.ward import Ward

READS = ("", "/history", "/windows", "/windows/1:TR-001:f4/explanation", "/next-steps")
PAST_READS = READS[:-1]


@pytest.fixture
def cities(ward: Ward) -> Ward:
    """Open a ward whose hospitals lie in Berlin and in Wien, where days end together."""
    put_site(ward, BERLIN, time_zone="Europe/Berlin")
    put_site(ward, WIEN, time_zone="Europe/Vienna")
    return ward


def there_and_back(ward: Ward) -> str:
    """Return the id of a patient treated in Berlin, from 2025-02-01 in Wien, and from 2025-03-01 in Berlin again."""
    ward.clock.now = at("2025-01-20")
    patient = ward.after_first_block()
    ward.clock.now = at("2025-02-01")
    changed(ward, patient, "2025-02-01", by=BERLIN, to=WIEN)
    ward.clock.now = at("2025-02-02")
    ward.recorded(patient, "block_started", "2025-02-02", {"element": "R2"}, who=DOCTORS[WIEN])
    ward.clock.now = at("2025-03-01")
    changed(ward, patient, "2025-03-01", by=WIEN, to=BERLIN)
    ward.clock.now = at("2025-03-10")
    return patient


def who_sees(ward: Ward, patient: str) -> list[str]:
    """Return the sites that see the patient, the same ones by every way of looking."""
    return [site for site in DOCTORS if _sees(ward, patient, DOCTORS[site])]


def _sees(ward: Ward, patient: str, who: str) -> bool:
    found = {ward.get(f"/patients/{patient}{path}", who).status_code for path in READS}
    past = {"as_of": "2025-01-15", "known_at": ward.clock().isoformat()}
    found |= {ward.get(f"/patients/{patient}{path}", who, **past).status_code for path in PAST_READS}
    assert found in ({200}, {404})
    listed = [item["id"] for item in ward.get("/patients", who).json()["items"]]
    worklist = [
        row["patient"]
        for row in ward.get("/worklist", who, rule="TR-001", status="open,late,critical,upcoming").json()["items"]
    ]
    assert (patient in listed) == (patient in worklist) == (found == {200})
    return found == {200}


def site_at(ward: Ward, patient: str, who: str = "admin", **clocks: str) -> str:
    answer = ward.get(f"/patients/{patient}", who, **clocks)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["site"])


def test_the_site_that_treats_the_patient_sees_all_of_them_and_the_one_before_nothing(cities: Ward) -> None:
    cities.clock.now = at("2025-01-20")
    patient = cities.after_first_block()
    assert (who_sees(cities, patient), writes(cities, patient, "2025-01-19")) == ([BERLIN], [BERLIN])

    cities.clock.now = at("2025-02-01")
    changed(cities, patient, "2025-02-01", by=BERLIN, to=WIEN)
    assert (who_sees(cities, patient), writes(cities, patient, "2025-02-01")) == ([WIEN], [WIEN])

    changed(cities, patient, "2025-02-01", by=WIEN, to=BERLIN)
    assert (who_sees(cities, patient), writes(cities, patient, "2025-02-01")) == ([BERLIN], [BERLIN])


def test_the_new_site_sees_the_whole_past(cities: Ward) -> None:
    cities.clock.now = at("2025-01-20")
    patient = cities.after_first_block()
    before = cities.get(f"/patients/{patient}/history").json()["items"]
    cities.clock.now = at("2025-02-01")
    changed(cities, patient, "2025-02-01", by=BERLIN, to=WIEN)

    history = cities.get(f"/patients/{patient}/history", DOCTORS[WIEN]).json()["items"]
    known_then = cities.get(f"/patients/{patient}/history", DOCTORS[WIEN], known_at="2025-01-21T00:00:00Z").json()

    assert (history[:-1], history[-1]["type"]) == (before, "site_changed")
    assert (known_then["items"], known_then["settled"]) == (before, True)


def test_the_site_shown_is_the_one_that_treated_the_patient_at_both_clocks(cities: Ward) -> None:
    patient = there_and_back(cities)
    expected: list[tuple[dict[str, str], str]] = [
        ({}, BERLIN),
        ({"as_of": "2025-01-31"}, BERLIN),
        ({"as_of": "2025-02-01"}, WIEN),
        ({"as_of": "2025-02-28"}, WIEN),
        ({"as_of": "2025-03-01"}, BERLIN),
        ({"known_at": "2025-02-01T08:59:00Z"}, BERLIN),
        ({"known_at": "2025-02-02T12:00:00Z"}, WIEN),
        ({"known_at": "2025-03-02T00:00:00Z"}, BERLIN),
        # What was not known yet is not answered, whatever the day.
        ({"as_of": "2025-03-05", "known_at": "2025-02-20T00:00:00Z"}, WIEN),
        ({"as_of": "2025-02-15", "known_at": "2025-01-25T00:00:00Z"}, BERLIN),
        ({"as_of": "2025-02-15", "known_at": "2025-03-02T00:00:00Z"}, WIEN),
    ]

    for clocks, site in expected:
        assert (clocks, site_at(cities, patient, DOCTORS[BERLIN], **clocks)) == (clocks, site)
        assert cities.get(f"/patients/{patient}", DOCTORS[WIEN], **clocks).status_code == 404


def test_a_handover_in_the_middle_of_a_block_keeps_the_block_and_its_window(cities: Ward) -> None:
    cities.clock.now = at("2025-01-10")
    patient = cities.in_first_block()
    before = cities.get(f"/patients/{patient}").json()
    moved = changed(cities, patient, "2025-01-10", by=BERLIN, to=WIEN)["patient"]

    assert (moved["site"], moved["state"]) == (WIEN, "reinduction.block")
    assert (moved["windows"], moved["deviations"]) == (before["windows"], before["deviations"])

    cities.clock.now = at("2025-01-30")
    cities.recorded(patient, "block_completed", "2025-01-13", {"given": "as_planned"}, who=DOCTORS[WIEN])
    started = cities.recorded(patient, "block_started", "2025-01-30", {"element": "R2"}, who=DOCTORS[WIEN])
    assert [(known["window"], known["verdict"]) for known in started["deviations"]] == [("1:TR-001:f4", "late")]


def test_who_handed_a_patient_over_and_lost_the_answer_is_told_it_again(cities: Ward) -> None:
    cities.clock.now = at("2025-02-01")
    patient = cities.after_first_block()
    fact = {"type": "site_changed", "occurred_on": "2025-02-01", "data": {"to": WIEN}}
    sent = (f"/patients/{patient}/facts", fact, COORDINATORS[BERLIN], {"Idempotency-Key": "handed-over"})

    first, again = cities.post(*sent), cities.post(*sent)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert who_sees(cities, patient) == [WIEN]


def test_two_handovers_of_one_day_count_in_the_order_of_recording(cities: Ward) -> None:
    put_site(cities, "west")
    cities.clock.now = at("2025-02-01")
    patient = cities.after_first_block()
    changed(cities, patient, "2025-02-01", by=BERLIN, to=WIEN)
    changed(cities, patient, "2025-02-01", by=WIEN, to="west")

    assert (site_at(cities, patient), who_sees(cities, patient)) == ("west", [])
    assert (site_at(cities, patient, as_of="2025-01-31"), site_at(cities, patient, as_of="2025-02-01")) == (
        BERLIN,
        "west",
    )


def test_a_backdated_handover_before_another_changes_the_days_between_and_nothing_since(cities: Ward) -> None:
    put_site(cities, "west")
    patient = there_and_back(cities)
    fact = {"to": "west"}
    cities.recorded(patient, "site_changed", "2025-01-25", fact, who="admin")

    days = ("2025-01-24", "2025-01-25", "2025-01-31", "2025-02-01", "2025-03-01")
    assert [site_at(cities, patient, as_of=day) for day in days] == [BERLIN, "west", "west", WIEN, BERLIN]
    assert site_at(cities, patient, as_of="2025-01-25", known_at="2025-03-09T00:00:00Z") == BERLIN
    assert who_sees(cities, patient) == [BERLIN]


def test_a_patient_does_not_come_back_to_where_another_carries_their_pseudonym_by_now(cities: Ward) -> None:
    cities.clock.now = at("2025-02-01")
    patient = cities.after_first_block()
    changed(cities, patient, "2025-02-01", by=BERLIN, to=WIEN)
    cities.register()

    refused = change(cities, patient, "2025-02-01", by=WIEN, to=BERLIN)

    assert (refused.status_code, refused.json()["code"]) == (409, "already_exists")
    assert (site_at(cities, patient), who_sees(cities, patient)) == (WIEN, [WIEN])


def test_while_care_is_shared_both_sites_read_and_write(cities: Ward) -> None:
    cities.clock.now = at("2025-02-01")
    patient = cities.after_first_block()
    changed(cities, patient, "2025-02-01", by=BERLIN, to=WIEN, role="shared_care", until="2025-02-28")
    assert (who_sees(cities, patient), writes(cities, patient, "2025-02-01")) == ([BERLIN, WIEN], [BERLIN, WIEN])
    assert site_at(cities, patient, DOCTORS[WIEN]) == BERLIN

    cities.clock.now = at("2025-02-28", "22:59")
    assert who_sees(cities, patient) == [BERLIN, WIEN]
    cities.clock.now = at("2025-02-28", "23:00")
    assert (who_sees(cities, patient), writes(cities, patient, "2025-02-28")) == ([BERLIN], [BERLIN])


def test_a_handover_to_the_site_that_shares_the_care_ends_the_sharing(cities: Ward) -> None:
    cities.clock.now = at("2025-02-01")
    patient = cities.after_first_block()
    changed(cities, patient, "2025-02-01", by=BERLIN, to=WIEN, role="shared_care", until="2025-03-31")
    cities.clock.now = at("2025-02-15")
    changed(cities, patient, "2025-02-15", by=BERLIN, to=WIEN)
    assert (site_at(cities, patient), who_sees(cities, patient)) == (WIEN, [WIEN])

    # Who has handed a patient over may be let in again by the new site.
    changed(cities, patient, "2025-02-15", by=WIEN, to=BERLIN, role="shared_care", until="2025-02-20")
    assert (site_at(cities, patient), who_sees(cities, patient)) == (WIEN, [BERLIN, WIEN])
    cities.clock.now = at("2025-02-21")
    assert who_sees(cities, patient) == [WIEN]

    changed(cities, patient, "2025-02-21", by=WIEN, to=BERLIN)
    assert (site_at(cities, patient), who_sees(cities, patient)) == (BERLIN, [BERLIN])


def test_the_silence_of_a_past_day_is_judged_by_the_site_of_that_day(cities: Ward) -> None:
    put_site(cities, WIEN, silent_after_days=30)
    cities.clock.now = at("2025-01-20")
    patient = cities.after_first_block()
    cities.clock.now = at("2025-02-01")
    changed(cities, patient, "2025-01-24", by=BERLIN, to=WIEN)

    def unknown(day: str) -> bool:
        return bool(cities.get(f"/patients/{patient}", "admin", as_of=day).json()["unknown"])

    assert (unknown("2025-01-23"), unknown("2025-02-01")) == (True, False)


def correct(ward: Ward, patient: str, who: str, **correction: object) -> int:
    return ward.post(f"/patients/{patient}/corrections", {"reason": "wrong hospital", **correction}, who).status_code


def test_a_handover_entered_in_error_brings_the_patient_back_and_stays_readable(cities: Ward) -> None:
    cities.clock.now = at("2025-02-01")
    patient = cities.after_first_block()
    entered = changed(cities, patient, "2025-02-01", by=BERLIN, to=WIEN)["fact"]["id"]
    cities.clock.now = at("2025-02-02")
    assert correct(cities, patient, COORDINATORS[BERLIN], voids=entered) == 404
    assert correct(cities, patient, COORDINATORS[WIEN], voids=entered) == 200

    assert (who_sees(cities, patient), writes(cities, patient, "2025-02-02")) == ([BERLIN], [BERLIN])
    assert site_at(cities, patient, as_of="2025-02-01") == BERLIN
    assert site_at(cities, patient, as_of="2025-02-01", known_at="2025-02-01T12:00:00Z") == WIEN


def test_a_handover_corrected_to_another_hospital_leads_there(cities: Ward) -> None:
    put_site(cities, "west")
    cities.clock.now = at("2025-02-01")
    patient = cities.after_first_block()
    entered = changed(cities, patient, "2025-02-01", by=BERLIN, to="west")["fact"]["id"]
    meant = {"type": "site_changed", "occurred_on": "2025-01-31", "data": {"to": WIEN}}
    assert correct(cities, patient, "admin", supersedes=entered, fact=meant) == 200

    assert who_sees(cities, patient) == [WIEN]
    assert [site_at(cities, patient, as_of=day) for day in ("2025-01-30", "2025-01-31")] == [BERLIN, WIEN]


def test_only_from_a_coordinator_up_a_change_of_site_is_corrected(cities: Ward) -> None:
    cities.clock.now = at("2025-02-01")
    patient = cities.after_first_block()
    shared = changed(cities, patient, "2025-02-01", by=BERLIN, to=WIEN, role="shared_care")["fact"]["id"]
    ended = {"type": "site_changed", "occurred_on": "2025-02-01"}
    until = {"to": WIEN, "role": "shared_care", "until": "2025-02-10"}

    assert correct(cities, patient, DOCTORS[BERLIN], voids=shared) == 403
    assert who_sees(cities, patient) == [BERLIN, WIEN]
    assert correct(cities, patient, COORDINATORS[BERLIN], supersedes=shared, fact={**ended, "data": until}) == 200
    assert who_sees(cities, patient) == [BERLIN, WIEN]
    cities.clock.now = at("2025-02-11")
    assert who_sees(cities, patient) == [BERLIN]
