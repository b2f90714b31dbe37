"""Merging the rows of a file with a patient's stored facts, so that merging the same rows again changes nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import Fact
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.patient import PatientState
from workflow.rules.candidates import Candidate, Identities, Unread
from workflow.rules.fold import fold
from workflow.rules.judgement import Circumstances, Stamp
from workflow.rules.merge_reasons import RefusedRow, because_of
from workflow.rules.merge_walk import Attempt, in_one_walk, one_by_one


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Why a row is left out, and the earlier refused rows for want of which alone it fails."""

    refusal: Refusal
    because_of: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """Every row given stands in exactly one of `accepted` (with its fact), `known` and `refused`.

    `state` is the patient that the stored and the accepted facts make; None where there is no registration.
    """

    state: PatientState | None
    accepted: dict[int, Fact]
    known: frozenset[int]
    refused: dict[int, Rejected]

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts to store, by sequence number."""
        return tuple(sorted(self.accepted.values(), key=lambda fact: fact.seq))


def merge(
    stored: Sequence[Fact],
    candidates: Sequence[Candidate],
    unread: Sequence[Unread],
    *,
    given: Circumstances,
    stamp: Stamp,
) -> Merged:
    """Judge the rows of one patient, each by the facts before it; a refused row is left out and stops no other.

    `stored` is every version of every fact, empty for a patient who is not registered yet; `stamp` carries the
    sequence number of the first new fact. Rows are judged again until no more are accepted: what one pass refuses for
    good, the next import of the same rows refuses as well.
    """
    if not stored and all(row.draft.type != REGISTRATION for row in candidates):
        return _unregistered(candidates, unread)
    remaining, known, early = _sorted_out(stored, candidates)
    merging = _Merging(facts=list(stored), stamp=stamp, given=given, known=known)
    merging.until_no_more(remaining)
    refusals = {**early, **{row.row: refusal for row, refusal in merging.refused}}
    named = because_of(merging.facts, _refused_rows(candidates, refusals, unread), given.protocols)
    refusals |= {row.row: row.refusal for row in unread}
    return Merged(
        state=merging.state,
        accepted=merging.accepted,
        known=frozenset(merging.known),
        refused={row: Rejected(refusal=refusal, because_of=named.get(row, ())) for row, refusal in refusals.items()},
    )


def unknown_patient() -> Refusal:
    """Return the refusal of a row whose patient is neither registered in the file nor stored."""
    return Refusal(
        code="unknown_patient",
        title="Unknown patient",
        detail="patient is neither registered in this file nor known here; add a row patient_registered "
        "or check the pseudonym.",
        status=404,
        field="patient",
    )


def external_id_reused() -> Refusal:
    """Return the refusal of a row whose external id stands for another fact."""
    return Refusal(
        code="external_id_reused",
        title="External id reused",
        detail="external_id stands for another fact of this patient already; give each fact its own, "
        "or correct the stored fact instead of importing it changed.",
        field="external_id",
    )


class _Merging:
    """Passes over the rows until one accepts nothing more."""

    def __init__(self, *, facts: list[Fact], stamp: Stamp, given: Circumstances, known: set[int]) -> None:
        self.facts = facts
        self.stamp = stamp
        self.given = given
        self.known = known
        self.accepted: dict[int, Fact] = {}
        self.refused: list[tuple[Candidate, Refusal]] = []
        self.state: PatientState | None = fold(facts, given.protocols) if facts else None

    def until_no_more(self, remaining: Sequence[Candidate]) -> None:
        while remaining:
            attempt = self._attempt(remaining)
            self.facts += attempt.accepted.values()
            self.accepted |= attempt.accepted
            self.known |= attempt.known
            self.refused = attempt.refused
            self.state = attempt.state or fold(self.facts, self.given.protocols)
            self.stamp = replace(self.stamp, seq=self.stamp.seq + len(attempt.accepted))
            remaining = [row for row, _ in attempt.refused] if attempt.accepted else []

    def _attempt(self, remaining: Sequence[Candidate]) -> Attempt:
        before = self.state
        walk = in_one_walk(self.facts, remaining, given=self.given, stamp=self.stamp)
        if before is None or not walk.clash:
            return walk
        return one_by_one(self.facts, remaining, before, given=self.given, stamp=self.stamp)


def _sorted_out(
    stored: Sequence[Fact], candidates: Iterable[Candidate]
) -> tuple[list[Candidate], set[int], dict[int, Refusal]]:
    """Return the rows to judge, those known already, and those whose external id another fact or row carries."""
    identities, claimed = Identities(stored), Identities(())
    remaining: list[Candidate] = []
    known: set[int] = set()
    reused: dict[int, Refusal] = {}
    for row in sorted(candidates, key=lambda row: row.row):
        if identities.knows(row):
            known.add(row.row)
        elif identities.taken(row) or claimed.taken(row):
            reused[row.row] = external_id_reused()
        else:
            claimed.add(row)
            remaining.append(row)
    return remaining, known, reused


def _unregistered(candidates: Iterable[Candidate], unread: Sequence[Unread]) -> Merged:
    registrations = tuple(row.row for row in unread if row.type == REGISTRATION)
    rejected = {row.row: Rejected(refusal=row.refusal) for row in unread}
    rejected |= {row.row: Rejected(refusal=unknown_patient(), because_of=registrations) for row in candidates}
    return Merged(state=None, accepted={}, known=frozenset(), refused=rejected)


def _refused_rows(
    candidates: Iterable[Candidate], refusals: dict[int, Refusal], unread: Iterable[Unread]
) -> list[RefusedRow]:
    judged = [
        RefusedRow(
            row=row.row,
            code=refusals[row.row].code,
            type=row.draft.type,
            occurred_on=row.draft.occurred_on,
            data=row.draft.data,
        )
        for row in candidates
        if row.row in refusals
    ]
    return judged + [
        RefusedRow(row=row.row, code=row.refusal.code, type=row.type, occurred_on=row.occurred_on)
        for row in unread
        if row.type is not None
    ]
