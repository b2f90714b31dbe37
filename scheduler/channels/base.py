"""What every channel promises: a message is delivered when `send` returns, or a failure says whether to try again."""

from typing import Protocol

from workflow.domain.errors import CoursewatchError
from workflow.domain.messages import Message


class DeliveryError(CoursewatchError):
    """A message was not delivered; `detail` says where it failed, and holds nothing of the message or its addresses.

    `server` is the host and port that were spoken to or sought, where there is such a thing.
    """

    def __init__(self, detail: str, *, server: str | None = None) -> None:
        self.detail = detail
        self.server = server
        super().__init__(detail)


class TemporaryFailureError(DeliveryError):
    """The next attempt may succeed; perhaps this one did, unheard, so the next one carries the same identity."""


class PermanentFailureError(DeliveryError):
    """No further attempt with this message will succeed."""


class Channel(Protocol):
    """One way out of the house."""

    @property
    def kind(self) -> str:
        """The name that notices are addressed with."""

    def send(self, message: Message, *, timeout_seconds: float) -> None:
        """Deliver the message within about this time, else raise TemporaryFailureError or PermanentFailureError."""
