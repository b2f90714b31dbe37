"""What the sources say beside the six strategies (CD-038 …): each row stands only where its own condition fits."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from workflow.domain.classification import Statement
from workflow.knowledge.decision_table import MARROW, Question
from workflow.knowledge.mrd import MrdLevel, MrdPoint, read_mrd, written

# 002, MRD [61]: the day and the method are not stated.
BEFORE_TRANSPLANT = MrdPoint(
    timepoints=("PRE_HSCT",), positive_from=Decimal("0.0001"), negative_below=Decimal("0.0001")
)
# 002, MRD [63]: "high" is from 0.1 % to under 5 %, here the level between the two.
ST_JUDE_HIGH = MrdPoint(timepoints=("PRE_HSCT",), positive_from=Decimal("0.05"), negative_below=Decimal("0.001"))
# 003 [37]: neither method nor day is stated.
ON_THE_LABEL = MrdPoint(positive_from=Decimal("0.001"), negative_below=Decimal("0.001"))


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """One row of the decision table that is no strategy; `fits` is what of its condition can be read from a case.

    With a `point` it stands only where the results there have this `level`, and shows them as they were written.
    `in_remission`: it presupposes a remission, so it says nothing of a patient without one.
    """

    id: str
    strategy: str
    says: str
    text: str
    source: str
    fits: Callable[[Question], bool]
    condition: str | None = None
    point: MrdPoint | None = None
    level: MrdLevel | None = None
    in_remission: bool = False


def statements_for(question: Question) -> tuple[Statement, ...]:
    """Return the rows beside the strategies whose own condition fits this relapse, in the order of the table."""
    found = (_statement(row, question) for row in STATEMENTS if row.fits(question))
    return tuple(statement for statement in found if statement is not None)


def _statement(row: StatementRow, question: Question) -> Statement | None:
    if row.in_remission and question.case.response == "no_cr":
        return None
    text = row.text
    if row.point is not None:
        reading = read_mrd(question.case.mrd, row.point)
        if reading.level != row.level:
            return None
        text = f"{text} On file: {'; '.join(written(result) for result in reading.used)}."
    return Statement(
        rule=row.id, strategy=row.strategy, says=row.says, text=text, source=row.source, condition=row.condition
    )


def _always(_: Question) -> bool:
    return True


def _first(question: Question) -> bool:
    """Return whether it is a first relapse without a transplant before it, for which treatment is compared."""
    return question.case.relapse_number == 1 and not question.case.prior_hsct


def _repeated(question: Question) -> bool:
    return question.case.relapse_number > 1


def _up_to_third_remission(question: Question) -> bool:
    return question.case.relapse_number <= 2  # noqa: PLR2004


def _bfm_late(question: Question) -> bool:
    return _first(question) and question.timing is not None and question.timing.bfm == "late"


def _bfm_early(question: Question) -> bool:
    return _first(question) and question.timing is not None and "late" not in question.timing.bfm_possible


def _late_by_all(question: Question) -> bool:
    """Return whether a "late" without a system fits: where BFM and COG agree on it."""
    return _bfm_late(question) and question.timing is not None and question.timing.cog == "late"


def _s4(question: Question) -> bool:
    groups = question.possible.get("ALL_REZ_BFM_95", {})
    return set(groups.values()) == {"S4"}


def _b_precursor_in_remission(question: Question) -> bool:
    case = question.case
    return _first(question) and case.phenotype == "BCP" and case.response == "cr"


def _late_marrow_or_combined(question: Question) -> bool:
    late_marrow = question.site in MARROW and _late_by_all(question)
    return _first(question) and (question.site == "combined_bm" or late_marrow)


def _after_transplant(question: Question) -> bool:
    return question.case.prior_hsct


def _ph_positive(question: Question) -> bool:
    return question.case.ph_status == "positive"


SECOND_RELAPSE = StatementRow(
    id="CD-045",
    strategy="FUSTER_SECOND_RELAPSE",
    says="TRIAL then consider HSCT",
    text="From the second relapse on: a clinical trial, and a transplant to be considered if the remission lasts.",
    source="002, Treatment of second and later relapses [18,27,29]",
    condition="durable remission reached",
    fits=_repeated,
)
AFTER_TRANSPLANT = StatementRow(
    id="CD-046",
    strategy="FUSTER_SECOND_RELAPSE",
    says="INDIVIDUAL",
    text="A relapse after an allogeneic transplant is often refractory, and the patient prone to toxicity: an "
    "individual decision.",
    source="002, Treatment of second and later relapses [27,79]",
    fits=_after_transplant,
)
STATEMENTS: tuple[StatementRow, ...] = (
    StatementRow(
        id="CD-038",
        strategy="TREATMENT_APPROACH_001",
        says="HSCT (better outcome)",
        text="Who is MRD negative before the transplant does better after it: a prognosis, not an allocation. The "
        "source prints no cut-off; this result is below every printed one.",
        source="001, MRD monitoring",
        condition="CR2, HSCT planned",
        fits=_first,
        point=BEFORE_TRANSPLANT,
        level="negative",
        in_remission=True,
    ),
    StatementRow(
        id="CD-039",
        strategy="ILIVE_BFM_000",
        says="CHEMO_MAINT",
        text="Polychemotherapy is called the best for a late relapse, of every phenotype; for a late marrow relapse of "
        "T-cell ALL that contradicts the risk group by Table 5 (C50b).",
        source="000, last paragraph",
        condition="CR2",
        fits=_bfm_late,
        in_remission=True,
    ),
    StatementRow(
        id="CD-040",
        strategy="ILIVE_BFM_000",
        says="HSCT",
        text="A transplant is advised for an early or very early relapse that responds to therapy.",
        source="000, last paragraph",
        condition="tumour sensitive to therapy",
        fits=_bfm_early,
        in_remission=True,
    ),
    StatementRow(
        id="CD-041",
        strategy="ILIVE_BFM_000",
        says="HSCT",
        text="A transplant is advised for a repeated relapse that responds to therapy.",
        source="000, last paragraph",
        condition="tumour sensitive to therapy",
        fits=_repeated,
        in_remission=True,
    ),
    StatementRow(
        id="CD-042",
        strategy="ILIVE_BFM_000",
        says="INDIVIDUAL",
        text="S4: after every element it is decided for this patient whether chemotherapy goes on (C38).",
        source="000, paragraph on ALL-REZ BFM 95",
        fits=_s4,
    ),
    StatementRow(
        id="CD-043",
        strategy="MEDSCAPE_003",
        says="HSCT",
        text="The best outcome of a first relapse is said to come with a transplant; mostly data of adults (C52).",
        source="003, first bullet",
        condition="CR2",
        fits=_first,
        in_remission=True,
    ),
    StatementRow(
        id="CD-044",
        strategy="MEDSCAPE_003",
        says="BLINATUMOMAB (1 + up to 3 cycles)",
        text="The label of blinatumomab covers CD19 positive B-precursor ALL in first or second remission with MRD of "
        "at least 0.1 %: one cycle and up to three more. A label, not an allocation.",
        source="003 [37]",
        condition="CD19 positive, in remission",
        fits=_b_precursor_in_remission,
        point=ON_THE_LABEL,
        level="positive",
        in_remission=True,
    ),
    SECOND_RELAPSE,
    AFTER_TRANSPLANT,
    StatementRow(
        id="CD-047",
        strategy="FUSTER_PH_POS",
        says="INDIVIDUAL (a second SCT should be considered)",
        text="Ph positive relapse after imatinib, again in remission with a tyrosine kinase inhibitor and "
        "chemotherapy: a second transplant should be considered, the source says no more.",
        source="002, New perspectives [88,89]",
        condition="CR2 with TKI and chemotherapy, after imatinib",
        fits=_ph_positive,
        in_remission=True,
    ),
    StatementRow(
        id="CD-048",
        strategy="PRE_HSCT_MRD_BFM",
        says="PROGNOSIS high relapse risk; no action prescribed",
        text="MRD of at least 1e-4 before a transplant went with a high risk of relapse after it (ALL-REZ BFM); no "
        "action is prescribed. Other sources call other amounts high (C74).",
        source="002, MRD [61]",
        condition="HSCT planned in CR2 or CR3",
        fits=_up_to_third_remission,
        point=BEFORE_TRANSPLANT,
        level="positive",
        in_remission=True,
    ),
    StatementRow(
        id="CD-049",
        strategy="PRE_HSCT_MRD_BFM",
        says="PROGNOSIS low relapse risk",
        text="MRD below 1e-4 before a transplant went with a low risk of relapse after it (ALL-REZ BFM; C74).",
        source="002, MRD [61]",
        condition="HSCT planned in CR2 or CR3",
        fits=_up_to_third_remission,
        point=BEFORE_TRANSPLANT,
        level="negative",
        in_remission=True,
    ),
    StatementRow(
        id="CD-050",
        strategy="PRE_HSCT_MRD_STJUDE",
        says="HSCT still reasonable",
        text="MRD of 0.1 % to under 5 % before a transplant (St Jude): survival was 43 %, so a high MRD alone does not "
        "forbid a transplant (C74).",
        source="002, MRD [63]",
        condition="HSCT planned",
        fits=_always,
        point=ST_JUDE_HIGH,
        level="between",
        in_remission=True,
    ),
    StatementRow(
        id="CD-051",
        strategy="DCOG_98",
        says="CHEMO_MAINT",
        text="Late relapses, those of the marrow included: 65 % survived with chemotherapy alone, and who was "
        "transplanted did worse; NOPHO says otherwise (C50).",
        source="002, Post-remission therapy [38]",
        condition="CR2",
        fits=_late_by_all,
        in_remission=True,
    ),
    StatementRow(
        id="CD-052",
        strategy="NOPHO",
        says="INDIVIDUAL (authors: consider allo-SCT)",
        text="The authors advise to consider an allogeneic transplant for a combined marrow relapse, and for a late "
        "marrow relapse of ALL with high-risk features at first diagnosis; DCOG says otherwise (C50).",
        source="002, Post-remission therapy [33]",
        condition="CR2; a late isolated marrow relapse only with high-risk features at first diagnosis",
        fits=_late_marrow_or_combined,
        in_remission=True,
    ),
)
