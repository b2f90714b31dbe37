"""The site of a relapse from its findings: every definition, every gap in them, every limit (002, Table 2)."""

from itertools import product

import pytest

from tests.spec.relapse_cases import (
    BLOODY,
    BY_ENLARGEMENT,
    CLEAR,
    ENLARGED,
    FEW_CELLS,
    NORMAL,
    POSITIVE,
    UNCOUNTED,
    case,
    findings,
    outcome,
)
from workflow.domain.case import Sex
from workflow.domain.facts.findings import Findings, RelapseSite
from workflow.domain.switches import AS_MOST_SOURCES, Switches
from workflow.knowledge.sites import proven_sites, screening_gaps, site_of

# The definitions and their gaps G1, G2, G3, G5: marrow blasts in %, then blood blasts no, yes, not recorded.
NOTHING_ELSEWHERE = {
    0: ("no_disease_proven", "G5", "no_disease_proven + blood_not_recorded"),
    4.9: ("no_disease_proven", "G5", "no_disease_proven + blood_not_recorded"),
    5: ("G1", "isolated_bm", "G1 + blood_not_recorded"),
    24.9: ("G1", "isolated_bm", "G1 + blood_not_recorded"),
    25: ("G2", "isolated_bm", "G2 + blood_not_recorded"),
    25.1: ("isolated_bm", "isolated_bm", "isolated_bm"),
    100: ("isolated_bm", "isolated_bm", "isolated_bm"),
    None: ("marrow_not_recorded", "marrow_not_recorded", "marrow_not_recorded + blood_not_recorded"),
}
PROVEN_ELSEWHERE = {
    0: ("isolated_em", "G3", "blood_not_recorded"),
    4.9: ("isolated_em", "G3", "blood_not_recorded"),
    5: ("combined_bm", "combined_bm", "combined_bm"),
    24.9: ("combined_bm", "combined_bm", "combined_bm"),
    25: ("combined_bm", "combined_bm", "combined_bm"),
    25.1: ("combined_bm", "combined_bm", "combined_bm"),
    100: ("combined_bm", "combined_bm", "combined_bm"),
    None: ("marrow_not_recorded", "marrow_not_recorded", "marrow_not_recorded + blood_not_recorded"),
}
BLOOD = (False, True, None)


@pytest.mark.parametrize("proof", [{}, {"csf": POSITIVE}, {"cns_mass": True}])
@pytest.mark.parametrize(("marrow", "column"), list(product(NOTHING_ELSEWHERE, range(3))))
def test_marrow_blood_and_other_sites_make_the_class_or_a_named_gap(
    marrow: float | None, column: int, proof: dict[str, object]
) -> None:
    expected = (PROVEN_ELSEWHERE if proof else NOTHING_ELSEWHERE)[marrow][column]

    assert outcome(site_of(case(findings(marrow, BLOOD[column], **proof)))) == expected


@pytest.mark.parametrize(
    ("relapse_number", "marrow", "expected"),
    [(1, 25, "G2"), (2, 24.9, "G1"), (2, 25, "isolated_bm"), (3, 25, "isolated_bm"), (2, 25.1, "isolated_bm")],
)
def test_exactly_25_percent_is_a_marrow_relapse_from_the_second_relapse_on(
    relapse_number: int, marrow: float, expected: str
) -> None:
    reading = site_of(case(findings(marrow, blood=False), relapse_number=relapse_number))

    assert outcome(reading) == expected
    assert ("marrow_25_percent" in reading.flags) is (expected == "G2")


