"""A scheduler as the house runs it, one step at a time: it may end between any two, and another one goes on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

from tests.simulation.clocks import SimulatedClock
from tests.simulation.network import Network
from workflow.domain.delivery import LEASE, Claimed
from workflow.domain.messages import Message
from workflow.services.deliver_notices import claim, claim_prepared, prepare, settle, settle_delivered
from workflow.services.house import House
from workflow.services.rounds import Rounds
from workflow.services.sweep import SweepReport, sweep_one

SOON = timedelta(seconds=1)
MOST_AT_ONCE = 8
# Longer than any lease: a machine that stood still.
FROZEN_FOR = timedelta(minutes=7)


@dataclass(slots=True)
class Begun:
    """A message handed over whose answer is not noted yet; `lease_until` is true time."""

    claimed: Claimed
    at: datetime
    jumps: int
    arrived_before: int


class Watcher(Protocol):
    """Who keeps the books of a simulation."""

    def swept(self, patient_id: str) -> None:
        """Hear that a patient was looked at."""

    def sent(self, claimed: Claimed) -> None:
        """Hear that a notice is about to be handed over."""

    def tell(self, what: str) -> None:
        """Hear what happened."""


@dataclass(slots=True)
class Scheduler:
    """One process: its memory is lost when it crashes, its leases stay."""

    name: str
    house: House
    network: Network
    clock: SimulatedClock
    chance: Random
    watcher: Watcher
    lives: int = 1
    begun: Begun | None = field(default=None)

    @property
    def worker(self) -> str:
        """By which name this life of the process leases."""
        return f"{self.name}.{self.lives}"

    def live(self) -> Iterator[timedelta]:
        """Sweep and deliver for ever; yields how long nothing is done between two steps."""
        while True:
            yield from self.sweep()
            yield from self.deliver()
            yield timedelta(hours=self.chance.uniform(2, 60))

    def crash(self) -> None:
        """Forget everything; what was handed over and not noted may go out once more."""
        if self.begun is not None:
            self.network.excused[self.begun.claimed.notice.id] += 1
            self.watcher.tell(f"{self.worker} crashed between send and settle")
        self.begun = None
        self.lives += 1

    def sweep(self) -> Iterator[timedelta]:
        """Judge whoever is due, one after the other."""
        for patient_id in Rounds().whom(self.house):
            yield SOON
            report = SweepReport()
            sweep_one(self.house, patient_id, report)
            self.watcher.swept(patient_id)
            raised = ",".join(
                f"{passed.alert.key.reminder}@{passed.alert.key.threshold_on}" for passed in report.raised
            )
            self.watcher.tell(f"{self.worker} swept {patient_id}: {raised} {report.notices}")

    def deliver(self) -> Iterator[timedelta]:
        """Claim what is due, and send it, one after the other, until nothing is due.

        Mostly a notice is prepared when it is claimed; where one cannot be, all are claimed and then prepared alone.
        """
        while True:
            if self.chance.random() < 0.5:
                prepared = claim_prepared(self.house, self.worker, busy=(), limit=1)
                for each, message in prepared:
                    yield from self._send(each, message)
                found = len(prepared)
            else:
                claimed = claim(self.house, self.worker, busy=(), limit=MOST_AT_ONCE)
                for each in claimed:
                    yield SOON
                    yield from self._send(each, prepare(self.house, each))
                found = len(claimed)
            if not found:
                return

    def _send(self, claimed: Claimed, message: Message | None) -> Iterator[timedelta]:
        if message is None:
            self.watcher.tell(f"{self.worker} has nothing to send for {claimed.notice.id}")
            return
        assert message.notice_id == claimed.notice.id
        self.watcher.sent(claimed)
        yield SOON
        notice_id = claimed.notice.id
        self.begun = Begun(claimed, self.clock.true, self.clock.jumps, self.network.arrived[notice_id])
        outcome = self.network.send(message)
        yield FROZEN_FOR if self.chance.random() < 0.03 else SOON
        if outcome.result == "delivered":
            assert settle_delivered(self.house, [claimed]) == {notice_id}
        else:
            settle(self.house, claimed, outcome, chance=self.chance.random)
        overdue = self.clock.true - self.begun.at >= LEASE - 2 * SOON or self.clock.jumps != self.begun.jumps
        if overdue:
            self.network.excused[notice_id] += 1
        self.begun = None
        self.watcher.tell(f"{self.worker} sent {notice_id}: {outcome.result}")
