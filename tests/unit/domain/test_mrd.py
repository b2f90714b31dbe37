"""A residual disease result is exact, carries its unit, and does not contradict itself."""

from decimal import Decimal
from typing import Any

import pytest

from tests.facts import MRD
from workflow.domain.errors import InvalidInputError
from workflow.domain.facts.fact import payload_json
from workflow.domain.facts.read import read_payload
from workflow.domain.facts.response import MrdMeasured, MrdReported, mrd_fraction


def reported(**changes: object) -> MrdReported:
    data: dict[str, Any] = {name: value for name, value in {**MRD, **changes}.items() if value is not None}
    payload = read_payload("mrd_reported", data)
    assert isinstance(payload, MrdReported)
    return payload


def problem_of(**changes: object) -> tuple[str, str]:
    with pytest.raises(InvalidInputError) as refused:
        reported(**changes)
    (problem,) = refused.value.problems
    return problem.field, problem.code


@pytest.mark.parametrize(
    ("written", "unit", "fraction"),
    [
        ("0.0005", "fraction", "0.0005"),
        ("0.05", "percent", "0.0005"),
        ("0.01", "percent", "0.0001"),
        ("0.1", "percent", "0.001"),
        ("100", "percent", "1"),
        ("0", "percent", "0"),
        ("-4", "log10", "0.0001"),
        ("0", "log10", "1"),
        ("0.12345678901234567890123456789012345678", "percent", "0.0012345678901234567890123456789012345678"),
    ],
)
def test_units_are_converted_without_rounding(written: str, unit: str, fraction: str) -> None:
    assert mrd_fraction(Decimal(written), unit) == Decimal(fraction)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("0.00050", "0.00050"),
        ("0.0005", "0.0005"),
        (0.0005, "0.0005"),
        (0.00005, "0.00005"),
        (1, "1"),
        (0, "0"),
        ("5e-4", "0.0005"),
        ("1E-7", "1E-7"),
    ],
)
def test_a_value_keeps_the_digits_it_was_written_with(sent: object, kept: str) -> None:
    payload = reported(value=sent)

    assert str(payload.value) == kept
    assert f'"value":"{kept}"' in payload_json(payload)


@pytest.mark.parametrize("value", ["0", "1", "0.0", "1.000"])
def test_nothing_and_everything_are_possible_fractions(value: str) -> None:
    assert reported(value=value).value == Decimal(value)


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        ("-0.0001", "fraction"),
        ("1.0001", "fraction"),
        ("100.0001", "percent"),
        ("100.0000000000000000000000000000000001", "percent"),
        ("-1", "percent"),
        ("0.1", "log10"),
    ],
)
def test_what_is_no_share_of_cells_is_refused(value: str, unit: str) -> None:
    assert problem_of(value=value, unit=unit) == ("data.value", "mrd_out_of_range")


@pytest.mark.parametrize("field", ["below", "sensitivity", "quantitative_range"])
def test_every_number_of_a_result_is_checked_in_its_unit(field: str) -> None:
    changes: dict[str, object] = {"value": None} if field == "below" else {}

    assert problem_of(**{**changes, field: "1.5"}) == (f"data.{field}", "mrd_out_of_range")


def test_not_detected_is_said_with_the_sensitivity() -> None:
    payload = reported(value=None, below="0.0001")

    assert (payload.value, payload.below) == (None, Decimal("0.0001"))


@pytest.mark.parametrize("changes", [{"value": None}, {"below": "0.0001"}])
def test_exactly_one_of_value_and_sensitivity_is_needed(changes: dict[str, object]) -> None:
    assert problem_of(**changes) == ("data.value", "mrd_value")


@pytest.mark.parametrize("unit", [None, "ppm", "%", "Percent", ""])
def test_without_one_of_the_units_it_is_refused(unit: str | None) -> None:
    field, code = problem_of(unit=unit)

    assert field == "data.unit"
    assert code == ("mrd_unit_missing" if unit is None else "literal_error")


@pytest.mark.parametrize("result", ["not_evaluable", "no_marker"])
def test_what_was_not_measured_has_no_value(result: str) -> None:
    assert reported(result=result, value=None, unit=None).result == result
    assert problem_of(result=result) == ("data.value", "mrd_contradiction")
    assert problem_of(result=result, value=None, below="0.001") == ("data.value", "mrd_contradiction")


def test_a_negative_result_has_no_positive_value() -> None:
    assert reported(result="negative", value="0").result == "negative"
    assert problem_of(result="negative", value="0.0001") == ("data.value", "mrd_contradiction")


