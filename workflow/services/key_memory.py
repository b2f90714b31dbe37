"""Who presented which key a moment ago, so that a request costs no look-up."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock

from workflow.domain.actor import Actor

# A revoked key or a changed grant takes effect within this time.
REMEMBERED_FOR = timedelta(seconds=5)
REMEMBERED_AT_MOST = 1000


@dataclass(slots=True)
class KeyMemory:
    """Actors by the digest of what was presented; bounded, and safe to use from many threads."""

    entries: OrderedDict[str, tuple[datetime, Actor]] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def find(self, presented: str, now: datetime) -> Actor | None:
        """Return the actor presented less than five seconds ago under the same key."""
        with self.lock:
            known = self.entries.get(_digest(presented))
        if known is None or not timedelta(0) <= now - known[0] < REMEMBERED_FOR:
            return None
        return known[1]

    def keep(self, presented: str, actor: Actor, now: datetime) -> None:
        """Remember an actor, forgetting the oldest where there are too many."""
        with self.lock:
            self.entries[_digest(presented)] = (now, actor)
            while len(self.entries) > REMEMBERED_AT_MOST:
                self.entries.popitem(last=False)

    def forget(self, presented: str) -> None:
        """Forget one, so that it is looked up the next time."""
        with self.lock:
            self.entries.pop(_digest(presented), None)


def _digest(presented: str) -> str:
    return sha256(presented.encode()).hexdigest()
