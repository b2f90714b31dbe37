"""What a protocol says, part by part: its page, the page of all protocols and the terminal show the same."""

from collections.abc import Iterator

from workflow.domain.switches import AS_MOST_SOURCES
from workflow.protocols.drawing.gates import gates
from workflow.protocols.drawing.mermaid import sequence_mermaid
from workflow.protocols.drawing.sentences import after_words, dose_words, element_words, eligibility_words, mrd_words
from workflow.protocols.drawing.wording import groups_words
from workflow.protocols.model import Protocol, WindowRule
from workflow.services.reference.blocks import (
    Block,
    Code,
    Diagram,
    Heading,
    Listing,
    Paragraph,
    Span,
    Table,
    Words,
    joined,
    spans,
)
from workflow.services.reference.cells import numbers, rule, story

# Said wherever numbers of windows stand, for sources and wards count otherwise than intervals do.
DAY_COUNTING = (
    "Numbers are days after the date that opens the window, while day 1 is the day of the start: what ends on day 5 "
    "ends 4 d after its start."
)
_SEQUENCE = (
    "A departure is accepted with a warning. After what no row names anything may come; of a numbered element the "
    "number is one more than the last of its kind in the attempt."
)
_DOSES = "For display only: nothing computes with them. What the sources do not print is not here."
_ELIGIBILITY = "Asked when the protocol is chosen, and never refused. All entries must hold."
_STATED = "No clock runs for these, and nothing is judged by them."


def parts(protocol: Protocol) -> Iterator[Block]:
    """Yield everything that a protocol's file states, in the order in which a reader asks for it."""
    yield from _elements(protocol)
    yield from _windows(protocol)
    yield from _gates(protocol)
    yield from _mrd_points(protocol)
    yield from _doses(protocol)
    yield from _eligibility(protocol)
    yield from _readings(protocol)
    yield from _stated(protocol)
    yield from _open_questions(protocol)


def _elements(protocol: Protocol) -> Iterator[Block]:
    yield Heading(2, "Elements")
    rows = (
        (element.code, element.label, element_words(element), element.source, element.note or "")
        for element in protocol.elements
    )
    yield Table("Elements", ("code", "name", "special", "source", "note"), tuple(rows))
    if protocol.sequence:
        yield Heading(2, "Sequence")
        yield Paragraph(_SEQUENCE)
        yield Diagram(title="Elements and their sequence", mermaid=sequence_mermaid(protocol))
        sequence = (
            (after_words(row), " or ".join(row.then), groups_words(row.risk) if row.risk else "everybody", row.source)
            for row in protocol.sequence
        )
        yield Table("Sequence", ("after", "may come", "for", "source"), tuple(sequence))


def _windows(protocol: Protocol) -> Iterator[Block]:
    yield Heading(2, "Windows")
    if not protocol.windows:
        yield Paragraph("The sources state no interval: no window runs.")
    heads = ("rule", "name", "from", "waits for", "numbers", "source")
    rows = (
        (rule(window.rule), window.label, *story(window), numbers(window), window.source) for window in protocol.windows
    )
    if protocol.windows:
        yield Paragraph(DAY_COUNTING)
        yield Table("Windows", heads, tuple(rows))
        for window in protocol.windows:
            yield Heading(3, f"{window.rule} {window.label}")
            yield Listing(tuple(_remarks(window)))
    if protocol.without_window:
        yield Heading(2, "Elements without a window")
        yield Listing(tuple((Code(code), f": {reason}") for code, reason in protocol.without_window.items()))


def _remarks(window: WindowRule) -> Iterator[Words]:
    """Yield what is to be known of a window beside its numbers, at the least what else closes it."""
    said = (window.boundary, window.note, window.first_interval_evidence)
    yield from (words for words in said if words)
    if window.closed_by:
        yield ("Also closed by ", *_codes(window.closed_by), ".")
    else:
        yield "Closed by what it waits for, and by whatever ends the treatment."


def _codes(names: tuple[str, ...]) -> tuple[Span, ...]:
    return spans(joined([Code(name) for name in names]))


