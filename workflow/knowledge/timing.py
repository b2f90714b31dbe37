"""Says when a first relapse came, by BFM, COG and PDQ, with every class that an unknown date still allows."""

from dataclasses import dataclass
from datetime import date

from workflow.domain.case import Case
from workflow.domain.classification import BfmTiming, CogSubclass, CogTiming, PdqTiming, Reason, Timing
from workflow.knowledge.timing_cuts import BFM_EARLY, BFM_VERY_EARLY, COG_EARLY, COG_VERY_EARLY, PDQ_EARLY
from workflow.knowledge.timing_reasons import class_reasons, first_relapse_only, flag_reasons, known_end


@dataclass(frozen=True, slots=True, kw_only=True)
class TimingReading:
    """The timing of a relapse with its proof; `timing` is None from the second relapse on."""

    timing: Timing | None
    flags: tuple[str, ...]
    reasons: tuple[Reason, ...]


def timing_of(case: Case) -> TimingReading:
    """Return the classes of the three systems; where a date is missing, every class that the others still allow."""
    if case.relapse_number > 1:
        return TimingReading(timing=None, flags=(), reasons=(first_relapse_only(case.relapse_number),))
    ends = _ends(case)
    timing = Timing(
        bfm_possible=tuple(dict.fromkeys(_bfm(case, end) for end in ends)),
        bfm_alternative=_alternative(case, ends[0]) if len(ends) == 1 else None,
        cog=_cog(case),
        cog_subclass=_cog_subclass(case),
        pdq_possible=tuple(dict.fromkeys(_pdq(case, end) for end in ends)),
    )
    flagged = flag_reasons(case, timing)
    return TimingReading(timing=timing, flags=tuple(flagged), reasons=(*class_reasons(case, timing), *flagged.values()))


def _ends(case: Case) -> tuple[date | None, ...]:
    """Return the ends of frontline therapy to classify by; None is therapy that goes on.

    An unknown end lies between two bounds: therapy that goes on, and therapy that ended on the day of the diagnosis.
    A cut counted from the end has only two sides, so the classes of the bounds are all that any end can lead to.
    """
    if case.frontline_ongoing:
        return (None,)
    end = known_end(case)
    return (None, case.diagnosis_on) if end is None else (end,)


def _bfm(case: Case, end: date | None) -> BfmTiming:
    soon_after_end = end is None or BFM_EARLY.is_before(case.relapse_on, end)
    if BFM_VERY_EARLY.is_before(case.relapse_on, case.diagnosis_on):
        return "very_early" if soon_after_end else case.switches.short_frontline
    return "early" if soon_after_end else "late"


def _alternative(case: Case, end: date | None) -> BfmTiming | None:
    """Return the other class of a relapse that is very early by the diagnosis and late by the end of therapy."""
    collide = (
        end is not None
        and BFM_VERY_EARLY.is_before(case.relapse_on, case.diagnosis_on)
        and not BFM_EARLY.is_before(case.relapse_on, end)
    )
    if not collide:
        return None
    return "late" if case.switches.short_frontline == "very_early" else "very_early"


def _cog(case: Case) -> CogTiming:
    return "early" if COG_EARLY.is_before(case.relapse_on, case.diagnosis_on) else "late"


def _cog_subclass(case: Case) -> CogSubclass:
    if COG_VERY_EARLY.is_before(case.relapse_on, case.diagnosis_on):
        return "very_early"
    return "intermediate" if _cog(case) == "early" else "late"


def _pdq(case: Case, end: date | None) -> PdqTiming:
    return "early" if end is None or PDQ_EARLY.is_before(case.relapse_on, end) else "late"
