"""Which patient each row of a file means: pseudonyms are unique within a site only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from workflow.domain.errors import Refusal
from workflow.domain.facts.registration import PatientRegistered
from workflow.domain.facts.types import FACT_TYPES
from workflow.rules.candidates import Candidate, Unread, candidate
from workflow.services.csv_columns import nearest
from workflow.services.import_rows import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A patient who is stored under the pseudonym, with the sites that they are known at."""

    patient_id: str
    sites: frozenset[str]


@dataclass(slots=True, kw_only=True)
class Target:
    """One patient with the rows that mean them; `stored` is None for one whom the file registers at `site`.

    Neither stored nor registered: nobody, whose rows are refused together.
    """

    stored: Stored | None = None
    site: str | None = None
    rows: list[Row] = field(default_factory=list)

    @property
    def sites(self) -> frozenset[str]:
        """The sites at which this patient is, or will be, known."""
        if self.stored is not None:
            return self.stored.sites
        return frozenset() if self.site is None else frozenset({self.site})

    def candidates(self) -> list[Candidate]:
        """Return the rows that can be judged."""
        return [candidate(row.line, row.draft) for row in self.rows if row.draft is not None]

    def unread(self) -> list[Unread]:
        """Return the rows that cannot be read, with the type that a misspelt one probably means."""
        return [unread(row) for row in self.rows if row.draft is None]


def unread(row: Row) -> Unread:
    """Return the refusal of a row that cannot be read, naming every field that is wrong."""
    refusal = Refusal(
        code=row.problems[0].code,
        title="Not readable as a fact",
        detail="; ".join(problem.message for problem in row.problems),
        status=422,
        field=row.problems[0].field,
    )
    meant = nearest(row.type, FACT_TYPES) if row.type else None
    return Unread(row=row.line, refusal=refusal, type=meant, occurred_on=row.occurred_on)


def targets_of(rows: Sequence[Row], stored: Iterable[Stored]) -> tuple[list[Target], list[tuple[Row, Refusal]]]:
    """Return the patients whom the rows of one pseudonym mean, and the rows of which that cannot be said."""
    targets = [Target(stored=known) for known in stored]
    lost: list[tuple[Row, Refusal]] = []
    for row in rows:
        site = _registered_site(row)
        if site is not None and not any(site in target.sites for target in targets):
            targets.append(Target(site=site))
    nobody = Target()
    for row in rows:
        meant = _meant(row, targets)
        if isinstance(meant, Refusal):
            lost.append((row, meant))
        else:
            (meant or nobody).rows.append(row)
    return [target for target in (*targets, nobody) if target.rows], lost


def _registered_site(row: Row) -> str | None:
    return row.draft.data.site if row.draft and isinstance(row.draft.data, PatientRegistered) else None


def _meant(row: Row, targets: Sequence[Target]) -> Target | Refusal | None:
    site = _registered_site(row) or row.site
    meant = [target for target in targets if site is None or site in target.sites]
    if len(meant) > 1:
        return unread(row).refusal if row.draft is None else _ambiguous(meant)
    return meant[0] if meant else None


def _ambiguous(meant: Sequence[Target]) -> Refusal:
    sites = sorted({site for target in meant for site in target.sites})
    return Refusal(
        code="ambiguous_pseudonym",
        title="Which patient?",
        detail=f"patient names {len(meant)} patients, at {', '.join(sites)}; add a column site that says which one.",
        status=409,
        field="patient",
    )
