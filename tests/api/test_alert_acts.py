"""Acting upon alerts: acknowledged is not resolved, no snooze crosses the next threshold, each act has a reason."""

from datetime import timedelta

import pytest

from tests.api.hospitals import at, put_site
from tests.api.ledger import (
    CRITICAL,
    act,
    acted,
    alert_id,
    alerts,
    go_to,
    happened,
    late_patient,
    notices,
    refused,
    stands,
)
from tests.api.people import SOUTH
from tests.api.test_access_rows import acts
from tests.api.ward import UNKNOWN_PATIENT, Ward
from workflow.services.sweep import sweep

ONCE = {"Idempotency-Key": "5ce7a2f0-13f7-4a60-8d0e-6c5e5c8f1d11"}


def test_a_nurse_acknowledges_and_the_alert_goes_on_to_its_end(ward: Ward) -> None:
    patient = late_patient(ward, CRITICAL)
    critical = alert_id(ward, "RM-05")
    version = ward.get(f"/patients/{patient}").json()["version"]

    told = acted(ward, "acknowledge", critical)

    assert (told["status"], told["acknowledged_by"]) == ("acknowledged", "ward_nurse")
    assert told["reason"] == "fever; the round decides at noon"
    assert ward.get(f"/patients/{patient}").json()["version"] == version
    # Critical is told again every three days, whoever has seen it.
    go_to(ward, CRITICAL + timedelta(days=3))
    assert [(notice["step"], notice["due_at"][:10]) for notice in notices(ward, critical)] == [
        (0, "2025-02-03"),
        (1, "2025-02-06"),
    ]
    ward.recorded(patient, "block_started", "2025-02-06", {"element": "R2"})
    assert happened(ward, critical) == ["raised", "acknowledged", "resolved"]


def test_the_same_person_may_say_it_again_and_another_one_is_told_whose_it_is(ward: Ward) -> None:
    late_patient(ward)
    late = alert_id(ward, "RM-04")
    first = acted(ward, "acknowledge", late)

    assert acted(ward, "acknowledge", late, reason="still waiting") == first
    assert happened(ward, late) == ["raised", "acknowledged"]
    status, problem = refused(ward, "acknowledge", late, "treating_doctor")
    assert (status, problem["code"]) == (409, "already_acknowledged")
    assert "ward_nurse has acknowledged this alert (“fever; the round decides at noon”)" in problem["detail"]


def test_a_coordinator_acknowledges_for_somebody_who_may(ward: Ward) -> None:
    late_patient(ward)
    late = alert_id(ward, "RM-04")
    for name in ("nobody.here", "viewer", "other_hospital"):
        status, problem = refused(ward, "acknowledge", late, "data_manager", **{"for": name})
        assert (status, problem["errors"][0]["field"]) == (422, "for")
    assert refused(ward, "acknowledge", late, "treating_doctor", **{"for": "ward_nurse"})[0] == 403

    told = acted(ward, "acknowledge", late, "data_manager", **{"for": "ward_nurse"})

    assert told["acknowledged_by"] == "ward_nurse"
    event = ward.get(f"/alerts/{late}").json()["events"][-1]
    assert (event["by"], event["on_behalf_of"]) == ("data_manager", "ward_nurse")
    # Whoever it was done for may say so again, and needs nobody for it.
    assert acted(ward, "acknowledge", late, **{"for": "ward_nurse"})["acknowledged_by"] == "ward_nurse"


def test_resolved_by_hand_stays_so_while_the_window_does(ward: Ward) -> None:
    patient = late_patient(ward, at("2025-01-30", "00:01"))
    late = alert_id(ward, "RM-04")
    assert refused(ward, "resolve", late)[0] == 403

    told = acted(ward, "resolve", late, "treating_doctor", reason="treated elsewhere since")

    assert (told["status"], told["resolution"], told["resolved_by_fact"]) == ("resolved", "by_hand", None)
    assert [notice["status"] for notice in notices(ward, late)] == ["withdrawn"]
    go_to(ward, CRITICAL)
    assert stands(ward) == {"RM-05": "open", "RM-02": "open"}
    ward.recorded(patient, "note_added", "2025-02-03", {"text": "seen"})
    assert happened(ward, late) == ["raised", "resolved"]


