"""The page of the timing rules: everything that any table or protocol says under one rule id, in one place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from workflow.knowledge.contradictions import CONTRADICTIONS
from workflow.knowledge.timing_cuts import BFM_EARLY, BFM_VERY_EARLY, COG_EARLY, COG_VERY_EARLY, PDQ_EARLY, Cut
from workflow.protocols.drawing.gates import gates_beside_windows
from workflow.protocols.model import Protocol, WindowRule
from workflow.protocols.operations import OPERATIONS
from workflow.protocols.version_order import natural_order
from workflow.services.reference.blocks import Block, Heading, Link, Page, Paragraph, Span, Table, Words, joined, spans
from workflow.services.reference.cells import (
    RULES_PAGE,
    SCHEMES_PAGE,
    STRATEGIES_PAGE,
    contradictions,
    numbers,
    story,
)

_LEAD = (
    "Day counting: intervals are days between two calendar dates at the patient's site, so “21 d” is 21 days after the "
    "anchor; the ward, which counts the start as day 1, says day 22. What the sources state without a number, and what "
    "they state for display only, is said and never judged by."
)
_UNUSED_LEAD = (
    "Rows of the table of timing rules for which no protocol has a window, a gate or a statement: what each says, and "
    "why it stands nowhere."
)
_CUTS: Mapping[str, Cut] = {
    "BFM: very early before, early from": BFM_VERY_EARLY,
    "BFM: early up to, late after": BFM_EARLY,
    "COG: very early before, intermediate from": COG_VERY_EARLY,
    "COG: early before, late from": COG_EARLY,
    "PDQ: early up to, late after": PDQ_EARLY,
}
_HEADS = ("what", "from", "waits for", "numbers", "source", "in")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """What one rule says in one place; the same line in several protocols is told once."""

    rule: str
    what: str
    opened_by: Words
    awaited: Words
    numbers: str
    source: str
    contradictions: tuple[str, ...] = ()


def timing_rules_page(pages: Mapping[str, Protocol], unused: Mapping[str, str]) -> Page:
    """Return the page of the rules of these protocols, by the names of their pages, and of the classes' limits.

    `unused` are the reasons why no protocol uses a row, by its id.
    """
    places: dict[_Line, list[Span]] = {}
    for page, protocol in pages.items():
        for line in _lines(protocol):
            places.setdefault(line, []).append(Link(text=protocol.ref, page=page))
    for line in _lines(OPERATIONS):
        places.setdefault(line, []).append("every course")
    for what, cut in _CUTS.items():
        places.setdefault(_cut_line(what, cut), []).extend(_classified_by(cut))
    told = (block for rule in sorted({line.rule for line in places}, key=_order) for block in _rule(rule, places))
    return Page(
        name=RULES_PAGE,
        title="Timing rules",
        about="every rule by its id: windows, caps, limits of the timing classes, and what is stated without a clock",
        blocks=(Paragraph(_LEAD), *told, *_unused(unused)),
    )


def rule_ids(protocols: Sequence[Protocol]) -> frozenset[str]:
    """Return the ids of the rules that the page tells of."""
    lines = (line for protocol in (*protocols, OPERATIONS) for line in _lines(protocol))
    return frozenset(line.rule for line in lines) | {cut.rule for cut in _CUTS.values()}


def _order(rule: str) -> tuple[bool, bool, object]:
    """Return what puts rules of the timing table first, and last what belongs to a contradiction and has no clock."""
    return (rule in CONTRADICTIONS, not rule.startswith("TR-"), natural_order(rule))


def _classified_by(cut: Cut) -> Iterator[Link]:
    """Yield the pages on which a class that this limit ends decides something."""
    if cut in {BFM_VERY_EARLY, BFM_EARLY}:
        yield Link(text="risk schemes", page=SCHEMES_PAGE)
    yield Link(text="strategies", page=STRATEGIES_PAGE)


def _unused(unused: Mapping[str, str]) -> Iterator[Block]:
    if unused:
        title = "Rows that no protocol uses"
        yield Heading(2, title)
        yield Paragraph(_UNUSED_LEAD)
        yield Table(title, ("row", "what, and why not"), tuple(unused.items()))


def _rule(rule: str, places: Mapping[_Line, list[Span]]) -> Iterator[Block]:
    lines = {line: found for line, found in places.items() if line.rule == rule}
    yield Heading(2, rule)
    yield Table(rule, _HEADS, tuple(_row(line, found) for line, found in lines.items()))
    touched = dict.fromkeys(one for line in lines for one in line.contradictions)
    if touched:
        yield Paragraph(("Touched by ", *spans(contradictions(touched)), "."))


def _row(line: _Line, places: list[Span]) -> tuple[Words, ...]:
    return (line.what, line.opened_by, line.awaited, line.numbers, line.source, joined(places))


def _lines(protocol: Protocol) -> Iterator[_Line]:
    for window in protocol.windows:
        yield _window_line(window)
    for gate in gates_beside_windows(protocol):
        yield _stated(gate.rule, f"Gate: {gate.words}", gate.source)
    for statement in protocol.stated:
        yield _stated(statement.rule, statement.text, statement.source)


def _window_line(window: WindowRule) -> _Line:
    opened_by, awaited = story(window)
    return _Line(
        rule=window.rule,
        what=window.label,
        opened_by=opened_by,
        awaited=awaited,
        numbers=numbers(window),
        source=window.source,
    )


def _stated(rule: str, text: str, source: str) -> _Line:
    known = (rule,) if rule in CONTRADICTIONS else ()
    return _Line(rule=rule, what=text, opened_by="", awaited="", numbers="", source=source, contradictions=known)


def _cut_line(what: str, cut: Cut) -> _Line:
    side = "the earlier" if cut.day_itself == "before" else "the later"
    return _Line(
        rule=cut.rule,
        what=what,
        opened_by=cut.since.removeprefix("the "),
        awaited="diagnosis of the relapse",
        numbers=f"{cut.months} months; the day itself belongs to {side} class",
        source=cut.source,
        contradictions=cut.disputed_on_the_day,
    )
