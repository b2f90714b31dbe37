"""What the sources say beside the strategies (CD-038 …): where each row stands, and what it says there."""

from dataclasses import replace
from datetime import date

import pytest

from tests.spec.strategy_cases import relapse
from workflow.domain.case import Case
from workflow.domain.classification import Statement
from workflow.domain.facts.response import MrdMeasured
from workflow.knowledge.classify import classify
from workflow.knowledge.statements import STATEMENTS

SAYS = {
    "CD-038": ("TREATMENT_APPROACH_001", "HSCT (better outcome)", "001, MRD monitoring"),
    "CD-039": ("ILIVE_BFM_000", "CHEMO_MAINT", "000, last paragraph"),
    "CD-040": ("ILIVE_BFM_000", "HSCT", "000, last paragraph"),
    "CD-041": ("ILIVE_BFM_000", "HSCT", "000, last paragraph"),
    "CD-042": ("ILIVE_BFM_000", "INDIVIDUAL", "000, paragraph on ALL-REZ BFM 95"),
    "CD-043": ("MEDSCAPE_003", "HSCT", "003, first bullet"),
    "CD-044": ("MEDSCAPE_003", "BLINATUMOMAB (1 + up to 3 cycles)", "003 [37]"),
    "CD-045": (
        "FUSTER_SECOND_RELAPSE",
        "TRIAL then consider HSCT",
        "002, Treatment of second and later relapses [18,27,29]",
    ),
    "CD-046": ("FUSTER_SECOND_RELAPSE", "INDIVIDUAL", "002, Treatment of second and later relapses [27,79]"),
    "CD-047": ("FUSTER_PH_POS", "INDIVIDUAL (a second SCT should be considered)", "002, New perspectives [88,89]"),
    "CD-048": ("PRE_HSCT_MRD_BFM", "PROGNOSIS high relapse risk; no action prescribed", "002, MRD [61]"),
    "CD-049": ("PRE_HSCT_MRD_BFM", "PROGNOSIS low relapse risk", "002, MRD [61]"),
    "CD-050": ("PRE_HSCT_MRD_STJUDE", "HSCT still reasonable", "002, MRD [63]"),
    "CD-051": ("DCOG_98", "CHEMO_MAINT", "002, Post-remission therapy [38]"),
    "CD-052": ("NOPHO", "INDIVIDUAL (authors: consider allo-SCT)", "002, Post-remission therapy [33]"),
}


def before_transplant(value: str | None, unit: str = "fraction", **data: object) -> tuple[MrdMeasured, ...]:
    raw = {"method": "FLOW", "timepoint": "PRE_HSCT", "value": value, "unit": unit, **data}
    return (MrdMeasured.model_validate({name: part for name, part in raw.items() if part is not None}),)


def found(case: Case) -> dict[str, Statement]:
    statements = classify(case).statements
    assert classify(case).classification.statements == tuple(one.rule for one in statements)
    return {one.rule: one for one in statements}


IN_DOUBT = Case(
    diagnosis_on=date(2021, 9, 29), relapse_on=date(2024, 9, 29), phenotype="BCP", relapse_site="isolated_bm"
)
LATE_BY_BFM_ALONE = replace(IN_DOUBT, relapse_on=date(2024, 6, 29), frontline_end_on=date(2023, 9, 29))


