"""The ledger of alerts as a list: as it stands, and as it stood at any instant; within reach, a page at a time."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.hospitals import at, changed, put_site
from tests.api.ledger import CRITICAL, LATE, acted, alert_id, alerts, go_to, late_patient, stands
from tests.api.people import SOUTH
from tests.api.ward import UNKNOWN_PATIENT, Ward

SHAPE = {
    *("id", "patient", "course", "rule", "reminder", "stage", "severity", "threshold_on", "raised_at", "status"),
    *("acknowledged_by", "reason", "resolved_by_fact", "notices"),
}


def test_an_alert_has_the_shape_of_the_contract(ward: Ward) -> None:
    patient = late_patient(ward)
    late = alerts(ward, reminder="RM-04")[0]

    assert set(late) >= SHAPE
    told = ("patient", "pseudonym", "site", "course", "window", "rule", "stage", "severity", "threshold_on", "status")
    assert [late[name] for name in told] == [
        *(patient, "ALL-0007", "north", 1, "1:TR-001:f4", "TR-001", "late", "warning", "2025-01-30", "open")
    ]
    assert late["sentence"] == "The next block is late. Decide and document: start, defer until, or stop."
    (notice,) = late["notices"]
    told_of_it = (notice["channel"], notice["recipient"], notice["status"], notice["attempts"], notice["outcomes"])
    assert told_of_it == ("log", None, "pending", 0, [])


def test_without_a_status_everything_that_is_not_resolved_is_listed_the_newest_first(ward: Ward) -> None:
    patient = late_patient(ward, CRITICAL)
    assert [alert["reminder"] for alert in alerts(ward)] == ["RM-05", "RM-04", "RM-02"]

    acted(ward, "resolve", alert_id(ward, "RM-02"), "treating_doctor")
    acted(ward, "acknowledge", alert_id(ward, "RM-05"))
    assert stands(ward) == {"RM-05": "acknowledged", "RM-04": "open"}
    assert stands(ward, status="resolved") == {"RM-02": "resolved"}
    ward.recorded(patient, "block_started", "2025-02-03", {"element": "R2"})
    assert stands(ward) == {}
    assert {alert["resolved_by_fact"] for alert in alerts(ward, status="resolved")} == {None, "f6"}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"severity": "critical"}, ["RM-05"]),
        ({"severity": ["warning", "task"]}, ["RM-04", "RM-02"]),
        ({"severity": "warning,task"}, ["RM-04", "RM-02"]),
        ({"reminder": "RM-04"}, ["RM-04"]),
        ({"rule": "TR-001"}, ["RM-05", "RM-04", "RM-02"]),
        ({"rule": "OP-001"}, []),
        ({"site": "north"}, ["RM-05", "RM-04", "RM-02"]),
        ({"status": "acknowledged,snoozed"}, []),
    ],
)
def test_filters_narrow_the_list(edge: Ward, asked: dict[str, str | list[str]], found: list[str]) -> None:
    late_patient(edge, CRITICAL)

    assert [alert["reminder"] for alert in alerts(edge, "treating_doctor", **asked)] == found


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"status": "angry"}, 422),
        ({"severity": "mortal"}, 422),
        ({"site": "nowhere"}, 422),
        ({"reminder": "RM-99"}, 422),
        ({"rule": "TR-999"}, 422),
        ({"patient": "ALL-0007"}, 422),
        ({"patient": UNKNOWN_PATIENT}, 404),
        ({"known_at": "yesterday"}, 422),
        ({"cursor": "bm9uc2Vuc2U"}, 422),
        ({"limit": "0"}, 422),
        ({"colour": "red"}, 422),
    ],
)
def test_what_cannot_be_asked_is_told(edge: Ward, asked: dict[str, str], status: int) -> None:
    assert edge.get("/alerts", **asked).status_code == status


def test_one_patients_alerts_and_nobody_elses(ward: Ward) -> None:
    one = late_patient(ward)
    other = ward.after_first_block(pseudonym="ALL-0008")

    assert {alert["patient"] for alert in alerts(ward)} == {one, other}
    assert {alert["patient"] for alert in alerts(ward, patient=other)} == {other}
    assert ward.get("/alerts", "other_hospital", patient=one).status_code == 404


def test_pages_hold_each_alert_once_and_a_cursor_of_elsewhere_is_refused(ward: Ward) -> None:
    for number in range(3):
        late_patient(ward, CRITICAL, pseudonym=f"P-{number}")
    everything = [alert["id"] for alert in alerts(ward)]
    assert len(everything) == 9

    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = ward.get("/alerts", limit=2, **cursor).json()
        seen += [alert["id"] for alert in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == everything
    of_patients = ward.get("/patients", limit=1).json()["next_cursor"]
    assert ward.get("/alerts", cursor=of_patients).status_code == 422


def test_the_ledger_of_any_instant_is_that_of_its_events(ward: Ward) -> None:
    patient = late_patient(ward)
    raised = ward.clock.now
    late = alert_id(ward, "RM-04")
    ward.clock.now += timedelta(hours=1)
    acted(ward, "acknowledge", late, "data_manager", **{"for": "ward_nurse"})
    acknowledged = ward.clock.now
    ward.clock.now += timedelta(hours=1)
    acted(ward, "snooze", late, until="2025-02-01")
    snoozed = ward.clock.now
    go_to(ward, CRITICAL)
    woken = ward.clock.now
    acted(ward, "resolve", alert_id(ward, "RM-02"), "treating_doctor")
    ward.recorded(patient, "block_started", "2025-02-03", {"element": "R2"})
    ended = ward.clock.now
    correction = {"voids": "f6", "reason": "not given"}
    assert ward.post(f"/patients/{patient}/corrections", correction).status_code == 200
    reopened = ward.clock.now

    def then(instant: object) -> dict[str, str]:
        return stands(ward, known_at=str(instant), status=["open", "acknowledged", "snoozed", "resolved"])

    assert then(raised - timedelta(days=10)) == {}
    assert then(raised) == {"RM-04": "open", "RM-02": "open"}
    assert then(acknowledged) == {"RM-04": "acknowledged", "RM-02": "open"}
    assert then(snoozed) == {"RM-04": "snoozed", "RM-02": "open"}
    assert then(woken) == {"RM-05": "open", "RM-04": "open", "RM-02": "open"}
    assert then(ended) == {"RM-05": "resolved", "RM-04": "resolved", "RM-02": "resolved"}
    # The window had ended and came back, so what was resolved by hand asks again as well.
    assert then(reopened) == then(ward.clock.now) == {"RM-05": "open", "RM-04": "open", "RM-02": "open"}

    def late_at(instant: object) -> tuple[object, ...]:
        (found,) = alerts(ward, known_at=str(instant), reminder="RM-04", status="open,acknowledged,snoozed,resolved")
        names = ("episode", "acknowledged_by", "reason", "snoozed_until", "resolution", "resolved_by_fact")
        return tuple(found[name] for name in names)

    reason = "fever; the round decides at noon"
    assert late_at(acknowledged) == (1, "ward_nurse", reason, None, None, None)
    assert late_at(snoozed) == (1, None, reason, "2025-02-01T00:00:00Z", None, None)
    assert late_at(ended) == (1, None, None, None, "by_fact", "f6")
    assert late_at(reopened) == (2, None, None, None, None, None)


def test_a_correction_by_hand_and_a_setting_are_told_apart_at_every_instant(ward: Ward) -> None:
    patient = late_patient(ward)
    acted(ward, "resolve", alert_id(ward, "RM-02"), "treating_doctor")
    right = {"type": "block_started", "occurred_on": "2025-01-10", "data": {"element": "R1"}}
    answer = ward.post(f"/patients/{patient}/corrections", {"supersedes": "f4", "reason": "typo", "fact": right})
    assert answer.status_code == 200

    now = {alert["reminder"]: alert["resolution"] for alert in alerts(ward, status="resolved")}
    assert now == {"RM-02": "by_hand", "RM-04": "by_correction"}
    then = alerts(ward, status="resolved", known_at=str(ward.clock.now))
    assert {alert["reminder"]: alert["resolution"] for alert in then} == now


def without_notices(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in item.items() if name != "notices"} for item in items]


def test_without_clocks_and_at_this_moment_the_ledger_is_the_same(ward: Ward) -> None:
    late_patient(ward, CRITICAL)
    acted(ward, "snooze", alert_id(ward, "RM-04"), until="2025-02-05")
    acted(ward, "acknowledge", alert_id(ward, "RM-05"))
    ward.clock.now += timedelta(minutes=1)

    asked = ward.get("/alerts", known_at=str(ward.clock.now)).json()
    assert asked["settled"] is False
    assert without_notices(asked["items"]) == without_notices(ward.get("/alerts").json()["items"])


def test_a_snooze_that_is_over_shows_as_open_before_any_sweep(ward: Ward) -> None:
    late_patient(ward)
    acted(ward, "snooze", alert_id(ward, "RM-04"), until="2025-02-01")
    assert stands(ward)["RM-04"] == "snoozed"

    ward.clock.now = at("2025-02-01", "00:00") + timedelta(seconds=1)
    (late,) = alerts(ward, reminder="RM-04")
    assert (late["status"], late["snoozed_until"], late["reason"]) == ("open", None, None)
    assert alerts(ward, reminder="RM-04", status="snoozed") == []
    assert ward.get(f"/alerts/{late['id']}").json()["status"] == "open"


def test_an_old_answer_is_settled_and_stays(ward: Ward) -> None:
    late_patient(ward)
    then = ward.clock.now
    ward.clock.now += timedelta(days=1)
    before = ward.get("/alerts", known_at=str(then)).json()
    assert before["settled"] is True

    acted(ward, "acknowledge", alert_id(ward, "RM-04"))
    acted(ward, "resolve", alert_id(ward, "RM-02"), "treating_doctor")
    after = ward.get("/alerts", known_at=str(then)).json()
    assert [(alert["id"], alert["status"]) for alert in after["items"]] == [
        (alert["id"], alert["status"]) for alert in before["items"]
    ]


def test_access_follows_the_sites_of_today_and_the_site_that_of_then(ward: Ward) -> None:
    for site in ("north", SOUTH):
        put_site(ward, site)
    patient = late_patient(ward)
    before = str(ward.clock.now)
    ward.clock.now += timedelta(minutes=1)
    changed(ward, patient, "2025-01-30", "north", SOUTH)

    assert alerts(ward) == []
    assert [alert["site"] for alert in alerts(ward, "other_hospital")] == [SOUTH, SOUTH]
    then = alerts(ward, "admin", known_at=before, site="north")
    assert [alert["site"] for alert in then] == ["north", "north"]
    assert alerts(ward, "admin", known_at=before, site=SOUTH) == []
    assert alerts(ward, "admin", site="north") == []


def test_a_past_list_names_patients_as_they_were_known_then(ward: Ward) -> None:
    patient = late_patient(ward)
    before = str(LATE + timedelta(seconds=10))
    ward.clock.now += timedelta(minutes=1)
    registration = ward.get(f"/patients/{patient}").json()["registration"] | {"pseudonym": "ALL-0070"}
    fact = {"type": "patient_registered", "occurred_on": "2025-01-06", "data": registration}
    answer = ward.post(f"/patients/{patient}/corrections", {"supersedes": "f1", "reason": "typo", "fact": fact})
    assert answer.status_code == 200, answer.text

    assert {alert["pseudonym"] for alert in alerts(ward)} == {"ALL-0070"}
    assert {alert["pseudonym"] for alert in alerts(ward, known_at=before)} == {"ALL-0007"}
