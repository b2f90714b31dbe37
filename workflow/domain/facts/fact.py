"""A fact as it is stored and folded, and the draft that a person or a file proposes."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from typing import Literal, TypeVar

from workflow.domain.facts.base import Payload
from workflow.domain.facts.types import GIVEN, REGISTRATION, rank
from workflow.domain.reasons import GIVEN_AS_ORDERED, IMPORTED_UNCONFIRMED

Certainty = Literal["exact", "estimated"]
Operation = Literal["record", "supersede", "void"]
KnownPayload = TypeVar("KnownPayload", bound=Payload)
OrderKey = tuple[int, date, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Why a gate was passed; `ordered_by` names the clinician behind a nurse's `given_as_ordered`."""

    code: str
    reason: str | None = None
    ordered_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactDraft:
    """A well-formed fact that nobody has recorded yet."""

    type: str
    occurred_on: date
    data: Payload
    certainty: Certainty = "exact"
    note: str | None = None
    override: Override | None = None
    external_id: str | None = None
    source_recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The other end of a move: the patient, and the fact there, that a fact was entered for or belongs to."""

    patient_id: str
    seq: int


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One recorded fact: `seq` counts per patient from 1, `lineage` is the seq of its first version.

    `recorded_at` is an instant in UTC by the database's clock; `occurred_on` a calendar date at the site.
    `protocol_sha` names the body that a `protocol_chosen` pinned when it was recorded. `reason` says why a version
    supersedes or voids the one before it, `target_seq`. `moved` is the other end where it was entered for the wrong
    patient.
    """

    seq: int
    lineage: int
    type: str
    occurred_on: date
    data: Payload
    recorded_at: datetime
    recorded_by: str
    operation: Operation = "record"
    target_seq: int | None = None
    certainty: Certainty = "exact"
    note: str | None = None
    override: Override | None = None
    on_behalf_of: str | None = None
    external_id: str | None = None
    source_recorded_at: datetime | None = None
    protocol_sha: str | None = None
    reason: str | None = None
    moved: Moved | None = None

    @property
    def id(self) -> str:
        """The id that the outside sees, e.g. `f18`."""
        return fact_id(self.seq)

    @cached_property
    def order(self) -> OrderKey:
        """Where the fact stands in its patient's course: the registration first, then day, rank, lineage."""
        return (0 if self.type == REGISTRATION else 1, self.occurred_on, rank(self.type), self.lineage)

    @property
    def unconfirmed(self) -> bool:
        """Whether it counts at once but waits for a clinician's countersignature."""
        code = self.override.code if self.override else None
        return code == IMPORTED_UNCONFIRMED or (code == GIVEN_AS_ORDERED and self.type in GIVEN)


def payload_of(fact: Fact, kind: type[KnownPayload]) -> KnownPayload:
    """Return a fact's payload as the kind that its type has in the registry; raises TypeError otherwise."""
    if not isinstance(fact.data, kind):
        message = f"a {fact.type} carries no {kind.__name__}"
        raise TypeError(message)
    return fact.data


def fact_id(seq: int) -> str:
    """Return the outside's id of the fact with this sequence number."""
    return f"f{seq}"


def payload_json(data: Payload) -> str:
    """Return a payload as canonical JSON text: sorted keys, no blanks, absent and empty left out."""
    carried = data.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    return json.dumps(_without_empty(carried), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def payload_digest(text: str) -> str:
    """Return the SHA-256 of a payload's canonical text, in hex."""
    return sha256(text.encode()).hexdigest()


def natural_identity(fact_type: str, occurred_on: date, payload_text: str) -> str:
    """Return the digest by which an import knows a fact again within one patient (contract §4)."""
    return sha256(f"{fact_type}\n{occurred_on}\n{payload_text}".encode()).hexdigest()


def _without_empty(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_empty(part) for name, part in value.items() if part not in ([], {})}
    if isinstance(value, list):
        return [_without_empty(part) for part in value]
    return value
