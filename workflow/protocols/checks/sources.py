"""Whether everything that a protocol states says where it is written."""

from collections.abc import Iterator, Sequence

from workflow.protocols.files.problems import Flaw, KeyPath
from workflow.protocols.model import Protocol
from workflow.protocols.sources import source_flaws


def sources(protocol: Protocol) -> Iterator[Flaw]:
    """Yield every source that names no citation, an unknown one, or one without its place."""
    declared = tuple(protocol.citations)
    for at, source in _written(protocol):
        yield from source_flaws(source, (*at, "source"), declared)


def _written(protocol: Protocol) -> Iterator[tuple[KeyPath, str]]:
    tables: dict[str, Sequence[str]] = {
        "elements": [element.source for element in protocol.elements],
        "windows": [window.source for window in protocol.windows],
        "mrd_points": [point.source for point in protocol.mrd_points],
        "sequence": [row.source for row in protocol.sequence],
        "caps": [cap.source for cap in protocol.caps],
        "eligibility": [entry.source for entry in protocol.eligibility],
        "doses": [dose.source for dose in protocol.doses],
        "stated": [said.source for said in protocol.stated],
    }
    for table, written in tables.items():
        yield from (((table, place), source) for place, source in enumerate(written))
    if protocol.individual_decision is not None:
        yield ("individual_decision",), protocol.individual_decision.source
    if protocol.switches_source is not None:
        yield ("classification",), protocol.switches_source
    if protocol.switches.recovery is not None:
        yield ("classification", "recovery"), protocol.switches.recovery.source
