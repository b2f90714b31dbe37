"""What a reader of the recommendations must know beside them: each flag with its reason."""

from collections.abc import Collection, Iterator

from workflow.domain.classification import Reason
from workflow.knowledge.decision_table import MARROW, Question
from workflow.knowledge.mrd import is_zero_without_sensitivity, written

# They say what a row of a strategy leads to; the others are known of the patient, whatever is recommended.
OF_TREATMENT = ("sct_considered", "late_t_marrow")


def flag_reasons(question: Question, raised: Collection[str]) -> dict[str, Reason]:
    """Return the flags of this relapse with their reasons; `raised` are those of the rows that decided."""
    reasons = (*_of_rows(raised), *_of_patient(question), *_of_results(question))
    return {reason.about.removeprefix("flags."): reason for reason in reasons}


def _of_rows(raised: Collection[str]) -> Iterator[Reason]:
    if "sct_considered" in raised:
        yield Reason(
            about="flags.sct_considered",
            rule="CD-005",
            text="Very early isolated extramedullary relapse with a low MRD: the group IR leads to chemotherapy, but a "
            "transplant in second remission has been considered too, with an event-free survival under 50 % without "
            "it, and UKALL R3 and I-BFM count this relapse as HR.",
            source="002, Post-remission therapy [20,40,41,77]",
            status="conflict",
            contradictions=("C29", "C31"),
        )


def _of_patient(question: Question) -> Iterator[Reason]:
    case, timing = question.case, question.timing
    if case.prior_hsct:
        yield Reason(
            about="flags.prior_hsct",
            rule="CD-046",
            text="A transplant came before this relapse; the published tables are made for relapses without one.",
            source="002, Treatment of second and later relapses [27,79]",
        )
    if case.ph_status == "positive":
        yield Reason(
            about="flags.ph_positive",
            rule="CD-047",
            text="Ph positive: neither the risk schemes nor the strategies here ask about it.",
            source="002, New perspectives [88,89]",
        )
    if case.phenotype == "T" and question.site in MARROW and timing is not None and timing.bfm == "late":
        yield Reason(
            about="flags.late_t_marrow",
            rule="CD-039",
            text="Late marrow relapse of T-cell ALL: by Table 5 it is HR, which leads to a transplant; 000 calls "
            "chemotherapy the best for every late relapse. Table 5 is followed.",
            source="000, last paragraph; 002, Table 5 [42]",
            status="conflict",
            contradictions=("C50", "C50b"),
        )


def _of_results(question: Question) -> Iterator[Reason]:
    bare = [result for result in question.case.mrd if is_zero_without_sensitivity(result)]
    if bare:
        yield Reason(
            about="flags.mrd_zero_without_sensitivity",
            rule="mrd_zero_without_sensitivity",
            text="An MRD of 0 says nothing without its sensitivity, for nobody said how little would have been seen: "
            f"{'; '.join(written(result) for result in bare)}. Send below with the sensitivity.",
            source="002, Table 2 [28]",
            status="inferred",
        )
