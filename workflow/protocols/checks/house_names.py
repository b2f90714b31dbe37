"""Whether a protocol's names are its own: those of daily work, and names that no fact can carry, are not."""

import re
from collections.abc import Iterator

from workflow.protocols.files.problems import Flaw, KeyPath
from workflow.protocols.model import Protocol
from workflow.protocols.operations import OPERATIONS

# As long as `data.protocol` of a choice may be.
LONGEST_REF = 80
_OF_THE_HOUSE = re.compile(r"(OP|CW)-", re.IGNORECASE)


def names_of_the_house(protocol: Protocol) -> Iterator[Flaw]:
    """Yield an id and rules that daily work has already: two protocols of one name cannot be told apart."""
    if protocol.id == OPERATIONS.id:
        message = f"{protocol.id} is what daily work goes by under every protocol"
        yield Flaw(at=("id",), message=message, allowed="an id of your own")
    for at, rule in _rules(protocol):
        if _OF_THE_HOUSE.match(rule):
            message = f"{rule} is a name of the house's own rules, {', '.join(own.rule for own in OPERATIONS.windows)}"
            yield Flaw(at=at, message=message, allowed="a name that does not begin with OP- or CW-")


def _rules(protocol: Protocol) -> Iterator[tuple[KeyPath, str]]:
    yield from ((("windows", place, "rule"), window.rule) for place, window in enumerate(protocol.windows))
    yield from ((("caps", place, "rule"), cap.rule) for place, cap in enumerate(protocol.caps))
    yield from ((("stated", place, "rule"), said.rule) for place, said in enumerate(protocol.stated))
    if protocol.individual_decision is not None:
        yield ("individual_decision", "rule"), protocol.individual_decision.rule


def short_enough(protocol: Protocol) -> Iterator[Flaw]:
    """Yield a name, id@version, that is longer than any choice of it could be written."""
    if len(protocol.ref) > LONGEST_REF:
        yield Flaw(
            at=("version",),
            message=f"{protocol.ref} has {len(protocol.ref)} characters, so nobody could choose it by its name",
            allowed=f"an id and a version that together have {LONGEST_REF - 1} characters at most",
        )
