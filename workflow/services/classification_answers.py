"""The shape of a classification (contract §3.1): pure functions from what the tables say to JSON."""

import re
from collections.abc import Collection, Iterable, Mapping

from workflow.domain.classification import (
    Classification,
    Classified,
    Decision,
    Reason,
    Recommendation,
    Statement,
    Timing,
)
from workflow.domain.facts.treatment import Strategy
from workflow.domain.messages import INTENDED_USE
from workflow.knowledge.contradictions import CONTRADICTIONS
from workflow.knowledge.sources import SOURCES
from workflow.protocols.sources import citation_keys
from workflow.rules.agreement import TIMING_CONFLICT

Shape = dict[str, object]
INDETERMINATE = "indeterminate"
# What a clinician must confirm before a risk group is used (C05), and acknowledges with the choice of the protocol.
TO_CONFIRM = (TIMING_CONFLICT,)
RECOMMENDED_BY: Mapping[Strategy, str] = {
    "BFM_2002": "ALL-REZ BFM 2002",
    "UKALL_R3": "UKALL R3",
    "I_BFM_FIG1": "I-BFM SG (002, Figure 1)",
    "COG_TABLE6": "COG (002, Table 6)",
    "PDQ_2014": "PDQ of 2014 (004)",
    "APPROACH_001": "the treatment approach of 001",
}
# A computed fact is no treatment decision: what is said reads "recommended by …" (domain model §2, rule 4).
_SAID: Mapping[Decision | None, str] = {
    "HSCT": "HSCT, recommended by {}",
    "CHEMO_MAINT": "Chemotherapy and maintenance, recommended by {}",
    "BRIDGE_HSCT": "Bridging therapy and then HSCT, recommended by {}",
    "REFRACTORY_BRANCH": "The treatment of refractory disease, recommended by {}",
    "INDIVIDUAL": "No recommendation by {}, an individual decision",
    "NEED_MRD": "No recommendation by {} without an MRD result",
    "NEED_TIMING": "No recommendation by {} without the end of frontline therapy",
    "NEED_THRESHOLD": "No recommendation by {} for this MRD result",
    "AMBIGUOUS_TIMING": "No recommendation by {} for this timing",
}
_NOTHING_SAID = "No recommendation by {}"
# A contradiction between the sources, as sentences call it: C22, C50b, X3.
_CONTRADICTION = re.compile(r"\b[CX]\d+b?\b", re.ASCII)
_SWITCHED_OFF = Reason(
    about="recommendation",
    rule="COURSEWATCH_RECOMMENDATIONS",
    text="Recommendations are switched off in this installation; classes and risk groups stay.",
    source="operational: the setting COURSEWATCH_RECOMMENDATIONS",
    status="not_stated",
)


def classification_shape(found: Classified, *, recommendations: bool, acknowledged: Collection[str] = ()) -> Shape:
    """Return a classification with a reason for every value, and what the sources and contradictions are that it names.

    Without `recommendations` nothing is said of treatment. `acknowledged` are flags that a clinician has confirmed.
    """
    codes = found.classification
    shown = shown_reasons(found, recommendations=recommendations)
    statements = found.statements if recommendations else ()
    return {
        **codes_shape(codes, recommendations=recommendations, advice_flags=found.advice_flags),
        "recommendation": _recommendations(found) if recommendations else None,
        "statements": [_statement(statement) for statement in statements],
        "to_confirm": [flag for flag in codes.flags if flag in TO_CONFIRM and flag not in acknowledged],
        "reasons": [reason_shape(reason) for reason in _of_values(found, recommendations=recommendations)],
        "sources": _citations([*(reason.source for reason in shown), *(said.source for said in statements)]),
        "contradictions": _told([*shown, *statements]),
        "intended_use": INTENDED_USE,
    }


def shown_reasons(found: Classified, *, recommendations: bool) -> list[Reason]:
    """Return every reason, those of the strategies last; without `recommendations` only what says nothing of them."""
    because = found.recommended_because.values() if recommendations else ()
    return [*_of_values(found, recommendations=recommendations), *because]


