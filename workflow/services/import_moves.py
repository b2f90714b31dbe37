"""Moves of an import that would meet another patient of the same pseudonym: only the move is refused."""

from collections.abc import Callable, Sequence

from workflow.domain.errors import Refusal
from workflow.domain.facts.registration import SiteChanged
from workflow.domain.patient import PatientState
from workflow.rules.candidates import Candidate, Unread
from workflow.rules.merge import Merged

Judge = Callable[[Sequence[Candidate], Sequence[Unread]], Merged]


def pseudonym_taken() -> Refusal:
    """Return the refusal of rows that would give one site two patients of one pseudonym."""
    return Refusal(
        code="pseudonym_taken_at_site",
        title="Pseudonym taken at the site",
        detail="data.to is a site that knows another patient by this pseudonym; search for it there: "
        "register the patient anew under another pseudonym, or import care shared with that site (shared_care).",
        field="data.to",
    )


def without_moves_onto_another(
    judge: Judge, candidates: Sequence[Candidate], unread: Sequence[Unread], taken: Callable[[PatientState], bool]
) -> Merged:
    """Judge the rows of one patient again without each move that leads to a site where `taken` says somebody else is.

    A move that only passes through such a site stands: by now the patient is elsewhere.
    """
    merged = judge(candidates, unread)
    while merged.state is not None and merged.accepted and taken(merged.state):
        moves = [row for row in candidates if row.row in merged.accepted and _leads_to(row, merged.state)]
        if not moves:
            break
        candidates = [row for row in candidates if row not in moves]
        unread = [*unread, *map(_refused, moves)]
        merged = judge(candidates, unread)
    return merged


def _leads_to(row: Candidate, state: PatientState) -> bool:
    data = row.draft.data
    return isinstance(data, SiteChanged) and data.role == "transfer" and data.to == state.registration.site


def _refused(row: Candidate) -> Unread:
    return Unread(row=row.row, refusal=pseudonym_taken(), type=row.draft.type, occurred_on=row.draft.occurred_on)
