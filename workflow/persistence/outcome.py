"""What a use case hands to storage: one value for everything that one transaction writes about a patient."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Literal

from workflow.domain.alerts import LedgerChanges
from workflow.domain.facts.fact import Fact
from workflow.domain.patient import PatientState
from workflow.domain.site_practice import SitePractice
from workflow.domain.spans import StateSpan
from workflow.domain.windows import Window
from workflow.persistence.mapping import state_from_json

MembershipRole = Literal["treating", "shared"]
NOTHING_CHANGED = LedgerChanges()
# The `engine` of a patient of whom the rules of several releases have written: the past by some, the present by others.
SEVERAL_RULES = "several"


@dataclass(frozen=True, slots=True)
class Spans:
    """What lists are read from, of one patient."""

    states: Sequence[StateSpan]
    windows: Sequence[Window]


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A site that reads and writes a patient, until an instant or until further notice."""

    site_id: str
    role: MembershipRole
    until_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class LockedPatient:
    """A patient whose row is locked until the transaction ends.

    `now` is the database's clock read after the lock, strictly later than every `recorded_at` of this patient and than
    the last change of their ledger; all facts of the transaction are recorded at it. `memberships` are those of today,
    the treating site first; `practice` is that site's. `judged_by` names what the ledger was last judged with.
    """

    id: str
    pseudonym: str = field(repr=False)
    version: int
    state_json: str = field(repr=False)
    engine: str
    last_seq: int
    head_hash: str
    open_alerts: int
    next_due_at: datetime | None
    judged_by: str | None
    changed_at: datetime
    ledger_at: datetime | None
    memberships: tuple[Membership, ...]
    practice: SitePractice
    now: datetime

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites that read and write the patient today."""
        return tuple(membership.site_id for membership in self.memberships)

    @property
    def time_zone(self) -> str:
        """The IANA time zone of the site that treats the patient today."""
        return self.practice.time_zone

    @property
    def treating_site(self) -> str:
        """The site that treats the patient today."""
        return self.memberships[0].site_id

    @cached_property
    def state(self) -> PatientState:
        """The stored snapshot."""
        return state_from_json(self.state_json)


@dataclass(frozen=True, slots=True)
class NewFact:
    """A fact to store; `import_key` is unique within the patient, where it is given."""

    fact: Fact
    import_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One act to log; `items` counts the rows of a list. No query text and no clinical data belong here."""

    actor_id: str
    action: str
    patient_id: str | None = None
    site_id: str | None = None
    items: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The first answer to a request with an idempotency key, to be given again; `body` is JSON text."""

    actor_id: str
    key: str
    request_hash: str
    status: int
    body: str = field(repr=False)
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a transaction changes about a locked patient.

    `before` is what is stored in the spans, `after` what shall stand there; the difference is written. `memberships`
    None leaves them as they are, otherwise it is the whole list from now on. `engine` names the rules that folded
    `state`: where others folded what was known before, all of it waits to be folded anew (SEVERAL_RULES). Without facts
    the patient's version and `changed_at` stay: only the ledger was judged, with `judged_by`. Without a `state` the
    snapshot stays as it is stored, letter by letter: other rules made it, which may know more than ours.
    """

    patient: LockedPatient
    state: PatientState | None
    engine: str
    before: Spans
    after: Spans
    access: Access
    judged_by: str | None
    facts: tuple[NewFact, ...] = ()
    answer: Answer | None = None
    ledger: LedgerChanges = NOTHING_CHANGED
    silent_from: date | None = None
    memberships: tuple[Membership, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A new patient of one site, with the fact that registers them and any that came with it (an import)."""

    patient_id: str
    site_id: str
    state: PatientState
    engine: str
    facts: tuple[NewFact, ...]
    after: Spans
    access: Access
    now: datetime
    judged_by: str | None
    answer: Answer | None = None
    ledger: LedgerChanges = NOTHING_CHANGED
    silent_from: date | None = None
    external_id: str | None = None
