"""What stands above the strategies' tables, and what is said where something that they ask about is not known."""

from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from tests.spec.strategy_cases import (
    APPROACH,
    BFM,
    COG,
    I_BFM,
    PDQ,
    STRATEGY_IDS,
    UK,
    answer,
    decisions,
    flags,
    measured,
    mrd_for,
    relapse,
)
from workflow.domain.case import Case, Phenotype, Response
from workflow.domain.classification import Recommendation
from workflow.domain.facts.findings import Findings, RelapseSite
from workflow.domain.facts.response import MrdMeasured
from workflow.domain.switches import Switches
from workflow.knowledge.classify import classify


@pytest.mark.parametrize("site", get_args(RelapseSite))
@pytest.mark.parametrize("phenotype", get_args(Phenotype))
@pytest.mark.parametrize("timing", ["very_early", "early", "late"])
def test_a_patient_without_remission_gets_no_advice_for_a_remission(
    timing: str, site: RelapseSite, phenotype: Phenotype
) -> None:
    case = relapse(timing, site, phenotype, response="no_cr", mrd=mrd_for(BFM, "negative"))
    bfm, because = answer(case, BFM)
    approach, its_reason = answer(case, APPROACH)

    assert bfm == Recommendation(decision="REFRACTORY_BRANCH", rule="CD-007")
    assert (because.source, because.status) == ("002, Reinduction [18,67]", "explicit")
    assert approach == Recommendation(decision="REFRACTORY_BRANCH", rule="CD-037")
    assert (its_reason.source, its_reason.status) == ("001, step 4", "explicit")
    for strategy in (UK, I_BFM, COG, PDQ):
        assert answer(case, strategy)[0] == Recommendation(decision="NOT_STATED")


@pytest.mark.parametrize(("response", "condition"), [("cr", None), ("crp", "CR2"), ("not_assessed", "CR2")])
def test_advice_for_a_remission_is_conditional_until_a_remission_is_on_file(
    response: Response, condition: str | None
) -> None:
    early = classify(relapse("early", "isolated_bm", "BCP", response=response, mrd=mrd_for(COG, "positive")))
    late = classify(relapse("late", "isolated_bm", "BCP", response=response, mrd=mrd_for(BFM, "negative")))

    assert early.classification.recommendation[COG].conditional_on == condition
    assert late.classification.recommendation[BFM].conditional_on == condition
    assert late.classification.recommendation[PDQ].conditional_on == condition
    assert late.classification.recommendation[UK] == Recommendation(decision="NEED_MRD", rule="CD-011")
    assert ("C19" in late.recommended_because[BFM].text) is (response == "crp")


@pytest.mark.parametrize("site", ["isolated_bm", None])
@pytest.mark.parametrize("response", ["not_assessed", "no_cr", "cr"])
@pytest.mark.parametrize(
    ("relapse_number", "prior_hsct", "rule"), [(2, False, "CD-045"), (7, True, "CD-045"), (1, True, "CD-046")]
)
def test_from_the_second_relapse_on_and_after_a_transplant_everything_is_an_individual_decision(
    site: RelapseSite | None, response: Response, relapse_number: int, prior_hsct: bool, rule: str
) -> None:
    case = relapse("early", site, "BCP", relapse_number=relapse_number, prior_hsct=prior_hsct, response=response)

    for strategy in STRATEGY_IDS:
        recommendation, because = answer(case, strategy)
        assert recommendation == Recommendation(decision="INDIVIDUAL", rule=rule)
        assert because.rule == rule
    assert ("prior_hsct" in flags(case)) is prior_hsct
    groups = classify(case).classification.risk
    assert groups["BFM"] == ("HR" if relapse_number == 1 and site else None)


