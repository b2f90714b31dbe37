"""A timing rule in words, the same under a picture as in a list."""

from workflow.protocols.model import WindowRule
from workflow.protocols.thresholds import thresholds

_NAMES = {
    "hard_min": "refused before",
    "earliest": "earliest",
    "target": "target",
    "latest": "latest",
    "critical": "critical from",
}


def anchor_words(window: WindowRule) -> str:
    """Return what opens the window, e.g. `block_completed (block 2)`."""
    return window.anchor if window.anchor_block is None else f"{window.anchor} (block {window.anchor_block})"


def expects_words(window: WindowRule) -> str:
    """Return what the window waits for: every part of it, each by any of its facts."""
    parts = []
    for expected in window.expects:
        points = f" ({', '.join(expected.timepoints)})" if expected.timepoints else ""
        parts.append(" or ".join(expected.facts) + points)
    return " and ".join(parts)


def threshold_words(window: WindowRule) -> tuple[str, ...]:
    """Return each day or month that the rule states with what it means, e.g. `21 d: target, latest`."""
    meanings: dict[str, list[str]] = {}
    for threshold in thresholds(window):
        meaning = _NAMES[threshold.name]
        if threshold.name == "hard_min":
            meaning = f"{meaning} (after {', '.join(window.hard_min_elements)})"
        unit = "d" if threshold.unit == "days" else "months"
        meanings.setdefault(f"{threshold.number} {unit}", []).append(meaning)
    return tuple(f"{number}: {', '.join(names)}" for number, names in meanings.items())
