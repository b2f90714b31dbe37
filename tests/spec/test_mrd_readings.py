"""When a residual disease result is positive, negative or says nothing at the point where a strategy looks."""

from dataclasses import replace
from typing import Any

import pytest

from tests.spec.mrd_results import BFM, COG, I_BFM, LOOKS_AT, UK, advice, level, measured, reading, result, why
from tests.spec.relapse_dates import a_case
from workflow.domain.facts.treatment import Strategy
from workflow.knowledge.classify import classify


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("0.00099999999999999999999999999999999999", "fraction", "negative"),
        ("0.001", "fraction", "positive"),
        ("0.0010", "fraction", "positive"),
        ("1e-3", "fraction", "positive"),
        ("0.00100000000000000000000000000000000001", "fraction", "positive"),
        ("0.0999999999999999999999999999999999999", "percent", "negative"),
        ("0.1", "percent", "positive"),
        ("0.100000000000000000000000000000000001", "percent", "positive"),
        ("-3.00000000000000000000000000000000001", "log10", "negative"),
        ("-3", "log10", "positive"),
        ("-3.0", "log10", "positive"),
        ("-2.99999999999999999999999999999999999", "log10", "positive"),
        # between the two printed cut-offs: a molecular good responder
        ("0.0001", "fraction", "negative"),
        ("0.01", "percent", "negative"),
        ("1", "fraction", "positive"),
        ("0", "log10", "positive"),
    ],
)
def test_bfm_calls_a_result_positive_from_one_in_a_thousand_on(value: str, unit: str, expected: str) -> None:
    assert level(BFM, value=value, unit=unit) == expected


@pytest.mark.parametrize("strategy", [UK, COG])
@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("0.0000999999999999999999999999999999999", "fraction", "negative"),
        ("0.0001", "fraction", "positive"),
        ("0.000100000000000000000000000000000001", "fraction", "positive"),
        ("0.00999999999999999999999999999999999", "percent", "negative"),
        ("0.01", "percent", "positive"),
        ("0.001", "percent", "negative"),
        ("-4.00000000000000000000000000000000001", "log10", "negative"),
        ("-4", "log10", "positive"),
        ("-3.99999999999999999999999999999999999", "log10", "positive"),
        ("0.001", "fraction", "positive"),
    ],
)
def test_the_uk_and_cog_call_a_result_positive_from_one_in_ten_thousand_on(
    strategy: Strategy, value: str, unit: str, expected: str
) -> None:
    assert level(strategy, value=value, unit=unit) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected", "decision"),
    [
        ("0.0000999999", "fraction", "negative", "CHEMO_MAINT"),
        ("0.0001", "fraction", "between", "NEED_THRESHOLD"),
        ("0.0009999999", "fraction", "between", "NEED_THRESHOLD"),
        ("0.001", "fraction", "positive", "HSCT"),
        ("0.00999", "percent", "negative", "CHEMO_MAINT"),
        ("0.01", "percent", "between", "NEED_THRESHOLD"),
        ("0.1", "percent", "positive", "HSCT"),
        ("-4.01", "log10", "negative", "CHEMO_MAINT"),
        ("-4", "log10", "between", "NEED_THRESHOLD"),
        ("-3", "log10", "positive", "HSCT"),
    ],
)
def test_where_no_cut_off_is_printed_only_what_all_printed_ones_agree_on_counts(
    value: str, unit: str, expected: str, decision: str
) -> None:
    assert level(I_BFM, value=value, unit=unit) == expected
    assert advice(I_BFM, result(I_BFM, value=value, unit=unit)).decision == decision


@pytest.mark.parametrize(
    ("strategy", "below", "unit", "expected"),
    [
        (BFM, "0.0001", "fraction", "negative"),
        (BFM, "0.001", "fraction", "negative"),
        (BFM, "0.001000001", "fraction", None),
        (BFM, "0.1", "percent", "negative"),
        (BFM, "0.11", "percent", None),
        (BFM, "-3", "log10", "negative"),
        (BFM, "-2.9", "log10", None),
        (UK, "0.0001", "fraction", "negative"),
        (UK, "0.00011", "fraction", None),
        (COG, "0.01", "percent", "negative"),
        (COG, "0.02", "percent", None),
        (I_BFM, "0.0001", "fraction", "negative"),
        (I_BFM, "0.0005", "fraction", None),
        (I_BFM, "0.01", "fraction", None),
    ],
)
def test_not_detected_is_negative_only_where_its_sensitivity_reaches_the_cut_off(
    strategy: Strategy, below: str, unit: str, expected: str | None
) -> None:
    assert level(strategy, below=below, unit=unit) == expected


def test_not_detected_reaches_no_further_than_the_sensitivity_that_is_stated_beside_it() -> None:
    assert level(BFM, below="0.0001", sensitivity="0.0005") == "negative"
    assert level(BFM, below="0.0001", sensitivity="0.01") is None
    assert level(BFM, below="0.01", sensitivity="0.0001") is None


@pytest.mark.parametrize(
    ("strategy", "sensitivity", "expected"),
    [
        (BFM, None, None),
        (BFM, "0.001", "negative"),
        (BFM, "0.0011", None),
        (UK, "0.0001", "negative"),
        (UK, "0.001", None),
    ],
)
def test_a_zero_says_nothing_where_its_sensitivity_does_not_reach_the_cut_off(
    strategy: Strategy, sensitivity: str | None, expected: str | None
) -> None:
    assert level(strategy, value="0", sensitivity=sensitivity) == expected


