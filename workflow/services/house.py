"""What every use case is handed: the database, the protocols, the clock; and what it hands back."""

from dataclasses import dataclass, field

from workflow.clock import Clock
from workflow.domain.actor import Actor
from workflow.domain.roles import Role
from workflow.persistence.engine import Database
from workflow.protocols.model import Protocols
from workflow.services.errors import NotAllowedError
from workflow.services.key_memory import KeyMemory
from workflow.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One running Coursewatch; `engine` is the hash of rules and protocols that snapshots are folded with.

    `judged_by` is the hash of what ledgers of alerts are judged with: the engine and the catalogue of reminders. In a
    `rehearsal` nobody is real: its database is marked so, for ever. `unreadable` are the hashes of stored protocols
    that this release cannot read.
    """

    database: Database
    protocols: Protocols
    engine: str
    judged_by: str
    clock: Clock
    settings: Settings
    rehearsal: bool
    unreadable: frozenset[str] = frozenset()
    # Apart: what was remembered for a browser's session must never be found for a presented key.
    keys: KeyMemory = field(default_factory=KeyMemory)
    sessions: KeyMemory = field(default_factory=KeyMemory)

    def close(self) -> None:
        """Give the database's connections back."""
        self.database.dispose()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a use case answers: HTTP status, JSON text, and the patient's version where it is about one."""

    status: int
    body: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Once:
    """An idempotency key, if one was sent, and the digest of the request that it stands for."""

    key: str | None = None
    request_digest: str = ""


NOT_ONCE = Once()


def require_role(actor: Actor, needed: Role) -> None:
    """Raise NotAllowedError unless the actor has this role at one site at least."""
    if actor.highest_role is None or actor.highest_role < needed:
        raise NotAllowedError(f"the role {needed.label} is needed")


def require_role_everywhere(actor: Actor, needed: Role) -> None:
    """Raise NotAllowedError unless the actor has this role for all sites."""
    if actor.role_everywhere is None or actor.role_everywhere < needed:
        raise NotAllowedError(f"the role {needed.label} for all sites is needed")


def role_for(actor: Actor, sites: tuple[str, ...], needed: Role = Role.VIEWER) -> Role:
    """Return the actor's role for a patient of these sites; raises NotAllowedError below `needed`."""
    role = actor.role_at(frozenset(sites))
    if role is None or role < needed:
        raise NotAllowedError(f"the role {needed.label} is needed at a site of this patient; ask somebody who has it")
    return role
