"""Dates, instants, numbers and words are read strictly: nothing is guessed, nothing silently converted."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pydantic_core import PydanticCustomError

from workflow.domain.errors import InvalidInputError
from workflow.domain.facts.base import read_amount, read_day, read_decimal, read_instant, read_measure
from workflow.domain.facts.read import read_fact, read_payload


def code_of(read: Callable[[object], object], value: object) -> str:
    with pytest.raises(PydanticCustomError) as refused:
        read(value)
    return refused.value.type


def problem_code(fact_type: str, **data: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInputError) as refused:
        read_payload(fact_type, data)
    return [(problem.field, problem.code) for problem in refused.value.problems]


@pytest.mark.parametrize("value", ["2024-02-29", date(2024, 2, 29)])
def test_a_day_is_read_from_its_written_form(value: object) -> None:
    assert read_day(value) == date(2024, 2, 29)


@pytest.mark.parametrize("value", [datetime(2024, 2, 29, tzinfo=UTC), 20240229, 1.5, True, None, "2024-2-29", b"2024"])
def test_nothing_else_is_a_day(value: object) -> None:
    assert code_of(read_day, value) == "date_format"


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-01-31T08:30:00+01:00", datetime(2026, 1, 31, 7, 30, tzinfo=UTC)),
        ("2026-01-31T08:30:00Z", datetime(2026, 1, 31, 8, 30, tzinfo=UTC)),
        ("2026-01-31T00:10:00+14:00", datetime(2026, 1, 30, 10, 10, tzinfo=UTC)),
    ],
)
def test_an_instant_is_kept_in_utc(written: str, instant: datetime) -> None:
    assert read_instant(written) == instant
    assert read_instant(written).tzinfo is UTC


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2026-01-31T08:30:00", "instant_offset"),
        ("2026-01-31", "instant_offset"),
        ("yesterday", "instant_format"),
        ("2026-02-30T08:30:00Z", "instant_format"),
        ("0001-01-01T00:00:00+14:00", "instant_format"),
        ("9999-12-31T23:59:59-12:00", "instant_format"),
        (1767168000, "instant_offset"),
        (None, "instant_offset"),
    ],
)
def test_a_time_without_offset_or_out_of_every_calendar_is_no_instant(value: object, code: str) -> None:
    assert code_of(read_instant, value) == code


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (1, "1"),
        (0.1, "0.1"),
        ("0.10", "0.10"),
        ("-3", "-3"),
        ("1e-3", "0.001"),
        (Decimal("2.50"), "2.50"),
        (1e22, "1E+22"),
    ],
)
def test_a_decimal_is_read_from_a_number_or_its_written_form(value: object, read: str) -> None:
    assert str(read_decimal(value)) == read


@pytest.mark.parametrize(
    "value",
    [
        True,
        None,
        "",
        "NaN",
        "Infinity",
        "-inf",
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        "1,5",
        "1_000",
        "0x1f",
        " 1",
        "1 ",
        "+1",
        ".5",
        "5.",
        "1" * 41,
        10**50,
        "1e9999999",
        "1e-9999999",
        "\u0665",
        [],
        {},
    ],
)
def test_nothing_else_is_a_decimal(value: object) -> None:
    assert code_of(read_decimal, value) == "decimal_format"


def test_a_measure_is_finite() -> None:
    assert read_measure("12.5") == 12.5
    assert code_of(read_measure, "1e400") == "decimal_format"


@pytest.mark.parametrize("value", ["62%", "5/µl", "12,5", True, None])
def test_what_is_no_measure_is_told_how_one_is_written(value: object) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        read_measure(value)

    assert refused.value.message() == "must be a number, like 12.5, without a unit or percent sign"


@pytest.mark.parametrize("value", ["<0.0001", "negative", "0.01%"])
def test_what_is_no_amount_of_residual_disease_is_told_how_one_below_the_limit_is_sent(value: str) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        read_amount(value)

    assert refused.value.type == "decimal_format"
    assert "a result below its detection limit is sent as below: 0.0001, without value" in refused.value.message()


@pytest.mark.parametrize("value", ["1", "true", "false", 1, 0, "yes", 1.0])
def test_true_and_false_are_not_read_from_anything_else(value: object) -> None:
    assert problem_code("response_assessed", marrow_blasts_percent=1, final=value) == [("data.final", "bool_type")]


def test_who_sends_a_word_for_true_or_false_is_told_the_two() -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_payload("block_decision", {"continue": "yes", "reason": "in good condition"})

    assert [problem.message for problem in refused.value.problems] == ["data.continue must be true or false"]


@pytest.mark.parametrize("value", ["3", 3.0, True, "three"])
def test_a_whole_number_is_not_read_from_anything_else(value: object) -> None:
    assert problem_code("toxicity_recorded", kind="mucositis", grade=value) == [("data.grade", "int_type")]


@pytest.mark.parametrize(
    ("value", "code"), [(0, "greater_than_equal"), (6, "less_than_equal"), (10**30, "less_than_equal")]
)
def test_a_grade_lies_between_1_and_5(value: int, code: str) -> None:
    assert problem_code("toxicity_recorded", kind="mucositis", grade=value) == [("data.grade", code)]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "string_too_short"),
        ("a" * 81, "string_too_long"),
        ("R1\n", "string_pattern_mismatch"),
        ("R\x001", "string_pattern_mismatch"),
        (1, "string_type"),
        (None, "string_type"),
        ("\ud800", "string_unicode"),
    ],
)
def test_a_code_is_a_short_word_without_control_characters(value: object, code: str) -> None:
    assert problem_code("block_started", element=value) == [("data.element", code)]


def test_a_note_may_have_lines_and_any_script() -> None:
    text = "Fieber seit gestern\nBlutkultur: čeká se\t家族に説明済み"
    assert read_payload("note_added", {"text": text}).model_dump() == {"text": text}


@pytest.mark.parametrize("value", [1, 1.5, "1", "1.5"])
def test_a_measurement_may_be_a_number_or_its_written_form(value: object) -> None:
    payload = read_payload("counts_recorded", {"anc": value})
    assert payload.model_dump()["anc"] == float(str(value))


def test_a_payload_cannot_be_changed() -> None:
    payload = read_payload("note_added", {"text": "seen"})
    with pytest.raises(ValueError, match="frozen"):
        payload.text = "not seen"  # type: ignore[attr-defined]


def test_a_fact_carries_what_it_was_sent_with() -> None:
    draft = read_fact(
        {
            "type": "block_started",
            "occurred_on": "2025-02-03",
            "data": {"element": "R1", "attempt": 2},
            "certainty": "estimated",
            "note": "from the discharge letter",
            "override": {"code": "given_as_ordered", "ordered_by": "treating_doctor"},
            "external_id": "ward-17",
            "recorded_at": "2025-02-04T09:00:00+01:00",
        }
    )

    assert (draft.type, draft.occurred_on) == ("block_started", date(2025, 2, 3))
    assert draft.data.model_dump() == {"element": "R1", "attempt": 2}
    assert (draft.certainty, draft.note, draft.external_id) == ("estimated", "from the discharge letter", "ward-17")
    assert draft.override is not None
    assert (draft.override.code, draft.override.ordered_by) == ("given_as_ordered", "treating_doctor")
    assert draft.source_recorded_at == datetime(2025, 2, 4, 8, 0, tzinfo=UTC)


def test_a_fact_without_extras_is_exact() -> None:
    draft = read_fact({"type": "died", "occurred_on": "2025-02-03"})

    assert (draft.certainty, draft.note, draft.override, draft.external_id) == ("exact", None, None, None)
