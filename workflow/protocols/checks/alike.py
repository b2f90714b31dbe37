"""Whether two timing rules of a protocol are one: with both, one wait is counted, and told of, twice."""

from collections.abc import Iterator

from workflow.protocols.files.problems import Flaw
from workflow.protocols.model import Protocol, WindowRule


def rules_alike(protocol: Protocol) -> Iterator[Flaw]:
    """Yield each rule that opens after the same, for the same patients, and waits for the same as one before it."""
    first: dict[object, str] = {}
    for place, window in enumerate(protocol.windows):
        other = first.setdefault(_wait(window), window.rule)
        if other != window.rule:
            yield Flaw(
                at=("windows", place, "rule"),
                message=f"{window.rule} opens after the same and waits for the same as {other}: every wait would be "
                "counted twice",
                allowed="one rule with the numbers of both, or another anchor, condition or expectation",
            )


def _wait(window: WindowRule) -> tuple[object, ...]:
    """Return what two rules share that are one wait, their numbers and words left out."""
    return (
        window.anchor,
        window.anchor_block,
        frozenset(window.anchor_elements),
        frozenset(window.anchor_decisions),
        (window.risk.scheme, frozenset(window.risk.groups)) if window.risk else None,
        window.local_therapy_indicated,
        window.pauses_with_interruption,
        frozenset(
            (frozenset(expected.facts), frozenset(expected.timepoints), frozenset(expected.elements))
            for expected in window.expects
        ),
    )
