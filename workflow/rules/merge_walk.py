"""Judging the rows of one patient: all in one walk along the course, or one after the other where they clash."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import Fact
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.patient import PatientState
from workflow.rules.candidates import Candidate, Identities, Place, place_of
from workflow.rules.fold import effective
from workflow.rules.judgement import Accepted, Circumstances, Stamp
from workflow.rules.record import as_fact, record
from workflow.rules.step import begin, step


@dataclass(slots=True, kw_only=True)
class Attempt:
    """What became of the rows; `state` is the patient with the accepted facts, None where it has to be folded anew.

    `clash`: rows were accepted and a stored fact is left without a step, perhaps by them, so that this attempt does not
    stand. How many such facts there were before tells nothing: one row may give a step back that the next one takes.
    """

    accepted: dict[int, Fact] = field(default_factory=dict)
    known: set[int] = field(default_factory=set)
    refused: list[tuple[Candidate, Refusal]] = field(default_factory=list)
    state: PatientState | None = None
    clash: bool = False


def in_one_walk(
    facts: Sequence[Fact], candidates: Sequence[Candidate], *, given: Circumstances, stamp: Stamp
) -> Attempt:
    """Judge each row by the facts before it, walking once along stored facts and rows together.

    `stamp` carries the sequence number of the first new fact. Among facts and rows there is a registration.
    """
    walk = _Walk(given=given, stamp=stamp)
    entries = [_Entry(place_of(fact), fact.type, fact=fact) for fact in effective(facts)]
    entries += [_Entry(row.place, row.draft.type, candidate=row) for row in candidates]
    walk.along(sorted(entries, key=lambda entry: entry.place))
    attempt = walk.attempt
    if walk.state is not None and attempt.accepted:
        stored = {fact.lineage for fact in facts}
        attempt.clash = any(conflict.fact in stored for conflict in walk.state.conflicts)
    attempt.state = None if walk.astray else walk.state
    return attempt


def one_by_one(
    facts: Sequence[Fact], candidates: Iterable[Candidate], state: PatientState, *, given: Circumstances, stamp: Stamp
) -> Attempt:
    """Record row after row, each against everything known by then, so that the row which clashes is the one refused."""
    attempt = Attempt(state=state)
    history = list(facts)
    identities = Identities(())
    for proposal in sorted(candidates, key=lambda row: row.place):
        if identities.knows(proposal):
            attempt.known.add(proposal.row)
            continue
        outcome = record(state, proposal.draft, stamp, given, history)
        if isinstance(outcome, Refusal):
            attempt.refused.append((proposal, outcome))
            continue
        identities.add(proposal)
        attempt.accepted[proposal.row] = outcome.fact
        history.append(outcome.fact)
        state, stamp = outcome.after, replace(stamp, seq=stamp.seq + 1)
    attempt.state = state
    return attempt


@dataclass(frozen=True, slots=True)
class _Entry:
    """A stored fact or a row, at its place."""

    place: Place
    type: str
    fact: Fact | None = None
    candidate: Candidate | None = None


@dataclass(slots=True, kw_only=True)
class _Walk:
    given: Circumstances
    stamp: Stamp
    state: PatientState | None = None
    astray: bool = False
    waiting: list[_Entry] = field(default_factory=list)
    identities: Identities = field(default_factory=lambda: Identities(()))
    attempt: Attempt = field(default_factory=Attempt)

    def along(self, entries: Sequence[_Entry]) -> None:
        """Take every entry in its turn; a completion without a running block waits for the start of its day."""
        for at, entry in enumerate(entries):
            start_follows = _start_follows(entries, at)
            if entry.type == "block_completed" and start_follows and not self._block_runs():
                self.waiting.append(entry)
                continue
            started = self._take(entry) and entry.type == "block_started"
            if self.waiting and (started or not start_follows):
                self._release(started=started)

    def _release(self, *, started: bool) -> None:
        released, self.waiting = self.waiting, []
        # The fold would have met a stored completion at its own place, where its start has been refused.
        self.astray = self.astray or (not started and any(entry.fact for entry in released))
        for entry in released:
            self._take(entry)

    def _block_runs(self) -> bool:
        return self.state is not None and self.state.course is not None and self.state.course.running is not None

    def _take(self, entry: _Entry) -> bool:
        """Take one entry; return whether it stands in the course now."""
        if entry.fact is not None:
            known = entry.fact
            self.state = begin(known) if self.state is None else step(self.state, known, self.given.protocols)
            return True
        assert entry.candidate is not None, "an entry is a fact or a candidate"
        proposal = entry.candidate
        if self.identities.knows(proposal):
            self.attempt.known.add(proposal.row)
            return False
        outcome = self._judged(proposal)
        if isinstance(outcome, Refusal):
            self.attempt.refused.append((proposal, outcome))
            return False
        fact, self.state = outcome
        self.identities.add(proposal)
        self.attempt.accepted[proposal.row] = fact
        self.stamp = replace(self.stamp, seq=self.stamp.seq + 1)
        return True

    def _judged(self, proposal: Candidate) -> tuple[Fact, PatientState] | Refusal:
        if self.state is None:
            assert proposal.draft.type == REGISTRATION, "the registration stands before everything else"
            fact = as_fact(proposal.draft, self.stamp, self.given)
            return fact, begin(fact)
        outcome = record(self.state, proposal.draft, self.stamp, self.given)
        return (outcome.fact, outcome.after) if isinstance(outcome, Accepted) else outcome


def _start_follows(entries: Sequence[_Entry], at: int) -> bool:
    """Whether a block starts later on the same day."""
    day = entries[at].place[1]
    for place in range(at + 1, len(entries)):
        if entries[place].place[1] != day:
            return False
        if entries[place].type == "block_started":
            return True
    return False