@pytest.mark.parametrize(
    ("row", "case", "stands"),
    [
        # 001: negative before the transplant, by every printed cut-off
        ("CD-038", relapse("early", "isolated_bm", mrd=before_transplant("0.00009")), True),
        ("CD-038", relapse("early", "isolated_bm", mrd=before_transplant("0.0001")), False),
        ("CD-038", relapse("early", "isolated_bm"), False),
        ("CD-038", relapse("early", "isolated_bm", relapse_number=2, mrd=before_transplant("0.00009")), False),
        # 000: late, early or very early, repeated
        ("CD-039", relapse("late", "isolated_em", "T"), True),
        ("CD-039", LATE_BY_BFM_ALONE, True),
        ("CD-039", relapse("early", "isolated_em", "T"), False),
        ("CD-039", IN_DOUBT, False),
        ("CD-040", relapse("early", "isolated_em"), True),
        ("CD-040", relapse("very_early", "isolated_bm"), True),
        ("CD-040", relapse("late", "isolated_bm"), False),
        ("CD-040", IN_DOUBT, False),
        ("CD-041", relapse("early", "isolated_bm", relapse_number=2), True),
        ("CD-041", relapse("early", "isolated_bm"), False),
        # 000: S4 alone, not S3
        ("CD-042", relapse("very_early", "isolated_bm"), True),
        ("CD-042", relapse("late", "combined_bm", "T"), True),
        ("CD-042", replace(IN_DOUBT, phenotype="T"), True),
        ("CD-042", relapse("early", "isolated_bm"), False),
        ("CD-042", IN_DOUBT, False),
        ("CD-042", relapse("very_early", "isolated_bm", relapse_number=2), False),
        # after a transplant nothing that compares treatments of a first relapse speaks any more
        ("CD-038", relapse("late", "isolated_bm", prior_hsct=True, mrd=before_transplant("0.00009")), False),
        ("CD-039", relapse("late", "isolated_em", prior_hsct=True), False),
        ("CD-040", relapse("early", "isolated_em", prior_hsct=True), False),
        ("CD-043", relapse("late", "isolated_em", prior_hsct=True), False),
        ("CD-051", relapse("late", "isolated_bm", prior_hsct=True), False),
        ("CD-052", relapse("late", "isolated_bm", prior_hsct=True), False),
        # 003: any first relapse; the label of blinatumomab
        ("CD-043", relapse("late", "isolated_em"), True),
        ("CD-043", relapse("late", "isolated_em", relapse_number=2), False),
        ("CD-044", relapse("late", "isolated_bm", response="cr", mrd=before_transplant("0.1", "percent")), True),
        ("CD-044", relapse("late", "isolated_bm", response="cr", mrd=before_transplant("0.09", "percent")), False),
        ("CD-044", relapse("late", "isolated_bm", response="cr"), False),
        ("CD-044", relapse("late", "isolated_bm", mrd=before_transplant("0.1", "percent")), False),
        ("CD-044", relapse("late", "isolated_bm", "T", response="cr", mrd=before_transplant("0.1")), False),
        # second relapse, after a transplant, Ph positive
        ("CD-045", relapse("late", "isolated_bm", relapse_number=2), True),
        ("CD-045", relapse("late", "isolated_bm", relapse_number=2, response="no_cr"), True),
        ("CD-045", relapse("late", "isolated_bm"), False),
        ("CD-046", relapse("late", "isolated_bm", prior_hsct=True), True),
        ("CD-046", relapse("late", "isolated_bm"), False),
        ("CD-047", relapse("late", "isolated_bm", ph_status="positive"), True),
        ("CD-047", relapse("late", "isolated_bm", ph_status="negative"), False),
        ("CD-047", relapse("late", "isolated_bm", ph_status="unknown"), False),
        # before the transplant: BFM cuts at 1e-4, St Jude calls 0.1 % to under 5 % high
        ("CD-048", relapse("late", "isolated_bm", mrd=before_transplant("0.0001")), True),
        ("CD-048", relapse("late", "isolated_bm", mrd=before_transplant("0.0000999")), False),
        ("CD-048", relapse("late", "isolated_bm", relapse_number=2, mrd=before_transplant("0.01")), True),
        ("CD-048", relapse("late", "isolated_bm", relapse_number=3, mrd=before_transplant("0.01")), False),
        ("CD-049", relapse("late", "isolated_bm", mrd=before_transplant("0.0000999")), True),
        ("CD-049", relapse("late", "isolated_bm", mrd=before_transplant(None, below="0.0001")), True),
        ("CD-049", relapse("late", "isolated_bm", mrd=before_transplant(None, below="0.001")), False),
        ("CD-049", relapse("late", "isolated_bm", mrd=before_transplant("0.0001")), False),
        ("CD-049", relapse("late", "isolated_bm"), False),
        ("CD-050", relapse("late", "isolated_bm", mrd=before_transplant("0.0999", "percent")), False),
        ("CD-050", relapse("late", "isolated_bm", mrd=before_transplant("0.1", "percent")), True),
        ("CD-050", relapse("late", "isolated_bm", mrd=before_transplant("4.999", "percent")), True),
        ("CD-050", relapse("late", "isolated_bm", mrd=before_transplant("5.0", "percent")), False),
        ("CD-050", relapse("late", "isolated_bm", mrd=before_transplant("-1.302", "log10")), True),
        ("CD-050", relapse("late", "isolated_bm", mrd=before_transplant("-1.301", "log10")), False),
        # late without a system: only where BFM and COG agree
        ("CD-051", relapse("late", "isolated_bm"), True),
        ("CD-051", LATE_BY_BFM_ALONE, False),
        ("CD-051", replace(IN_DOUBT, frontline_ongoing=True), False),
        ("CD-051", IN_DOUBT, False),
        ("CD-051", relapse("early", "isolated_bm"), False),
        ("CD-052", relapse("late", "isolated_bm"), True),
        ("CD-052", relapse("early", "combined_bm"), True),
        ("CD-052", relapse("late", "isolated_em"), False),
        ("CD-052", LATE_BY_BFM_ALONE, False),
        ("CD-052", relapse("early", "isolated_bm"), False),
        ("CD-052", relapse("early", "combined_bm", relapse_number=2), False),
    ],
)
def test_a_statement_stands_only_where_its_own_condition_fits(row: str, case: Case, stands: bool) -> None:
    said = found(case)

    assert (row in said) is stands
    if stands:
        assert (said[row].strategy, said[row].says, said[row].source) == SAYS[row]


