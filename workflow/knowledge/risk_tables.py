"""The risk groups of a first relapse, printed as four schemes that allocate; one that does not (C33) is left out."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflow.domain.case import Phenotype
from workflow.domain.classification import BfmTiming, Group, SchemeId, Status
from workflow.domain.facts.findings import RelapseSite

# The columns of every grid, in the order of 002, Table 5 (which prints them first for BCP, then for T: X1).
SITES: tuple[RelapseSite, ...] = ("isolated_em", "combined_bm", "isolated_bm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What is to be known of a cell beside its group; a cell without a remark is explicit.

    `also_source` is where it was read beside the scheme's own source; `contradictions` are ids.
    """

    timing: BfmTiming
    site: RelapseSite
    phenotypes: tuple[Phenotype, ...] = ("BCP", "T")
    text: str = ""
    status: Status = "explicit"
    contradictions: tuple[str, ...] = ()
    also_source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of a grid with its proof."""

    group: Group
    status: Status
    note: str
    sources: tuple[str, ...]
    contradictions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One risk grouping by BFM timing, phenotype and site, for the first relapse only.

    A further scheme is one more table here and its id in `SchemeId`. The grouping of the transplant analysis of ALL-REZ
    BFM 90 (002, Post-remission therapy [26]) is none: it is history and allocates nobody. `contradictions` touch the
    whole table.
    """

    id: SchemeId
    source: str
    grid: Mapping[tuple[BfmTiming, Phenotype], tuple[Group, Group, Group]]
    remarks: tuple[Remark, ...]
    contradictions: tuple[str, ...]

    def cell(self, timing: BfmTiming, site: RelapseSite, phenotype: Phenotype) -> Cell:
        """Return the cell of one first relapse."""
        plain = Remark(timing=timing, site=site)
        remark = next(
            (one for one in self.remarks if (one.timing, one.site) == (timing, site) and phenotype in one.phenotypes),
            plain,
        )
        return Cell(
            group=self.grid[timing, phenotype][SITES.index(site)],
            status=remark.status,
            note=remark.text,
            sources=(self.source,) if remark.also_source is None else (self.source, remark.also_source),
            contradictions=(*remark.contradictions, *self.contradictions),
        )


BFM = Scheme(
    id="BFM",
    source="002, Table 5 [42]",
    contradictions=("X1",),
    grid={  # extramedullary, combined, isolated marrow
        ("very_early", "BCP"): ("IR", "HR", "HR"),
        ("very_early", "T"): ("IR", "HR", "HR"),
        ("early", "BCP"): ("IR", "IR", "HR"),
        ("early", "T"): ("IR", "HR", "HR"),
        ("late", "BCP"): ("SR", "IR", "IR"),
        ("late", "T"): ("SR", "HR", "HR"),
    },
    remarks=(
        Remark(
            timing="very_early",
            site="isolated_em",
            text="The table and the prose on risk groups say IR whatever the phenotype; the prose on post-remission "
            "therapy leaves the cell out of its lists of HR and of IR",
            contradictions=("C29", "C31"),
        ),
        Remark(
            timing="early",
            site="isolated_em",
            text="One sentence on post-remission therapy calls early isolated extramedullary relapses SR, which is "
            "I-BFM's word; the paragraph after it and the table say IR",
            status="conflict",
            contradictions=("C28",),
        ),
        Remark(
            timing="late",
            site="isolated_em",
            text="The prose agrees: late isolated extramedullary relapses are SR, T and non-T",
        ),
    ),
)

UKALL_R3 = Scheme(
    id="UKALL_R3",
    source="002, Table 5 [30]",
    contradictions=("X1",),
    grid={  # extramedullary, combined, isolated marrow
        ("very_early", "BCP"): ("HR", "HR", "HR"),
        ("very_early", "T"): ("HR", "HR", "HR"),
        ("early", "BCP"): ("IR", "IR", "HR"),
        ("early", "T"): ("IR", "HR", "HR"),
        ("late", "BCP"): ("SR", "IR", "IR"),
        ("late", "T"): ("SR", "HR", "HR"),
    },
    remarks=(
        Remark(
            timing="very_early",
            site="isolated_em",
            text="The only difference from BFM: moved to HR for its poor outcome [20]; the prose agrees",
            contradictions=("C29",),
        ),
        Remark(timing="early", site="isolated_em", contradictions=("C28",)),
    ),
)

