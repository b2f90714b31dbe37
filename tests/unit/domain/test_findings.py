"""Later findings complete earlier ones, and the chart's remission is read from marrow and blood."""

from typing import Any

import pytest

from workflow.domain.errors import InvalidInputError
from workflow.domain.facts.findings import Csf, Findings
from workflow.domain.facts.read import read_payload
from workflow.domain.facts.response import ResponseAssessed

PROVEN: dict[str, Any] = {"wbc_per_ul": 5, "blasts": True, "rbc_per_ul": 20}


def test_later_findings_replace_what_they_carry_and_leave_the_rest() -> None:
    first = Findings.model_validate({"marrow_blasts_percent": 60, "cns_signs": True, "csf": {"wbc_per_ul": 1}})
    later = Findings.model_validate({"csf": PROVEN, "cns_signs": False})
    merged = first.merged_with(later)

    assert merged.marrow_blasts_percent == 60
    assert merged.cns_signs is False
    assert merged.csf == Csf(**PROVEN)
    assert first.cns_signs is True


@pytest.mark.parametrize("blank", [{"csf": None}, {"csf": {}}, {"other_em": []}, {"testis": None, "cns_mass": None}])
def test_what_is_sent_blank_overwrites_nothing(blank: dict[str, Any]) -> None:
    first = Findings.model_validate(
        {"csf": PROVEN, "cns_mass": True, "other_em": [{"site": "skin", "biopsy": "positive"}]}
    )

    assert first.merged_with(Findings.model_validate(blank)) == first


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ({"marrow_blasts_percent": 62}, "data.marrow_blasts_percent"),
        ({"csf": PROVEN, "cns_mass": True, "weight": 3}, "data.csf, data.cns_mass"),
        ({}, "data.marrow_blasts_percent"),
        (62, "data.marrow_blasts_percent"),
    ],
)
def test_findings_that_are_recorded_later_stand_directly_in_the_data(sent: object, meant: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_payload("findings_recorded", {"findings": sent})

    (problem,) = refused.value.problems
    assert (problem.field, problem.code) == ("data.findings", "misplaced_field")
    assert problem.message == (
        f"data.findings is not a field here: its parts stand directly in data; did you mean {meant}?"
    )


@pytest.mark.parametrize(
    ("marrow", "peripheral", "remission"),
    [
        (4.99, None, True),
        (4.99, False, True),
        (4.99, True, False),
        (5, False, False),
        (0, None, True),
        (30, None, False),
    ],
)
def test_a_remission_is_marrow_under_5_percent_without_blood_blasts(
    marrow: float, peripheral: bool | None, remission: bool
) -> None:
    assessed = ResponseAssessed(marrow_blasts_percent=marrow, peripheral_blasts=peripheral, final=True)

    assert assessed.remission is remission
