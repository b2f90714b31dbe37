"""Whether worked examples speak of their own protocol: one that follows another, by a slip, shows nothing of it."""

from collections.abc import Iterator, Sequence
from datetime import date

from workflow.domain.facts.treatment import BlockEndedWithoutCompletion, BlockStarted, ProtocolChosen
from workflow.protocols.checks.names import codes_of
from workflow.protocols.codes import id_of, number_of
from workflow.protocols.files.examples import Example, ExampleFact
from workflow.protocols.files.problems import Flaw, KeyPath, did_you_mean
from workflow.protocols.files.vocabulary import ACCEPTED
from workflow.protocols.model import Protocol, Protocols

_NOT_LISTED = "element_not_listed"


def misnamed(protocol: Protocol, examples: Sequence[Example]) -> list[Flaw]:
    """Return choices that pin nothing and elements that are misspelt; as long as there are any, nothing else is shown.

    An example may choose another protocol too, and start an element that nobody could take for one of this one's.
    """
    found: list[Flaw] = []
    for place, example in enumerate(examples):
        found += _choices(example, protocol, ("examples", place))
        found += _elements(example, protocol, ("examples", place))
    return found


def _choices(example: Example, protocol: Protocol, at: KeyPath) -> Iterator[Flaw]:
    chosen = [(key, fact, False) for key, fact in _facts(example, at)]
    chosen += [
        ((*at, "next", number), proposed.fact, True)
        for number, proposed in enumerate(example.next)
        if proposed.answer == ACCEPTED
    ]
    named = [
        (key, fact.data.protocol, fact.occurred_on, proposed)
        for key, fact, proposed in chosen
        if isinstance(fact.data, ProtocolChosen)
    ]
    pins = any(_means(name, on, protocol) for _, name, on, proposed in named if not proposed)
    for key, name, on, proposed in named:
        if _means(name, on, protocol):
            continue
        place = (*key, "data", "protocol")
        near = did_you_mean(id_of(name), [protocol.id])
        if name == protocol.id:
            message = f"in_force_from is {protocol.in_force_from}, so {name} does not mean {protocol.ref} on {on}"
            yield Flaw(at=place, message=message, allowed=protocol.ref)
        elif near or proposed or not pins:
            message = f"{name} is not this protocol, which is {protocol.ref}{near}"
            yield Flaw(at=place, message=message, allowed=f"{protocol.id} or {protocol.ref}")


def _means(name: str, on: date, protocol: Protocol) -> bool:
    return Protocols((protocol,)).named(name, on) is not None


def _elements(example: Example, protocol: Protocol, at: KeyPath) -> Iterator[Flaw]:
    for key, fact in _under(example, protocol, at):
        if not isinstance(fact.data, BlockStarted | BlockEndedWithoutCompletion):
            continue
        code = fact.data.element
        near = "" if protocol.element(code) else did_you_mean(code, _codes_like(code, protocol))
        if near:
            message = f"{code} is not an element of {protocol.ref}{near}"
            yield Flaw(at=(*key, "data", "element"), message=message, allowed=", ".join(codes_of(protocol)))


def _codes_like(code: str, protocol: Protocol) -> Iterator[str]:
    """Yield what starts can be called, numbered ones with the number that the code has."""
    for element in protocol.elements:
        yield f"{element.code}_{number_of(code) or 1}" if element.numbered else element.code


def _under(example: Example, protocol: Protocol, at: KeyPath) -> Iterator[tuple[KeyPath, ExampleFact]]:
    """Yield the facts while the protocol is followed, proposed ones too but where no element of it is meant."""
    under = False
    for key, fact in _facts(example, at):
        if isinstance(fact.data, ProtocolChosen):
            under = _means(fact.data.protocol, fact.occurred_on, protocol)
        elif fact.type == "relapse_diagnosed":
            under = False
        elif under:
            yield key, fact
    for number, proposed in enumerate(example.next):
        if under and _NOT_LISTED not in (proposed.warnings or ()):
            yield (*at, "next", number), proposed.fact


def _facts(example: Example, at: KeyPath) -> list[tuple[KeyPath, ExampleFact]]:
    return [((*at, "facts", number), fact) for number, fact in enumerate(example.facts)]