def codes_shape(codes: Classification, *, recommendations: bool, advice_flags: Collection[str] = ()) -> Shape:
    """Return a classification as it is stored: its codes alone, what each strategy says among them."""
    hidden = () if recommendations else advice_flags
    return {
        "timing": _timing(codes.timing),
        "timing_possible": _possible(codes.timing),
        "timing_alternative": _alternative(codes.timing),
        "relapse_site": codes.site,
        "site_gaps": list(codes.gaps),
        "risk": dict(codes.risk),
        "recommendation": _decisions(codes) if recommendations else None,
        "flags": [flag for flag in codes.flags if flag not in hidden],
    }


def recommendation_shape(said: Recommendation) -> Shape:
    """Return what a strategy says, without its reason; the condition only where there is one."""
    condition: Shape = {"conditional_on": said.conditional_on} if said.conditional_on else {}
    return {"decision": said.decision, **condition, "rule": said.rule}


def _timing(timing: Timing | None) -> Shape:
    if timing is None:
        return {"BFM": None, "COG": None, "COG_subclass": None, "PDQ": None}
    return {
        "BFM": timing.bfm or INDETERMINATE,
        "COG": timing.cog,
        "COG_subclass": timing.cog_subclass,
        "PDQ": timing.pdq or INDETERMINATE,
    }


def _possible(timing: Timing | None) -> Shape:
    if timing is None:
        return {}
    possible = {"BFM": timing.bfm_possible, "PDQ": timing.pdq_possible}
    return {system: list(classes) for system, classes in possible.items() if len(classes) > 1}


def _alternative(timing: Timing | None) -> Shape:
    return {"BFM": timing.bfm_alternative} if timing is not None and timing.bfm_alternative else {}


def _decisions(codes: Classification) -> Shape:
    return {strategy: recommendation_shape(said) for strategy, said in codes.recommendation.items()}


def _recommendations(found: Classified) -> Shape:
    return {
        strategy: recommendation_shape(said) | _because(strategy, said, found.recommended_because[strategy])
        for strategy, said in found.classification.recommendation.items()
    }


def _because(strategy: Strategy, said: Recommendation, because: Reason) -> Shape:
    leading = _SAID.get(said.decision, _NOTHING_SAID).format(RECOMMENDED_BY[strategy])
    return {
        "why": f"{leading}: {because.text}",
        "source": because.source,
        "status": because.status,
        "contradictions": list(because.contradictions),
    }


def _of_values(found: Classified, *, recommendations: bool) -> Iterable[Reason]:
    if recommendations:
        return found.reasons
    hidden = {f"flags.{flag}" for flag in found.advice_flags}
    return (*(reason for reason in found.reasons if reason.about not in hidden), _SWITCHED_OFF)


def reason_shape(reason: Reason) -> Shape:
    """Return one reason: what it is about, its sentence, where that is written, how sure it is."""
    return {
        "about": reason.about,
        "rule": reason.rule,
        "text": reason.text,
        "source": reason.source,
        "status": reason.status,
        "contradictions": list(reason.contradictions),
    }


def _statement(said: Statement) -> Shape:
    return {
        "rule": said.rule,
        "strategy": said.strategy,
        "says": said.says,
        "condition": said.condition,
        "text": said.text,
        "source": said.source,
    }


def _told(shown: Iterable[Reason | Statement]) -> Shape:
    """Return what disagrees, and how it is read here, for every contradiction that a reason or a sentence names."""
    named: set[str] = set()
    for said in shown:
        named.update(_CONTRADICTION.findall(said.text))
        named.update(said.contradictions if isinstance(said, Reason) else ())
    return {
        key: f"{known.finding} Read here: {known.resolution}" for key, known in CONTRADICTIONS.items() if key in named
    }


def _citations(sources: Iterable[str]) -> Shape:
    """Return the full citations that `002, Table 5 [42]; 000, last paragraph` and the like stand for."""
    cited = {key for source in sources for key in citation_keys(source)}
    return {key: citation for key, citation in SOURCES.items() if key in cited}
