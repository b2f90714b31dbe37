"""A timing rule in words, the same under a picture as in a list."""

from workflow.protocols.for_whom import InGroups
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
    """Return what opens the window, e.g. `block_completed (block 2)` or `block_started (CYCLE)`."""
    block = () if window.anchor_block is None else (f"block {window.anchor_block}",)
    named = ", ".join((*block, *window.anchor_elements, *window.anchor_decisions))
    return f"{window.anchor} ({named})" if named else window.anchor


def expects_words(window: WindowRule) -> str:
    """Return what the window waits for: every part of it, each by any of its facts."""
    parts = []
    for expected in window.expects:
        named = ", ".join((*expected.timepoints, *expected.elements))
        parts.append(" or ".join(expected.facts) + (f" ({named})" if named else ""))
    return " and ".join(parts)


def condition_words(window: WindowRule) -> tuple[str, ...]:
    """Return for whom the window is opened and which of its days count, where that is not everybody and all days."""
    said = []
    if window.risk is not None:
        said.append(f"only for {groups_words(window.risk)}")
    if window.local_therapy_indicated:
        said.append("only where local therapy is indicated")
    if window.pauses_with_interruption:
        said.append("days of interruption not counted")
    return tuple(said)


def groups_words(risk: InGroups) -> str:
    """Return groups of a risk scheme, e.g. `S3 or S4 (ALL_REZ_BFM_95)`."""
    return f"{' or '.join(risk.groups)} ({risk.scheme})"


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
