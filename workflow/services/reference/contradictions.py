"""The page of the contradictions between the sources: what each is, how it is read here, what keeps the reading."""

from collections.abc import Iterator, Mapping

from workflow.knowledge.contradictions import CONTRADICTIONS
from workflow.knowledge.contradictions.contradiction import Contradiction
from workflow.services.reference.blocks import Block, Heading, Listing, Page, Paragraph, Span, Words, joined, spans
from workflow.services.reference.cells import CONTRADICTIONS_PAGE, guard, rule

_PRIORITIES: Mapping[str, str] = {
    "S": "touches a patient's safety",
    "D": "changes a computed class",
    "I": "for information",
    "X": "how a table whose layout was lost was read",
}


def contradictions_page(timing_rules: frozenset[str]) -> Page:
    """Return the page of all contradictions; `timing_rules` are the ids that the page of the rules tells of."""
    safety = sum(one.priority == "S" for one in CONTRADICTIONS.values())
    lead = (
        f"The sources contradict themselves and each other, misprint and leave holes: {len(CONTRADICTIONS)} places are "
        f"known, {safety} of them touch a patient's safety. No value is silently chosen: each reading stands here with "
        "what keeps it."
    )
    told = (block for one in CONTRADICTIONS.values() for block in _contradiction(one, timing_rules))
    return Page(
        name=CONTRADICTIONS_PAGE,
        title="Contradictions between the sources",
        about="where the sources disagree, misprint or leave a hole, and how each place is read",
        blocks=(Paragraph(lead), Listing(tuple(f"{key}: {words}" for key, words in _PRIORITIES.items())), *told),
    )


def _contradiction(one: Contradiction, timing_rules: frozenset[str]) -> Iterator[Block]:
    yield Heading(2, one.id)
    yield Listing(
        (
            f"Priority: {one.priority}, {_PRIORITIES[one.priority]}.",
            f"Finding: {one.finding}",
            f"Read as: {one.resolution}",
            _kept(one.guards, timing_rules),
        )
    )


def _kept(guards: tuple[str, ...], timing_rules: frozenset[str]) -> Words:
    if not guards:
        return "Kept by: nothing, since nothing here uses the sentence."
    named: list[Span] = [rule(name) if name in timing_rules else guard(name) for name in guards]
    return ("Kept by: ", *spans(joined(named)), ".")
