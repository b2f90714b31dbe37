"""What CSF samples prove, and where a protocol asks for two of them (002, Table 2 and its note 1)."""

import pytest

from tests.spec.relapse_cases import BLOODY, CLEAR, FEW_CELLS, POSITIVE, TWO_SAMPLES, case, findings, outcome
from workflow.domain.facts.findings import Csf
from workflow.knowledge.csf import state_of_sample
from workflow.knowledge.sites import site_of

# Cells per µl, blasts, erythrocytes per µl: what the sample says, and the site with 60 % marrow blasts.
SAMPLES = [
    (5, True, 20, "positive", "combined_bm"),
    (5, True, 0, "positive", "combined_bm"),
    (500, True, 3, "positive", "combined_bm"),
    (4.9, True, 20, "few_cells", "G4"),
    (4, True, 20, "few_cells", "G4"),
    (0, True, 0, "few_cells", "G4"),
    (4, True, None, "few_cells", "G4"),
    (5, True, 20.1, "not_evaluable", "csf_not_evaluable"),
    (5, True, 21, "not_evaluable", "csf_not_evaluable"),
    (4, True, 21, "not_evaluable", "csf_not_evaluable"),
    (1, False, 21, "not_evaluable", "csf_not_evaluable"),
    (None, None, 21, "not_evaluable", "csf_not_evaluable"),
    (5, True, None, "incomplete", "G6"),
    (500, True, None, "incomplete", "G6"),
    (5, False, 20, "negative", "isolated_bm"),
    (500, False, None, "negative", "isolated_bm"),
    (0, False, 0, "negative", "isolated_bm"),
    (5, None, 20, "incomplete", "G6"),
    (1, None, 0, "incomplete", "G6"),
    (None, True, 0, "incomplete", "G6"),
    (None, False, None, "incomplete", "G6"),
]


@pytest.mark.parametrize(("cells", "blasts", "erythrocytes", "state", "site"), SAMPLES)
def test_csf_is_positive_from_5_cells_with_blasts_and_at_most_20_erythrocytes(
    cells: float | None, blasts: bool | None, erythrocytes: float | None, state: str, site: str
) -> None:
    sample = {"wbc_per_ul": cells, "blasts": blasts, "rbc_per_ul": erythrocytes}
    reading = site_of(case(findings(60, blood=True, csf=sample)))

    assert state_of_sample(Csf.model_validate(sample)) == state
    assert outcome(reading) == site
    assert ("csf_not_evaluable" in reading.flags) is (state == "not_evaluable")


@pytest.mark.parametrize(
    ("sample", "sentence"),
    [
        (
            {"wbc_per_ul": 20, "blasts": True},
            "CSF: 20 ≥ 5 cells/µl, blasts seen, erythrocytes not recorded: record rbc_per_ul.",
        ),
        (
            {"wbc_per_ul": 20},
            "CSF: 20 ≥ 5 cells/µl, blasts not recorded, erythrocytes not recorded: record blasts and rbc_per_ul.",
        ),
        (
            {"blasts": True, "rbc_per_ul": 3},
            "CSF: cells not recorded, blasts seen, 3 ≤ 20 erythrocytes/µl: record wbc_per_ul.",
        ),
    ],
)
def test_of_an_incomplete_sample_it_is_said_what_is_on_file_and_what_is_missing(
    sample: dict[str, object], sentence: str
) -> None:
    (reason,) = site_of(case(findings(60, blood=True, csf=sample))).reasons

    assert reason.rule == "G6"
    assert "Screening outside the marrow is incomplete (csf)" in reason.text
    assert reason.text.endswith(f"Examine and record it. {sentence}")


def test_without_a_sample_no_sentence_is_said_of_one() -> None:
    (reason,) = site_of(case(findings(60, blood=True, csf=None, testis=None))).reasons

    assert "incomplete (csf, testis)" in reason.text
    assert reason.text.endswith("Examine and record it.")


