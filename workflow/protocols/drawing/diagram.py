"""The chart and a protocol's windows as Mermaid text, drawn from the data so that no picture can be out of date."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflow.domain.chart import ACTIVE, INITIAL, LIVING, STATES, TERMINAL, TRANSITIONS, Transition
from workflow.protocols.checks.chart import RETURNS, returns
from workflow.protocols.drawing.mermaid import quoted, sequence_lines
from workflow.protocols.drawing.wording import anchor_words, condition_words, expects_words, threshold_words
from workflow.protocols.model import Protocol, WindowRule

# From so many sources on, one arrow from what the states have in common shows more than one from each.
MANY_SOURCES = 6
_STATE_BEFORE = "state_before"
_AS_DECIDED = "as_decided"
# A decision taken while a block runs says where its end leads; otherwise an unguarded arrow is what is left.
AWAITS = "awaits:"
OTHERWISE = "otherwise"
_TARGETS = {_STATE_BEFORE: "the state before", _AS_DECIDED: "where the decision taken meanwhile leads"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrow:
    """One drawn arrow between nodes; `condition` is empty where the fact alone decides."""

    source: str
    dest: str
    fact: str
    condition: str


def chart_mermaid(transitions: Sequence[Transition] = TRANSITIONS) -> str:
    """Return the chart as a Mermaid state diagram; facts that leave the state as it is are not drawn."""
    crowds = _Crowds()
    arrows = list(dict.fromkeys(_arrows(transitions, crowds)))
    drawn = {arrow.dest for arrow in arrows}
    extra = {name: words for name, words in _TARGETS.items() if name in drawn} | crowds.words
    lines = ["stateDiagram-v2", *_declared(), *(f'    state "{words}" as {name}' for name, words in extra.items())]
    lines.append(f"    [*] --> {_node(INITIAL)}")
    for source, dest in dict.fromkeys((arrow.source, arrow.dest) for arrow in arrows):
        between = [arrow for arrow in arrows if (arrow.source, arrow.dest) == (source, dest)]
        lines.append(f"    {_node(source)} --> {_node(dest)}: {_label(between)}")
    lines += [f"    {_node(state)} --> [*]" for state in TERMINAL]
    return "\n".join(lines) + "\n"


def protocol_mermaid(protocol: Protocol) -> str:
    """Return a protocol as a Mermaid flowchart: its elements; what opens each window, its numbers, what it awaits."""
    lines = ["flowchart LR", *sequence_lines(protocol)]
    for place, window in enumerate(protocol.windows):
        anchor = f'a{place}(["{quoted(anchor_words(window))}"])'
        awaited = f'e{place}(["{quoted(expects_words(window))}"])'
        lines += [
            f'    subgraph w{place}["{quoted(f"{window.rule} {window.label}")}"]',
            f'        {anchor} -->|"{_numbers(window)}"| {awaited}',
            "    end",
        ]
    return "\n".join(lines) + "\n"


def _numbers(window: WindowRule) -> str:
    numbers = threshold_words(window) or ("no day stated",)
    return "<br/>".join(quoted(words) for words in (*numbers, *condition_words(window)))


class _Crowds:
    """Names the sets of states that many arrows of one fact come from."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}

    def node(self, states: Sequence[str]) -> str:
        """Return the node that stands for these states."""
        known = {frozenset(LIVING): "every living state", frozenset(ACTIVE): "every living state in care"}
        words = known.get(frozenset(states)) or f"any of {', '.join(states)}"
        name = next((name for name, said in self.words.items() if said == words), f"crowd_{len(self.words) + 1}")
        self.words[name] = words
        return name


def _arrows(transitions: Sequence[Transition], crowds: _Crowds) -> Iterator[_Arrow]:
    """Yield what is drawn; the first step out of the chart's beginning also by itself, or it would stand alone."""
    first = next(arrow for arrow in transitions if arrow.source == INITIAL != arrow.dest and not arrow.when)
    yield _Arrow(source=INITIAL, dest=first.dest, fact=first.fact, condition="")
    for arrow in transitions:
        if arrow.source == arrow.dest:
            continue
        alike = [other.source for other in transitions if _alike(other, arrow)]
        crowd = len(alike) >= MANY_SOURCES and not returns(arrow)
        yield _Arrow(
            source=crowds.node(alike) if crowd else arrow.source,
            dest=_drawn_dest(arrow),
            fact=arrow.fact,
            condition=_condition(arrow, transitions),
        )


def _alike(one: Transition, other: Transition) -> bool:
    return (one.fact, one.dest, one.when) == (other.fact, other.dest, other.when)


def _drawn_dest(arrow: Transition) -> str:
    if returns(arrow):
        return _STATE_BEFORE
    return _AS_DECIDED if any(guard.startswith(AWAITS) for guard in arrow.when) else arrow.dest


def _condition(arrow: Transition, transitions: Sequence[Transition]) -> str:
    """Return the guards in words; a second colon or a semicolon would end a Mermaid label."""
    said = [guard for guard in arrow.when if not guard.startswith((RETURNS, AWAITS))]
    alike = [other for other in transitions if (other.fact, other.source) == (arrow.fact, arrow.source)]
    if any(set(other.when) > set(arrow.when) for other in alike[: alike.index(arrow)]):
        said.append(OTHERWISE)
    return ", ".join(said).replace(":", " ").replace("_", " ")


def _label(arrows: Sequence[_Arrow]) -> str:
    """Return the facts between two nodes with their conditions; none where it is taken in any case."""
    conditions: dict[str, list[str]] = {}
    for arrow in arrows:
        conditions.setdefault(arrow.fact, []).append(arrow.condition)
    facts = (
        fact if "" in said or (len(said) > 1 and OTHERWISE in said) else f"{fact} ({' or '.join(said)})"
        for fact, said in conditions.items()
    )
    return ", ".join(facts)


def _declared() -> Iterator[str]:
    """Yield the states, sub-states inside the state that their dotted names begin with."""
    for name in dict.fromkeys(state.partition(".")[0] for state in STATES):
        inner = [state for state in STATES if state.startswith(f"{name}.")]
        if inner:
            yield f"    state {name} {{"
            yield from (f'        state "{state.partition(".")[2]}" as {_node(state)}' for state in inner)
            yield "    }"
        else:
            yield f'    state "{name}" as {_node(name)}'


def _node(state: str) -> str:
    return state.replace(".", "_")
