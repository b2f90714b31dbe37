"""Counts keys that were wrong: none can be guessed, but who tries is to fill no log and ask no database."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

import structlog
from starlette.requests import Request

from api.problems import EdgeError, ProblemDetails
from api.sessions import key_id_of
from workflow.clock import Clock
from workflow.domain.actor import Actor
from workflow.services.authenticate import authenticate
from workflow.services.house import House

WITHIN = timedelta(minutes=1)
# One browser or program with an old key, and everybody behind one address together.
MOST_BY_ONE = 10
MOST_FROM_ADDRESS = 100
REMEMBERED_AT_MOST = 2000


@dataclass(slots=True)
class WrongKeys:
    """How often a wrong key came within the current minute: by address and key id, and by address alone.

    A key has 256 random bits, so this guards no secret; it holds within one process and is forgotten with it.
    Not by key id alone: then anybody who has seen an id could lock its holder out.
    """

    clock: Clock
    counts: OrderedDict[Hashable, tuple[datetime, int]] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def wait_seconds(self, address: str, key_id: str) -> int | None:
        """Return for how long this address need not try this key id, or None where it may."""
        now = self.clock()
        with self.lock:
            ends = [
                began + WITHIN
                for who, most in ((_one(address, key_id), MOST_BY_ONE), (address, MOST_FROM_ADDRESS))
                for began, count in [self._current(who, now)]
                if count >= most
            ]
        return max(1, round((max(ends) - now).total_seconds())) if ends else None

    def note(self, address: str, key_id: str) -> bool:
        """Count one more wrong key, forgetting the oldest counts where there are too many; whether it was one too many.

        Only the first that is too many is said to be.
        """
        now = self.clock()
        reached = False
        with self.lock:
            for who, most in ((_one(address, key_id), MOST_BY_ONE), (address, MOST_FROM_ADDRESS)):
                began, count = self._current(who, now)
                self.counts[who] = (began, count + 1)
                self.counts.move_to_end(who)
                reached = reached or count + 1 == most
            while len(self.counts) > REMEMBERED_AT_MOST:
                self.counts.popitem(last=False)
        return reached

    def _current(self, who: Hashable, now: datetime) -> tuple[datetime, int]:
        began, count = self.counts.get(who, (now, 0))
        # A clock that was set back begins anew as well.
        return (began, count) if timedelta(0) <= now - began < WITHIN else (now, 0)


def _one(address: str, key_id: str) -> Hashable:
    return (address, key_id)


def actor_of_key(request: Request, house: House, key: str) -> Actor | None:
    """Return whom a presented key belongs to, or None; raises EdgeError (429) where too many were wrong before.

    What has not even a key's shape asks no database and is not counted.
    """
    key_id = key_id_of(key)
    if key_id is None:
        return None
    wrong: WrongKeys = request.app.state.wrong_keys
    address = request.client.host if request.client else ""
    wait = wrong.wait_seconds(address, key_id)
    if wait is not None:
        raise EdgeError(_too_many(wait))
    actor = authenticate(house, key)
    if actor is None and wrong.note(address, key_id):
        structlog.get_logger().warning("too many wrong keys", peer=address)
    return actor


def _too_many(wait_seconds: int) -> ProblemDetails:
    return ProblemDetails(
        status=429,
        code="too_many_wrong_keys",
        title="Too many wrong keys",
        detail=f"Wrong or revoked keys came from here too often; try again in {wait_seconds} s, with another key.",
        headers={"Retry-After": str(wait_seconds)},
    )
