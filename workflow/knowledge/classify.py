"""Classifies one relapse under all schemes side by side, each value with its reason and its published source."""

from functools import lru_cache

from workflow.domain.case import Case
from workflow.domain.classification import Classification, Classified
from workflow.knowledge.advice_flags import OF_TREATMENT
from workflow.knowledge.recommend import recommended
from workflow.knowledge.risk import risk_groups
from workflow.knowledge.sites import site_of
from workflow.knowledge.timing import timing_of

# A ward asks about the same relapses again and again; a case with its reasons takes some ten kilobytes.
_REMEMBERED = 512


def classify(case: Case) -> Classified:
    """Return what the published tables say of this relapse: total, never guessed, the same for the same case."""
    return _classified(case, case.digits)


@lru_cache(maxsize=_REMEMBERED)
def _classified(case: Case, _digits: str) -> Classified:
    site = site_of(case)
    timing = timing_of(case)
    risk = risk_groups(case, timing.timing, site.site)
    advice = recommended(case, timing.timing, site, risk.possible)
    flags = (*timing.flags, *site.flags, *risk.flags, *advice.flags)
    classification = Classification(
        site=site.site,
        gaps=site.gaps,
        timing=timing.timing,
        risk=risk.groups,
        recommendation=advice.recommendation,
        statements=tuple(statement.rule for statement in advice.statements),
        flags=tuple(dict.fromkeys(flags)),
    )
    return Classified(
        classification=classification,
        reasons=(*timing.reasons, *site.reasons, *risk.reasons, *advice.reasons),
        recommended_because=advice.because,
        statements=advice.statements,
        advice_flags=tuple(flag for flag in advice.flags if flag in OF_TREATMENT),
    )