def test_positive_but_not_quantifiable_needs_no_value() -> None:
    assert reported(result="positive_not_quantifiable", value=None).value is None


@pytest.mark.parametrize(
    ("written", "unit", "also", "its_unit"),
    [
        ("0.01", "percent", "0.0001", "fraction"),
        ("0.0001", "fraction", "0.010", "percent"),
        ("0.01", "percent", "0.01", "percent"),
        ("0.01", "percent", "-4", "log10"),
        ("-4", "log10", "0.01", "percent"),
        # a logarithm is printed rounded: it agrees to the digits that are there
        ("0.05", "percent", "-3.3", "log10"),
        ("0.05", "percent", "-3.301", "log10"),
        ("-3.30", "log10", "0.0005", "fraction"),
        ("0", "percent", "0", "fraction"),
    ],
)
def test_a_report_may_print_one_result_in_two_units(written: str, unit: str, also: str, its_unit: str) -> None:
    payload = reported(value=written, unit=unit, also={"value": also, "unit": its_unit})

    assert payload.also is not None
    assert (str(payload.also.value), payload.also.unit) == (also, its_unit)
    assert f'"also":{{"unit":"{its_unit}","value":"{also}"}}' in payload_json(payload)


@pytest.mark.parametrize(
    ("written", "unit", "also", "its_unit", "said"),
    [
        # the misprints of the review: both are wrong by ten (C22)
        ("0.01", "percent", "0.001", "fraction", "0.01 percent is 0.0001 as a fraction, not 0.001"),
        ("0.001", "percent", "0.0001", "fraction", "0.001 percent is 0.00001 as a fraction, not 0.0001"),
        ("0.0001", "fraction", "0.1", "percent", "0.0001 fraction is 0.01 in percent, not 0.1"),
        ("0.01", "percent", "-3", "log10", "0.01 percent is -4.0000 in log10, not -3"),
        ("0.05", "percent", "-3.31", "log10", "0.05 percent is -3.3010 in log10, not -3.31"),
        ("-4", "log10", "0.001", "percent", "-4 log10 is 0.01 in percent, not 0.001"),
        ("0", "percent", "-6", "log10", "0 percent is no number in log10, not -6"),
        ("0.01", "percent", "0.02", "percent", "0.01 percent, not 0.02"),
        ("1e-900", "fraction", "1e-900", "percent", "1E-900 fraction is 1E-898 in percent, not 1E-900"),
    ],
)
def test_a_report_whose_two_numbers_disagree_is_refused(
    written: str, unit: str, also: str, its_unit: str, said: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        reported(value=written, unit=unit, also={"value": also, "unit": its_unit})
    (problem,) = refused.value.problems

    assert (problem.field, problem.code) == ("data.also.value", "mrd_contradiction")
    assert f"{said}: one of the two is a misprint; check the report" in problem.message


def test_the_second_number_is_compared_with_the_sensitivity_where_nothing_was_detected() -> None:
    not_detected: dict[str, object] = {"value": None, "below": "0.01", "unit": "percent"}

    assert reported(**not_detected, also={"value": "0.0001", "unit": "fraction"}).below == Decimal("0.01")
    disagrees = problem_of(**not_detected, also={"value": "0.001", "unit": "fraction"})
    assert disagrees == ("data.also.value", "mrd_contradiction")


@pytest.mark.parametrize("result", ["not_evaluable", "no_marker", "positive_not_quantifiable"])
def test_a_second_number_needs_a_first_one(result: str) -> None:
    alone = problem_of(result=result, value=None, also={"value": "0.001", "unit": "fraction"})

    assert alone == ("data.also.value", "mrd_contradiction")


@pytest.mark.parametrize(("also", "unit"), [("1.5", "fraction"), ("-1", "percent"), ("0.5", "log10")])
def test_a_second_number_that_is_no_share_of_cells_is_refused(also: str, unit: str) -> None:
    assert problem_of(also={"value": also, "unit": unit}) == ("data.also.value", "mrd_out_of_range")


@pytest.mark.parametrize(("also", "field"), [({"value": "0.05"}, "unit"), ({"unit": "percent"}, "value")])
def test_a_second_number_needs_its_unit(also: dict[str, str], field: str) -> None:
    assert problem_of(also=also) == (f"data.also.{field}", "missing")


def test_a_result_may_be_measured_without_the_day_of_its_sample_but_not_reported_of_a_patient() -> None:
    undated = {name: value for name, value in MRD.items() if name != "sample_on"}

    assert MrdMeasured.model_validate(undated).sample_on is None
    assert problem_of(sample_on=None) == ("data.sample_on", "missing")
