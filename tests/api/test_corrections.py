"""Corrections as a ward makes them: superseded, voided, in batches, each with its reason and nothing lost."""

from typing import Any

import pytest

from tests.api.correcting import correct, corrected, entry, history, put_right, refused, start, taken_back
from tests.api.ward import Ward

ONCE = {"Idempotency-Key": "8c2b4f2e-93a3-4f37-8b1d-54d0c7a1f3b9"}


def test_a_date_put_right_moves_the_window_and_keeps_its_name(ward: Ward) -> None:
    patient = ward.after_first_block()

    told = corrected(ward, patient, put_right("f4", start("2025-01-10")))

    assert [window["id"] for window in told["changed"]["windows"]] == ["1:TR-001:f4", "1:TR-004:f4"]
    moved = told["changed"]["windows"][0]
    assert (moved["before"]["latest_on"], moved["after"]["latest_on"]) == ("2025-01-29", "2025-01-31")
    assert told["changed"]["state"] == {"before": "reinduction.recovery", "after": "reinduction.recovery"}
    assert [span["to"] for span in told["changed"]["states"]["after"]] == ["2025-01-10", "2025-01-13"]
    assert ward.open_window(patient, "TR-001")["anchor"] == {"fact": "f4", "on": "2025-01-10"}
    assert told["stored"] is True


def test_the_version_before_stays_readable_with_what_took_its_place_and_why(ward: Ward) -> None:
    patient = ward.after_first_block()
    corrected(ward, patient, put_right("f4", start("2025-01-10")))

    old, new = entry(ward, patient, "f4"), entry(ward, patient, "f6")
    assert (old["occurred_on"], old["superseded_by"]) == ("2025-01-08", "f6")
    assert (new["operation"], new["target"], new["reason"]) == ("supersede", "f4", "date read from the wrong line")
    assert (new["recorded_by"], new["state_after"]) == ("treating_doctor", "reinduction.block")


def test_what_is_taken_back_is_gone_from_the_course_and_stays_in_the_file(ward: Ward) -> None:
    patient = ward.after_first_block()

    told = corrected(ward, patient, taken_back("f5"))

    assert told["changed"]["state"] == {"before": "reinduction.recovery", "after": "reinduction.block"}
    assert entry(ward, patient, "f5")["superseded_by"] == "f6"
    assert (entry(ward, patient, "f6")["operation"], entry(ward, patient, "f6")["reason"]) == ("void", "not given")


def test_what_was_known_before_a_correction_is_told_as_it_was(ward: Ward) -> None:
    patient = ward.after_first_block()
    then = entry(ward, patient, "f5")["recorded_at"]
    before = ward.get(f"/patients/{patient}/windows", known_at=then).json()
    corrected(ward, patient, put_right("f4", start("2025-01-10")))

    after = ward.get(f"/patients/{patient}/windows", known_at=then).json()
    assert [window["anchor"] for window in after["items"]] == [window["anchor"] for window in before["items"]]
    assert after["items"][0]["anchor"]["on"] == "2025-01-08"


def test_of_two_people_who_correct_the_same_version_the_second_is_told_who_was_first(ward: Ward) -> None:
    patient = ward.after_first_block()
    corrected(ward, patient, put_right("f4", start("2025-01-10")))

    for second in (put_right("f4", start("2025-01-09")), taken_back("f4")):
        told = refused(ward, patient, second, status=409)
        assert told["code"] == "already_corrected"
        assert "superseded by f6 of treating_doctor" in told["detail"]
        assert "correct f6" in told["detail"]


def test_facts_that_would_lose_their_step_are_named_and_kept_only_on_demand(ward: Ward) -> None:
    patient = ward.after_first_block()

    told = refused(ward, patient, taken_back("f4"), status=409)
    assert (told["code"], told["conflicts"]) == ("makes_conflicts", ["f5 block_completed of 2025-01-13"])

    kept = corrected(ward, patient, taken_back("f4"), keep_conflicts=True)
    assert kept["patient"]["conflicts"] == [{"fact": "f5", "type": "block_completed", "state": "relapse_diagnosed"}]
    assert [warning["code"] for warning in kept["warnings"]] == ["conflicts_kept"]


def test_a_batch_stands_or_falls_together(ward: Ward) -> None:
    patient = ward.after_first_block()

    told = refused(ward, patient, taken_back("f5"), put_right("f4", start("2030-01-10")), status=422)
    assert (told["code"], told["field"]) == ("in_the_future", "corrections.1.fact.occurred_on")

    done = corrected(ward, patient, taken_back("f5"), taken_back("f4"))
    assert [fact["target"] for fact in done["facts"]] == ["f5", "f4"]
    assert len({fact["recorded_at"] for fact in done["facts"]}) == 1
    assert (done["patient"]["state"], done["patient"]["version"]) == ("relapse_diagnosed", 6)


def test_both_ends_of_a_block_move_in_one_batch_where_neither_could_alone(ward: Ward) -> None:
    patient = ward.after_first_block()
    completed = {"type": "block_completed", "occurred_on": "2025-01-28", "data": {"given": "as_planned"}}
    assert refused(ward, patient, put_right("f4", start("2025-01-20")), status=409)["code"] == "makes_conflicts"

    done = corrected(ward, patient, put_right("f4", start("2025-01-20")), put_right("f5", completed))
    assert done["patient"]["conflicts"] == []