def _gates(protocol: Protocol) -> Iterator[Block]:
    rows = tuple((rule(gate.rule), gate.words, gate.source, gate.note or "") for gate in gates(protocol))
    if not rows:
        return
    yield Heading(2, "Gates")
    yield Paragraph("A clinician passes a gate with a coded reason; what was given is never lost.")
    yield Table("Gates", ("rule", "what", "source", "note"), rows)


def _mrd_points(protocol: Protocol) -> Iterator[Block]:
    if not protocol.mrd_points:
        return
    yield Heading(2, "MRD points")
    rows = (
        (point.timepoint, point.method or "not stated", mrd_words(point), point.printed or "", point.source)
        for point in protocol.mrd_points
    )
    yield Table("MRD points", ("time point", "method", "cut-off", "as printed", "source"), tuple(rows))


def _doses(protocol: Protocol) -> Iterator[Block]:
    if not protocol.doses:
        return
    yield Heading(2, "Doses")
    yield Paragraph(_DOSES)
    rows = (
        (dose.element, dose.drug, dose_words(dose), dose.for_ or "", dose.source, dose.note or "")
        for dose in protocol.doses
    )
    yield Table("Doses", ("element", "drug", "dose", "for", "source", "note"), tuple(rows))


def _eligibility(protocol: Protocol) -> Iterator[Block]:
    if not protocol.eligibility:
        return
    yield Heading(2, "For whom")
    yield Paragraph(_ELIGIBILITY)
    rows = ((entry.asks, eligibility_words(entry), entry.source) for entry in protocol.eligibility)
    yield Table("For whom", ("asked", "answered by", "source"), tuple(rows))


def _readings(protocol: Protocol) -> Iterator[Block]:
    switches = protocol.switches
    yield Heading(2, "Classification")
    rows: list[tuple[Words, ...]] = [
        (
            "second CSF sample",
            "needed" if switches.second_csf_sample else "not needed",
            _own(protocol, "second_csf_sample"),
        ),
        (
            "testicular relapse",
            "by enlargement" if switches.testis_by_enlargement else "by biopsy",
            _own(protocol, "testis_by_enlargement"),
        ),
        (
            "short frontline therapy",
            switches.short_frontline.replace("_", " "),
            _own(protocol, "short_frontline"),
        ),
        (
            "“late” in COG Table 6",
            f"from {switches.table_6_late_from_months} months after diagnosis",
            _own(protocol, "table_6_late_from_months"),
        ),
    ]
    if switches.recovery is None:
        rows.append(("recovered marrow", "not judged", "not stated"))
    else:
        rows += [("recovered marrow", limit, switches.recovery.source) for limit in _limits(protocol)]
    yield Table("Classification", ("reading", "taken", "source"), tuple(rows))


def _own(protocol: Protocol, reading: str) -> str:
    """Return the source of a reading that is the protocol's own; the file names one source for all of them."""
    if protocol.switches_source is None or getattr(protocol.switches, reading) == getattr(AS_MOST_SOURCES, reading):
        return "as in most sources"
    return protocol.switches_source


def _limits(protocol: Protocol) -> Iterator[str]:
    found = protocol.switches.recovery
    if found is None:
        return
    limits = {
        "leucocytes above {:g} · 10⁹/l": found.wbc_above,
        "neutrophils at least {:g} per µl": found.anc_at_least,
        "platelets above {:g} · 10⁹/l": found.platelets_above,
        "platelets at least {:g} · 10⁹/l": found.platelets_at_least,
    }
    yield from (words.format(limit) for words, limit in limits.items() if limit is not None)


def _stated(protocol: Protocol) -> Iterator[Block]:
    if protocol.stated:
        yield Heading(2, "Stated, and not timed")
        yield Paragraph(_STATED)
        rows = ((rule(one.rule), one.text, one.source) for one in protocol.stated)
        yield Table("Stated, and not timed", ("rule", "what", "source"), tuple(rows))


def _open_questions(protocol: Protocol) -> Iterator[Block]:
    if protocol.not_stated:
        yield Heading(2, "Not stated")
        yield Paragraph("What the sources leave open stays open here.")
        yield Listing(protocol.not_stated)
    yield Heading(2, "Sources")
    yield Listing(tuple((Code(key), f": {title}") for key, title in sorted(protocol.citations.items())))
