"""What can be read: one patient at two clocks, history, windows, proofs, next steps, the worklist, sites, protocols."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from tests.api.ward import BASE, Ward, as_person


def test_a_patient_stands_as_on_a_past_day(ward: Ward) -> None:
    patient = ward.after_first_block()

    states = {
        day: ward.get(f"/patients/{patient}", as_of=day).json()["state"]
        for day in ("2025-01-05", "2025-01-06", "2025-01-08", "2025-01-12", "2025-01-13")
    }

    assert states == {
        "2025-01-05": "registered",
        "2025-01-06": "relapse_diagnosed",
        "2025-01-08": "reinduction.block",
        "2025-01-12": "reinduction.block",
        "2025-01-13": "reinduction.recovery",
    }


def test_a_patient_stands_as_it_was_known_at_a_past_instant(ward: Ward) -> None:
    ward.clock.now = datetime(2025, 2, 1, 9, tzinfo=UTC)
    patient = ward.in_first_block()
    ward.clock.now = datetime(2025, 2, 2, 9, tzinfo=UTC)
    ward.recorded(patient, "block_completed", "2025-01-13", {"given": "as_planned"})

    before = ward.get(f"/patients/{patient}", known_at="2025-02-01T12:00:00Z")
    after = ward.get(f"/patients/{patient}", known_at="2025-02-02T12:00:00+01:00")

    assert before.json()["state"] == "reinduction.block"
    assert after.json()["state"] == "reinduction.recovery"
    assert ward.get(f"/patients/{patient}", known_at="2025-01-01T00:00:00Z").status_code == 404


def test_a_window_is_live_on_the_day_it_is_asked_for(ward: Ward) -> None:
    patient = ward.after_first_block()

    def standing(day: str) -> tuple[str, int, int]:
        items = ward.get(f"/patients/{patient}/windows", as_of=day).json()["items"]
        window = next(item for item in items if item["rule"] == "TR-001")
        return window["status"], window["days"], window["days_past_latest"]

    assert standing("2025-01-21") == ("upcoming", 13, 0)
    assert standing("2025-01-22") == ("open", 14, 0)
    assert standing("2025-01-29") == ("open", 21, 0)
    assert standing("2025-01-30") == ("late", 22, 1)
    assert standing("2025-02-02") == ("late", 25, 4)
    assert standing("2025-02-03") == ("critical", 26, 5)


def test_the_history_tells_every_fact_with_state_before_and_after(ward: Ward) -> None:
    patient = ward.after_first_block()
    ward.recorded(patient, "block_started", "2025-01-30", {"element": "R2"}, who="ward_nurse")

    items = ward.get(f"/patients/{patient}/history").json()["items"]

    assert [item["type"] for item in items] == [
        "patient_registered",
        "relapse_diagnosed",
        "protocol_chosen",
        "block_started",
        "block_completed",
        "block_started",
    ]
    last = items[-1]
    assert (last["state_before"], last["state_after"]) == ("reinduction.recovery", "reinduction.block")
    assert last["recorded_by"] == "ward_nurse"
    assert [(met["rule"], met["verdict"], met["days"]) for met in last["verdicts"]] == [("TR-001", "late", 22)]


def test_the_proof_of_a_window_shows_anchor_rule_hash_arithmetic_and_source(ward: Ward) -> None:
    patient = ward.after_first_block()

    proof = ward.get(f"/patients/{patient}/windows/1:TR-001:f4/explanation", as_of="2025-01-30").json()

    assert proof["anchor"] == {"fact": "f4", "on": "2025-01-08"}
    assert (proof["rule"], proof["status"], proof["protocol"]) == ("TR-001", "late", "all-rez-bfm-2002@2")
    assert len(proof["protocol_sha256"]) == 64
    assert "latest: 2025-01-08 + 21 d = 2025-01-29" in proof["arithmetic"]
    assert "2025-01-30 − 2025-01-08 = 22 d" in proof["arithmetic"]
    assert proof["source"]
    assert proof["boundary"]


@pytest.mark.parametrize("window", ["1:TR-001:f99", "9:TR-001:f4", "nonsense", "%00", "1:TR-001:f4%0A", "x" * 500])
def test_a_window_that_is_not_there_has_no_proof(edge: Ward, window: str) -> None:
    answer = edge.get(f"/patients/{edge.after_first_block()}/windows/{window}/explanation")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_next_steps_tell_what_is_allowed_from_when_and_what_it_needs(ward: Ward) -> None:
    ward.clock.now = datetime(2025, 1, 20, 9, tzinfo=UTC)
    patient = ward.after_first_block()

    steps = {step["type"]: step for step in ward.get(f"/patients/{patient}/next-steps").json()["items"]}

    start = steps["block_started"]
    assert (start["allowed"], start["earliest_on"], start["needs"]) == (False, "2025-01-22", ["element"])
    assert "2025-01-08" in start["why_not"]
    assert start["override"]["needs_role"] == "clinician"
    assert steps["block_completed"]["allowed"] is False
    assert steps["block_deferred"]["allowed"] is True


def test_the_worklist_puts_the_longest_overdue_first_and_names_the_days(ward: Ward) -> None:
    for number, started_on in enumerate(("2025-06-08", "2025-06-04", "2025-06-10", "2025-06-29")):
        patient = ward.relapsed(pseudonym=f"ALL-{number}")
        ward.recorded(patient, "block_started", started_on, {"element": "R1"})

    rows = ward.get("/worklist", rule="TR-001", status=["late", "critical", "due"]).json()["items"]

    assert [(row["pseudonym"], row["status"], row["days"], row["days_past_latest"]) for row in rows] == [
        ("ALL-1", "critical", 26, 5),
        ("ALL-0", "late", 22, 1),
        ("ALL-2", "open", 20, 0),
    ]
    assert rows[2]["due"] is True
    assert rows[0]["window"]["anchor"]["on"] == "2025-06-04"
    assert ward.get("/worklist?rule=TR-001&status=late,critical", as_of="2025-06-29").json()["items"] != rows


def test_the_worklist_of_a_past_day_is_another_one(ward: Ward) -> None:
    ward.after_first_block()

    def statuses(day: str) -> list[str]:
        rows = ward.get("/worklist", as_of=day, rule="TR-001", status=["open", "late", "critical"]).json()["items"]
        return [row["status"] for row in rows]

    assert [statuses(day) for day in ("2025-01-29", "2025-01-30", "2025-02-03")] == [["open"], ["late"], ["critical"]]


def test_the_worklist_comes_in_pages(ward: Ward) -> None:
    for number in range(5):
        ward.recorded(ward.relapsed(pseudonym=f"ALL-{number}"), "block_started", "2025-01-08", {"element": "R1"})

    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        more = {} if cursor is None else {"cursor": cursor}
        page = ward.get("/worklist", limit=2, rule="TR-001", status="critical", **more).json()
        seen += [row["pseudonym"] for row in page["items"]]
        cursor = page["next_cursor"]

    assert sorted(seen) == [f"ALL-{number}" for number in range(5)]
    assert cursor is None


def test_patients_are_found_by_state_site_and_status(ward: Ward) -> None:
    ward.register(pseudonym="A")
    ward.after_first_block(pseudonym="B")

    def found(**filters: str | int) -> list[str]:
        return [item["pseudonym"] for item in ward.get(f"/patients?{urlencode(filters)}").json()["items"]]

    assert found(state="registered") == ["A"]
    assert found(status="critical") == ["B"]
    assert found(relapse_number=1) == ["B"]
    assert sorted(found(site="north")) == ["A", "B"]
    assert found(site="south") == []


def test_today_is_the_sites(ward: Ward) -> None:
    put = ward.client.put(f"{BASE}/sites/north", json={"time_zone": "Pacific/Auckland"}, headers=as_person("admin"))
    ward.clock.now = datetime(2025, 6, 30, 20, tzinfo=UTC)
    patient = ward.register()

    assert put.status_code == 200
    assert put.json()["name"] == "Hospital north"
    assert ward.get(f"/patients/{patient}").json()["as_of"] == "2025-07-01"
    assert ward.record(patient, "note_added", "2025-07-01", {"text": "morning"}).status_code == 201
    assert ward.record(patient, "note_added", "2025-07-02", {"text": "too soon"}).status_code == 422


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"time_zone": "Europe/Nowhere"}, "time_zone"),
        ({"working_days": [0]}, "working_days.0"),
        ({"holidays": ["2025-02-30"]}, "holidays.0"),
        ({"contacts": ["log", "ward 3"]}, "contacts.1"),
        ({"contacts": ["Ward 3 <ward-3@north.example>"]}, "contacts.0"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_site_setting_that_cannot_be_is_named(edge: Ward, sent: dict[str, object], field: str) -> None:
    answer = edge.client.put(f"{BASE}/sites/north", json=sent, headers=as_person("admin"))

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_protocols_are_read_as_data_and_drawn(edge: Ward) -> None:
    ids = [item["id"] for item in edge.get("/protocols").json()["items"]]
    newest = edge.get("/protocols/all-rez-bfm-2002").json()
    named = edge.get("/protocols/all-rez-bfm-2002@2").json()
    mermaid = edge.get("/protocols/all-rez-bfm-2002/diagram")
    drawn = edge.client.get(
        f"{BASE}/protocols/all-rez-bfm-2002/diagram", headers={**as_person("viewer"), "Accept": "image/svg+xml"}
    )

    assert {"all-rez-bfm-90", "all-rez-bfm-2002"} <= set(ids)
    assert newest == named
    assert {window["rule"] for window in newest["windows"]} >= {"TR-001", "TR-004"}
    assert mermaid.headers["content-type"].startswith("text/vnd.mermaid")
    assert mermaid.text.startswith("flowchart LR")
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert drawn.text.startswith("<svg")
    assert edge.get("/protocols/bfm-2050").status_code == 404