def test_a_site_that_needs_review_leaves_every_decision_open_and_names_the_gap() -> None:
    between_m1_and_m3 = Findings.model_validate(
        {"marrow_blasts_percent": 12, "peripheral_blasts": False, "csf": {"wbc_per_ul": 1, "blasts": False}}
    )
    case = relapse("early", None, "T", sex="female", findings=between_m1_and_m3, mrd=mrd_for(BFM, "positive"))

    for strategy in STRATEGY_IDS:
        recommendation, because = answer(case, strategy)
        assert recommendation == Recommendation(decision=None)
        assert because.status == "not_stated"
        assert "G1" in because.text


def without_end(site: RelapseSite, phenotype: Phenotype, mrd: tuple[MrdMeasured, ...] = ()) -> Case:
    """Return a relapse 30 months after the diagnosis of which nobody knows when therapy ended: BFM early or late."""
    return Case(
        diagnosis_on=date(2021, 9, 29),
        relapse_on=date(2024, 3, 29),
        phenotype=phenotype,
        relapse_site=site,
        mrd=mrd,
    )


def test_without_the_end_of_therapy_a_decision_is_given_where_all_classes_lead_to_it() -> None:
    assert decisions(without_end("isolated_bm", "T", mrd_for(COG, "positive"))) == {
        BFM: "HSCT",
        UK: "HSCT",
        I_BFM: "HSCT",
        COG: "BRIDGE_HSCT",
        PDQ: "NEED_TIMING",
        APPROACH: "AMBIGUOUS_TIMING",
    }
    assert decisions(without_end("combined_bm", "BCP", mrd_for(BFM, "positive")))[BFM] == "HSCT"
    assert decisions(without_end("combined_bm", "BCP"))[BFM] == "NEED_MRD"
    # early is IR, late is SR: chemotherapy by both where MRD is negative, and only then
    assert decisions(without_end("isolated_em", "BCP", mrd_for(BFM, "negative")))[BFM] == "CHEMO_MAINT"
    assert decisions(without_end("isolated_em", "BCP"))[PDQ] == "NOT_STATED"


@pytest.mark.parametrize("level", ["positive", "unknown"])
def test_without_the_end_of_therapy_a_date_is_asked_for_where_the_classes_part(level: str) -> None:
    recommendation, because = answer(without_end("isolated_em", "BCP", mrd_for(BFM, level)), BFM)

    assert recommendation == Recommendation(decision="NEED_TIMING")
    assert "The end of frontline therapy is not known" in because.text
    assert "BFM early, group IR, leads to" in because.text
    assert "BFM late, group SR, leads to CHEMO_MAINT (CD-001)" in because.text


def test_pdq_needs_the_end_of_therapy_for_a_marrow_relapse() -> None:
    recommendation, because = answer(without_end("isolated_bm", "BCP"), PDQ)

    assert recommendation == Recommendation(decision="NEED_TIMING")
    assert "PDQ early leads to HSCT (CD-031); PDQ late leads to INDIVIDUAL (CD-032)" in because.text


@pytest.mark.parametrize(
    ("relapsed", "ended", "decision"),
    [
        ("2023-06-29", None, "HSCT"),
        ("2024-03-29", "2023-09-29", "HSCT"),
        # more than 6 months after the end, under 36 from the diagnosis: late by BFM, early by COG
        ("2024-03-30", "2023-09-29", "AMBIGUOUS_TIMING"),
        ("2024-09-28", "2023-09-29", "AMBIGUOUS_TIMING"),
        ("2024-09-29", "2023-09-29", "NOT_STATED"),
        # still on therapy after 36 months: early by BFM, late by COG
        ("2024-09-29", None, "AMBIGUOUS_TIMING"),
    ],
)
def test_001_is_read_only_where_bfm_and_cog_agree_on_early_or_late(
    relapsed: str, ended: str | None, decision: str
) -> None:
    case = Case(
        diagnosis_on=date(2021, 9, 29),
        relapse_on=date.fromisoformat(relapsed),
        frontline_end_on=date.fromisoformat(ended) if ended else None,
        frontline_ongoing=ended is None,
        phenotype="BCP",
        relapse_site="isolated_bm",
    )

    assert decisions(case)[APPROACH] == decision