def test_a_block_that_a_correction_makes_early_gets_its_verdict_and_is_no_conflict(ward: Ward) -> None:
    patient = ward.after_first_block()
    ward.recorded(patient, "block_started", "2025-01-29", {"element": "R2"})
    completed = {"type": "block_completed", "occurred_on": "2025-01-25", "data": {"given": "as_planned"}}

    done = corrected(ward, patient, put_right("f5", completed), put_right("f4", start("2025-01-20")))

    early = [deviation for deviation in done["deviations"] if deviation["window"] == "1:TR-001:f4"]
    assert [(each["verdict"], each["days"], each["explained"]) for each in early] == [("early", 9, False)]
    assert done["patient"]["conflicts"] == []


def test_a_start_put_right_meets_the_gate_and_a_clinician_passes_it(ward: Ward) -> None:
    patient = ward.after_first_block()
    ward.recorded(patient, "block_started", "2025-01-29", {"element": "R2"})
    right = start("2025-01-21", "R2")

    told = refused(ward, patient, put_right("f6", right), status=409)
    assert (told["code"], told["field"]) == ("too_early", "fact.occurred_on")
    assert told["arithmetic"] == "2025-01-21 − 2025-01-08 = 13 d < 14 d"

    override = {"code": "rapid_progression", "reason": "blasts rising"}
    done = corrected(ward, patient, put_right("f6", {**right, "override": override}))
    assert done["facts"][0]["override"]["code"] == "rapid_progression"


def test_a_preview_tells_the_same_and_stores_nothing(ward: Ward) -> None:
    patient = ward.after_first_block()
    before = history(ward, patient)

    tried = correct(ward, patient, put_right("f4", start("2025-01-10")), query="?preview=true").json()
    assert history(ward, patient) == before
    done = corrected(ward, patient, put_right("f4", start("2025-01-10")))

    assert (tried["stored"], tried["patient"]["version"], done["patient"]["version"]) == (False, 5, 6)
    assert without_what_the_act_makes(tried["changed"]) == without_what_the_act_makes(done["changed"])


def without_what_the_act_makes(changed: dict[str, Any]) -> dict[str, Any]:
    """Leave out of alerts their ids and instants, which belong to the act that raises them."""
    made = ("id", "raised_at", "resolved_at")
    stands = [
        [
            {name: value for name, value in (alert[side] or {}).items() if name not in made}
            for side in ("before", "after")
        ]
        for alert in changed["alerts"]
    ]
    return {**changed, "alerts": stands}


def test_a_repeated_correction_gets_its_first_answer(ward: Ward) -> None:
    patient = ward.after_first_block()
    body = put_right("f4", start("2025-01-10"))

    first = ward.post(f"/patients/{patient}/corrections", body, headers={**ONCE, "If-Match": '"5"'})
    again = ward.post(f"/patients/{patient}/corrections", body, headers={**ONCE, "If-Match": '"5"'})

    assert (first.status_code, first.headers["etag"]) == (200, '"6"')
    assert (again.status_code, again.headers["etag"], again.text) == (200, '"6"', first.text)
    stale = ward.post(f"/patients/{patient}/corrections", taken_back("f5"), headers={"If-Match": '"5"'})
    assert stale.status_code == 412


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"reason": "wrong"}, "supersedes", "one_of"),
        ({"supersedes": "f4", "voids": "f4", "reason": "wrong"}, "supersedes", "one_of"),
        ({"supersedes": "f4", "reason": "wrong"}, "fact", "missing"),
        ({"voids": "f4", "reason": "wrong", "fact": start("2025-01-10")}, "fact", "not_with_voids"),
        ({"voids": "f4"}, "reason", "missing"),
        ({"voids": "f4", "reason": ""}, "reason", "string_too_short"),
        ({"voids": "f4", "reason": "  "}, "reason", "blank"),
        ({"voids": "4", "reason": "wrong"}, "voids", "fact_id"),
        ({"corrections": []}, "corrections", "too_short"),
        ({"corrections": [{"voids": "f4"}]}, "corrections.0.reason", "missing"),
        ({"corrections": [put_right("f4", {"type": "block_started"})]}, "corrections.0.fact.occurred_on", "missing"),
        ({"corrections": [taken_back("f4")], "voids": "f4"}, "voids", "extra_forbidden"),
        ({"voids": "f4", "reason": "wrong", "keep_conflicts": "yes"}, "keep_conflicts", "bool_type"),
    ],
)
def test_what_cannot_be_read_names_the_field(edge: Ward, body: dict[str, Any], field: str, code: str) -> None:
    answer = edge.post(f"/patients/{edge.after_first_block()}/corrections", body)

    assert answer.status_code == 422
    assert (answer.json()["errors"][0]["field"], answer.json()["errors"][0]["code"]) == (field, code)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (taken_back("f99"), "unknown_fact"),
        (put_right("f4", start("2025-01-08")), "changes_nothing"),
        (put_right("f5", start("2025-01-08")), "type_differs"),
        ({"corrections": [taken_back("f5"), taken_back("f5")]}, "corrected_twice"),
    ],
)
def test_what_cannot_be_corrected_so_says_why(edge: Ward, body: dict[str, Any], code: str) -> None:
    answer = edge.post(f"/patients/{edge.after_first_block()}/corrections", body)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["field"]


def test_an_imported_file_knows_a_corrected_fact_again_by_its_external_id(ward: Ward) -> None:
    patient = ward.relapsed()
    given = ward.recorded(patient, "block_started", "2025-01-08", {"element": "R1"}, external_id="lis-1")["fact"]["id"]
    done = corrected(ward, patient, put_right(given, start("2025-01-10")))

    assert done["facts"][0]["external_id"] == "lis-1"
    again = ward.record(patient, "note_added", "2025-01-11", {"text": "seen"}, external_id="lis-1")
    assert (again.status_code, again.json()["code"]) == (409, "already_exists")
