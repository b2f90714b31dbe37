"""All pages of the reference, and the one that leads to them."""

from collections.abc import Iterator, Mapping, Sequence

from workflow.domain.messages import INTENDED_USE
from workflow.knowledge.sources import SOURCES
from workflow.protocols.drawing.timeline import timeline_svg
from workflow.protocols.files.examples import Example
from workflow.protocols.files.schema import EXAMPLES_SCHEMA, PROTOCOL_SCHEMA
from workflow.protocols.model import Protocol, Protocols
from workflow.services.reference.blocks import (
    INDEX,
    Block,
    Code,
    Drawing,
    Heading,
    Link,
    Listing,
    Page,
    Paragraph,
    Table,
    Words,
    joined,
)
from workflow.services.reference.cells import PROTOCOLS_PAGE, STATUS_WORDS, page_of, standing
from workflow.services.reference.chart import chart_page
from workflow.services.reference.contradictions import contradictions_page
from workflow.services.reference.protocol_parts import parts
from workflow.services.reference.reminders import reminders_page
from workflow.services.reference.schemes import schemes_page
from workflow.services.reference.strategies import strategies_page
from workflow.services.reference.timing_rules import rule_ids, timing_rules_page
from workflow.services.reference.worked_examples import worked_examples

Examples = Mapping[str, Sequence[Example]]
_LEAD = (
    "What the program knows, page by page, with the source of every value. All of it is built from the tables and the "
    "protocols that the program itself works with; nothing here is written by hand."
)
_KEYS = "A source is cited by its key and the place; [n] is a reference of the review's own list."


def reference(protocols: Protocols, examples: Examples) -> Mapping[str, Page]:
    """Return every page by its name.

    `examples` are worked examples by a protocol's content hash; a protocol without any is shown without.
    """
    shown = {page_of(one, protocols): one for one in protocols.versions}
    tables = (
        schemes_page(),
        strategies_page(),
        timing_rules_page(shown),
        reminders_page(),
        contradictions_page(rule_ids(protocols.versions)),
        chart_page(),
    )
    of_protocols = tuple(_protocol_page(name, protocols, shown, examples) for name in shown)
    overview = _protocols_page(protocols, shown)
    pages = (_index((overview, *tables)), overview, *tables, *of_protocols)
    return {page.name: page for page in pages}


def _index(pages: Sequence[Page]) -> Page:
    sure: Mapping[str, str] = {
        "explicit": "its source prints it so",
        "inferred": "read from elsewhere, or from a table whose layout was lost; the note says how",
        "conflict": "its source can be read in two ways, or says otherwise elsewhere; the note says how it is read",
        "not_stated": "no source says it, so nothing is filled in",
    }
    return Page(
        name=INDEX,
        title="Reference",
        about="where everything is",
        blocks=(
            Paragraph(_LEAD),
            Paragraph(f"Intended use: {INTENDED_USE}"),
            Heading(2, "Pages"),
            Listing(tuple((Link(text=page.title, page=page.name), f": {page.about}") for page in pages)),
            Heading(2, "Sources"),
            Paragraph(_KEYS),
            Listing(tuple((Code(key), f": {words}") for key, words in SOURCES.items())),
            Heading(2, "For people who write protocols"),
            Paragraph(
                (
                    "The JSON Schemas of a protocol's two files are beside these pages: ",
                    Code(PROTOCOL_SCHEMA),
                    " and ",
                    Code(EXAMPLES_SCHEMA),
                    ".",
                )
            ),
            Heading(2, "How sure"),
            Listing(tuple(f"{STATUS_WORDS[status]}: {words}." for status, words in sure.items())),
        ),
    )


def _protocols_page(protocols: Protocols, shown: Mapping[str, Protocol]) -> Page:
    meant = [(name, one) for name, one in shown.items() if "@" not in name]
    others = [(name, one) for name, one in shown.items() if "@" in name]
    blocks: list[Block] = [
        Paragraph(
            (
                "A protocol is data: what its sources state, and nothing else. ",
                Code("protocol_chosen"),
                " names one as in the first column, and pins its version.",
            )
        ),
        Table("Protocols", ("name", "protocol", "for", "windows", "gates"), tuple(_line(*each) for each in meant)),
    ]
    if others:
        links = tuple(
            (Link(text=one.ref, page=name), f": {standing(one, protocols) or one.title}") for name, one in others
        )
        blocks += [
            Heading(2, "Other versions"),
            Paragraph("Courses that follow one keep it until they are moved by another choice."),
            Listing(links),
        ]
    return Page(
        name=PROTOCOLS_PAGE,
        title="Protocols",
        about="every protocol: elements, sequence, windows, gates, what is not stated, worked examples",
        blocks=tuple(blocks),
    )


def _line(name: str, protocol: Protocol) -> tuple[Words, ...]:
    gates = [cap.rule for cap in protocol.caps]
    if protocol.individual_decision is not None:
        gates.append(protocol.individual_decision.rule)
    gates += [window.rule for window in protocol.windows if window.hard_min_days is not None]
    return (
        Code(protocol.id),
        Link(text=protocol.title, page=name),
        protocol.scope,
        ", ".join(window.rule for window in protocol.windows) or "none stated",
        ", ".join(gates),
    )


def _protocol_page(name: str, protocols: Protocols, shown: Mapping[str, Protocol], examples: Examples) -> Page:
    protocol = shown[name]
    return Page(
        name=name,
        title=protocol.title if "@" not in name else f"{protocol.title}, version {protocol.version}",
        about=protocol.scope,
        blocks=(
            *_opening(name, shown, standing(protocol, protocols)),
            *(block for part in _with_drawing(name, protocol) for block in part),
            *worked_examples(examples.get(protocol.sha256, ())),
        ),
    )


def _opening(name: str, shown: Mapping[str, Protocol], stands: str) -> Iterator[Block]:
    protocol = shown[name]
    yield Paragraph(f"{protocol.scope.rstrip('.')}.")
    silent = "1 day" if protocol.silent_after_days == 1 else f"{protocol.silent_after_days} days"
    facts: list[tuple[Words, ...]] = [
        ("name in facts", Code(protocol.ref)),
        ("in force from", protocol.in_force_from.isoformat() if protocol.in_force_from else "any day"),
        ("silent after", f"{silent} without a record in treatment"),
        ("content hash", Code(protocol.sha256)),
    ]
    if stands:
        facts.append(("release", stands))
    others = [(page, one) for page, one in shown.items() if one.id == protocol.id and page != name]
    if others:
        facts.append(("other versions", joined([Link(text=one.ref, page=page) for page, one in others])))
    yield Table(f"About {protocol.ref}", ("", ""), tuple(facts))
    if protocol.changes:
        yield Heading(2, "What is different from the version before")
        yield Listing(protocol.changes)


def _with_drawing(name: str, protocol: Protocol) -> Iterator[tuple[Block, ...]]:
    """Yield the parts of a protocol, its windows drawn above their table."""
    title = f"Timing windows of {protocol.title}, version {protocol.version}"
    for block in parts(protocol):
        is_windows = isinstance(block, Heading) and block.text == "Windows" and protocol.windows
        yield (block, Drawing(name=name, title=title, svg=timeline_svg(protocol))) if is_windows else (block,)
