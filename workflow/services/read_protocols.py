"""Protocols as the outside reads them."""

from dataclasses import asdict

from workflow.domain.actor import Actor
from workflow.persistence.protocol_signatures import list_signatures
from workflow.persistence.unit_of_work import reading
from workflow.protocols.drawing.diagram import chart_mermaid, protocol_mermaid
from workflow.protocols.drawing.timeline import timeline_svg as draw_timeline
from workflow.protocols.model import Dose, Protocol, Protocols
from workflow.services import answers
from workflow.services.errors import NotFoundError
from workflow.services.house import Answer, House
from workflow.services.protocol_release import released_by, standing


def listed(house: House, actor: Actor) -> Answer:
    """Return every protocol version at hand, in short, with its release."""
    with reading(house.database, actor) as unit:
        signatures = list_signatures(unit.connection)
    shapes = [_summary(version) | standing(house, version, signatures) for version in house.protocols.versions]
    return Answer(200, answers.to_json(answers.page(shapes)))


def one(house: House, actor: Actor, name: str) -> Answer:
    """Return a protocol by id (its newest released version) or id@version, with its release; raises NotFoundError."""
    with reading(house.database, actor) as unit:
        signatures = list_signatures(unit.connection)
    version = found(released_by(house.protocols, signatures), name)
    return Answer(200, answers.to_json(shape(version) | standing(house, version, signatures)))


def diagram(house: House, name: str) -> str:
    """Return a protocol's windows and the chart as Mermaid text; raises NotFoundError."""
    return f"{protocol_mermaid(found(house.protocols, name))}\n\n{chart_mermaid()}"


def timeline_svg(house: House, name: str) -> str:
    """Return a protocol's thresholds drawn on a day axis as SVG; raises NotFoundError."""
    return draw_timeline(found(house.protocols, name))


def found(protocols: Protocols, name: str) -> Protocol:
    """Return the protocol called `name`, offered or kept; raises NotFoundError naming those there are."""
    kept = (version for version in reversed(protocols.versions) if version.id == name)
    protocol = protocols.named(name) or next(kept, None)
    if protocol is None:
        raise NotFoundError(f"no such protocol; known: {', '.join(protocols.ids)}")
    return protocol


def shape(protocol: Protocol) -> answers.Shape:
    """Return a protocol with everything that its file states, under the file's names."""
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
        "changes": list(protocol.changes),
        "sequence": [asdict(row) for row in protocol.sequence],
        "caps": [asdict(cap) for cap in protocol.caps],
        "individual_decision": asdict(protocol.individual_decision) if protocol.individual_decision else None,
        "eligibility": [
            asdict(entry) | {"mrd_from": None if entry.mrd_from is None else str(entry.mrd_from)}
            for entry in protocol.eligibility
        ],
        "doses": [_dose(dose) for dose in protocol.doses],
        "stated": [asdict(statement) for statement in protocol.stated],
    }


def _dose(dose: Dose) -> answers.Shape:
    """Return a dose under the names of the file, its amount as text: a number would lose what was printed."""
    told = asdict(dose)
    return {
        **{name: value for name, value in told.items() if name != "for_"},
        "for": dose.for_,
        "amount": str(dose.amount),
    }


def _summary(protocol: Protocol) -> answers.Shape:
    return {
        "id": protocol.id,
        "version": protocol.version,
        "title": protocol.title,
        "scope": protocol.scope,
        "sha256": protocol.sha256,
        "in_force_from": protocol.in_force_from,
    }
