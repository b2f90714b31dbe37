"""Whether worked examples show for whom a timing rule opens no window, wherever it is not for everybody."""

from collections.abc import Callable, Iterator, Sequence

from workflow.domain.chart import DECIDED
from workflow.domain.windows import BLOCK_INTERVAL
from workflow.protocols.checks.names import is_listed
from workflow.protocols.checks.told import Anchor, Told
from workflow.protocols.files.examples import Example
from workflow.protocols.files.problems import Flaw
from workflow.protocols.model import Protocol, WindowRule

# The key of a condition, what it leaves out in words, and whether it leaves out a window counted from this anchor.
_Condition = tuple[str, str, Callable[[Anchor], bool]]


def conditions_shown(protocol: Protocol, examples: Sequence[Example], stories: Sequence[Told]) -> Iterator[Flaw]:
    """Yield conditions of windows that could be taken away and every example would hold all the same.

    An example shows the other side with a fact that would open the window for others, and says that there is none.
    """
    for place, window in enumerate(protocol.windows):
        unopened = [
            anchor
            for example, story in zip(examples, stories, strict=True)
            for anchor in story.anchors
            if anchor.type == window.anchor and example.has_no_window(window.rule, anchor.on)
        ]
        for key, left_out, leaves_out in _conditions(window, protocol):
            if not any(leaves_out(anchor) for anchor in unopened):
                yield Flaw(
                    at=("windows", place, key),
                    message=f"no example shows {left_out}, for whom {window.rule} opens no window",
                    allowed=f"a condition whose other side an example shows: {window.anchor} among its facts, and "
                    f"{window.rule} under absent or, with the day of that fact, under no_windows",
                )


def _conditions(window: WindowRule, protocol: Protocol) -> Iterator[_Condition]:
    """Yield the conditions of a window that leave something out."""
    if window.risk is not None:
        yield "risk", f"a patient outside {', '.join(window.risk.groups)}", lambda _: True
    if window.local_therapy_indicated:
        yield "local_therapy_indicated", "a patient without local therapy indicated", lambda _: True
    others = [decision for decision in DECIDED if decision not in window.anchor_decisions]
    if window.anchor_decisions and others:
        decided = f"a patient with another decision ({', '.join(others)})"
        yield "anchor_decisions", decided, lambda anchor: anchor.decision in others
    elements = _elements_left_out(window, protocol)
    if elements:
        after = f"a patient with another element ({', '.join(elements)})"
        yield "anchor_elements", after, lambda anchor: _is_left_out(anchor, window, protocol)


def _elements_left_out(window: WindowRule, protocol: Protocol) -> list[str]:
    """Return the elements that open no window of a rule; of names that there are not, another check tells."""
    if not window.anchor_elements or not all(is_listed(protocol, code) for code in window.anchor_elements):
        return []
    return [
        element.code
        for element in protocol.elements
        # A continuous infusion opens no block interval, whatever else is written.
        if element.code not in window.anchor_elements
        and not (window.rule == BLOCK_INTERVAL and element.continuous_infusion)
    ]


def _is_left_out(anchor: Anchor, window: WindowRule, protocol: Protocol) -> bool:
    element = None if anchor.element is None else protocol.element(anchor.element)
    if anchor.element is None or element is None or element.code not in _elements_left_out(window, protocol):
        return False
    return not protocol.is_one_of(anchor.element, window.anchor_elements)