@pytest.mark.parametrize("deed", ["acknowledge", "snooze", "resolve"])
def test_nothing_is_done_about_a_resolved_alert_and_what_resolved_it_is_told(ward: Ward, deed: str) -> None:
    patient = late_patient(ward)
    late, plan = alert_id(ward, "RM-04"), alert_id(ward, "RM-02")
    acted(ward, "resolve", plan, "treating_doctor", reason="planned on paper")
    ward.recorded(patient, "block_started", "2025-01-30", {"element": "R2"})
    body = {"until": "2025-02-01"} if deed == "snooze" else {}

    status, problem = refused(ward, deed, late, "treating_doctor", **body)
    assert (status, problem["code"], problem["because_of"]) == (409, "alert_resolved", ["f6"])
    assert "resolved by f6" in problem["detail"]
    status, problem = refused(ward, deed, plan, "treating_doctor", **body)
    assert status == 409
    assert "resolved by somebody by hand" in problem["detail"]
    assert "planned on paper" in problem["detail"]


def test_what_ended_meanwhile_is_told_even_before_a_sweep_has_seen_it(ward: Ward) -> None:
    put_site(ward, "north", mrd_result_days=10)
    patient = late_patient(ward, at("2025-01-20"))
    sample = {"timepoint": "END_BLOCK_1", "method": "PCR", "sample_on": "2025-01-14"}
    ward.recorded(patient, "mrd_sampled", "2025-01-14", sample)
    go_to(ward, at("2025-01-25"))
    overdue = alert_id(ward, "RM-19")
    put_site(ward, "north", mrd_result_days=30)

    answer = act(ward, "acknowledge", overdue)

    assert (answer.status_code, answer.json()["code"]) == (409, "alert_resolved")
    assert "another setting of the site" in answer.json()["detail"]
    # A refused act writes nothing; the sweep ends the alert.
    assert stands(ward, reminder="RM-19") == {"RM-19": "open"}
    sweep(ward.house)
    assert stands(ward, reminder="RM-19") == {}


def test_an_act_raises_what_fell_due_before_it(ward: Ward) -> None:
    late_patient(ward)
    late = alert_id(ward, "RM-04")
    ward.clock.now = CRITICAL

    acted(ward, "acknowledge", late)

    assert stands(ward) == {"RM-05": "open", "RM-04": "acknowledged", "RM-02": "open"}
    assert sweep(ward.house).raised == []


def test_acting_and_sweeping_again_changes_nothing(ward: Ward) -> None:
    late_patient(ward, CRITICAL)
    acted(ward, "acknowledge", alert_id(ward, "RM-05"))
    acted(ward, "snooze", alert_id(ward, "RM-04"), until="2025-02-05")
    acted(ward, "resolve", alert_id(ward, "RM-02"), "treating_doctor")
    everything = ["open", "acknowledged", "snoozed", "resolved"]
    before = alerts(ward, status=everything)

    put_site(ward, "north", notices_at="08:00")
    assert sweep(ward.house).patients == 1
    assert alerts(ward, status=everything) == before


def test_a_repeated_request_gets_its_first_answer(ward: Ward) -> None:
    late_patient(ward)
    late = alert_id(ward, "RM-04")
    body = {"reason": "seen"}
    first = ward.post(f"/alerts/{late}/acknowledge", body, "ward_nurse", ONCE)
    acted(ward, "snooze", late, until="2025-02-01")

    again = ward.post(f"/alerts/{late}/acknowledge", body, "ward_nurse", ONCE)
    other = ward.post(f"/alerts/{late}/acknowledge", {"reason": "other"}, "ward_nurse", ONCE)

    assert (again.status_code, again.text) == (200, first.text)
    assert other.status_code == 422
    assert stands(ward)["RM-04"] == "snoozed"


