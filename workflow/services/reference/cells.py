"""What cells of several pages hold: ids that lead to where they are told, codes in words."""

from collections.abc import Iterable, Mapping

from workflow.knowledge.contradictions import CONTRADICTIONS
from workflow.protocols.drawing.wording import anchor_words, condition_words, expects_words, threshold_words
from workflow.protocols.model import Protocol, Protocols, WindowRule
from workflow.services.reference.blocks import Code, Link, Span, Words, anchor_of, joined

SCHEMES_PAGE = "risk-schemes"
STRATEGIES_PAGE = "strategies"
RULES_PAGE = "timing-rules"
REMINDERS_PAGE = "reminders"
CONTRADICTIONS_PAGE = "contradictions"
CHART_PAGE = "chart"
PROTOCOLS_PAGE = "protocols"
NO_DAY = "no day stated"

STATUS_WORDS: Mapping[str, str] = {
    "explicit": "as printed",
    "inferred": "inferred",
    "conflict": "the sources conflict",
    "not_stated": "not stated",
}
SITE_WORDS: Mapping[str, str] = {
    "isolated_em": "isolated extramedullary",
    "combined_bm": "combined",
    "isolated_bm": "isolated marrow",
}
TIMING_WORDS: Mapping[str, str] = {"very_early": "very early", "early": "early", "late": "late"}


def contradictions(ids: Iterable[str]) -> Words:
    """Return ids of contradictions, each leading to where it is told."""
    return joined([Link(text=one, page=CONTRADICTIONS_PAGE, anchor=anchor_of(one)) for one in ids])


def guard(name: str) -> Span:
    """Return what keeps a reading: a timing rule leads to its page, anything else is a name."""
    if name in CONTRADICTIONS:
        return Link(text=name, page=CONTRADICTIONS_PAGE, anchor=anchor_of(name))
    return Code(name)


def rule(rule_id: str) -> Link:
    """Return the id of a timing rule, leading to where all of it is told."""
    return Link(text=rule_id, page=RULES_PAGE, anchor=anchor_of(rule_id))


def page_of(protocol: Protocol, protocols: Protocols) -> str:
    """Return the name of a protocol's page: its id where a choice of the id means it, else with its version."""
    meant = protocols.named(protocol.id)
    is_meant = meant is not None and meant.sha256 == protocol.sha256
    return f"protocol-{protocol.id}" if is_meant else f"protocol-{protocol.ref}"


def standing(protocol: Protocol, protocols: Protocols) -> str:
    """Return why a version cannot be chosen; empty where it can."""
    if protocol.sha256 in protocols.withdrawn:
        return "offered no more; kept for the courses that follow it"
    missing = protocols.drafts.get(protocol.sha256, ())
    return f"draft, to be signed by its {' and its '.join(missing)}" if missing else ""


def numbers(window: WindowRule) -> str:
    """Return the numbers of a timing rule with their conditions."""
    return "; ".join((*(threshold_words(window) or (NO_DAY,)), *condition_words(window)))


def story(window: WindowRule) -> tuple[Words, Words]:
    """Return what opens a window and what it waits for, by the names of the facts."""
    return Code(anchor_words(window)), Code(expects_words(window))
