"""The risk groups of a first relapse: every cell of every scheme as printed, how sure it is, and what disputes it."""

import pytest

from tests.spec.relapse_dates import a_case, risk_of
from workflow.domain.case import Phenotype
from workflow.domain.classification import BfmTiming, SchemeId
from workflow.domain.facts.findings import RelapseSite
from workflow.knowledge.risk_tables import SCHEMES

SCHEME_IDS: tuple[SchemeId, ...] = ("BFM", "UKALL_R3", "I_BFM_SG", "ALL_REZ_BFM_95")

# A mark says how sure the cell is: none as printed, ? read from elsewhere, ! printed twice and differently.
CELLS = """
timing      site         phenotype   BFM   UKALL_R3  I_BFM_SG  ALL_REZ_BFM_95
very_early  isolated_em  BCP         IR    HR        HR        S2?
very_early  combined_bm  BCP         HR    HR        HR        S4
very_early  isolated_bm  BCP         HR    HR        HR        S4
very_early  isolated_em  T           IR    HR        HR        S2
very_early  combined_bm  T           HR    HR        HR        S4
very_early  isolated_bm  T           HR    HR        HR        S4
early       isolated_em  BCP         IR!   IR        SR        S2
early       combined_bm  BCP         IR    IR        SR        S2?
early       isolated_bm  BCP         HR    HR        HR        S3
early       isolated_em  T           IR!   IR        SR        S2
early       combined_bm  T           HR    HR        HR!       S4
early       isolated_bm  T           HR    HR        HR        S4!
late        isolated_em  BCP         SR    SR        SR        S1
late        combined_bm  BCP         IR    IR        SR        S2
late        isolated_bm  BCP         IR    IR        SR        S2
late        isolated_em  T           SR    SR        SR        S1!
late        combined_bm  T           HR    HR        HR!       S4!
late        isolated_bm  T           HR    HR        HR        S4!
"""
SURENESS = {"": "explicit", "?": "inferred", "!": "conflict"}
ROWS = [line.split() for line in CELLS.strip().splitlines()[1:]]
# Which contradictions touch which cells, beside those of the whole table.
DISPUTED = {
    ("BFM", "very_early", "isolated_em", "BCP"): {"C29", "C31"},
    ("BFM", "very_early", "isolated_em", "T"): {"C29", "C31"},
    ("BFM", "early", "isolated_em", "BCP"): {"C28"},
    ("BFM", "early", "isolated_em", "T"): {"C28"},
    ("UKALL_R3", "very_early", "isolated_em", "BCP"): {"C29"},
    ("UKALL_R3", "very_early", "isolated_em", "T"): {"C29"},
    ("UKALL_R3", "early", "isolated_em", "BCP"): {"C28"},
    ("UKALL_R3", "early", "isolated_em", "T"): {"C28"},
    ("I_BFM_SG", "very_early", "isolated_em", "BCP"): {"C29"},
    ("I_BFM_SG", "very_early", "isolated_em", "T"): {"C29"},
    ("I_BFM_SG", "early", "isolated_em", "BCP"): {"C28"},
    ("I_BFM_SG", "early", "isolated_em", "T"): {"C28"},
    ("I_BFM_SG", "early", "combined_bm", "BCP"): {"C60"},
    ("I_BFM_SG", "early", "combined_bm", "T"): {"C30"},
    ("I_BFM_SG", "late", "combined_bm", "T"): {"C30"},
    ("ALL_REZ_BFM_95", "very_early", "isolated_em", "BCP"): {"C35"},
    ("ALL_REZ_BFM_95", "early", "combined_bm", "BCP"): {"C35"},
    ("ALL_REZ_BFM_95", "early", "isolated_bm", "T"): {"C35"},
    ("ALL_REZ_BFM_95", "late", "isolated_em", "T"): {"C35"},
    ("ALL_REZ_BFM_95", "late", "combined_bm", "T"): {"C35"},
    ("ALL_REZ_BFM_95", "late", "isolated_bm", "T"): {"C35"},
}
OF_THE_TABLE = {"BFM": {"X1"}, "UKALL_R3": {"X1"}, "I_BFM_SG": {"X1"}, "ALL_REZ_BFM_95": {"C36"}}
SOURCES = {
    "BFM": "002, Table 5 [42]",
    "UKALL_R3": "002, Table 5 [30]",
    "I_BFM_SG": "002, Table 5 (I-BFM SG approach)",
    "ALL_REZ_BFM_95": "000, paragraph on the multivariate analysis",
}
READ_FROM_TABLE_5_TOO = {
    ("very_early", "isolated_em", "BCP"),
    ("early", "combined_bm", "BCP"),
    ("late", "isolated_em", "T"),
}


def test_the_table_of_this_file_has_every_cell_once() -> None:
    assert len({tuple(row[:3]) for row in ROWS}) == len(ROWS) == 3 * 3 * 2
    assert tuple(CELLS.split()[3:7]) == SCHEME_IDS == tuple(scheme.id for scheme in SCHEMES)


