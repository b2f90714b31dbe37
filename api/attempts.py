"""Counts keys that were wrong: none can be guessed, but who tries is to fill no log and ask no database."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_network
from threading import Lock

import structlog
from starlette.requests import Request

from api.addresses import address_in
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
# Keys that opened something, of as many people as a large house has.
OPENED_AT_MOST = 10_000
# What one customer of a provider is given at least; within it every machine takes whatever address it likes.
IPV6_NETWORK_BITS = 64


@dataclass(slots=True)
class WrongKeys:
    """How often a wrong key came within the current minute: by address and key id, and by address alone.

    A key has 256 random bits, so this guards no secret; it holds within one process and is forgotten with it.
    Not by key id alone: then anybody who has seen an id could lock its holder out. And a key that opened something
    here is looked up whatever others send: a whole hospital may stand behind one address.
    """

    clock: Clock
    counts: OrderedDict[Hashable, tuple[datetime, int]] = field(default_factory=OrderedDict)
    opened: OrderedDict[bytes, None] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def wait_seconds(self, address: str, key_id: str, key: str) -> int | None:
        """Return for how long this address need not try this key, or None where it may."""
        now = self.clock()
        with self.lock:
            if _digest(key) in self.opened:
                return None
            ends = [
                began + WITHIN
                for who, most in _counted(address, key_id)
                for began, count in [self._current(who, now)]
                if count >= most
            ]
        return max(1, round((max(ends) - now).total_seconds())) if ends else None

    def note_opened(self, key: str) -> None:
        """Remember a key that was right, by its digest, forgetting those that were used longest ago."""
        with self.lock:
            self.opened[_digest(key)] = None
            self.opened.move_to_end(_digest(key))
            while len(self.opened) > OPENED_AT_MOST:
                self.opened.popitem(last=False)

    def note_wrong(self, address: str, key_id: str, key: str) -> bool:
        """Count one more wrong key, forgetting the oldest counts where there are too many; whether it was one too many.

        Only the first that is too many is said to be. One that was right before, and is revoked, is wrong from now on.
        """
        now = self.clock()
        reached = False
        with self.lock:
            self.opened.pop(_digest(key), None)
            for who, most in _counted(address, key_id):
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


def _counted(address: str, key_id: str) -> tuple[tuple[Hashable, int], ...]:
    """Return who is counted, each with how many wrong keys are the most: addresses of IPv6 by the network."""
    read = address_in(address)
    network = ip_network((read, IPV6_NETWORK_BITS), strict=False) if isinstance(read, IPv6Address) else None
    sender = str(network or read or address)
    return (((sender, key_id), MOST_BY_ONE), (sender, MOST_FROM_ADDRESS))


def _digest(key: str) -> bytes:
    return sha256(key.encode()).digest()


def actor_of_key(request: Request, house: House, key: str) -> Actor | None:
    """Return whom a presented key belongs to, or None; raises EdgeError (429) where too many were wrong before.

    What has not even a key's shape asks no database and is not counted.
    """
    key_id = key_id_of(key)
    if key_id is None:
        return None
    wrong: WrongKeys = request.app.state.wrong_keys
    address = request.client.host if request.client else ""
    wait = wrong.wait_seconds(address, key_id, key)
    if wait is not None:
        raise EdgeError(_too_many(wait))
    actor = authenticate(house, key)
    if actor is not None:
        wrong.note_opened(key)
    elif wrong.note_wrong(address, key_id, key):
        structlog.get_logger().warning("too many wrong keys", peer=address)
    return actor


def _too_many(wait_seconds: int) -> ProblemDetails:
    return ProblemDetails(
        status=429,
        code="too_many_wrong_keys",
        title="Too many wrong keys",
        detail=f"Wrong or revoked keys came from your address too often, of this key's id or of many; where yours is "
        f"right, try it again in {wait_seconds} s.",
        headers={"Retry-After": str(wait_seconds)},
    )
