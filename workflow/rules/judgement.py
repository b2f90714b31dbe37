"""What judging a proposed fact needs and answers."""

from dataclasses import dataclass
from datetime import date, datetime

from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import Fact
from workflow.domain.patient import Deviation, PatientState
from workflow.domain.roles import Role
from workflow.protocols.model import Protocols


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """Under which a fact is proposed: who asks, the site's calendar date, the protocols at hand.

    `importing`: gates are passed as unconfirmed. `planning`: nothing has happened yet, so a future day is no error.
    `recommendations`: whether this installation recommends anything, so that a decision is asked about its strategy.
    `standing`: the fold of everything on file, where a fact comes before what is recorded already: a cap counts it all.
    `rehearsal`: nobody here is real, so that a protocol may be tried before it is released.
    """

    role: Role
    today: date
    protocols: Protocols
    importing: bool = False
    planning: bool = False
    keep_conflicts: bool = False
    recommendations: bool = True
    standing: PatientState | None = None
    rehearsal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What the recording itself adds to a draft: `seq` is the patient's next, `recorded_at` UTC."""

    seq: int
    recorded_at: datetime
    recorded_by: str
    on_behalf_of: str | None = None


@dataclass(frozen=True, slots=True)
class Caution:
    """Something to know about an accepted fact: a stable code and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A fact that may be recorded, with the patient before it came and with it."""

    fact: Fact
    before: PatientState
    after: PatientState
    warnings: tuple[Caution, ...]
    deviations: tuple[Deviation, ...]


Outcome = Accepted | Refusal
