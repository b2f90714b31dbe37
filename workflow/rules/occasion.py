"""Upon what a ledger is judged: a patient as known, the instant, and what has come in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from workflow.domain.alerts import DeadNotice, MadeNotice
from workflow.domain.facts.fact import Fact
from workflow.domain.patient import PatientState
from workflow.domain.site_practice import SitePractice
from workflow.domain.windows import Window


@dataclass(frozen=True, slots=True)
class Side:
    """A patient as known, and the practice of the site that treats them then."""

    state: PatientState
    site: SitePractice


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Upon what a ledger is judged: the instant, the new facts, ids for what is made, and the proof of a window.

    `promised_at` is when the patient was to be judged next, as said the last time: what passes from then on was due at
    its own time, whoever comes late; what passed before came in by a setting or other rules. `made` are the notices of
    alerts that are not resolved, `dead` those that were given up since.
    """

    now: datetime
    new_id: Callable[[], str]
    prove: Callable[[Side, Window, date], str]
    facts: tuple[Fact, ...] = ()
    promised_at: datetime | None = None
    made: tuple[MadeNotice, ...] = ()
    dead: tuple[DeadNotice, ...] = ()
