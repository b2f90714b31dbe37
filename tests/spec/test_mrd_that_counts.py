"""Which residual disease result counts for a strategy, which of several, and what is said where none does."""

import pytest

from tests.spec.mrd_results import BFM, COG, I_BFM, LOOKS_AT, UK, advice, measured, reading, result, why
from workflow.domain.facts.treatment import Strategy


@pytest.mark.parametrize("strategy", LOOKS_AT)
@pytest.mark.parametrize("method", ["FLOW", "PCR", "NGS"])
@pytest.mark.parametrize(
    "timepoint",
    [
        "END_BLOCK_1",
        "END_BLOCK_2",
        "END_BLOCK_3",
        "END_INDUCTION",
        "AFTER_INDUCTION_COURSE_2",
        "WEEK_5",
        "WEEK_12",
        "PRE_HSCT",
        "OTHER",
    ],
)
def test_a_result_counts_only_by_the_method_and_at_the_time_point_of_the_strategy(
    strategy: Strategy, method: str, timepoint: str
) -> None:
    high = measured(method, timepoint, value="0.5", unit="fraction")
    counts = strategy == I_BFM or (method, timepoint) == LOOKS_AT[strategy]

    assert reading(strategy, high).level == ("positive" if counts else None)
    assert advice(strategy, high).decision == ("HSCT" if counts else "NEED_MRD")


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        # the latest sample
        ([("2025-02-03", "0.01"), ("2025-02-10", "0.0001")], "negative"),
        ([("2025-02-03", "0.0001"), ("2025-02-10", "0.01")], "positive"),
        # on equal days the higher
        ([("2025-02-03", "0.0001"), ("2025-02-03", "0.01")], "positive"),
        ([("2025-02-03", "0.01"), ("2025-02-03", "0.0001")], "positive"),
        # without a day: the earliest of all
        ([(None, "0.01"), ("2025-02-03", "0.0001")], "negative"),
        ([(None, "0.0001"), ("2025-02-03", "0.01")], "positive"),
        ([(None, "0.0001"), (None, "0.01")], "positive"),
    ],
)
def test_of_several_results_the_latest_sample_counts_and_on_equal_days_the_higher(
    results: list[tuple[str | None, str]], expected: str
) -> None:
    assert reading(BFM, *(result(BFM, sample_on=day, value=value) for day, value in results)).level == expected


def test_the_higher_of_a_day_is_found_across_units_without_rounding() -> None:
    a_hair_below = result(BFM, sample_on="2025-02-03", value="-3.00000000000000000000000000000000001", unit="log10")
    at_the_cut_off = result(BFM, sample_on="2025-02-03", value="0.1", unit="percent")

    assert reading(BFM, a_hair_below, at_the_cut_off).level == "positive"
    assert reading(BFM, at_the_cut_off, a_hair_below).level == "positive"


def test_a_day_with_an_open_and_a_negative_result_is_open() -> None:
    negative = result(BFM, sample_on="2025-02-03", value="0.0001")
    open_ = result(BFM, sample_on="2025-02-03", below="0.01")

    assert reading(BFM, negative, open_).level is None
    assert reading(BFM, negative, open_, result(BFM, sample_on="2025-02-03", value="0.002")).level == "positive"


def test_a_later_sample_that_decides_nothing_hides_an_earlier_one_and_one_without_result_does_not() -> None:
    earlier = result(BFM, sample_on="2025-02-03", value="0.0001")
    open_ = result(BFM, sample_on="2025-02-10", below="0.01")
    without = measured(*LOOKS_AT[BFM], sample_on="2025-02-10", result="not_evaluable")

    assert reading(BFM, earlier, open_).level is None
    assert reading(BFM, earlier, without).level == "negative"


def test_a_result_at_another_point_does_not_replace_one_that_counts_however_late_it_is() -> None:
    counts = result(BFM, sample_on="2025-02-03", value="0.0001")
    later = measured("PCR", "WEEK_12", sample_on="2025-05-03", value="0.5", unit="fraction")

    assert advice(BFM, counts, later).decision == "CHEMO_MAINT"
    assert advice(I_BFM, counts, later).decision == "HSCT"


