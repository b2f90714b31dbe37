"""Fills the page of the protocols: the version that an id means drawn and in words, others by their names."""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from api.pages.rendering import page
from api.pages.words import ANCHOR_WORDS, days_in_words
from workflow.domain.actor import Actor
from workflow.protocols.drawing.gates import gates
from workflow.protocols.drawing.sentences import (
    dose_words,
    element_words,
    eligibility_words,
    follows_words,
    mrd_words,
)
from workflow.protocols.drawing.timeline import NARROW, timeline_svg
from workflow.protocols.drawing.wording import anchor_words, condition_words, expects_words, threshold_words
from workflow.protocols.model import Protocol, WindowRule
from workflow.services import read_reference
from workflow.services.house import House
from workflow.services.reference.cells import page_of, standing
from workflow.services.reference.protocol_parts import DAY_COUNTING


def protocols_page(request: Request, house: House, actor: Actor) -> Response:
    """Return every protocol version at hand: what an id means drawn and said, others as links to the reference."""
    at_hand = read_reference.at_hand(house, actor)
    known = at_hand.protocols
    pages = {page_of(protocol, known): protocol for protocol in known.versions}
    values = {
        "protocols": [
            _protocol(protocol)
            | {"page": name, "standing": standing(protocol, known), "signed": at_hand.signed.get(protocol.sha256)}
            for name, protocol in pages.items()
            if "@" not in name
        ],
        "others": [
            {"ref": protocol.ref, "page": name, "standing": standing(protocol, known)}
            for name, protocol in pages.items()
            if "@" in name
        ],
        "day_counting": DAY_COUNTING,
    }
    return page(request, "protocols.html", values, signed_in_as=actor.name)


def _protocol(protocol: Protocol) -> dict[str, object]:
    return {
        "anchor": f"{protocol.id}-{protocol.version}".replace(".", "-"),
        "title": protocol.title,
        "scope": protocol.scope.rstrip("."),
        "ref": protocol.ref,
        "in_force_from": protocol.in_force_from,
        "elements": [element.code for element in protocol.elements],
        "silent_after": f"{days_in_words(protocol.silent_after_days)} without a record in treatment",
        "sha256": protocol.sha256,
        "svg": timeline_svg(protocol),
        "narrow": timeline_svg(protocol, NARROW),
        "windows": [_window(window) for window in protocol.windows],
        "beside": {title: said for title, said in _beside(protocol) if said},
        "stated": [f"{one.rule}: {one.text} ({one.source})" for one in protocol.stated],
        "changes": protocol.changes,
        "not_stated": protocol.not_stated,
        "citations": dict(protocol.citations),
    }


def _beside(protocol: Protocol) -> Iterator[tuple[str, list[str]]]:
    """Yield what a protocol states beside its windows, part by part, each as sentences with their sources."""
    special = [(f"{one.code}: {words}", one.source) for one in protocol.elements if (words := element_words(one))]
    yield "Elements of their own kind", [f"{words} ({source})" for words, source in special]
    yield "Sequence", [f"{follows_words(row)} ({row.source})" for row in protocol.sequence]
    yield "Gates", [f"{gate.rule}: {gate.words} ({gate.source})" for gate in gates(protocol)]
    asked = [f"{entry.asks}: {eligibility_words(entry)} ({entry.source})" for entry in protocol.eligibility]
    yield "For whom; asked, never refused", asked
    points = (
        f"{point.timepoint}: {point.method or 'method not stated'}, cut-off {mrd_words(point)} ({point.source})"
        for point in protocol.mrd_points
    )
    yield "MRD", list(points)
    doses = (
        f"{dose.element}: {dose.drug} {dose_words(dose)}{f', {dose.for_}' if dose.for_ else ''} ({dose.source})"
        for dose in protocol.doses
    )
    yield "Doses, for display only", list(doses)


def _window(window: WindowRule) -> dict[str, object]:
    return {
        "rule": window.rule,
        "label": window.label,
        "anchor": anchor_words(window).replace(window.anchor, ANCHOR_WORDS.get(window.anchor, window.anchor)),
        "awaited": expects_words(window).replace("_", " "),
        "thresholds": threshold_words(window),
        "conditions": [*condition_words(window), *([window.boundary] if window.boundary else [])],
        "source": window.source,
    }
