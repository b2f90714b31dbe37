"""One attempt to deliver a notice: its limits, who makes it, and what comes of it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from workflow.domain.alerts import Notice
from workflow.domain.contacts import Recipient

# A worker has a notice to itself for this long, from claiming it and again from beginning to send it. It must exceed
# what a channel may take, or a slow target would get every notice from two workers.
LEASE = timedelta(seconds=120)
SEND_WITHIN_SECONDS = 30.0
# With the waits of `workflow.rules.backoff` a notice is given up two to four hours after its first attempt.
MOST_ATTEMPTS = 10

Result = Literal["delivered", "temporary", "permanent"]


@dataclass(frozen=True, slots=True)
class Attempted:
    """What came of an attempt; `detail` says where it failed and holds no address and nothing of the message.

    `server`, host and port, is for the server's log alone.
    """

    result: Result
    detail: str | None = None
    server: str | None = None


DELIVERED = Attempted("delivered")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A notice that one worker has to itself until its lease is over."""

    notice: Notice = field(repr=False)
    worker: str

    @property
    def recipient(self) -> Recipient:
        """Where the notice goes."""
        return Recipient(self.notice.channel, self.notice.recipient)
