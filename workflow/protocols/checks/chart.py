"""Whether the chart itself holds together: a state nobody can reach or leave would trap a patient."""

from collections.abc import Mapping, Sequence

from workflow.domain.chart import INITIAL, STATES, TERMINAL, TRANSITIONS, Transition
from workflow.domain.facts.types import FACT_TYPES

# These lead back to a state the patient has been in: they reach nothing new.
RETURNS = "was_in:"
# Everybody can die, or leave care: a state with no other way out would be a dead end all the same.
LEAVING_LIFE_OR_CARE = frozenset({"died", "lost_to_follow_up", "withdrawn"})


def chart_problems(
    transitions: Sequence[Transition] = TRANSITIONS,
    states: Mapping[str, str] = STATES,
    *,
    initial: str = INITIAL,
    terminal: Sequence[str] = TERMINAL,
) -> list[str]:
    """Return what is wrong with a chart, one sentence each: unknown names, unreachable states, dead ends."""
    return [
        *_unknown_names(transitions, states),
        *_unreachable(transitions, states, initial),
        *_dead_ends(transitions, states, terminal),
    ]


def returns(arrow: Transition) -> bool:
    """Whether an arrow only leads back to a state that the patient has been in before."""
    return any(guard.startswith(RETURNS) for guard in arrow.when)


def _unknown_names(transitions: Sequence[Transition], states: Mapping[str, str]) -> list[str]:
    problems = [
        f"{arrow.fact} names the state {state}, which the chart does not list"
        for arrow in transitions
        for state in (arrow.source, arrow.dest)
        if state not in states
    ]
    problems += [
        f"{arrow.fact} is not a fact type, yet leads from {arrow.source} to {arrow.dest}"
        for arrow in transitions
        if arrow.fact not in FACT_TYPES
    ]
    return list(dict.fromkeys(problems))


def _unreachable(transitions: Sequence[Transition], states: Mapping[str, str], initial: str) -> list[str]:
    reached, frontier = {initial}, [initial]
    while frontier:
        here = frontier.pop()
        onward = {arrow.dest for arrow in transitions if arrow.source == here and not returns(arrow)} - reached
        reached |= onward
        frontier += sorted(onward)
    return [f"no facts lead from {initial} to the state {state}" for state in states if state not in reached]


def _dead_ends(transitions: Sequence[Transition], states: Mapping[str, str], terminal: Sequence[str]) -> list[str]:
    moving = [arrow for arrow in transitions if arrow.source != arrow.dest]
    left = {arrow.source for arrow in moving}
    left_alive = {arrow.source for arrow in moving if arrow.fact not in LEAVING_LIFE_OR_CARE}
    return [
        *(f"the terminal state {state} has a way out" for state in terminal if state in left),
        *(f"the state {state} has no way out" for state in states if state not in (*left_alive, *terminal)),
    ]
