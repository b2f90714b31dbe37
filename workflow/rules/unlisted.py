"""What is said of a start whose element its protocol does not list as it is written: what was meant, and what to do."""

from datetime import date

from workflow.protocols.codes import number_of
from workflow.protocols.files.problems import did_you_mean
from workflow.protocols.model import Element, Protocol, Protocols
from workflow.rules.sequence import code_in_words

# Of a shorter beginning too many protocols have one.
_SHORTEST_BEGINNING = 3


def in_words(code: str, protocol: Protocol, protocols: Protocols, on: date) -> str | None:
    """Return what is to be said of a start with this code under a protocol; None where it is listed so.

    `on` is the day of the start: what other protocols list is what they have in force on it.
    """
    listed = protocol.listed_as(code)
    if listed is not None:
        meant = f"{protocol.ref} lists this element as {listed}, and it counts as that; correct how it is written."
        return None if listed == code else meant
    codes = ", ".join(map(code_in_words, protocol.elements))
    told = f"{protocol.ref} does not list this element; it lists {codes}"
    return f"{told}{meant_or_elsewhere(code, protocol, protocols, on)}"


def meant_or_elsewhere(code: str, protocol: Protocol, protocols: Protocols, on: date) -> str:
    """Return which other protocol at hand lists a code, and how it is followed, or else which one was perhaps meant."""
    others = [known for known in _in_force(protocols, on) if known.id != protocol.id]
    having = [known.id for known in others if known.element(code) is not None]
    if having:
        return f". {_listed(having)} {_list(having)} it: {_way_to(having)}"
    theirs = [name for known in others for name in _codes(known, code)]
    near = did_you_mean(code, _codes(protocol, code)) or did_you_mean(code, theirs)
    if near:
        return f". D{near.removeprefix(', d')}"
    beginning = code.strip().casefold()
    called = [known for known in others if known.id.startswith(beginning)]
    if not called or len(beginning) < _SHORTEST_BEGINNING:
        return "."
    elements = dict.fromkeys(code_in_words(element) for known in called for element in known.elements)
    names = [known.id for known in called]
    return f". {_listed(names)} {_list(names)} {', '.join(elements)}: {_way_to(names)}"


def _in_force(protocols: Protocols, on: date) -> list[Protocol]:
    """Return what a ward may choose on a day: of each id the version that it means."""
    named = (protocols.named(known, on) for known in protocols.ids)
    return [known for known in named if known is not None and known.sha256 not in protocols.drafts]


def _way_to(having: list[str]) -> str:
    which = "it" if len(having) == 1 else "one of them"
    return (
        f"if {which} is followed, record protocol_chosen with it, dated on the day of the start or before, or none of "
        "its intervals is counted for this start."
    )


def _list(names: list[str]) -> str:
    return "lists" if len(names) == 1 else "list"


def _codes(protocol: Protocol, code: str) -> list[str]:
    """Return the codes that a start may have under a protocol; a numbered element's with the number that is given."""
    return [_code(element, number_of(code) or 1) for element in protocol.elements]


def _code(element: Element, number: int) -> str:
    return f"{element.code}_{number}" if element.numbered else element.code


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
