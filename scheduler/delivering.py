"""Hands due notices to their channels, several at a time, so that a slow recipient holds up nobody else."""

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event, Lock

import structlog

from scheduler.channels.base import Channel, DeliveryError, PermanentFailureError
from scheduler.observing import Observer
from workflow.domain.contacts import Recipient
from workflow.domain.delivery import DELIVERED, SEND_WITHIN_SECONDS, Attempted, Claimed, Result
from workflow.domain.messages import Message
from workflow.persistence.errors import DatabaseBusyError, DatabaseUnavailableError
from workflow.services.deliver_notices import claim, claim_prepared, prepare, settle, settle_delivered
from workflow.services.house import House

_log = structlog.stdlib.get_logger("scheduler")
AT_A_TIME = 8
# A message that went out is repeated where that cannot be noted, so it is tried while the lease lasts.
NOTE_AGAIN_AFTER_SECONDS = (0.5, 2.0, 5.0, 10.0)


class Deliveries:
    """One worker: at most `at_a_time` notices in its hands, each to another recipient.

    `worker_id` must be new with each process: a notice is told from others' by it. `observer` hears of each delivery.
    """

    def __init__(
        self,
        house: House,
        channels: Mapping[str, Channel],
        worker_id: str,
        *,
        at_a_time: int = AT_A_TIME,
        observer: Observer | None = None,
    ) -> None:
        self._house, self._channels, self._worker = house, channels, worker_id
        self._observer = observer or Observer()
        self._observer.metrics.expect((), channels)
        self._at_a_time = at_a_time
        # One more than can be in its hands: who has delivered notes it and hands out, while the others send.
        self._pool = ThreadPoolExecutor(at_a_time + 1, thread_name_prefix="deliver")
        # Held while notices are claimed, so that nothing is claimed for a recipient whose notice is being claimed.
        self._claiming = Lock()
        self._asked = Event()
        self._delivered: deque[Claimed] = deque()
        self._counting = Lock()
        self._busy: set[Recipient] = set()
        self._counts: Counter[str] = Counter()
        self._closed = False

    def tick(self) -> dict[str, int]:
        """Hand out what is due and return at once, with the counts of what was done since the last tick.

        Who has delivered takes the next notice without waiting for a tick.
        """
        self._take_turns()
        with self._counting:
            counts, self._counts = dict(self._counts), Counter()
            in_flight = len(self._busy)
        if counts:
            _log.info("deliveries", in_flight=in_flight, **counts)
        return {"in_flight": in_flight, **counts}

    def close(self) -> None:
        """Claim nothing more, and wait for what is in flight."""
        with self._claiming:
            self._closed = True
        self._pool.shutdown(wait=True)
        # Who was done while the lock was held here has left it to the one who held it.
        self._take_turns()

    def _take_turns(self) -> None:
        """Note what was delivered and hand out what is due, until nobody has asked for it since.

        One thread does it at a time. Who finds another at it leaves it what is done: while that one waits for the
        database once, more is done, and is noted together. Raises what kept anything from being claimed.
        """
        fault: Exception | None = None
        self._asked.set()
        # Asked for before the lock is tried, and looked at again after it is free: so nothing is left behind.
        while self._asked.is_set() and self._claiming.acquire(blocking=False):
            try:
                self._asked.clear()
                self._note_delivered()
                self._hand_out()
            except Exception as failure:  # noqa: BLE001 -- what others have left here is noted all the same
                fault = failure
            finally:
                self._claiming.release()
        if fault is not None:
            raise fault

    def _note_delivered(self) -> None:
        """Note together whatever was delivered; what cannot be noted so is noted alone, which may wait."""
        done = [self._delivered.popleft() for _ in range(len(self._delivered))]
        if not done:
            return
        try:
            noted = settle_delivered(self._house, done)
        except Exception as fault:  # noqa: BLE001 -- each is tried again alone, and what is wrong is told of it
            _log.warning("not_noted_together", notices=len(done), error=type(fault).__name__)
            noted = frozenset()
        for claimed in done:
            if claimed.notice.id in noted:
                self._tell(claimed, DELIVERED, given_up=False)
                self._free(claimed)
            else:
                self._later(partial(self._settle_alone, claimed, DELIVERED))

    def _hand_out(self) -> None:
        # One claim brings few notices where the longest due all go to the same recipients.
        while not self._closed and (acts := self._claimed()):
            for act in acts:
                self._pool.submit(act)

    def _claimed(self) -> tuple[Callable[[], None], ...]:
        """Claim what there are hands for, and return what is to be done about each."""
        with self._counting:
            busy = frozenset(self._busy)
        limit = self._at_a_time - len(busy)
        try:
            prepared = claim_prepared(self._house, self._worker, busy=busy, limit=limit)
        except (DatabaseBusyError, DatabaseUnavailableError):
            raise
        except Exception as fault:  # noqa: BLE001 -- one that cannot be written must not hold up the others
            _log.warning("not_prepared_together", error=type(fault).__name__)
            claims = claim(self._house, self._worker, busy=busy, limit=limit)
            self._take(claims)
            return tuple(partial(self._deliver_alone, claimed) for claimed in claims)
        self._take([claimed for claimed, _ in prepared])
        return tuple(partial(self._deliver, claimed, message) for claimed, message in prepared)

    def _take(self, claims: Sequence[Claimed]) -> None:
        with self._counting:
            self._busy.update(each.recipient for each in claims)
            if claims:
                self._counts["claimed"] += len(claims)

    def _deliver(self, claimed: Claimed, message: Message | None) -> None:
        """Send what was prepared, and leave what was delivered to be noted with others."""
        if message is None:
            self._count("not_sent")
            self._free(claimed)
            self._next_turn()
            return
        with self._observer.delivery(claimed.notice.channel):
            outcome = self._sent(claimed, message)
        if outcome.result == "delivered":
            self._delivered.append(claimed)
            self._next_turn()
        else:
            self._settle_alone(claimed, outcome)

    def _deliver_alone(self, claimed: Claimed) -> None:
        """Carry one notice through; whatever goes wrong with it, the next one gets its turn."""
        outcome: Attempted | None = None
        try:
            with self._observer.delivery(claimed.notice.channel):
                outcome = self._attempted(claimed)
        except Exception as fault:  # noqa: BLE001 -- the notice is claimed again when its lease is over
            self._failed(claimed, fault)
        if outcome is not None:
            self._settle_alone(claimed, outcome)
            return
        self._free(claimed)
        self._next_turn()

    def _settle_alone(self, claimed: Claimed, outcome: Attempted) -> None:
        try:
            self._settle(claimed, outcome)
        except Exception as fault:  # noqa: BLE001 -- the notice is claimed again when its lease is over
            self._failed(claimed, fault)
        self._free(claimed)
        self._next_turn()

    def _next_turn(self) -> None:
        try:
            self._take_turns()
        except Exception as fault:  # noqa: BLE001 -- the next tick claims
            _log.error("claim_failed", error=type(fault).__name__)

    def _later(self, act: Callable[[], None]) -> None:
        """Do something that may wait in a thread of its own, or here where no more are given out."""
        try:
            self._pool.submit(act)
        except RuntimeError:
            act()

    def _attempted(self, claimed: Claimed) -> Attempted | None:
        """Send, and return what came of it; None where nothing was to be sent."""
        try:
            message = prepare(self._house, claimed)
        except (DatabaseBusyError, DatabaseUnavailableError):
            raise
        except Exception as fault:  # noqa: BLE001 -- one that cannot be written must not come back for ever
            _log.error("unwritten_notice", notice=claimed.notice.id, error=type(fault).__name__)
            return Attempted("temporary", f"not written: {type(fault).__name__}")
        if message is None:
            self._count("not_sent")
            return None
        return self._sent(claimed, message)

    def _sent(self, claimed: Claimed, message: Message) -> Attempted:
        channel = self._channels.get(claimed.notice.channel)
        if channel is None:
            # Perhaps a newer release makes notices for it already; an older one is not to give them up at once.
            return Attempted("temporary", "this process has no such channel")
        try:
            channel.send(message, timeout_seconds=SEND_WITHIN_SECONDS)
        except DeliveryError as failure:
            result: Result = "permanent" if isinstance(failure, PermanentFailureError) else "temporary"
            return Attempted(result, failure.detail, failure.server)
        except Exception as fault:  # noqa: BLE001 -- what a channel did not foresee may quote the message
            return Attempted("temporary", f"{channel.kind}: {type(fault).__name__}")
        return DELIVERED

    def _settle(self, claimed: Claimed, outcome: Attempted) -> None:
        for pause in NOTE_AGAIN_AFTER_SECONDS:
            try:
                given_up = settle(self._house, claimed, outcome)
                break
            except (DatabaseBusyError, DatabaseUnavailableError) as fault:
                _log.warning("not_noted_yet", notice=claimed.notice.id, error=type(fault).__name__)
                Event().wait(pause)
        else:
            given_up = settle(self._house, claimed, outcome)
        self._tell(claimed, outcome, given_up=given_up)

    def _tell(self, claimed: Claimed, outcome: Attempted, *, given_up: bool) -> None:
        self._count(outcome.result)
        self._observer.attempted(claimed.notice.channel, outcome.result, given_up=given_up)
        tell = _log.info if outcome.result == "delivered" else _log.warning
        tell(
            "attempted",
            notice=claimed.notice.id,
            alert=claimed.notice.alert_id,
            outcome=outcome.result,
            detail=outcome.detail,
            **({"server": outcome.server} if outcome.server else {}),
        )

    def _failed(self, claimed: Claimed, fault: Exception) -> None:
        self._count("failed")
        _log.error("delivery_failed", notice=claimed.notice.id, error=type(fault).__name__)

    def _free(self, claimed: Claimed) -> None:
        with self._counting:
            self._busy.discard(claimed.recipient)

    def _count(self, what: str) -> None:
        with self._counting:
            self._counts[what] += 1