def test_every_statement_is_shown_to_stand_and_to_fall() -> None:
    assert [row.id for row in STATEMENTS] == list(SAYS) == [f"CD-{number:03}" for number in range(38, 53)]


@pytest.mark.parametrize("row", ["CD-039", "CD-043", "CD-049", "CD-051", "CD-052"])
def test_what_presupposes_a_remission_is_not_said_of_a_patient_without_one(row: str) -> None:
    case = relapse("late", "combined_bm", mrd=before_transplant("0.00001"))

    assert row in found(case)
    assert row not in found(replace(case, response="no_cr"))


@pytest.mark.parametrize("row", ["CD-048", "CD-050"])
def test_a_result_before_the_transplant_is_shown_as_it_was_written(row: str) -> None:
    said = found(relapse("late", "isolated_bm", mrd=before_transplant("0.250", "percent")))

    assert said[row].text.endswith("On file: FLOW at PRE_HSCT, sample without a day: 0.250 percent.")


def test_what_a_row_asks_for_and_is_not_recorded_here_stands_as_its_condition() -> None:
    said = found(relapse("late", "isolated_bm", response="cr", mrd=before_transplant("0.001")))

    assert said["CD-044"].condition == "CD19 positive, in remission"
    assert said["CD-052"].condition is not None
    assert "high-risk features at first diagnosis" in said["CD-052"].condition


def test_statements_change_no_strategy() -> None:
    case = relapse("late", "isolated_em", "BCP")
    with_more = replace(case, mrd=before_transplant("0.3", method="PCR"), response="not_assessed")
    before, after = (classify(one).classification.recommendation for one in (case, with_more))

    assert set(found(with_more)) - set(found(case)) == {"CD-048"}
    assert {name for name in before if before[name] != after[name]} == {"I_BFM_FIG1"}