@pytest.mark.parametrize(
    ("strategy", "point"),
    [
        (BFM, "PCR at AFTER_INDUCTION_COURSE_2, cut-off 0.001 (0.1 percent)"),
        (UK, "PCR at END_INDUCTION, cut-off 0.0001 (0.01 percent)"),
        (I_BFM, "any method at any time point, cut-offs 0.0001 (0.01 percent) and 0.001 (0.1 percent)"),
        (COG, "FLOW at END_BLOCK_1, cut-off 0.0001 (0.01 percent)"),
    ],
)
def test_a_missing_result_is_named_by_method_time_point_and_cut_off(strategy: Strategy, point: str) -> None:
    assert f"missing: a result by {point}" in why(strategy)


def test_it_says_why_a_result_on_file_does_not_count() -> None:
    by_flow = measured("FLOW", "AFTER_INDUCTION_COURSE_2", sample_on="2025-02-03", value="0.050", unit="percent")

    assert "FLOW at AFTER_INDUCTION_COURSE_2, sample of 2025-02-03: 0.050 percent (another method)" in why(BFM, by_flow)
    assert "0.050 percent (another method and another time point)" in why(UK, by_flow)
    insensitive = result(BFM, below="1", unit="percent")
    assert "not detected, below 1 percent does not decide: its sensitivity does not reach the cut-off" in why(
        BFM, insensitive
    )


def test_a_reading_shows_its_arithmetic_in_the_unit_of_the_result() -> None:
    assert "0.05 percent; 0.05 < 0.1 percent: below the cut-off" in why(BFM, result(BFM, value="0.05", unit="percent"))
    assert "-2.5 log10; -2.5 >= -3 log10: at or above the cut-off" in why(BFM, result(BFM, value="-2.5", unit="log10"))
    assert "below 0.001 fraction; 0.001 <= 0.001 fraction: below the cut-off" in why(BFM, result(BFM, below="0.001"))


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("0.00005", "0.00005 < 0.0001 fraction: below both cut-offs"),
        ("0.0005", "0.0001 <= 0.0005 and 0.0005 < 0.001 fraction: between the cut-offs"),
        ("0.005", "0.005 >= 0.001 fraction: at or above both cut-offs"),
    ],
)
def test_a_reading_says_where_a_result_lies_and_calls_no_measured_amount_negative(value: str, place: str) -> None:
    said = reading(I_BFM, result(I_BFM, value=value)).text

    assert place in said
    assert "negative" not in said
    assert "positive" not in said


def test_of_two_results_of_one_day_it_is_said_which_one_counts() -> None:
    between = result(I_BFM, value="0.0005", sample_on="2025-02-03")
    higher = result(I_BFM, value="0.2", unit="percent", sample_on="2025-02-03")
    said = why(I_BFM, between, higher)

    assert "0.0005 < 0.001 fraction: between the cut-offs; " in said
    assert "0.2 >= 0.1 percent: at or above both cut-offs; of these the higher counts: 0.2 percent." in said
    assert "this result" not in said
    assert "the higher counts" not in why(I_BFM, higher)
    assert "the higher counts" not in why(I_BFM, higher, result(I_BFM, value="0.5", sample_on="2025-02-03"))


@pytest.mark.parametrize(("strategy", "rule"), [(BFM, "CD-004"), (UK, "CD-011"), (I_BFM, "CD-015"), (COG, "CD-022")])
def test_where_no_result_will_come_the_decision_is_an_individual_one(strategy: Strategy, rule: str) -> None:
    method, timepoint = LOOKS_AT[strategy]
    answer = advice(strategy, without=(timepoint,))

    assert (answer.decision, answer.rule, answer.conditional_on) == ("INDIVIDUAL", rule, None)
    assert "no result will come" in why(strategy, without=(timepoint,))
    insensitive = measured(method, timepoint, below="0.1", unit="fraction")
    assert advice(strategy, insensitive, without=(timepoint,)).decision == "INDIVIDUAL"


def test_a_result_that_came_after_all_counts_and_another_point_without_result_changes_nothing() -> None:
    assert advice(BFM, result(BFM, value="0.5"), without=("AFTER_INDUCTION_COURSE_2",)).decision == "HSCT"
    assert advice(BFM, without=("END_INDUCTION", "WEEK_5")).decision == "NEED_MRD"
