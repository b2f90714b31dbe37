"""What cannot be read as a fact: for each kind of bad input its code, its field, and a sentence with the way out."""

from collections.abc import Mapping

import pytest

from tests.facts import LEAST, MRD, REGISTERED
from workflow.domain.errors import InvalidInputError, Problem
from workflow.domain.facts.read import read_fact
from workflow.domain.facts.types import FACT_TYPES, PAYLOADS

ON = "2025-03-01"
NO_OBJECT = "data must be an object with named fields"
MISSING_VALUE = "data.value or below is required, not both: below is the sensitivity where nothing was detected"
MISSING_UNIT = "data.unit is required, an MRD without unit is refused: send fraction, percent or log10"
OUT_OF_RANGE = "data.value must lie between 0 and 1 as a fraction of cells (0 and 100 percent)"
CODES = "'clinical_decision', 'rapid_progression', 'logistics', 'trial_instruction', 'other' or 'given_as_ordered'"
WITHOUT_UNIT = {name: value for name, value in MRD.items() if name != "unit"}
WITHOUT_VALUE = {name: value for name, value in MRD.items() if name != "value"}
# What is wrong, the fact's type, its data, what else it carries; then field, code and message of the answer.
UNREADABLE: tuple[tuple[str, object, object, Mapping[str, object], Problem], ...] = (
    (
        "unknown type",
        "block_start",
        {},
        {},
        Problem("type", "unknown_type", "type is not a known fact type; did you mean block_started?"),
    ),
    ("no type", None, {}, {}, Problem("type", "missing", "type is required, e.g. block_started")),
    (
        "unknown field of a fact",
        "died",
        {},
        {"occurred_at": ON},
        Problem("occurred_at", "extra_forbidden", "occurred_at is not a field here; did you mean occurred_on?"),
    ),
    (
        "extra payload field",
        "block_started",
        {"element": "R1", "dose": 5},
        {},
        Problem("data.dose", "extra_forbidden", "data.dose is not a field here; did you mean dose_gy?"),
    ),
    (
        "field of another place",
        "block_started",
        {"element": "R1", "reason": "late"},
        {},
        Problem("data.reason", "extra_forbidden", "data.reason is not a field here; leave it out"),
    ),
    (
        "extra field deep inside",
        "relapse_diagnosed",
        {"findings": {"csf": {"hue": "clear", "wbc_per_ul": 1}}},
        {},
        Problem("data.findings.csf.hue", "extra_forbidden", "data.findings.csf.hue is not a field here; leave it out"),
    ),
    ("missing payload field", "block_started", {}, {}, Problem("data.element", "missing", "data.element is required")),
    (
        "missing payload field written like a keyword",
        "block_decision",
        {"reason": "in good condition"},
        {},
        Problem("data.continue", "missing", "data.continue is required"),
    ),
    (
        "neither findings nor site",
        "relapse_diagnosed",
        {},
        {},
        Problem("data.findings", "missing", "data.findings or relapse_site is required"),
    ),
    (
        "findings without a finding",
        "findings_recorded",
        {},
        {},
        Problem("data", "nothing_found", "data must carry at least one finding, e.g. csf or testis"),
    ),
    ("data that is no object", "note_added", ["x"], {}, Problem("data", "dict_type", NO_OBJECT)),
    (
        "a value that is not offered",
        "block_completed",
        {"given": "mostly"},
        {},
        Problem("data.given", "literal_error", "data.given should be 'as_planned', 'modified' or 'stopped_early'"),
    ),
    (
        "an empty text",
        "note_added",
        {"text": ""},
        {},
        Problem("data.text", "string_too_short", "data.text must not be empty"),
    ),
    ("MRD without unit", "mrd_reported", WITHOUT_UNIT, {}, Problem("data.unit", "mrd_unit_missing", MISSING_UNIT)),
    (
        "MRD below zero",
        "mrd_reported",
        {**MRD, "value": "-0.0001"},
        {},
        Problem("data.value", "mrd_out_of_range", OUT_OF_RANGE),
    ),
    (
        "MRD above one",
        "mrd_reported",
        {**MRD, "value": "1.0001"},
        {},
        Problem("data.value", "mrd_out_of_range", OUT_OF_RANGE),
    ),
    (
        "MRD above 100 percent",
        "mrd_reported",
        {**MRD, "value": 100.01, "unit": "percent"},
        {},
        Problem("data.value", "mrd_out_of_range", OUT_OF_RANGE),
    ),
    (
        "MRD with neither value nor sensitivity",
        "mrd_reported",
        WITHOUT_VALUE,
        {},
        Problem("data.value", "mrd_value", MISSING_VALUE),
    ),
    (
        "marrow blasts over 100 percent",
        "response_assessed",
        {"marrow_blasts_percent": 100.1, "final": True},
        {},
        Problem(
            "data.marrow_blasts_percent",
            "less_than_equal",
            "data.marrow_blasts_percent should be less than or equal to 100",
        ),
    ),
    (
        "marrow blasts over 100 percent at relapse",
        "relapse_diagnosed",
        {"findings": {"marrow_blasts_percent": "101"}},
        {},
        Problem(
            "data.findings.marrow_blasts_percent",
            "less_than_equal",
            "data.findings.marrow_blasts_percent should be less than or equal to 100",
        ),
    ),
    (
        "marrow blasts below zero",
        "response_assessed",
        {"marrow_blasts_percent": -1, "final": True},
        {},
        Problem(
            "data.marrow_blasts_percent",
            "greater_than_equal",
            "data.marrow_blasts_percent should be greater than or equal to 0",
        ),
    ),
    (
        "an override that is not offered",
        "died",
        {},
        {"override": {"code": "because"}},
        Problem("override.code", "literal_error", f"override.code should be {CODES}"),
    ),
    (
        "an override without its reason",
        "died",
        {},
        {"override": {"code": "other"}},
        Problem("override.reason", "missing", "override.reason is required: say why the gate is passed"),
    ),
    (
        "an order without who ordered",
        "died",
        {},
        {"override": {"code": "given_as_ordered"}},
        Problem(
            "override.ordered_by",
            "missing",
            "override.ordered_by is required with given_as_ordered: who ordered it?",
        ),
    ),
)