@pytest.mark.parametrize(
    ("relapsed", "months", "row"),
    [
        ("2024-09-28", 36, "CD-019"),
        ("2024-09-29", 36, "CD-022"),
        ("2023-03-28", 18, "CD-019"),
        ("2023-03-29", 18, "CD-022"),
    ],
)
def test_late_in_table_6_begins_where_the_protocol_says_and_the_answer_shows_the_days(
    relapsed: str, months: int, row: str
) -> None:
    case = Case(
        diagnosis_on=date(2021, 9, 29),
        relapse_on=date.fromisoformat(relapsed),
        phenotype="BCP",
        relapse_site="isolated_bm",
        switches=Switches(table_6_late_from_months=months),
    )
    recommendation, because = answer(case, COG)
    timing = classify(case).classification.timing

    assert recommendation.rule == row
    assert f"2021-09-29 + {months} months" in because.text
    assert "prints no months" in because.text
    assert timing is not None
    assert timing.cog == ("late" if relapsed == "2024-09-29" else "early")


def test_a_relapse_in_conflict_of_two_rules_asks_a_clinician_to_confirm_its_class_first() -> None:
    case = Case(
        diagnosis_on=date(2021, 9, 29),
        relapse_on=date(2022, 9, 29),
        frontline_end_on=date(2022, 1, 29),
        phenotype="BCP",
        relapse_site="combined_bm",
    )

    assert decisions(case)[BFM] == "HSCT"
    assert "a clinician must confirm the class first" in answer(case, BFM)[1].text
    assert "must confirm" not in answer(relapse("very_early", "combined_bm", "BCP"), BFM)[1].text


def test_a_transplant_was_considered_too_for_a_very_early_isolated_extramedullary_relapse() -> None:
    assert "sct_considered" in flags(relapse("very_early", "isolated_em", "BCP", mrd=mrd_for(BFM, "negative")))
    assert "sct_considered" not in flags(relapse("very_early", "isolated_em", "BCP", mrd=mrd_for(BFM, "positive")))
    assert "sct_considered" not in flags(relapse("very_early", "isolated_em", "BCP"))
    assert "sct_considered" not in flags(relapse("early", "isolated_em", "BCP", mrd=mrd_for(BFM, "negative")))


@pytest.mark.parametrize(
    ("timing", "site", "phenotype", "flagged"),
    [
        ("late", "isolated_bm", "T", True),
        ("late", "combined_bm", "T", True),
        ("late", "isolated_em", "T", False),
        ("late", "isolated_bm", "BCP", False),
        ("early", "isolated_bm", "T", False),
    ],
)
def test_a_late_marrow_relapse_of_t_cell_all_is_flagged_as_disputed(
    timing: str, site: RelapseSite, phenotype: Phenotype, flagged: bool
) -> None:
    assert ("late_t_marrow" in flags(relapse(timing, site, phenotype))) is flagged


@pytest.mark.parametrize(("ph_status", "flagged"), [("positive", True), ("negative", False), ("unknown", False)])
def test_a_ph_positive_relapse_is_flagged_and_no_strategy_changes(ph_status: str, flagged: bool) -> None:
    case = relapse("late", "combined_bm", "BCP", ph_status=ph_status, mrd=mrd_for(BFM, "negative"))

    assert ("ph_positive" in flags(case)) is flagged
    assert decisions(case) == decisions(replace(case, ph_status=None))


def test_each_flag_of_the_advice_has_one_reason() -> None:
    case = relapse(
        "late", "combined_bm", "T", ph_status="positive", prior_hsct=True, mrd=(measured("PCR", "WEEK_5", "0"),)
    )
    found = classify(case)
    about = [reason.about for reason in found.reasons]

    for flag in ("ph_positive", "prior_hsct", "late_t_marrow", "mrd_zero_without_sensitivity"):
        assert flag in found.classification.flags
        assert about.count(f"flags.{flag}") == 1
