"""Proves the timing classes: which days were compared, by which rule, and where the sources disagree about them."""

from collections.abc import Sequence
from datetime import date

from workflow.domain.case import Case
from workflow.domain.classification import BfmTiming, Reason, Timing
from workflow.knowledge.timing_cuts import BFM_EARLY, BFM_VERY_EARLY, COG_EARLY, COG_VERY_EARLY, PDQ_EARLY, Cut

# 000 counts its words from the diagnosis alone, with other months, and contradicts itself; no rule is taken from it.
_OTHER_WORDS = ("C01", "C02")
# 004 knows the end of therapy alone.
_END_ALONE = "C92"


def in_words(classes: Sequence[str]) -> str:
    """Return class names as people say them: `very early`, `early or late`."""
    return " or ".join(name.replace("_", " ") for name in classes)


def known_end(case: Case) -> date | None:
    """Return the recorded end of frontline therapy; None also where it lies after the relapse, which cannot be."""
    end = case.frontline_end_on
    return end if end is not None and end <= case.relapse_on else None


def first_relapse_only(relapse_number: int) -> Reason:
    """Return why a second or later relapse has no timing class."""
    return Reason(
        about="timing",
        rule="first_relapse_only",
        text=f"This is relapse {relapse_number}: the timing classes and the risk groups built on them are made for the "
        "first relapse, so there is none here.",
        source="000; 002, Table 5 [42]",
    )


def class_reasons(case: Case, timing: Timing) -> tuple[Reason, ...]:
    """Return one reason for each class of the three systems, with its comparison of days."""
    return (
        _bfm_reason(case, timing),
        _cog_reason(case, "timing.COG", timing.cog, (COG_EARLY,)),
        _cog_reason(
            case,
            "timing.COG_subclass",
            timing.cog_subclass,
            {
                "very_early": (COG_VERY_EARLY,),
                "intermediate": (COG_VERY_EARLY, COG_EARLY),
                "late": (COG_EARLY,),
            }[timing.cog_subclass],
        ),
        Reason(
            about="timing.PDQ",
            rule=PDQ_EARLY.rule,
            text=f"PDQ {in_words(timing.pdq_possible)}: {_by_the_end(case, PDQ_EARLY)}.",
            source=PDQ_EARLY.source,
            contradictions=(_END_ALONE,),
        ),
    )


def flag_reasons(case: Case, timing: Timing) -> dict[str, Reason]:
    """Return the flags that the dates raise, each with its reason."""
    reasons = {
        "frontline_end_after_relapse": _end_after_relapse(case),
        "timing_conflict": _short_frontline(case, timing.bfm_possible, timing.bfm_alternative),
        "systems_disagree": _systems_disagree(case, timing),
    }
    return {flag: reason for flag, reason in reasons.items() if reason is not None}


def _bfm_reason(case: Case, timing: Timing) -> Reason:
    cut = BFM_VERY_EARLY
    text = cut.told(case.relapse_on, case.diagnosis_on)
    disputes = cut.disputes(case.relapse_on, case.diagnosis_on)
    if timing.bfm != "very_early":
        cut, end = BFM_EARLY, known_end(case)
        text = f"{text}; {_by_the_end(case, cut)}"
        disputes += () if end is None else cut.disputes(case.relapse_on, end)
    if timing.bfm_alternative is not None:
        disputes += ("C05",)
    return Reason(
        about="timing.BFM",
        rule=cut.rule,
        text=f"BFM {in_words(timing.bfm_possible)}: {text}.",
        source=cut.source,
        status="conflict" if disputes else "explicit",
        contradictions=(*_OTHER_WORDS, *disputes),
    )


def _cog_reason(case: Case, about: str, name: str, cuts: tuple[Cut, ...]) -> Reason:
    disputes = tuple(dispute for cut in cuts for dispute in cut.disputes(case.relapse_on, case.diagnosis_on))
    return Reason(
        about=about,
        rule=cuts[0].rule,
        text=f"COG {in_words((name,))}: {'; '.join(cut.told(case.relapse_on, case.diagnosis_on) for cut in cuts)}.",
        source=cuts[0].source,
        status="conflict" if disputes else "explicit",
        contradictions=disputes,
    )


def _by_the_end(case: Case, cut: Cut) -> str:
    """Return what the end of frontline therapy says, as the second half of a sentence."""
    end = known_end(case)
    if case.frontline_ongoing:
        return "frontline therapy was going on"
    if end is not None:
        return cut.told(case.relapse_on, end)
    if cut.is_before(case.relapse_on, case.diagnosis_on):
        line = cut.line(case.relapse_on, case.diagnosis_on)
        return f"{line}, so that no end of frontline therapy lies more than {cut.months} months back"
    return "the end of frontline therapy is not known"


def _end_after_relapse(case: Case) -> Reason | None:
    end = case.frontline_end_on
    if end is None or end <= case.relapse_on:
        return None
    return Reason(
        about="flags.frontline_end_after_relapse",
        rule=BFM_EARLY.rule,
        text=f"The end of frontline therapy lies after the relapse: {end} > {case.relapse_on}. It is taken as not "
        "known; correct the registration.",
        source=BFM_EARLY.source,
    )


def _short_frontline(case: Case, taken: Sequence[BfmTiming], alternative: BfmTiming | None) -> Reason | None:
    end = known_end(case)
    if alternative is None or end is None:
        return None
    very_early = BFM_VERY_EARLY.told(case.relapse_on, case.diagnosis_on)
    late = BFM_EARLY.told(case.relapse_on, end)
    return Reason(
        about="flags.timing_conflict",
        rule=BFM_VERY_EARLY.rule,
        text=f"After short frontline therapy two rules collide: very early, {very_early}; late, {late}. It is read as "
        f"{in_words(taken)}, the alternative is {in_words((alternative,))}: a clinician must confirm which one stands "
        "before the risk group is used.",
        source="002, Table 2, Table 5 note [42] and Basic concepts",
        status="conflict",
        contradictions=("C05",),
    )


def _systems_disagree(case: Case, timing: Timing) -> Reason | None:
    if timing.bfm is None or (timing.bfm == "late") == (timing.cog == "late"):
        return None
    return Reason(
        about="flags.systems_disagree",
        rule=COG_EARLY.rule,
        text=f"BFM says {in_words((timing.bfm,))}: {_by_the_end(case, BFM_EARLY)}. COG says {timing.cog}: "
        f"{COG_EARLY.told(case.relapse_on, case.diagnosis_on)}. The systems count from different days; both stand.",
        source="002, Table 2 and Basic concepts",
        # Late by BFM and early by COG is described, for 24 months of therapy; the reverse follows from the rules.
        status="explicit" if timing.bfm == "late" else "inferred",
        contradictions=("C07",),
    )