def problems_of(raw: Mapping[str, object]) -> tuple[Problem, ...]:
    with pytest.raises(InvalidInputError) as refused:
        read_fact(raw)
    return refused.value.problems


@pytest.mark.parametrize(
    ("fact_type", "data", "more", "problem"), [row[1:] for row in UNREADABLE], ids=[row[0] for row in UNREADABLE]
)
def test_what_cannot_be_read_is_answered_with_field_rule_and_way_out(
    fact_type: object, data: object, more: Mapping[str, object], problem: Problem
) -> None:
    assert problems_of({"type": fact_type, "occurred_on": ON, "data": data, **more}) == (problem,)


NO_DATE = "occurred_on is not a date that exists; check day and month"
NO_FORMAT = "occurred_on must be a date written YYYY-MM-DD"


@pytest.mark.parametrize(
    ("written", "code", "message"),
    [
        ("2025-02-29", "no_such_date", NO_DATE),
        ("2025-04-31", "no_such_date", NO_DATE),
        ("2025-13-01", "no_such_date", NO_DATE),
        ("2025-00-10", "no_such_date", NO_DATE),
        ("0000-01-01", "no_such_date", NO_DATE),
        ("2025-2-3", "date_format", NO_FORMAT),
        ("20250203", "date_format", NO_FORMAT),
        ("03.02.2025", "date_format", NO_FORMAT),
        ("2025-02-03T00:00:00Z", "date_format", NO_FORMAT),
        ("\uff12\uff10\uff12\uff15-02-03", "date_format", NO_FORMAT),
        ("2025-02-03 ", "date_format", NO_FORMAT),
        ("", "date_format", NO_FORMAT),
        (20250203, "date_format", NO_FORMAT),
        (1738540800, "date_format", NO_FORMAT),
        (None, "date_format", NO_FORMAT),
        (True, "date_format", NO_FORMAT),
        ([2025, 2, 3], "date_format", NO_FORMAT),
    ],
)
def test_a_date_that_does_not_exist_or_is_written_otherwise(written: object, code: str, message: str) -> None:
    assert problems_of({"type": "died", "occurred_on": written}) == (Problem("occurred_on", code, message),)


def test_a_date_inside_the_payload_is_named_by_its_path() -> None:
    raw = {"type": "mrd_reported", "occurred_on": ON, "data": {**MRD, "sample_on": "2025-02-30"}}

    (problem,) = problems_of(raw)
    assert (problem.field, problem.code) == ("data.sample_on", "no_such_date")


def test_every_problem_is_named_at_once_and_none_twice() -> None:
    found = problems_of({"type": "response_assessed", "occurred_on": "soon", "data": {"wbc": -1, "hb": 9}, "by": "me"})

    assert {problem.field for problem in found} == {
        "occurred_on",
        "by",
        "data.marrow_blasts_percent",
        "data.final",
        "data.wbc",
        "data.hb",
    }
    assert len(found) == 6


@pytest.mark.parametrize("fact_type", FACT_TYPES)
def test_no_fact_type_takes_a_field_it_does_not_know(fact_type: str) -> None:
    least: Mapping[str, object] = REGISTERED if fact_type == "patient_registered" else LEAST[fact_type]
    found = problems_of({"type": fact_type, "occurred_on": ON, "data": {**least, "colour": "red"}})

    assert [(problem.field, problem.code) for problem in found] == [("data.colour", "extra_forbidden")]


@pytest.mark.parametrize("fact_type", FACT_TYPES)
def test_every_required_field_of_every_fact_type_is_asked_for_by_name(fact_type: str) -> None:
    least: Mapping[str, object] = REGISTERED if fact_type == "patient_registered" else LEAST[fact_type]
    fields = PAYLOADS[fact_type].model_fields
    required = {field.alias or name for name, field in fields.items() if field.is_required()}
    for name in required:
        data = {key: value for key, value in least.items() if key != name}
        (problem,) = problems_of({"type": fact_type, "occurred_on": ON, "data": data})
        assert problem == Problem(f"data.{name}", "missing", f"data.{name} is required")


@pytest.mark.parametrize("written", [[], {}, 5, 1.5, True, {"at": ON}])
def test_a_type_that_is_no_text_is_answered_and_not_a_crash(written: object) -> None:
    (problem,) = problems_of({"type": written, "occurred_on": ON})

    assert (problem.field, problem.code) == ("type", "unknown_type")
    assert "known types: patient_registered, relapse_diagnosed" in problem.message


@pytest.mark.parametrize(
    ("data", "field", "meant"),
    [
        ({"findings": {"marrow_blasts": 3}}, "data.findings.marrow_blasts", "marrow_blasts_percent"),
        ({"relapse_sit": "isolated_bm"}, "data.relapse_sit", "relapse_site"),
    ],
)
def test_a_mistyped_field_is_told_what_it_may_have_meant(data: dict[str, object], field: str, meant: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_fact({"type": "relapse_diagnosed", "occurred_on": "2025-01-01", "data": data})
    told = {problem.field: problem.message for problem in refused.value.problems}
    assert told[field] == f"{field} is not a field here; did you mean {meant}?"
