"""Hands due notices to their channels, several at a time, so that a slow recipient holds up nobody else."""

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import structlog

from scheduler.channels.base import Channel, DeliveryError, PermanentFailureError
from workflow.domain.contacts import Recipient
from workflow.domain.delivery import DELIVERED, SEND_WITHIN_SECONDS, Attempted, Claimed, Result
from workflow.domain.messages import Message
from workflow.persistence.errors import DatabaseBusyError, DatabaseUnavailableError
from workflow.services.deliver_notices import claim, prepare, settle
from workflow.services.house import House

_log = structlog.stdlib.get_logger("scheduler")
AT_A_TIME = 8
# A message that went out is repeated where that cannot be noted, so it is tried while the lease lasts.
NOTE_AGAIN_AFTER_SECONDS = (0.5, 2.0, 5.0, 10.0)


class Deliveries:
    """One worker: at most `at_a_time` notices in its hands, each to another recipient.

    `worker_id` must be new with each process: a notice is told from others' by it.
    """

    def __init__(
        self, house: House, channels: Mapping[str, Channel], worker_id: str, *, at_a_time: int = AT_A_TIME
    ) -> None:
        self._house, self._channels, self._worker = house, channels, worker_id
        self._at_a_time = at_a_time
        self._pool = ThreadPoolExecutor(at_a_time, thread_name_prefix="deliver")
        # Held while notices are claimed, so that nothing is claimed for a recipient whose notice is being claimed.
        self._claiming = Lock()
        self._counting = Lock()
        self._busy: set[Recipient] = set()
        self._counts: Counter[str] = Counter()
        self._closed = False

    def tick(self) -> dict[str, int]:
        """Hand out what is due and return at once, with the counts of what was done since the last tick.

        Who has delivered takes the next notice without waiting for a tick.
        """
        self._hand_out()
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

    def _hand_out(self) -> None:
        with self._claiming:
            # One claim brings few notices where the longest due all go to the same recipients.
            while not self._closed and (claimed := self._claimed()):
                for each in claimed:
                    self._pool.submit(self._deliver, each)

    def _claimed(self) -> tuple[Claimed, ...]:
        with self._counting:
            busy = frozenset(self._busy)
        claimed = claim(self._house, self._worker, busy=busy, limit=self._at_a_time - len(busy))
        with self._counting:
            self._busy.update(each.recipient for each in claimed)
            if claimed:
                self._counts["claimed"] += len(claimed)
        return claimed

    def _deliver(self, claimed: Claimed) -> None:
        """Carry one notice through; whatever goes wrong with it, the next one gets its turn."""
        try:
            outcome = self._attempted(claimed)
            if outcome is not None:
                self._settle(claimed, outcome)
        except Exception as fault:  # noqa: BLE001 -- the notice is claimed again when its lease is over
            self._count("failed")
            _log.error("delivery_failed", notice=claimed.notice.id, error=type(fault).__name__)
        finally:
            with self._counting:
                self._busy.discard(claimed.recipient)
        try:
            self._hand_out()
        except Exception as fault:  # noqa: BLE001 -- the next tick claims
            _log.error("claim_failed", error=type(fault).__name__)

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
                settle(self._house, claimed, outcome)
                break
            except (DatabaseBusyError, DatabaseUnavailableError) as fault:
                _log.warning("not_noted_yet", notice=claimed.notice.id, error=type(fault).__name__)
                Event().wait(pause)
        else:
            settle(self._house, claimed, outcome)
        self._count(outcome.result)
        tell = _log.info if outcome.result == "delivered" else _log.warning
        tell(
            "attempted",
            notice=claimed.notice.id,
            alert=claimed.notice.alert_id,
            outcome=outcome.result,
            detail=outcome.detail,
            **({"server": outcome.server} if outcome.server else {}),
        )

    def _count(self, what: str) -> None:
        with self._counting:
            self._counts[what] += 1
