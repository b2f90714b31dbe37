"""From the text of `protocol.toml` to a protocol, or to everything that is wrong with it."""

from collections.abc import Mapping
from hashlib import sha256

from workflow.domain.switches import AS_MOST_SOURCES, Recovery, Switches
from workflow.protocols.document import (
    ClassificationTable,
    ExpectationTable,
    ProtocolDocument,
    RecoveryTable,
    WindowTable,
)
from workflow.protocols.model import Element, Expectation, MrdPoint, Protocol, WindowRule
from workflow.protocols.problems import KeyPath
from workflow.protocols.reading import read_document


def parse_protocol(text: str, file: str) -> Protocol:
    """Return the protocol written in `text`; `file` names it in errors.

    Checks the shape only, so that a body pinned long ago stays readable; `checks` asks for more before a protocol
    is loaded. Raises ProtocolError with every problem: unknown keys, wrong types, unknown names, what is missing.
    """
    return parse_with_lines(text, file)[0]


def parse_with_lines(text: str, file: str) -> tuple[Protocol, Mapping[KeyPath, int]]:
    """Return the protocol and the line of each of its keys, counted from 1; raises ProtocolError."""
    document, lines = read_document(text, file, ProtocolDocument)
    protocol = Protocol(
        id=document.id,
        version=document.version,
        title=document.title,
        scope=document.scope,
        elements=tuple(Element(**element.model_dump()) for element in document.elements),
        windows=tuple(_window(window) for window in document.windows),
        mrd_points=tuple(MrdPoint(**point.model_dump()) for point in document.mrd_points),
        without_window=document.without_window,
        citations=document.citations,
        not_stated=tuple(document.not_stated),
        silent_after_days=document.silent_after_days,
        sha256=sha256(text.encode()).hexdigest(),
        body=text,
        switches=_switches(document.classification),
        switches_source=document.classification.source if document.classification else None,
    )
    return protocol, lines


def _window(table: WindowTable) -> WindowRule:
    written = table.model_dump(exclude={"expects", "hard_min_elements", "closed_by"})
    return WindowRule(
        **written,
        expects=tuple(_expectation(expected) for expected in table.expects),
        hard_min_elements=tuple(table.hard_min_elements),
        closed_by=tuple(table.closed_by),
    )


def _expectation(table: ExpectationTable) -> Expectation:
    return Expectation(facts=tuple(table.facts), timepoints=tuple(table.timepoints))


def _switches(table: ClassificationTable | None) -> Switches:
    if table is None:
        return AS_MOST_SOURCES
    return Switches(**table.model_dump(exclude={"source", "recovery"}), recovery=_recovery(table.recovery))


def _recovery(table: RecoveryTable | None) -> Recovery | None:
    if table is None:
        return None
    counts = table.model_dump(exclude={"source"}, exclude_none=True)
    return Recovery(source=table.source, **{name: float(count) for name, count in counts.items()})
