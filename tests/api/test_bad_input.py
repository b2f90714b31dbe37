"""Bad input through HTTP: every answer names the field, the rule and the way out, and nothing is stored."""

from typing import Any

import pytest

from tests.api.ward import REGISTRATION, Ward

MRD = {
    "timepoint": "AFTER_INDUCTION_COURSE_2",
    "method": "PCR",
    "sample_on": "2025-01-20",
    "unit": "fraction",
    "value": "0.0005",
}


def fact(fact_type: str, occurred_on: object = "2025-01-20", data: object = None, **more: object) -> dict[str, object]:
    sent: dict[str, object] = {"type": fact_type, "occurred_on": occurred_on, **more}
    return sent if data is None else {**sent, "data": data}


# What is sent, the field that the answer names, and words that its message must hold.
UNREADABLE: dict[str, tuple[object, str, str]] = {
    "unknown type": (fact("blok_started", data={"element": "R2"}), "type", "did you mean block_started?"),
    "no type": ({"occurred_on": "2025-01-20"}, "type", "is required"),
    "unknown field beside": (fact("note_added", data={"text": "x"}, colour="red"), "colour", "not a field here"),
    "extra payload field": (fact("block_started", data={"element": "R2", "dose": 3}), "data.dose", "not a field here"),
    "missing payload field": (fact("block_started", data={}), "data.element", "is required"),
    "no such day": (fact("note_added", "2025-02-30", {"text": "x"}), "occurred_on", "not a date that exists"),
    "a year with a slip": (fact("note_added", "0225-02-03", {"text": "x"}), "occurred_on", "check the year"),
    "a time for a day": (fact("note_added", "2025-02-03T10:00", {"text": "x"}), "occurred_on", "YYYY-MM-DD"),
    "a number for a day": (fact("note_added", 20250203, {"text": "x"}), "occurred_on", "YYYY-MM-DD"),
    "MRD without unit": (fact("mrd_reported", data={**MRD, "unit": None}), "data.unit", "fraction, percent or log10"),
    "MRD below zero": (fact("mrd_reported", data={**MRD, "value": "-0.1"}), "data.value", "between 0 and 1"),
    "MRD above one": (fact("mrd_reported", data={**MRD, "value": "1.5"}), "data.value", "between 0 and 1"),
    "marrow blasts over 100 %": (
        fact("response_assessed", data={"marrow_blasts_percent": 101, "final": True}),
        "data.marrow_blasts_percent",
        "less than or equal to 100",
    ),
    "a text for a truth": (
        fact("response_assessed", data={"marrow_blasts_percent": 1, "final": "yes"}),
        "data.final",
        "true or false",
    ),
    "data that is no object": (fact("note_added", data=["x"]), "data", "must be an object"),
    "an override without reason": (
        fact("block_started", data={"element": "R2"}, override={"code": "logistics"}),
        "override.reason",
        "say why",
    ),
    "as ordered by nobody": (
        fact("block_started", data={"element": "R2"}, override={"code": "given_as_ordered"}),
        "override.ordered_by",
        "who ordered it?",
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_422_and_names_the_field(edge: Ward, name: str) -> None:
    sent, field, words = UNREADABLE[name]
    patient = edge.relapsed()

    answer = edge.post(f"/patients/{patient}/facts", sent)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "invalid_input"
    assert (field, True) in [(error["field"], words in error["message"]) for error in problem["errors"]]
    assert len(edge.get(f"/patients/{patient}/history").json()["items"]) == 3


# What is sent, the status, the stable code, and words of its detail.
REFUSED: dict[str, tuple[dict[str, object], int, str, str]] = {
    "in the future": (
        fact("note_added", "2025-07-01", {"text": "x"}),
        422,
        "in_the_future",
        "today is 2025-06-30 at the patient's site",
    ),
    "before its anchor": (
        fact("note_added", "2022-02-28", {"text": "x"}),
        422,
        "before_anchor",
        "on or after the diagnosis of 2022-03-01",
    ),
    "completing what did not start": (
        fact("block_completed", "2025-01-20", {"given": "as_planned"}),
        409,
        "not_possible_in_state",
        "no block is running",
    ),
    "an unknown protocol": (
        fact("protocol_chosen", data={"protocol": "bfm-2050"}),
        422,
        "unknown_protocol",
        "known: all-rez-bfm-2002, all-rez-bfm-90",
    ),
    "not possible in this state": (
        fact("maintenance_completed"),
        409,
        "not_possible_in_state",
        "Possible here:",
    ),
    "a registration as a fact": (
        fact(
            "patient_registered",
            data={"pseudonym": "A", "site": "north", "diagnosis_date": "2022-03-01", "phenotype": "T"},
        ),
        409,
        "already_registered",
        "correct the registration instead",
    ),
    "a sample after its report": (
        fact("mrd_reported", "2025-01-19", MRD),
        422,
        "date_order",
        "data.sample_on 2025-01-20 lies after occurred_on 2025-01-19",
    ),
    "a delay that is none": (
        fact("delay_explained", data={"window": "1:TR-001:f4", "segments": [{"code": "infection", "days": 1}]}),
        422,
        "no_such_delay",
        "names no window that ended late",
    ),
    "nothing to countersign": (
        fact("confirmed", data={"fact": "f2"}),
        409,
        "nothing_to_confirm",
        "waiting: none",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_true_is_refused_with_its_reason(edge: Ward, name: str) -> None:
    sent, status, code, words = REFUSED[name]

    answer = edge.post(f"/patients/{edge.relapsed()}/facts", sent)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert words in answer.json()["detail"]


def test_a_refusal_by_state_names_what_is_possible(edge: Ward) -> None:
    answer = edge.record(edge.relapsed(), "maintenance_completed", "2025-01-20")

    assert "block_started" in answer.json()["possible"]


WRONG_REGISTRATIONS: dict[str, tuple[dict[str, Any], str, str]] = {
    "frontline both ongoing and ended": ({"frontline_ongoing": True}, "frontline_ongoing", "send one of them"),
    "frontline ends before diagnosis": ({"frontline_end_date": "2021-01-01"}, "frontline_end_date", "lies before"),
    "diagnosed in the future": (
        {"diagnosis_date": "2025-12-01", "frontline_end_date": None, "occurred_on": "2025-01-06"},
        "diagnosis_date",
        "in the future",
    ),
    "no pseudonym": ({"pseudonym": None}, "pseudonym", "valid string"),
    "a line break in the pseudonym": ({"pseudonym": "A\nB"}, "pseudonym", "control characters"),
    "a name": ({"name": "somebody"}, "name", "not a field here"),
}


@pytest.mark.parametrize("name", WRONG_REGISTRATIONS)
def test_a_registration_that_cannot_be_is_422_and_names_the_field_as_it_was_sent(edge: Ward, name: str) -> None:
    changes, field, words = WRONG_REGISTRATIONS[name]

    answer = edge.post("/patients", {**REGISTRATION, **changes}, "admin")

    assert answer.status_code == 422, answer.text
    assert (field, True) in [(error["field"], words in error["message"]) for error in answer.json()["errors"]]


def test_a_pseudonym_that_is_taken_is_409(edge: Ward) -> None:
    edge.register()

    answer = edge.post("/patients", REGISTRATION, "admin")

    assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")


# Path, and the parameter that the answer names.
WRONG_PARAMETERS = {
    "/patients?colour=red": "colour",
    "/patients?on=2025-01-01": "on",
    "/patients?limit=0": "limit",
    "/patients?limit=501": "limit",
    "/patients?limit=many": "limit",
    "/patients?cursor=": "cursor",
    "/patients?cursor=nonsense": "cursor",
    "/patients?state=asleep": "state",
    "/patients?status=met": "status",
    "/patients?relapse_number=0": "relapse_number",
    "/patients?limit=5&limit=6": "limit",
    "/worklist?as_of=2025-02-30": "as_of",
    "/worklist?as_of=yesterday": "as_of",
    "/worklist?as_of=9999-12-31": "as_of",
    "/worklist?status=tired": "status.0",
    "/sites?x=1": "x",
    "/protocols/all-rez-bfm-90?x=1": "x",
    "/patients/{patient}?known_at=2025-01-01": "known_at",
    "/patients/{patient}?known_at=2025-01-01T10:00:00": "known_at",
    "/patients/{patient}?known_at=0001-01-01T00:00:00%2B14:00": "known_at",
    "/patients/{patient}?as_of=2025-01-01T10:00:00Z": "as_of",
    "/patients/{patient}/history?include_superseded=perhaps": "include_superseded",
    "/patients/{patient}/next-steps?as_of=2025-01-01": "as_of",
}


@pytest.mark.parametrize("path", WRONG_PARAMETERS)
def test_a_parameter_that_is_wrong_or_unknown_is_named(edge: Ward, path: str) -> None:
    answer = edge.get(path.format(patient=edge.register()))

    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [WRONG_PARAMETERS[path]]


def test_a_preview_is_true_or_false(edge: Ward) -> None:
    answer = edge.post(f"/patients/{edge.relapsed()}/facts?preview=maybe", fact("note_added", data={"text": "x"}))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "preview"


def test_a_plus_that_a_url_turned_into_a_blank_is_understood(edge: Ward) -> None:
    patient = edge.register()

    assert edge.get(f"/patients/{patient}?known_at=2025-06-30T14:00:00+02:00").status_code == 200


def test_many_problems_are_counted_but_not_all_repeated(edge: Ward) -> None:
    answer = edge.post("/patients", {f"field_{number}": 1 for number in range(1000)}, "admin")

    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 50
    assert "and 954 more" in answer.json()["detail"]