@pytest.mark.parametrize(
    ("scheme", "timing", "site", "phenotype", "printed"),
    [
        (scheme, timing, site, phenotype, printed)
        for timing, site, phenotype, *groups in ROWS
        for scheme, printed in zip(SCHEME_IDS, groups, strict=True)
    ],
)
def test_every_cell_of_every_scheme(
    scheme: SchemeId, timing: BfmTiming, site: RelapseSite, phenotype: Phenotype, printed: str
) -> None:
    found = risk_of(a_case(timing, phenotype), site)
    (why,) = [reason for reason in found.reasons if reason.about == f"risk.{scheme}"]

    assert found.groups[scheme] == printed[:2]
    assert found.possible[scheme] == {timing: printed[:2]}
    assert why.status == SURENESS[printed[2:]]
    assert set(why.contradictions) == DISPUTED.get((scheme, timing, site, phenotype), set()) | OF_THE_TABLE[scheme]
    also = (
        "; 002, Table 5 [42]"
        if scheme == "ALL_REZ_BFM_95" and (timing, site, phenotype) in READ_FROM_TABLE_5_TOO
        else ""
    )
    assert (why.rule, why.source) == (scheme, SOURCES[scheme] + also)
    assert f": {printed[:2]}, {timing.replace('_', ' ')}." in why.text


# A note stands at every cell that is not plainly printed, and where the source has more to say than the group.
@pytest.mark.parametrize(
    ("scheme", "timing", "site", "phenotype", "said"),
    [
        ("BFM", "very_early", "isolated_em", "BCP", "leaves the cell out of its lists of HR and of IR"),
        ("BFM", "early", "isolated_em", "T", "One sentence on post-remission therapy calls early isolated"),
        ("BFM", "late", "isolated_em", "T", "late isolated extramedullary relapses are SR, T and non-T"),
        ("UKALL_R3", "very_early", "isolated_em", "T", "moved to HR for its poor outcome [20]"),
        ("I_BFM_SG", "very_early", "isolated_em", "BCP", "in its list of HR, BCP or T"),
        ("I_BFM_SG", "early", "isolated_em", "BCP", "first item of its SR list"),
        ("I_BFM_SG", "early", "combined_bm", "BCP", "is read as early isolated, and very early isolated or combined"),
        ("I_BFM_SG", "early", "combined_bm", "T", "names no phenotype and would take T in"),
        ("I_BFM_SG", "late", "combined_bm", "T", "names no phenotype and would take T in"),
        ("I_BFM_SG", "late", "isolated_em", "T", "first item of its SR list"),
        ("ALL_REZ_BFM_95", "very_early", "isolated_em", "BCP", "Filled from BFM's IR, which is S2"),
        ("ALL_REZ_BFM_95", "very_early", "isolated_em", "T", "without a word on their time"),
        ("ALL_REZ_BFM_95", "early", "combined_bm", "BCP", "Filled from BFM's IR, which is S2"),
        ("ALL_REZ_BFM_95", "early", "isolated_bm", "T", "The words of S3"),
        ("ALL_REZ_BFM_95", "late", "isolated_em", "T", "the alternative is S2"),
        ("ALL_REZ_BFM_95", "late", "combined_bm", "T", "The words of S2 on late marrow relapses fit too"),
        ("ALL_REZ_BFM_95", "late", "isolated_bm", "T", "The words of S2 on late marrow relapses fit too"),
    ],
)
def test_a_cell_that_has_more_to_say_says_it(
    scheme: SchemeId, timing: BfmTiming, site: RelapseSite, phenotype: Phenotype, said: str
) -> None:
    found = risk_of(a_case(timing, phenotype), site)
    (why,) = [reason for reason in found.reasons if reason.about == f"risk.{scheme}"]

    assert said in why.text


def test_the_transplant_analysis_of_all_rez_bfm_90_allocates_nobody() -> None:
    groups = risk_of(a_case("late", "T"), "isolated_em").groups

    assert set(groups) == set(SCHEME_IDS)
    # It called every T-cell relapse HR; no scheme that allocates does.
    assert "HR" not in groups.values()


@pytest.mark.parametrize(
    ("timing", "site", "phenotype", "flags"),
    [
        ("very_early", "isolated_em", "BCP", ("schemes_differ_on_very_early_em",)),
        ("very_early", "isolated_em", "T", ("schemes_differ_on_very_early_em",)),
        ("very_early", "isolated_bm", "T", ()),
        ("early", "isolated_em", "T", ()),
        ("late", "isolated_em", "T", ("s1_or_s2",)),
        ("late", "isolated_em", "BCP", ()),
        ("late", "combined_bm", "T", ()),
    ],
)
def test_a_disputed_cell_raises_a_flag_with_its_reason(
    timing: BfmTiming, site: RelapseSite, phenotype: Phenotype, flags: tuple[str, ...]
) -> None:
    found = risk_of(a_case(timing, phenotype), site)

    assert found.flags == flags
    assert [reason.about for reason in found.reasons[4:]] == [f"flags.{flag}" for flag in flags]


def test_what_the_schemes_say_of_a_very_early_extramedullary_relapse_stands_side_by_side() -> None:
    (why,) = risk_of(a_case("very_early", "T"), "isolated_em").reasons[4:]

    assert "BFM IR, UKALL_R3 HR, I_BFM_SG HR, ALL_REZ_BFM_95 S2" in why.text
    assert "the strategy that is followed decides" in why.text
    assert why.contradictions == ("C29",)
