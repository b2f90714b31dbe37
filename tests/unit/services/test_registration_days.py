"""A registration speaks of the past: each day that cannot be is named, with the way out."""

from datetime import date

import pytest

from workflow.domain.errors import InvalidInputError
from workflow.services.register_patient import read_registration, require_possible_days

TODAY = date(2025, 3, 1)
POSSIBLE = {"pseudonym": "A", "site": "berlin", "diagnosis_date": "2021-01-01", "phenotype": "BCP"}


@pytest.mark.parametrize(
    ("changes", "field", "code", "way_out"),
    [
        ({"diagnosis_date": "2025-03-02"}, "diagnosis_date", "in_the_future", "check it"),
        ({"occurred_on": "2025-03-02"}, "occurred_on", "in_the_future", "leave it out for today"),
        ({"occurred_on": "2020-12-31"}, "occurred_on", "before_anchor", "check both"),
        ({"frontline_end_date": "2025-03-02"}, "frontline_end_date", "in_the_future", "frontline_ongoing: true"),
    ],
)
def test_an_impossible_day_is_refused_by_name(changes: dict[str, str], field: str, code: str, way_out: str) -> None:
    draft = read_registration(POSSIBLE | changes, default_day=TODAY)
    with pytest.raises(InvalidInputError) as refused:
        require_possible_days(draft, TODAY)
    (problem,) = refused.value.problems
    assert (problem.field, problem.code) == (field, code)
    assert field in problem.message
    assert way_out in problem.message


def test_days_up_to_today_are_possible() -> None:
    draft = read_registration(POSSIBLE | {"frontline_end_date": "2025-03-01"}, default_day=TODAY)
    require_possible_days(draft, TODAY)
