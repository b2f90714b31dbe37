"""Findings prove only what the sources say they prove, and later ones complete earlier ones."""

from typing import Any

import pytest

from workflow.domain.facts.findings import Csf, Findings
from workflow.domain.facts.response import ResponseAssessed

PROVEN: dict[str, Any] = {"wbc_per_ul": 5, "blasts": True, "rbc_per_ul": 20}


@pytest.mark.parametrize(
    ("changes", "positive"),
    [
        ({}, True),
        ({"wbc_per_ul": 4}, False),
        ({"wbc_per_ul": 4.9}, False),
        ({"wbc_per_ul": 5.0}, True),
        ({"wbc_per_ul": 500}, True),
        ({"wbc_per_ul": None}, False),
        ({"blasts": False}, False),
        ({"blasts": None}, False),
        ({"rbc_per_ul": 0}, True),
        ({"rbc_per_ul": 20.0}, True),
        ({"rbc_per_ul": 20.1}, False),
        ({"rbc_per_ul": 21}, False),
        ({"rbc_per_ul": None}, False),
    ],
)
def test_csf_proves_the_cns_from_5_cells_with_blasts_and_at_most_20_erythrocytes(
    changes: dict[str, Any], positive: bool
) -> None:
    assert Csf(**{**PROVEN, **changes}).positive is positive


@pytest.mark.parametrize(
    ("findings", "sites"),
    [
        ({}, ()),
        ({"marrow_blasts_percent": 60, "peripheral_blasts": True}, ()),
        ({"csf": PROVEN}, ("cns",)),
        ({"csf": {**PROVEN, "rbc_per_ul": 300}}, ()),
        ({"cns_mass": True}, ("cns",)),
        ({"cns_mass": True, "marrow_blasts_percent": 60}, ("cns",)),
        ({"cns_signs": True}, ()),
        ({"cns_signs": True, "marrow_blasts_percent": 4.9}, ("cns",)),
        ({"cns_signs": True, "marrow_blasts_percent": 5}, ()),
        ({"testis": {"left": "normal", "right": "biopsy_positive"}}, ("testis",)),
        ({"testis": {"left": "biopsy_positive", "right": "removed"}}, ("testis",)),
        ({"testis": {"left": "enlarged", "right": "biopsy_negative"}}, ()),
        ({"testis": {"left": "removed", "right": "not_examined"}}, ()),
        ({"other_em": [{"site": "skin", "biopsy": "positive"}]}, ("other",)),
        ({"other_em": [{"site": "skin", "biopsy": "not_done"}, {"site": "orbit", "biopsy": "negative"}]}, ()),
        (
            {
                "cns_mass": True,
                "testis": {"left": "biopsy_positive", "right": "normal"},
                "other_em": [{"site": "skin", "biopsy": "positive"}],
            },
            ("cns", "testis", "other"),
        ),
    ],
)
def test_a_site_counts_as_extramedullary_once_it_is_proven(findings: dict[str, Any], sites: tuple[str, ...]) -> None:
    assert Findings.model_validate(findings).extramedullary_sites == sites


@pytest.mark.parametrize(
    ("findings", "sex", "gaps"),
    [
        ({}, "male", ("csf", "testis")),
        ({}, None, ("csf", "testis")),
        ({}, "female", ("csf",)),
        ({"csf": {"wbc_per_ul": 1}}, "female", ()),
        ({"csf": {"wbc_per_ul": 1}}, "other", ("testis",)),
        ({"csf": {"wbc_per_ul": 1}, "testis": {"left": "normal", "right": "normal"}}, "male", ()),
        # An empty sample is no sample.
        ({"csf": {}}, "female", ("csf",)),
        ({"csf": {"blasts": None}}, "female", ("csf",)),
    ],
)
def test_screening_is_complete_with_csf_and_testes(
    findings: dict[str, Any], sex: str | None, gaps: tuple[str, ...]
) -> None:
    assert Findings.model_validate(findings).screening_gaps(sex) == gaps


def test_later_findings_replace_what_they_carry_and_leave_the_rest() -> None:
    first = Findings.model_validate({"marrow_blasts_percent": 60, "cns_signs": True, "csf": {"wbc_per_ul": 1}})
    later = Findings.model_validate({"csf": PROVEN, "cns_signs": False})
    merged = first.merged_with(later)

    assert merged.marrow_blasts_percent == 60
    assert merged.cns_signs is False
    assert merged.csf == Csf(**PROVEN)
    assert merged.extramedullary_sites == ("cns",)
    assert first.cns_signs is True


@pytest.mark.parametrize("blank", [{"csf": None}, {"csf": {}}, {"other_em": []}, {"testis": None, "cns_mass": None}])
def test_what_is_sent_blank_overwrites_nothing(blank: dict[str, Any]) -> None:
    first = Findings.model_validate(
        {"csf": PROVEN, "cns_mass": True, "other_em": [{"site": "skin", "biopsy": "positive"}]}
    )

    assert first.merged_with(Findings.model_validate(blank)) == first


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
