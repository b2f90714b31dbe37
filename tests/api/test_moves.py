"""Facts entered for the wrong patient: moved to the right one, both or neither, each end naming the other."""

from collections.abc import Sequence
from typing import Any

import pytest
from httpx2 import Response

from tests.api.ward import UNKNOWN_PATIENT, Ward

REASON = "entered in the file of the other twin"


def move(
    ward: Ward, wrong: str, right: str, facts: Sequence[str], who: str = "treating_doctor", **more: object
) -> Response:
    return ward.post("/corrections/move", {"from": wrong, "to": right, "facts": facts, "reason": REASON, **more}, who)


def moved(ward: Ward, wrong: str, right: str, facts: Sequence[str], **more: object) -> dict[str, Any]:
    answer = move(ward, wrong, right, facts, **more)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def told(ward: Ward, patient: str, **asked: str | bool) -> list[tuple[str, str]]:
    items = ward.get(f"/patients/{patient}/history", "admin", **asked).json()["items"]
    return [(item["id"], item["type"]) for item in items]


@pytest.fixture
def twins(ward: Ward) -> tuple[str, str]:
    """Return two patients; the first block of the second was entered for the first (f4, f5)."""
    return ward.after_first_block(), ward.relapsed(pseudonym="ALL-0008")


def test_facts_stand_at_the_right_patient_and_nowhere_else(ward: Ward, twins: tuple[str, str]) -> None:
    wrong, right = twins

    done = moved(ward, wrong, right, ["f5", "f4"])

    assert (ward.state(wrong), ward.state(right)) == ("relapse_diagnosed", "reinduction.recovery")
    assert [pair["void"]["target"] for pair in done["facts"]] == ["f5", "f4"]
    assert done["from"]["changed"]["state"] == {"before": "reinduction.recovery", "after": "relapse_diagnosed"}
    assert done["to"]["changed"]["state"] == {"before": "relapse_diagnosed", "after": "reinduction.recovery"}
    assert [window["id"] for window in done["from"]["changed"]["windows"]] == ["1:TR-001:f4", "1:TR-004:f4"]
    assert (done["from"]["patient"]["version"], done["to"]["patient"]["version"]) == (6, 4)


def test_each_end_names_the_other(ward: Ward, twins: tuple[str, str]) -> None:
    wrong, right = twins
    done = moved(ward, wrong, right, ["f4", "f5"])

    for pair in done["facts"]:
        void, record = pair["void"], pair["record"]
        assert void["moved"] == {"patient": right, "fact": record["id"]}
        assert record["moved"] == {"patient": wrong, "fact": void["target"]}
        assert (void["reason"], record["reason"]) == (REASON, REASON)
        assert void["recorded_at"] == record["recorded_at"]
    kept = ward.get(f"/patients/{right}/history").json()["items"][-1]
    assert kept["moved"]["patient"] == wrong


def test_both_histories_at_both_clocks(ward: Ward, twins: tuple[str, str]) -> None:
    wrong, right = twins
    before = ward.clock().isoformat()
    moved(ward, wrong, right, ["f4", "f5"])
    start, end = ("f4", "block_started"), ("f5", "block_completed")
    shared = [("f1", "patient_registered"), ("f2", "relapse_diagnosed"), ("f3", "protocol_chosen")]

    assert (told(ward, wrong), told(ward, right)) == (shared, [*shared, start, end])
    assert told(ward, wrong, known_at=before) == [*shared, start, end]
    assert told(ward, right, known_at=before) == shared
    assert told(ward, wrong, known_at=before, as_of="2025-01-10") == [*shared, start]
    assert told(ward, right, as_of="2025-01-10") == [*shared, start]
    voids = [("f6", "block_started"), ("f7", "block_completed")]
    assert sorted(told(ward, wrong, include_superseded=True)) == sorted([*shared, start, end, *voids])


def test_access_is_asked_for_on_both_sides(ward: Ward, twins: tuple[str, str]) -> None:
    wrong, right = twins
    elsewhere = ward.register(site="south")
    for one in (elsewhere, UNKNOWN_PATIENT):
        for body, side in (((wrong, one), "to"), ((one, right), "from")):
            answer = move(ward, *body, ["f4"])
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
            assert answer.json()["detail"].startswith(f"{side}: no such patient")
    assert move(ward, wrong, right, ["f4", "f5"], "ward_nurse").status_code == 403
    assert move(ward, wrong, right, ["f4", "f5"], "other_hospital").status_code == 404
    assert (ward.state(wrong), ward.state(right)) == ("reinduction.recovery", "relapse_diagnosed")


