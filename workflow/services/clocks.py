"""The two clocks of a question about the past, and whether its answer can still change."""

from dataclasses import dataclass
from datetime import date, datetime

from workflow.services.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """What is asked for: the clinical day and the instant of knowledge; None means now."""

    as_of: date | None = None
    known_at: datetime | None = None

    @property
    def now(self) -> bool:
        """Whether today's answer from the stored snapshot is meant."""
        return self.as_of is None and self.known_at is None


def settled(house: House, known_at: datetime, now: datetime) -> bool:
    """Whether every fact recorded by `known_at` was there to be read.

    `now` is the database's clock from before that reading began: `began_at` of its unit of work. A fact is dated when
    its patient is locked and appears when it is committed, a little later. An instant younger than the longest that a
    writing transaction can last, or one that lies ahead, may still gain facts.
    """
    return known_at <= now - house.database.limits.settles_after
