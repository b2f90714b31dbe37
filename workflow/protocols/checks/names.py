"""Whether every name in a protocol is one of its own: elements, groups of a scheme, and each of them once."""

from collections import Counter
from collections.abc import Iterator, Sequence

from workflow.protocols.checks.groups import GROUPS_OF, unknown_groups
from workflow.protocols.codes import family_of, number_of
from workflow.protocols.files.document import ProtocolDocument
from workflow.protocols.files.misplaced import misplaced
from workflow.protocols.files.problems import Flaw, KeyPath, did_you_mean
from workflow.protocols.for_whom import InGroups
from workflow.protocols.model import START, Protocol


def names_once(protocol: Protocol) -> Iterator[Flaw]:
    """Yield every name that stands twice where it may stand once."""
    yield from repeated("elements", "code", [element.code for element in protocol.elements])
    yield from repeated("windows", "rule", [window.rule for window in protocol.windows])
    points = [f"{point.timepoint} {point.method or 'any method'}" for point in protocol.mrd_points]
    yield from repeated("mrd_points", "timepoint", points)
    yield from repeated("caps", "rule", [cap.rule for cap in protocol.caps])
    yield from repeated("stated", "rule", [f"{said.rule}: {said.text}" for said in protocol.stated])
    rows = [f"the row after {row.after}{_for(row.risk)}" for row in protocol.sequence]
    yield from repeated("sequence", "after", rows)
    asked = [f'the condition "{entry.asks}"' for entry in protocol.eligibility]
    yield from repeated("eligibility", "asks", asked)
    doses = [
        f"the dose of {dose.drug} in {dose.element} on {list(dose.days)} for {dose.for_}" for dose in protocol.doses
    ]
    yield from repeated("doses", "drug", doses)


def repeated(table: str, key: str, names: Sequence[str]) -> Iterator[Flaw]:
    """Yield a flaw at each entry of a table whose name stands there before."""
    counted = Counter(names)
    for place, name in enumerate(names):
        if counted[name] > 1 and names.index(name) < place:
            yield Flaw(at=(table, place, key), message=f"{name} stands here twice", allowed="a name used once")


def element_codes(protocol: Protocol) -> Iterator[Flaw]:
    """Yield codes that mean something else: START, and a number behind the code of a numbered element."""
    numbered = {element.code for element in protocol.elements if element.numbered}
    for place, element in enumerate(protocol.elements):
        at: KeyPath = ("elements", place, "code")
        if element.code == START:
            message = f"{START} is the beginning of an attempt, and no element"
            yield Flaw(at=at, message=message, allowed="another code")
        if element.numbered and number_of(element.code) is not None:
            message = f"{element.code} has a number already, and numbered stands for all numbers"
            yield Flaw(at=at, message=message, allowed=f"{family_of(element.code)} with numbered, or no numbered")
        if not element.numbered and family_of(element.code) in numbered:
            message = f"{element.code} is one of {family_of(element.code)}, which is numbered"
            yield Flaw(at=at, message=message, allowed=f"{family_of(element.code)} alone, or each number by itself")


def elements_named(protocol: Protocol) -> Iterator[Flaw]:
    """Yield every name of an element that the protocol does not list."""
    for at, code in elements_written(protocol):
        if not is_listed(protocol, code):
            listed = (START, *codes_of(protocol)) if at[-1] == "after" else codes_of(protocol)
            message = f"{code} is not an element of this protocol{did_you_mean(code, listed)}"
            if code == START:
                message = f"{START} begins an attempt and cannot follow"
            yield Flaw(at=at, message=message, allowed=", ".join(listed))


def keys_of_the_file(protocol: Protocol) -> Iterator[Flaw]:
    """Yield keys of the whole file among those that their author chose: TOML counts them to the table above them."""
    for table, keys in (("citations", protocol.citations), ("without_window", protocol.without_window)):
        found = (misplaced((table, key), ProtocolDocument) for key in keys)
        yield from (flaw for flaw in found if flaw is not None)


def is_listed(protocol: Protocol, code: str) -> bool:
    """Whether a name is that of an element, of all of a numbered kind, or of one of them."""
    return any(code == element.code or element.names(code) for element in protocol.elements)


def codes_of(protocol: Protocol) -> tuple[str, ...]:
    """Return the codes of the elements, each once."""
    return tuple(dict.fromkeys(element.code for element in protocol.elements))


def first_places(protocol: Protocol) -> Iterator[tuple[int, str]]:
    """Yield each code of an element with the place where it stands first."""
    codes = [element.code for element in protocol.elements]
    yield from ((codes.index(code), code) for code in codes_of(protocol))


def elements_written(protocol: Protocol) -> Iterator[tuple[KeyPath, str]]:
    """Yield each place outside [[elements]] where an element is named, with the name; START is none."""
    for place, window in enumerate(protocol.windows):
        at: KeyPath = ("windows", place)
        yield from _each((*at, "hard_min_elements"), window.hard_min_elements)
        yield from _each((*at, "anchor_elements"), window.anchor_elements)
        for number, expected in enumerate(window.expects):
            yield from _each((*at, "expects", number, "elements"), expected.elements)
    for place, cap in enumerate(protocol.caps):
        yield from _each(("caps", place, "elements"), cap.elements)
    for place, row in enumerate(protocol.sequence):
        if row.after != START:
            yield ("sequence", place, "after"), row.after
        yield from _each(("sequence", place, "then"), row.then)
    yield from ((("doses", place, "element"), dose.element) for place, dose in enumerate(protocol.doses))


def _each(at: KeyPath, codes: Sequence[str]) -> Iterator[tuple[KeyPath, str]]:
    yield from (((*at, number), code) for number, code in enumerate(codes))


def risk_groups(protocol: Protocol) -> Iterator[Flaw]:
    """Yield groups that the scheme beside them does not have."""
    for at, risk in _conditions(protocol):
        known = ", ".join(GROUPS_OF[risk.scheme])
        for place, group in unknown_groups(risk):
            message = f"{group} is no group of {risk.scheme}{did_you_mean(group, GROUPS_OF[risk.scheme])}"
            yield Flaw(at=(*at, "groups", place), message=message, allowed=f"groups of {risk.scheme}: {known}")
        if len(set(risk.groups)) < len(risk.groups):
            yield Flaw(at=(*at, "groups"), message="a group stands here twice", allowed="each group once")


def _conditions(protocol: Protocol) -> Iterator[tuple[KeyPath, InGroups]]:
    found: list[tuple[KeyPath, InGroups | None]] = []
    found += [(("windows", place, "risk"), window.risk) for place, window in enumerate(protocol.windows)]
    found += [(("sequence", place, "risk"), row.risk) for place, row in enumerate(protocol.sequence)]
    found += [(("eligibility", place, "risk"), entry.risk) for place, entry in enumerate(protocol.eligibility)]
    if protocol.individual_decision is not None:
        found.append((("individual_decision", "risk"), protocol.individual_decision.risk))
    yield from ((at, risk) for at, risk in found if risk is not None)


def _for(risk: InGroups | None) -> str:
    return f" for {', '.join(risk.groups)} of {risk.scheme}" if risk else ""
