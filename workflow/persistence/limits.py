"""How long a transaction may last, and hence how old an instant must be before no fact can appear behind it."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits that a database is opened with, in seconds: of one statement, and of waiting for one lock."""

    statement_seconds: float = 5.0
    lock_seconds: float = 3.0

    @property
    def oldest_commit_seconds(self) -> float:
        """How old a writing transaction may be when it comes to commit; an older one is rolled back."""
        return self.lock_seconds + self.statement_seconds

    @property
    def settles_after(self) -> timedelta:
        """How old an instant must be so that every transaction which read the clock by then has ended.

        The commit itself is a statement, so it may last as long as one.
        """
        return timedelta(seconds=self.oldest_commit_seconds + self.statement_seconds)


DEFAULT_LIMITS = Limits()
