"""Protocols as the outside reads them."""

from dataclasses import asdict

from workflow.protocols.diagram import chart_mermaid, protocol_mermaid
from workflow.protocols.model import Protocol, Protocols
from workflow.protocols.timeline import timeline_svg as draw_timeline
from workflow.services import answers
from workflow.services.errors import NotFoundError
from workflow.services.house import Answer, House


def listed(house: House) -> Answer:
    """Return every protocol version at hand, in short."""
    shapes = [_summary(protocol) for protocol in house.protocols.versions]
    return Answer(200, answers.to_json(answers.page(shapes)))


def one(house: House, name: str) -> Answer:
    """Return a protocol by id (its newest version) or id@version; raises NotFoundError."""
    return Answer(200, answers.to_json(shape(found(house.protocols, name))))


def diagram(house: House, name: str) -> str:
    """Return a protocol's windows and the chart as Mermaid text; raises NotFoundError."""
    return f"{protocol_mermaid(found(house.protocols, name))}\n\n{chart_mermaid()}"


def timeline_svg(house: House, name: str) -> str:
    """Return a protocol's thresholds drawn on a day axis as SVG; raises NotFoundError."""
    return draw_timeline(found(house.protocols, name))


def found(protocols: Protocols, name: str) -> Protocol:
    """Return the protocol called `name`; raises NotFoundError naming those there are."""
    protocol = protocols.named(name)
    if protocol is None:
        raise NotFoundError(f"no such protocol; known: {', '.join(protocols.ids)}")
    return protocol


def shape(protocol: Protocol) -> answers.Shape:
    """Return a protocol with its elements, windows, MRD points, sources, and what they leave open."""
    return _summary(protocol) | {
        "elements": [asdict(element) for element in protocol.elements],
        "windows": [asdict(window) for window in protocol.windows],
        "mrd_points": [
            asdict(point) | {"cutoff": None if point.cutoff is None else str(point.cutoff)}
            for point in protocol.mrd_points
        ],
        "classification": asdict(protocol.switches) | {"source": protocol.switches_source},
        "without_window": dict(protocol.without_window),
        "citations": dict(protocol.citations),
        "not_stated": list(protocol.not_stated),
        "silent_after_days": protocol.silent_after_days,
    }


def _summary(protocol: Protocol) -> answers.Shape:
    return {
        "id": protocol.id,
        "version": protocol.version,
        "title": protocol.title,
        "scope": protocol.scope,
        "sha256": protocol.sha256,
    }
