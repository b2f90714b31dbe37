"""A registration carries dates that can be, and says which of two is wrong."""

from typing import Any

import pytest

from tests.facts import REGISTERED
from workflow.domain.errors import InvalidInputError, Problem
from workflow.domain.facts.read import read_payload


def registered_with(**changes: object) -> tuple[Problem, ...]:
    data = {name: value for name, value in {**REGISTERED, **changes}.items() if value is not None}
    try:
        read_payload("patient_registered", data)
    except InvalidInputError as invalid:
        return invalid.problems
    return ()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"frontline_ongoing": True}, "data.frontline_ongoing", "excludes frontline_end_date; send one of them"),
        ({"frontline_end_date": "2022-02-28"}, "data.frontline_end_date", "lies before diagnosis_date"),
        ({"birth_date": "2022-03-02"}, "data.birth_date", "lies after diagnosis_date"),
    ],
)
def test_dates_that_exclude_each_other_are_named(changes: dict[str, Any], field: str, words: str) -> None:
    (problem,) = registered_with(**changes)

    assert (problem.field, problem.code) == (field, "date_order")
    assert words in problem.message


@pytest.mark.parametrize(
    "changes",
    [
        {"frontline_end_date": None, "frontline_ongoing": True},
        {"frontline_end_date": None},
        {"frontline_ongoing": False},
        {"frontline_end_date": "2022-03-01"},
        {"birth_date": "2022-03-01"},
        {"sex": None},
    ],
)
def test_dates_on_the_boundary_and_unknown_ones_are_taken(changes: dict[str, Any]) -> None:
    assert registered_with(**changes) == ()


@pytest.mark.parametrize(("field", "value"), [("phenotype", "B"), ("sex", "m"), ("ph_status", True), ("pseudonym", "")])
def test_a_value_that_is_not_offered_is_refused(field: str, value: object) -> None:
    (problem,) = registered_with(**{field: value})
    assert problem.field == f"data.{field}"
