"""Lists at two clocks from outside: what is listed, what a site means then, who sees it, and whether it can change."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.api.ward import Ward

KNOWN = "2025-01-10T12:00:00Z"


def at(day: str, hour: int = 9) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)


@pytest.fixture
def handed_over(ward: Ward) -> str:
    """Return a patient whose first block started at the hospital north, and who went south in February."""
    ward.clock.now = at("2025-01-09")
    patient = ward.in_first_block()
    ward.clock.now = at("2025-02-03")
    ward.recorded(patient, "site_changed", "2025-02-02", {"to": "south"}, who="admin")
    ward.clock.now = at("2025-06-30")
    return patient


def test_the_patients_of_then_are_listed_to_those_who_may_see_them_now(ward: Ward, handed_over: str) -> None:
    then = {"as_of": "2025-01-10", "known_at": KNOWN}
    (line,) = ward.get("/patients", "other_hospital", **then).json()["items"]
    alone = ward.get(f"/patients/{handed_over}", "other_hospital", **then).json()

    assert (line["site"], line["state"], line["as_of"]) == ("north", "reinduction.block", "2025-01-10")
    told_of_one = {
        name: alone[name] for name in ("registration", "classification", "response", "consolidation", "courses")
    }
    assert alone == {**line, **told_of_one, "alerts": [], "settled": True}
    assert ward.get("/patients", "treating_doctor", **then).json()["items"] == []


@pytest.mark.parametrize("path", ["/patients", "/worklist", "/cohort/states"])
def test_a_site_at_past_clocks_is_the_one_that_treated_then(ward: Ward, handed_over: str, path: str) -> None:
    def listed(site: str, **clocks: str) -> int:
        return len(ward.get(path, "admin", site=site, **clocks).json()["items"])

    assert handed_over
    for clocks in ({"as_of": "2025-02-01"}, {"as_of": "2025-02-02", "known_at": "2025-02-02T12:00:00Z"}):
        assert (listed("north", **clocks) > 0, listed("south", **clocks)) == (True, 0)
    assert (listed("north", as_of="2025-02-02"), listed("south", as_of="2025-02-02") > 0) == (0, True)
    assert (listed("north"), listed("south") > 0) == (0, True)


@pytest.mark.parametrize("path", ["/patients", "/worklist", "/cohort/states"])
def test_who_was_not_known_is_on_no_list_and_a_young_answer_is_not_settled(
    ward: Ward, handed_over: str, path: str
) -> None:
    before = ward.get(path, "admin", known_at="2025-01-09T08:59:00Z").json()
    young = ward.get(path, "admin", known_at=(ward.clock.now - timedelta(seconds=1)).isoformat()).json()

    assert handed_over
    assert (before["items"], before["settled"]) == ([], True)
    assert (len(young["items"]) > 0, young["settled"]) == (True, False)
    assert "settled" not in ward.get(path, "admin", as_of="2025-06-01").json()


def test_a_row_of_a_past_worklist_shows_owner_contact_and_review_of_then(ward: Ward) -> None:
    ward.clock.now = at("2025-01-09")
    patient = ward.in_first_block()
    ward.recorded(patient, "owner_changed", "2025-01-08", {"actor": "dr.a"})
    ward.clock.now = at("2025-02-20")
    ward.recorded(patient, "block_completed", "2025-01-13", {"given": "as_planned"})
    review = {"element": "R2", "causes": [{"code": "infection", "primary": True}], "review_on": "2025-02-10"}
    ward.recorded(patient, "block_deferred", "2025-01-30", review)
    ward.recorded(patient, "owner_changed", "2025-02-01", {"actor": "dr.b"})

    def row(**clocks: str) -> tuple[object, ...]:
        (found,) = ward.get("/worklist", rule="TR-001", status="open,late", **clocks).json()["items"]
        return (found["owner"], found["last_contact_on"], found["window"]["review_on"], found["unknown"])

    assert row(as_of="2025-01-29") == ("dr.a", "2025-01-13", None, True)
    assert row(as_of="2025-01-29", known_at=KNOWN) == ("dr.a", "2025-01-08", None, True)
    assert row(as_of="2025-01-31") == ("dr.a", "2025-01-30", "2025-02-10", False)
    assert row(as_of="2025-02-01") == ("dr.b", "2025-01-30", "2025-02-10", False)


def test_a_census_counts_by_state_site_and_protocol(ward: Ward, handed_over: str) -> None:
    ward.register(pseudonym="ALL-0008")
    assert handed_over
    census = ward.get("/cohort/states", "admin").json()
    assert census == {
        "items": [
            {"state": "registered", "site": "north", "protocol": None, "patients": 1},
            {
                "state": "reinduction.block",
                "site": "south",
                "protocol": "all-rez-bfm-2002@2",
                "patients": 1,
            },
        ],
        "next_cursor": None,
    }
    assert [item["site"] for item in ward.get("/cohort/states", "other_hospital").json()["items"]] == ["south"]
    (only,) = ward.get("/cohort/states", "admin", protocol="all-rez-bfm-2002").json()["items"]
    assert only["state"] == "reinduction.block"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/cohort/states?site=nowhere", "site"),
        ("/cohort/states?protocol=all-rez-bfm-1900", "protocol"),
        ("/cohort/states?as_of=2025-02-30", "as_of"),
        ("/cohort/states?limit=5", "limit"),
        ("/worklist?known_at=yesterday", "known_at"),
        ("/worklist?known_at=9999-12-31T23:59:59Z", "known_at"),
        ("/cohort/states?known_at=0001-01-01T00:00:00Z", "known_at"),
        ("/patients?known_at=2025-01-01T00:00:00", "known_at"),
        ("/patients?as_of=2025-01-01&site=nowhere", "site"),
    ],
)
def test_what_cannot_be_asked_is_named(edge: Ward, path: str, field: str) -> None:
    answer = edge.get(path, "admin")
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]


def test_a_fact_of_tomorrow_elsewhere_stays_on_todays_lists(ward: Ward) -> None:
    zones = {"north": "Pacific/Auckland", "south": "Pacific/Honolulu"}
    for site, zone in zones.items():
        made = ward.client.put(
            f"/api/v1/sites/{site}", json={"time_zone": zone}, headers={"Authorization": ward.header("admin")}
        )
        assert made.status_code == 200
    ward.clock.now = at("2025-01-07", 20)
    patient = ward.in_first_block()
    ward.recorded(patient, "site_changed", "2025-01-08", {"to": "south"}, who="admin")

    (line,) = ward.get("/patients", "admin", state="reinduction.block").json()["items"]
    assert (line["id"], line["as_of"], line["site"]) == (patient, "2025-01-07", "south")
    rows = ward.get("/worklist", "admin", rule="TR-001", status="upcoming").json()["items"]
    assert [(row["patient"], row["state"]) for row in rows] == [(patient, "reinduction.block")]
    assert ward.get("/cohort/states", "admin").json()["items"][0]["state"] == "reinduction.block"
    assert ward.get("/cohort/states", "admin", as_of="2025-01-07").json()["items"][0]["state"] == "relapse_diagnosed"


def test_silence_at_past_clocks_begins_on_its_day_and_counts_what_counted_then(ward: Ward) -> None:
    patient = ward.in_first_block()
    limit = 7
    heard_on = date(2025, 1, 8)
    later = ward.recorded(patient, "note_added", "2025-01-14", {"text": "seen"})["fact"]
    noted = ward.clock.now
    ward.clock.now += timedelta(hours=1)
    voided = {"voids": later["id"], "reason": "of another patient"}
    assert ward.post(f"/patients/{patient}/corrections", voided).status_code == 200

    def silent(days: int, **clocks: str) -> list[bool]:
        day = (heard_on + timedelta(days=days)).isoformat()
        lists = [ward.get(path, status="unknown", as_of=day, **clocks) for path in ("/patients", "/worklist")]
        return [len(answer.json()["items"]) > 0 for answer in lists]

    before_the_void = {"known_at": (noted + timedelta(minutes=1)).isoformat()}
    assert (silent(limit), silent(limit + 1)) == ([False, False], [True, True])
    assert (silent(limit + 1, **before_the_void), silent(limit + 6, **before_the_void)) == ([False] * 2, [False] * 2)
    assert silent(limit + 7, **before_the_void) == [True, True]