@pytest.mark.parametrize(
    ("found", "sites"),
    [
        ({}, ()),
        ({"csf": POSITIVE}, ("cns",)),
        ({"csf": BLOODY}, ()),
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
def test_a_site_outside_the_marrow_counts_once_it_is_proven(found: dict[str, object], sites: tuple[str, ...]) -> None:
    assert proven_sites(Findings.model_validate(found), AS_MOST_SOURCES) == sites


def test_an_enlarged_testis_proves_only_where_the_protocol_takes_it_without_biopsy() -> None:
    found = Findings.model_validate({"testis": {"left": "enlarged", "right": "normal"}})

    assert proven_sites(found, AS_MOST_SOURCES) == ()
    assert proven_sites(found, BY_ENLARGEMENT) == ("testis",)


@pytest.mark.parametrize(
    ("marrow", "found", "switches", "expected"),
    [
        (60, {"cns_signs": True}, AS_MOST_SOURCES, "G7"),
        (60, {"testis": ENLARGED}, AS_MOST_SOURCES, "G7"),
        (60, {"testis": ENLARGED}, BY_ENLARGEMENT, "combined_bm"),
        (5, {"cns_signs": True}, AS_MOST_SOURCES, "G1 + G7"),
        (4.9, {"cns_signs": True}, AS_MOST_SOURCES, "isolated_em"),
        (4.9, {"testis": ENLARGED}, AS_MOST_SOURCES, "no_disease_proven + unproven_suspicion"),
        (4.9, {"testis": ENLARGED}, BY_ENLARGEMENT, "isolated_em"),
        (60, {"cns_signs": True, "cns_mass": True}, AS_MOST_SOURCES, "combined_bm"),
        (60, {"cns_signs": True, "csf": POSITIVE}, AS_MOST_SOURCES, "combined_bm"),
        (None, {"cns_signs": True}, AS_MOST_SOURCES, "marrow_not_recorded + unproven_suspicion"),
        (None, {"cns_mass": True, "testis": None}, AS_MOST_SOURCES, "marrow_not_recorded"),
        (60, {"cns_signs": False, "cns_mass": False}, AS_MOST_SOURCES, "isolated_bm"),
        (
            12,
            {"csf": FEW_CELLS, "cns_signs": True, "testis": None},
            AS_MOST_SOURCES,
            "G1 + G4 + G7 + G6",
        ),
        (60, {"csf": BLOODY, "testis": ENLARGED}, AS_MOST_SOURCES, "csf_not_evaluable + G7"),
        (2, {"csf": FEW_CELLS}, AS_MOST_SOURCES, "no_disease_proven + G4"),
    ],
)
def test_a_suspicion_makes_no_class_and_every_gap_that_applies_is_named(
    marrow: float | None, found: dict[str, object], switches: Switches, expected: str
) -> None:
    assert outcome(site_of(case(findings(marrow, blood=False, **found), switches=switches))) == expected


@pytest.mark.parametrize(
    ("sex", "found", "gaps"),
    [
        ("male", {"csf": CLEAR, "testis": NORMAL}, ()),
        ("male", {"csf": CLEAR}, ("testis",)),
        ("male", {"testis": NORMAL}, ("csf",)),
        ("male", {}, ("csf", "testis")),
        ("female", {"csf": CLEAR}, ()),
        ("female", {}, ("csf",)),
        ("other", {"csf": CLEAR}, ("testis",)),
        (None, {"csf": CLEAR}, ("testis",)),
        ("male", {"csf": CLEAR, "testis": {"left": "normal", "right": "not_examined"}}, ("testis",)),
        ("female", {"csf": CLEAR, "testis": {"left": "not_examined", "right": "not_examined"}}, ()),
        ("male", {"csf": CLEAR, "testis": {"left": "removed", "right": "biopsy_negative"}}, ()),
        ("female", {"csf": UNCOUNTED}, ("csf",)),
        ("female", {"csf": {}}, ("csf",)),
        ("female", {"csf": BLOODY}, ()),
        ("female", {"csf": CLEAR, "other_em": [{"site": "skin", "biopsy": "not_done"}]}, ("other_em",)),
        ("female", {"csf": CLEAR, "other_em": [{"site": "skin", "biopsy": "negative"}]}, ()),
    ],
)
def test_a_relapse_is_called_isolated_only_after_csf_and_testes_are_screened(
    sex: Sex | None, found: dict[str, object], gaps: tuple[str, ...]
) -> None:
    recorded = {"marrow_blasts_percent": 60, "peripheral_blasts": False, **found}
    reading = site_of(case(recorded, sex=sex))

    assert screening_gaps(Findings.model_validate(recorded), sex) == gaps
    assert ("G6" in reading.gaps) is bool(gaps)
    assert site_of(case({**recorded, "cns_mass": True}, sex=sex)).site == "combined_bm"


@pytest.mark.parametrize(
    ("left", "right", "flagged"),
    [
        ("biopsy_positive", "normal", True),
        ("enlarged", "biopsy_positive", True),
        ("biopsy_positive", "not_examined", True),
        ("biopsy_positive", "biopsy_negative", False),
        ("removed", "biopsy_positive", False),
        ("biopsy_positive", "biopsy_positive", False),
        ("normal", "normal", False),
        ("enlarged", "normal", False),
    ],
)
def test_disease_in_one_testis_asks_about_the_other_and_keeps_its_class(left: str, right: str, flagged: bool) -> None:
    reading = site_of(case(findings(60, blood=False, testis={"left": left, "right": right})))

    assert ("contralateral_testis" in reading.flags) is flagged
    assert reading.site == "combined_bm" or not flagged


def test_one_enlarged_testis_asks_about_the_other_where_enlargement_proves() -> None:
    reading = site_of(case(findings(60, blood=False, testis=ENLARGED), switches=BY_ENLARGEMENT))

    assert reading.flags == ("contralateral_testis",)


@pytest.mark.parametrize("found", [None, {}])
@pytest.mark.parametrize("stated", ["isolated_bm", "combined_bm", "isolated_em"])
def test_a_site_that_was_stated_without_findings_is_taken_as_recorded(
    stated: RelapseSite, found: dict[str, object] | None
) -> None:
    reading = site_of(case(found, stated=stated))

    assert (reading.site, reading.gaps, reading.flags) == (stated, (), ())
    assert [reason.about for reason in reading.reasons] == ["relapse_site"]


CLASSES: dict[RelapseSite, dict[str, object]] = {
    "isolated_bm": findings(60, blood=True),
    "combined_bm": findings(60, blood=True, csf=POSITIVE),
    "isolated_em": findings(2, blood=False, csf=POSITIVE),
}


@pytest.mark.parametrize(("stated", "found"), list(product(CLASSES, CLASSES)))
def test_a_stated_site_that_the_findings_refute_needs_review(stated: RelapseSite, found: RelapseSite) -> None:
    reading = site_of(case(CLASSES[found], stated=stated))

    if stated == found:
        assert (reading.site, reading.gaps, reading.flags) == (stated, (), ())
        return
    assert (reading.site, reading.gaps, reading.flags) == ("needs_review", ("site_contradicted",), ())
    assert reading.reasons[0].text == (
        f"{stated} was stated, the findings give {found}. Correct the relapse: either the site or the findings."
    )
    assert [reason.rule for reason in reading.reasons] == ["site_contradicted", found]


def test_a_refuted_site_keeps_what_the_findings_flag() -> None:
    one_testis = findings(60, blood=False, testis={"left": "biopsy_positive", "right": "normal"})
    reading = site_of(case(one_testis, stated="isolated_bm"))

    assert (outcome(reading), reading.flags) == ("site_contradicted", ("contralateral_testis",))


@pytest.mark.parametrize(
    ("found", "gaps"),
    [
        ({"marrow_blasts_percent": 60}, ("G6",)),
        (findings(12, blood=False), ("G1",)),
        (findings(25, blood=None), ("G2", "blood_not_recorded")),
        (findings(60, blood=False, csf=BLOODY), ("csf_not_evaluable",)),
    ],
)
@pytest.mark.parametrize("stated", CLASSES)
def test_a_stated_site_fills_the_gaps_of_the_findings_and_both_stay_visible(
    stated: RelapseSite, found: dict[str, object], gaps: tuple[str, ...]
) -> None:
    reading = site_of(case(found, stated=stated))

    assert (reading.site, reading.gaps) == (stated, gaps)
    assert "site_as_stated" in reading.flags
    assert [reason.rule for reason in reading.reasons if reason.about == "relapse_site"] == [stated, *gaps]
    assert f"leave the site open ({', '.join(gaps)})" in reading.reasons[-1].text


def test_without_findings_and_without_a_stated_site_nothing_is_guessed() -> None:
    assert outcome(site_of(case(None))) == "marrow_not_recorded + blood_not_recorded + G6"


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (findings(60, blood=False), "60 > 25 % blasts (M3), no blood blasts"),
        (findings(12.5, blood=True), "blood blasts, 12.5 ≥ 5 % marrow blasts"),
        (findings(5, blood=False, csf=POSITIVE), "cns (CSF: 5 ≥ 5 cells/µl, blasts seen, 20 ≤ 20 erythrocytes/µl)"),
        (findings(4.99999999, blood=False, cns_mass=True), "4.99999999 < 5 % marrow blasts"),
        (findings(60, blood=False, csf=BLOODY), "50 ≥ 5 cells/µl, blasts seen, 21 > 20 erythrocytes/µl"),
        (findings(60, blood=False, testis=None), "incomplete (testis)"),
    ],
)
def test_the_reason_shows_the_numbers_beside_their_limits(found: dict[str, object], sentence: str) -> None:
    assert sentence in site_of(case(found)).reasons[0].text
