"""All pages of the reference, and the one that leads to them."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from workflow.domain.messages import INTENDED_USE
from workflow.knowledge.rules_of_no_protocol import RULES_OF_NO_PROTOCOL
from workflow.knowledge.sources import SOURCES
from workflow.protocols.drawing.gates import gates
from workflow.protocols.drawing.timeline import NARROW, timeline_svg
from workflow.protocols.files.examples import Example
from workflow.protocols.files.schema import EXAMPLES_SCHEMA, PROTOCOL_SCHEMA
from workflow.protocols.model import Protocol, Protocols
from workflow.services.reference.blocks import (
    INDEX,
    Block,
    Code,
    Drawing,
    File,
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
NOBODY_SIGNED: Mapping[str, str] = MappingProxyType({})
_LEAD = (
    "What the program knows, page by page, with the source of every value. All of it is built from the tables and the "
    "protocols that the program itself works with; nothing here is written by hand."
)
_KEYS = "A source is cited by its key and the place; [n] is a reference of the review's own list."


def reference(
    protocols: Protocols, examples: Examples, signed: Mapping[str, str] = NOBODY_SIGNED
) -> Mapping[str, Page]:
    """Return every page by its name.

    By a protocol's content hash, `examples` are its worked examples and `signed` says who signed it and when; what has
    none is shown without.
    """
    shown = {page_of(one, protocols): one for one in protocols.versions}
    tables = (
        schemes_page(),
        strategies_page(),
        timing_rules_page(shown, RULES_OF_NO_PROTOCOL),
        reminders_page(),
        contradictions_page(rule_ids(protocols.versions)),
        chart_page(),
    )
    of_protocols = tuple(
        _protocol_page(name, shown, _release(one, protocols, signed), examples.get(one.sha256, ()))
        for name, one in shown.items()
    )
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
                    File(PROTOCOL_SCHEMA),
                    " and ",
                    File(EXAMPLES_SCHEMA),
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
                " names one as in the first column, and pins the newest released version in force on its day; ",
                Code("id@version"),
                " pins that one.",
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
    return (
        Code(protocol.id),
        Link(text=protocol.title, page=name),
        protocol.scope,
        ", ".join(window.rule for window in protocol.windows) or "none stated",
        ", ".join(dict.fromkeys(gate.rule for gate in gates(protocol))),
    )


def _release(protocol: Protocol, protocols: Protocols, signed: Mapping[str, str]) -> str:
    """Return how a version is released and by whom; empty where it was shipped and is offered."""
    who = signed.get(protocol.sha256)
    said = (standing(protocol, protocols) or ("released" if who else ""), f"signed by {who}" if who else "")
    return "; ".join(words for words in said if words)


def _protocol_page(name: str, shown: Mapping[str, Protocol], release: str, examples: Sequence[Example]) -> Page:
    protocol = shown[name]
    return Page(
        name=name,
        title=protocol.title if "@" not in name else f"{protocol.title}, version {protocol.version}",
        about=protocol.scope,
        blocks=(
            *_opening(name, shown, release),
            *(block for part in _with_drawing(name, protocol) for block in part),
            *worked_examples(examples),
        ),
    )


def _opening(name: str, shown: Mapping[str, Protocol], release: str) -> Iterator[Block]:
    protocol = shown[name]
    yield Paragraph(f"{protocol.scope.rstrip('.')}.")
    silent = "1 day" if protocol.silent_after_days == 1 else f"{protocol.silent_after_days} days"
    facts: list[tuple[Words, ...]] = [
        ("name in facts", Code(protocol.ref)),
        ("in force from", protocol.in_force_from.isoformat() if protocol.in_force_from else "any day"),
        ("silent after", f"{silent} without a record in treatment"),
        ("content hash", Code(protocol.sha256)),
    ]
    if release:
        facts.append(("release", release))
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
    drawing = Drawing(name=name, title=title, svg=timeline_svg(protocol), narrow=timeline_svg(protocol, NARROW))
    for block in parts(protocol):
        is_windows = isinstance(block, Heading) and block.text == "Windows" and protocol.windows
        yield (block, drawing) if is_windows else (block,)