def test_what_does_not_fit_there_moves_nothing(ward: Ward) -> None:
    wrong, right = ward.after_first_block(), ward.register(pseudonym="ALL-0008")

    refused = move(ward, wrong, right, ["f4", "f5"])

    assert (refused.status_code, refused.json()["code"]) == (409, "makes_conflicts")
    assert refused.json()["detail"].startswith("recording these facts for the patient `to` would leave")
    assert (len(told(ward, wrong, include_superseded=True)), told(ward, right)) == (5, [("f1", "patient_registered")])


def test_what_was_entered_too_early_for_them_meets_the_gate_there(ward: Ward, twins: tuple[str, str]) -> None:
    wrong, right = twins
    ward.recorded(right, "block_started", "2025-01-15", {"element": "R1"})
    late = ward.recorded(wrong, "block_started", "2025-01-28", {"element": "R2"})["fact"]["id"]

    refused = move(ward, wrong, right, [late])
    assert (refused.status_code, refused.json()["code"]) == (409, "too_early")
    assert refused.json()["arithmetic"] == "2025-01-28 − 2025-01-15 = 13 d < 14 d"
    assert refused.json()["field"] == "facts.0"


@pytest.mark.parametrize(
    ("facts", "field", "code"),
    [
        (["f1"], "facts.0", "registration_stays"),
        (["f4", "f4"], "facts", "repeated"),
        ([], "facts", "too_short"),
        (["4"], "facts.0", "fact_id"),
    ],
)
def test_what_cannot_be_moved_names_the_field(edge: Ward, facts: list[str], field: str, code: str) -> None:
    wrong, right = edge.after_first_block(), edge.relapsed(pseudonym="ALL-0008")

    answer = move(edge, wrong, right, facts)

    assert answer.status_code == 422
    assert (answer.json()["errors"][0]["field"], answer.json()["errors"][0]["code"]) == (field, code)


def test_an_unknown_fact_and_the_same_patient_are_refused(edge: Ward) -> None:
    wrong, right = edge.after_first_block(), edge.relapsed(pseudonym="ALL-0008")

    unknown = move(edge, wrong, right, ["f5", "f9"]).json()
    assert (unknown["code"], unknown["field"]) == ("unknown_fact", "facts.1")
    same = move(edge, wrong, wrong, ["f5"]).json()
    assert same["errors"][0]["code"] == "same_patient"


def test_a_move_is_repeated_safely(ward: Ward, twins: tuple[str, str]) -> None:
    wrong, right = twins
    body = {"from": wrong, "to": right, "facts": ["f4", "f5"], "reason": REASON}
    once = {"Idempotency-Key": "a-move", "If-Match": '"5"'}

    first = ward.post("/corrections/move", body, headers=once)
    again = ward.post("/corrections/move", body, headers=once)

    assert (first.status_code, again.status_code, again.text) == (200, 200, first.text)
    assert len(told(ward, right)) == 5


def test_facts_of_one_day_keep_their_order_whatever_the_order_of_the_request(ward: Ward) -> None:
    wrong, right = ward.register(), ward.register(pseudonym="ALL-0008")
    for patient in (wrong, right):
        ward.recorded(patient, "relapse_diagnosed", "2025-01-06", {"relapse_site": "isolated_bm"})
    for protocol in ("all-rez-bfm-90", "all-rez-bfm-2002"):
        ward.recorded(wrong, "protocol_chosen", "2025-01-07", {"protocol": protocol})

    done = moved(ward, wrong, right, ["f4", "f3"])

    assert [pair["void"]["target"] for pair in done["facts"]] == ["f4", "f3"]
    assert done["to"]["patient"]["protocol"] == "all-rez-bfm-2002@2"


def test_what_was_moved_can_be_moved_back_with_its_external_id(ward: Ward) -> None:
    first, second = ward.relapsed(), ward.relapsed(pseudonym="ALL-0008")
    note = ward.recorded(first, "note_added", "2025-01-10", {"text": "seen"}, external_id="lis-1")["fact"]["id"]
    there = moved(ward, first, second, [note])["facts"][0]["record"]["id"]

    back = moved(ward, second, first, [there])["facts"][0]["record"]

    assert (back["external_id"], back["moved"]["patient"]) == ("lis-1", second)
    again = move(ward, second, first, [there])
    assert again.status_code == 409
    assert "was moved to another patient" in again.json()["detail"]


def test_a_move_onto_a_taken_external_id_is_refused_in_the_preview_as_well(ward: Ward) -> None:
    first, second = ward.relapsed(), ward.relapsed(pseudonym="ALL-0008")
    for patient in (first, second):
        ward.recorded(patient, "note_added", "2025-01-10", {"text": "seen"}, external_id="lis-1")

    for query in ("?preview=true", ""):
        body = {"from": first, "to": second, "facts": ["f4"], "reason": REASON}
        refused = ward.post(f"/corrections/move{query}", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "already_exists")
        assert refused.json()["field"] == "facts.0.external_id"
