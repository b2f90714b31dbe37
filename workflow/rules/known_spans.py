"""What lists must have known at every instant, by today's rules: worked out from the facts alone, in one walk."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Generic, TypeVar

from workflow.domain.facts.fact import Fact
from workflow.domain.patient import PatientState
from workflow.domain.spans import StateSpan
from workflow.domain.windows import Window
from workflow.protocols.model import Protocols
from workflow.rules.fold import NotRegisteredError, appends, fold
from workflow.rules.spans import state_spans, window_spans
from workflow.rules.step import step

Span = TypeVar("Span", StateSpan, Window)


@dataclass(frozen=True, slots=True)
class Known(Generic[Span]):
    """A span, known from an instant up to, not including, another one (None: still)."""

    span: Span
    known_from: datetime
    known_to: datetime | None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A patient as known now, every span that was ever known of them, and how many instants added to it."""

    state: PatientState
    states: tuple[Known[StateSpan], ...]
    windows: tuple[Known[Window], ...]
    instants: int


def known_spans(facts: Sequence[Fact], protocols: Protocols) -> Knowledge:
    """Return what became known when; `facts` is every version of every fact, in the order of recording.

    Facts recorded at one instant became known together. A span that is lost and comes back is known twice. Raises
    NotRegisteredError where there is nobody to know anything of.
    """
    states: _Ledger[StateSpan] = _Ledger()
    windows: _Ledger[Window] = _Ledger()
    state, instants = None, 0
    for at, state in _snapshots(facts, protocols):
        instants += 1
        states.learn(state_spans(state), at)
        windows.learn(window_spans(state), at)
    if state is None:
        raise NotRegisteredError
    return Knowledge(state, states.close(), windows.close(), instants)


def _snapshots(facts: Sequence[Fact], protocols: Protocols) -> Iterator[tuple[datetime, PatientState]]:
    """Yield each instant of recording with the patient as known from then on."""
    state, count = None, 0
    for at, group in groupby(facts, key=lambda fact: fact.recorded_at):
        new = list(group)
        count += len(new)
        state = _appended(state, new, protocols) or fold(facts[:count], protocols)
        yield at, state


def _appended(state: PatientState | None, new: Iterable[Fact], protocols: Protocols) -> PatientState | None:
    """Return the patient one step a fact further; None where the facts must be folded anew."""
    for fact in new:
        if state is None or fact.operation != "record" or not appends(state, fact):
            return None
        state = step(state, fact, protocols)
    return state


class _Ledger(Generic[Span]):
    """Which spans are known, since when, and which are known no longer."""

    def __init__(self) -> None:
        self._open: dict[Span, datetime] = {}
        self._closed: list[Known[Span]] = []

    def learn(self, spans: Iterable[Span], at: datetime) -> None:
        """Take what is known from `at` on."""
        now = dict.fromkeys(spans)
        for gone in [span for span in self._open if span not in now]:
            self._closed.append(Known(gone, self._open.pop(gone), at))
        for span in now:
            self._open.setdefault(span, at)

    def close(self) -> tuple[Known[Span], ...]:
        """Return everything that was ever known, what is known now last."""
        still: list[Known[Span]] = [Known(span, since, None) for span, since in self._open.items()]
        return tuple(self._closed + still)