def test_a_number_under_its_own_sensitivity_may_be_anything_up_to_it() -> None:
    assert level(UK, value="0.00001", sensitivity="0.001") is None
    assert level(UK, value="0.00001", sensitivity="0.0001") == "negative"
    assert level(UK, value="0.0005", sensitivity="0.001") == "positive"


@pytest.mark.parametrize("strategy", LOOKS_AT)
@pytest.mark.parametrize("kind", ["value", "below"])
@pytest.mark.parametrize("zero", ["0", "0.000"])
def test_a_bare_zero_leaves_a_result_to_be_asked_for(strategy: Strategy, kind: str, zero: str) -> None:
    bare = result(strategy, **{kind: zero}, sample_on="2025-02-03")

    assert advice(strategy, bare).decision == "NEED_MRD"
    assert f"{zero} without its sensitivity: send below with the sensitivity" in why(strategy, bare)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"below": "0"}, None),
        ({"below": "0", "unit": "percent"}, None),
        ({"below": "1e-13"}, None),
        ({"below": "-12.1", "unit": "log10"}, None),
        ({"below": "-12", "unit": "log10"}, "negative"),
        ({"below": "0", "sensitivity": "0"}, None),
        ({"below": "0", "sensitivity": "0.0001"}, "negative"),
        ({"below": "0.01", "sensitivity": "0"}, None),
        ({"value": "0", "sensitivity": "0"}, None),
        ({"value": "-400", "unit": "log10"}, None),
        ({"value": "-400", "unit": "log10", "sensitivity": "-4"}, "negative"),
        ({"value": "0.0005", "sensitivity": "0"}, "negative"),
        ({"value": "0.005", "sensitivity": "0"}, "positive"),
        ({"result": "positive_not_quantifiable", "below": "0"}, None),
        ({"result": "positive_not_quantifiable", "quantitative_range": "0"}, None),
        ({"result": "positive_not_quantifiable", "quantitative_range": "0", "below": "0.0005"}, "negative"),
    ],
)
def test_a_stored_limit_that_nobody_can_have_measured_says_nothing(data: dict[str, Any], expected: str | None) -> None:
    assert level(BFM, **data) == expected


@pytest.mark.parametrize(
    ("data", "flagged"),
    [
        ({"value": "0"}, True),
        ({"value": "0.000", "unit": "percent"}, True),
        ({"below": "0"}, True),
        ({"value": "0", "sensitivity": "0"}, True),
        ({"value": "0", "sensitivity": "0.0001"}, False),
        ({"value": "0", "unit": "log10"}, False),
        ({"value": "0.00001"}, False),
        ({"below": "0.0001"}, False),
    ],
)
def test_a_bare_zero_is_flagged(data: dict[str, Any], flagged: bool) -> None:
    case = replace(a_case("late", "BCP"), relapse_site="combined_bm", mrd=(result(BFM, **data),))
    found = classify(case)

    assert ("mrd_zero_without_sensitivity" in found.classification.flags) is flagged
    reasons = [reason for reason in found.reasons if reason.about == "flags.mrd_zero_without_sensitivity"]
    assert len(reasons) == flagged


@pytest.mark.parametrize(
    ("strategy", "data", "expected"),
    [
        (BFM, {}, None),
        (BFM, {"sensitivity": "0.0001"}, None),
        (BFM, {"sensitivity": "0.001"}, "positive"),
        (BFM, {"quantitative_range": "0.0005"}, "negative"),
        (BFM, {"quantitative_range": "0.001"}, None),
        (BFM, {"quantitative_range": "0.05", "unit": "percent"}, "negative"),
        (UK, {"sensitivity": "0.0001"}, "positive"),
        (UK, {"sensitivity": "0.00001", "quantitative_range": "0.0005"}, None),
        (UK, {"sensitivity": "0.00001", "quantitative_range": "0.00005"}, "negative"),
        (UK, {"below": "0.0001"}, "negative"),
        (UK, {"below": "0.0002"}, None),
        (I_BFM, {"sensitivity": "0.0001", "quantitative_range": "0.0005"}, "between"),
    ],
)
def test_positive_but_not_quantifiable_lies_between_sensitivity_and_quantitative_range(
    strategy: Strategy, data: dict[str, Any], expected: str | None
) -> None:
    assert level(strategy, result="positive_not_quantifiable", **data) == expected


@pytest.mark.parametrize("strategy", LOOKS_AT)
@pytest.mark.parametrize("said", ["not_evaluable", "no_marker"])
def test_what_was_not_measured_says_nothing(strategy: Strategy, said: str) -> None:
    method, timepoint = LOOKS_AT[strategy]
    unmeasured = measured(method, timepoint, result=said)

    assert reading(strategy, unmeasured).level is None
    assert advice(strategy, unmeasured).decision == "NEED_MRD"
    assert f"{said.replace('_', ' ')} (it says nothing)" in why(strategy, unmeasured)


def test_a_report_that_says_positive_and_not_detected_says_nothing() -> None:
    assert level(BFM, below="0.0001", result="positive_quantified") is None
    assert level(BFM, value="0", result="positive_quantified") is None
    assert level(BFM, value="0.0005", result="positive_quantified") == "negative"
    assert "check the report" in why(BFM, result(BFM, below="0.0001", result="positive_quantified"))
