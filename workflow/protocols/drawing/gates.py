"""The gates that a protocol states, each as a sentence: the same list on every page and on the terminal."""

from collections.abc import Iterator
from dataclasses import dataclass

from workflow.protocols.drawing.sentences import cap_words, individual_words
from workflow.protocols.drawing.wording import condition_words
from workflow.protocols.model import Protocol, WindowRule

_ANCHORS = {"block_started": "start", "block_completed": "end"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What is refused until a clinician passes it with a coded reason: its rule, a sentence, where it is stated."""

    rule: str
    words: str
    source: str
    note: str | None = None


def gates(protocol: Protocol) -> Iterator[Gate]:
    """Yield every gate of a protocol: its hard minima, its caps, its individual decision."""
    for window in protocol.windows:
        if window.hard_min_days is not None:
            yield Gate(rule=window.rule, words=minimum_words(window), source=window.source)
    yield from gates_beside_windows(protocol)


def gates_beside_windows(protocol: Protocol) -> Iterator[Gate]:
    """Yield the gates that are no number of a window: caps and the individual decision."""
    for cap in protocol.caps:
        yield Gate(rule=cap.rule, words=cap_words(cap), source=cap.source, note=cap.note)
    decision = protocol.individual_decision
    if decision is not None:
        yield Gate(rule=decision.rule, words=individual_words(decision), source=decision.source, note=decision.note)


def minimum_words(window: WindowRule) -> str:
    """Return before when a start is refused: `No start of CYCLE under 14 d after the end of CYCLE.`, with full stop.

    For a window with a hard minimum, which awaits a start and runs from the start or the end of an element.
    """
    awaited = [element for expected in window.expects for element in expected.elements]
    what = f"start of {' or '.join(awaited)}" if awaited else "next start"
    since = f"the {_ANCHORS[window.anchor]} of {' or '.join(window.hard_min_elements)}"
    conditions = "".join(f"; {words}" for words in condition_words(window))
    return f"No {what} under {window.hard_min_days} d after {since}{conditions}."
