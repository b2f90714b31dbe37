"""Folding facts into a patient: effective versions, their order, and every state on the way."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from workflow.domain.errors import CoursewatchError
from workflow.domain.facts.fact import Fact
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.patient import PatientState
from workflow.protocols.model import Protocols
from workflow.rules.step import begin, step


class NotRegisteredError(CoursewatchError):
    """The facts of a patient carry no registration."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One fact with the patient before and after it."""

    fact: Fact
    before: PatientState
    after: PatientState


def effective(facts: Iterable[Fact], *, known_at: datetime | None = None) -> list[Fact]:
    """Return the versions that count: known by `known_at`, neither superseded nor voided, in their order."""
    known = [fact for fact in facts if known_at is None or fact.recorded_at <= known_at]
    corrected = {fact.target_seq for fact in known if fact.target_seq is not None}
    return sorted(
        (fact for fact in known if fact.operation != "void" and fact.seq not in corrected), key=lambda fact: fact.order
    )


def until(facts: Iterable[Fact], as_of: date) -> list[Fact]:
    """Return the facts of that day and before it; the registration always belongs (it orders nothing)."""
    return [fact for fact in facts if fact.type == REGISTRATION or fact.occurred_on <= as_of]


def replay(facts: Sequence[Fact], protocols: Protocols) -> Iterator[Moment]:
    """Yield every effective fact with the patient before and after it; `facts` are in their order.

    A completion that finds no running block but a later start of the same day follows that start (contract §4).
    """
    if not facts or facts[0].type != REGISTRATION:
        raise NotRegisteredError
    state = begin(facts[0])
    yield Moment(facts[0], state, state)
    waiting: list[Fact] = []
    for place, fact in enumerate(facts[1:], start=1):
        if _follows_its_start(fact, facts[place + 1 :], state):
            waiting.append(fact)
            continue
        now_due = [fact, *waiting] if fact.type == "block_started" else [fact]
        if len(now_due) > 1:
            waiting = []
        for due in now_due:
            before, state = state, step(state, due, protocols)
            yield Moment(due, before, state)


def fold(facts: Iterable[Fact], protocols: Protocols) -> PatientState:
    """Return the patient that these facts make; raises NotRegisteredError without a registration."""
    state: PatientState | None = None
    for moment in replay(effective(facts), protocols):
        state = moment.after
    if state is None:
        raise NotRegisteredError
    return state


def appends(state: PatientState, fact: Fact) -> bool:
    """Whether `fact` comes after everything folded, so that one step equals folding anew."""
    if state.last_order is None or fact.order <= state.last_order:
        return False
    # A start may pull a completion of its own day behind it; then the day must be folded anew.
    return fact.type != "block_started" or not any(
        conflict.type == "block_completed" and conflict.occurred_on == fact.occurred_on for conflict in state.conflicts
    )


def _follows_its_start(fact: Fact, later: Sequence[Fact], state: PatientState) -> bool:
    if fact.type != "block_completed" or (state.course is not None and state.course.running is not None):
        return False
    for other in later:
        if other.occurred_on != fact.occurred_on:
            return False
        if other.type == "block_started":
            return True
    return False
