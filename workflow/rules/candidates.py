"""What a merge is given: rows that propose facts, rows that cannot be read, and how a fact is known again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import Fact, FactDraft, natural_identity, payload_json
from workflow.domain.facts.types import REGISTRATION, rank

Place = tuple[int, date, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One row that proposes a fact; `row` is the caller's number for it, `content` the digest of what it says."""

    row: int
    draft: FactDraft
    content: str

    @property
    def place(self) -> Place:
        """Where it stands among the patient's facts: by day and rank, after what is stored of the same day and rank."""
        draft = self.draft
        return (0 if draft.type == REGISTRATION else 1, draft.occurred_on, rank(draft.type), 1, self.row)


def candidate(row: int, draft: FactDraft) -> Candidate:
    """Return a row's proposal with the digest of its content."""
    return Candidate(row=row, draft=draft, content=_content(draft))


def place_of(fact: Fact) -> Place:
    """Return where a stored fact stands among candidates; a stored registration before any that a file brings."""
    if fact.type == REGISTRATION:
        return (0, date.min, 0, 0, fact.lineage)
    first, occurred_on, within_day, lineage = fact.order
    return (first, occurred_on, within_day, 0, lineage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """One row that is refused before it can be judged; its type and day as far as they can be read or guessed."""

    row: int
    refusal: Refusal
    type: str | None = None
    occurred_on: date | None = None


def _content(fact: Fact | FactDraft) -> str:
    return natural_identity(fact.type, fact.occurred_on, payload_json(fact.data))


class Identities:
    """The facts of one patient that are known again: by external id, else by content (contract §4).

    Every version counts: a fact that was corrected since it was imported is known by what the file said first.
    """

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._contents: set[str] = set()
        self._by_external_id: dict[str, set[str]] = {}
        for fact in facts:
            self._add(fact.external_id, _content(fact))

    def knows(self, proposal: Candidate) -> bool:
        """Whether the row says nothing new."""
        external_id = proposal.draft.external_id
        if external_id is None:
            return proposal.content in self._contents
        return proposal.content in self._by_external_id.get(external_id, ())

    def taken(self, proposal: Candidate) -> bool:
        """Whether the row's external id stands for other content."""
        external_id = proposal.draft.external_id
        return external_id in self._by_external_id and not self.knows(proposal)

    def add(self, proposal: Candidate) -> None:
        """Know this row again from now on."""
        self._add(proposal.draft.external_id, proposal.content)

    def _add(self, external_id: str | None, content: str) -> None:
        self._contents.add(content)
        if external_id is not None:
            self._by_external_id.setdefault(external_id, set()).add(content)