def test_a_stale_patient_is_told_and_an_act_leaves_the_version(ward: Ward) -> None:
    late_patient(ward)
    late = alert_id(ward, "RM-04")
    stale = ward.post(f"/alerts/{late}/acknowledge", {"reason": "seen"}, "ward_nurse", {"If-Match": '"1"'})
    assert stale.status_code == 412

    version = ward.get(f"/alerts/{late}").headers["etag"]
    done = ward.post(f"/alerts/{late}/acknowledge", {"reason": "seen"}, "ward_nurse", {"If-Match": version})
    assert (done.status_code, done.headers["etag"]) == (200, version)


@pytest.mark.parametrize(
    ("deed", "body", "field"),
    [
        ("acknowledge", {}, "reason"),
        ("acknowledge", {"reason": "  "}, "reason"),
        ("acknowledge", {"reason": "seen", "until": "2025-02-01"}, "until"),
        ("acknowledge", {"reason": "seen", "for": ""}, "for"),
        ("snooze", {"reason": "seen"}, "until"),
        ("snooze", {"reason": "seen", "until": "noon"}, "until"),
        ("snooze", {"reason": "seen", "until": "2025-02-01T08:00:00"}, "until"),
        ("snooze", {"reason": "seen", "until": "2025-02-30"}, "until"),
        ("snooze", {"reason": "seen", "until": 20250201}, "until"),
        ("resolve", {"reason": 1}, "reason"),
    ],
)
def test_every_field_that_is_wrong_is_named(edge: Ward, deed: str, body: dict[str, object], field: str) -> None:
    late_patient(edge)
    answer = edge.post(f"/alerts/{alert_id(edge, 'RM-04')}/{deed}", body)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_an_alert_out_of_reach_looks_like_none(ward: Ward) -> None:
    late_patient(ward)
    late = alert_id(ward, "RM-04")
    for deed in ("acknowledge", "resolve"):
        elsewhere = act(ward, deed, late, "other_hospital")
        nowhere = act(ward, deed, UNKNOWN_PATIENT, "other_hospital")
        assert (elsewhere.status_code, elsewhere.json()) == (404, nowhere.json())


def test_every_act_and_every_refusal_leaves_an_access_row(ward: Ward) -> None:
    patient = late_patient(ward)
    late = alert_id(ward, "RM-04")
    before = len(acts(ward, patient))
    acted(ward, "acknowledge", late)
    act(ward, "acknowledge", late, "treating_doctor")
    act(ward, "resolve", late, "viewer")
    acted(ward, "snooze", late, until="2025-02-01")
    acted(ward, "resolve", late, "treating_doctor")
    act(ward, "snooze", late, "other_hospital", until="2025-02-01")
    ward.get(f"/alerts/{late}", "viewer")
    ward.get(f"/alerts/{late}/explanation", "viewer")

    added = len(acts(ward, patient)) - before
    assert acts(ward, patient)[:added] == [
        ("viewer", "read_alert_explanation"),
        ("viewer", "read_alert"),
        ("treating_doctor", "resolve_alert"),
        ("ward_nurse", "snooze_alert"),
        ("viewer", "refuse_alert_act"),
        ("treating_doctor", "refuse_alert_act"),
        ("ward_nurse", "acknowledge_alert"),
    ]


def test_recipients_are_told_to_coordinators_of_the_patients_sites_only(ward: Ward) -> None:
    for site in ("north", SOUTH):
        put_site(ward, site, contacts=["ward-3@north.example"])
    late_patient(ward)
    late = alert_id(ward, "RM-04")

    told = {who: notices(ward, late, who)[0]["recipient"] for who in ("viewer", "treating_doctor", "data_manager")}
    assert told == {"viewer": None, "treating_doctor": None, "data_manager": "ward-3@north.example"}
    assert {notice["channel"] for notice in notices(ward, late, "viewer")} == {"email"}