def samples(*written: str) -> tuple[Csf, ...]:
    """Read samples written `+ 2024-01-01T08:00` or `− …`; without a time, the sample's was not recorded."""
    read = []
    for text in written:
        sign, _, time = text.partition(" ")
        values = {"+": POSITIVE, "−": CLEAR, "few": FEW_CELLS, "bloody": BLOODY}[sign]
        read.append(Csf.model_validate({**values, "sampled_at": f"{time}+01:00" if time else None}))
    return tuple(read)


@pytest.mark.parametrize(
    ("taken", "by_two_samples", "by_one"),
    [
        (("+ 2024-01-05T08:00",), "second_csf_sample", "combined_bm"),
        (("+",), "second_csf_sample", "combined_bm"),
        (("+ 2024-01-05T08:00", "+ 2024-01-06T07:59"), "second_csf_sample", "combined_bm"),
        (("+ 2024-01-05T08:00", "+ 2024-01-06T08:00"), "combined_bm", "combined_bm"),
        (("+ 2024-01-06T08:00", "+ 2024-01-05T08:00"), "combined_bm", "combined_bm"),
        (("+ 2024-01-05T23:00", "+ 2024-01-06T01:00"), "second_csf_sample", "combined_bm"),
        (("+ 2024-01-05T08:00", "+"), "second_csf_sample", "combined_bm"),
        (("+ 2024-01-05T08:00", "+ 2024-01-05T20:00", "+ 2024-01-06T08:00"), "combined_bm", "combined_bm"),
        (("+ 2024-01-05T08:00", "− 2024-01-06T08:00"), "second_csf_sample", "combined_bm"),
        (("+ 2024-01-05T08:00", "− 2024-01-06T08:00", "+ 2024-01-07T08:00"), "second_csf_sample", "combined_bm"),
        (("− 2024-01-05T08:00", "+ 2024-01-06T08:00"), "second_csf_sample", "combined_bm"),
        (("− 2024-01-05T08:00", "− 2024-01-06T08:00"), "isolated_bm", "isolated_bm"),
        (("few 2024-01-05T08:00", "few 2024-01-06T08:00"), "G4", "G4"),
        (("few 2024-01-05T08:00", "− 2024-01-06T08:00"), "isolated_bm", "isolated_bm"),
        (("bloody 2024-01-05T08:00", "− 2024-01-06T08:00"), "isolated_bm", "isolated_bm"),
        (("bloody 2024-01-05T08:00", "+ 2024-01-06T08:00"), "second_csf_sample", "combined_bm"),
    ],
)
def test_where_the_protocol_asks_for_it_two_samples_24_hours_apart_prove_the_cns(
    taken: tuple[str, ...], by_two_samples: str, by_one: str
) -> None:
    *earlier, latest = samples(*taken)
    found = findings(60, blood=True, csf=latest.model_dump(exclude_none=True))

    assert outcome(site_of(case(found, earlier=tuple(earlier), switches=TWO_SAMPLES))) == by_two_samples
    assert outcome(site_of(case(found, earlier=tuple(earlier)))) == by_one


def test_hours_between_samples_are_counted_across_the_change_of_clocks() -> None:
    # 24 hours on the wall, 23 in truth.
    first = Csf.model_validate({**POSITIVE, "sampled_at": "2024-03-30T08:00:00+01:00"})
    second = {**POSITIVE, "sampled_at": "2024-03-31T08:00:00+02:00"}
    reading = site_of(case(findings(60, blood=True, csf=second), earlier=(first,), switches=TWO_SAMPLES))

    assert outcome(reading) == "second_csf_sample"
    assert "2024-03-31T06:00+00:00 − 2024-03-30T07:00+00:00 = 23 h 0 min < 24 h" in reading.reasons[0].text
    assert reading.flags == ("second_csf_sample",)


@pytest.mark.parametrize("proof", [{"cns_mass": True}, {"testis": {"left": "biopsy_positive", "right": "removed"}}])
def test_a_missing_second_sample_matters_only_where_nothing_else_is_proven(proof: dict[str, object]) -> None:
    found = findings(60, blood=True, **{"csf": POSITIVE, **proof})

    assert outcome(site_of(case(found, switches=TWO_SAMPLES))) == "combined_bm"
    assert outcome(site_of(case({**found, "marrow_blasts_percent": 2, "peripheral_blasts": False}))) == "isolated_em"
