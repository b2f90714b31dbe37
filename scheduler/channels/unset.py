"""Stands in for a channel that notices are addressed to before its settings are made, so that they wait for it."""

from dataclasses import dataclass

from scheduler.channels.base import TemporaryFailureError
from workflow.domain.messages import Message


@dataclass(frozen=True, slots=True)
class UnsetChannel:
    """Delivers nothing; `missing` names the settings to make."""

    kind: str
    missing: str

    def send(self, message: Message, *, timeout_seconds: float) -> None:  # noqa: ARG002 -- nothing is sent
        """Raise TemporaryFailureError: once the settings are made, a later attempt may succeed."""
        raise TemporaryFailureError(f"{self.kind}: not set up; set {self.missing}")