I_BFM_SG = Scheme(
    id="I_BFM_SG",
    source="002, Table 5 (I-BFM SG approach)",
    contradictions=("X1",),
    grid={  # extramedullary, combined, isolated marrow
        ("very_early", "BCP"): ("HR", "HR", "HR"),
        ("very_early", "T"): ("HR", "HR", "HR"),
        ("early", "BCP"): ("SR", "SR", "HR"),
        ("early", "T"): ("SR", "HR", "HR"),
        ("late", "BCP"): ("SR", "SR", "SR"),
        ("late", "T"): ("SR", "HR", "HR"),
    },
    remarks=(
        Remark(
            timing="very_early",
            site="isolated_em",
            text="The prose agrees: it is in its list of HR, BCP or T",
            contradictions=("C29",),
        ),
        Remark(
            timing="early",
            site="isolated_em",
            text="The prose agrees: it is the first item of its SR list",
            contradictions=("C28",),
        ),
        Remark(
            timing="early",
            site="combined_bm",
            phenotypes=("BCP",),
            text='The HR list of the prose, "early isolated or very early isolated or combined BCP", is read as early '
            "isolated, and very early isolated or combined; so the table's SR stands",
            contradictions=("C60",),
        ),
        *(
            Remark(
                timing=timing,
                site="combined_bm",
                phenotypes=("T",),
                text="The second item of the prose's SR list, late or early combined, names no phenotype and would "
                'take T in; its HR list, "any BM relapse of T-ALL", and the table say HR',
                status="conflict",
                contradictions=("C30",),
            )
            for timing in ("early", "late")
        ),
        Remark(timing="late", site="isolated_em", text="The prose agrees: it is the first item of its SR list"),
    ),
)

ALL_REZ_BFM_95 = Scheme(
    id="ALL_REZ_BFM_95",
    source="000, paragraph on the multivariate analysis",
    contradictions=("C36",),
    grid={  # extramedullary, combined, isolated marrow
        ("very_early", "BCP"): ("S2", "S4", "S4"),
        ("very_early", "T"): ("S2", "S4", "S4"),
        ("early", "BCP"): ("S2", "S2", "S3"),
        ("early", "T"): ("S2", "S4", "S4"),
        ("late", "BCP"): ("S1", "S2", "S2"),
        ("late", "T"): ("S1", "S4", "S4"),
    },
    remarks=(
        Remark(
            timing="very_early",
            site="isolated_em",
            phenotypes=("BCP",),
            text="The paragraph leaves the cell open: S1 names late extramedullary relapses, S2 early ones. Filled "
            "from BFM's IR, which is S2; the sizes of the groups agree (S1 5.1 %, S2 54.9 %, S3 with S4 40.1 %; SR "
            "5 %, IR 55 %, HR 40 %)",
            status="inferred",
            contradictions=("C35",),
            also_source="002, Table 5 [42]",
        ),
        Remark(
            timing="very_early",
            site="isolated_em",
            phenotypes=("T",),
            text="S2 names extramedullary relapses of T-cell leukaemia, without a word on their time",
        ),
        Remark(
            timing="early",
            site="combined_bm",
            phenotypes=("BCP",),
            text='The paragraph leaves the cell open: "late isolated and combined bone marrow relapses" (S2) can mean '
            "late ones only, S3 takes early isolated ones, S4 very early combined ones. Filled from BFM's IR, which is "
            "S2",
            status="inferred",
            contradictions=("C35",),
            also_source="002, Table 5 [42]",
        ),
        Remark(
            timing="early",
            site="isolated_bm",
            phenotypes=("T",),
            text='The words of S3, "early isolated bone marrow", fit too; S4 is set apart from S3, and BFM\'s cell is '
            "HR",
            status="conflict",
            contradictions=("C35",),
        ),
        Remark(
            timing="late",
            site="isolated_em",
            phenotypes=("T",),
            text="S1 (late isolated extramedullary, no phenotype) and S2 (extramedullary relapses of T-cell leukaemia) "
            "both fit. Read as S1, because the prose of 002 calls late isolated extramedullary relapses SR, T and "
            "non-T [42]; the alternative is S2",
            status="conflict",
            contradictions=("C35",),
            also_source="002, Table 5 [42]",
        ),
        *(
            Remark(
                timing="late",
                site=site,
                phenotypes=("T",),
                text="The words of S2 on late marrow relapses fit too; S4 is set apart from the other groups, and "
                "BFM's cell is HR",
                status="conflict",
                contradictions=("C35",),
            )
            for site in ("combined_bm", "isolated_bm")
        ),
    ),
)

SCHEMES: tuple[Scheme, ...] = (BFM, UKALL_R3, I_BFM_SG, ALL_REZ_BFM_95)
