"""Tells a notice in the server's log: for sites without an address, and for whoever tries Coursewatch out."""

from dataclasses import dataclass
from typing import ClassVar

import structlog

from scheduler.channels.base import TemporaryFailureError
from workflow.domain.contacts import LOG
from workflow.domain.messages import Message

_log = structlog.stdlib.get_logger("scheduler")


@dataclass(frozen=True, slots=True)
class LogChannel:
    """Writes one line a notice: what kind it is and where to read it, never what it says."""

    kind: ClassVar[str] = LOG

    def send(self, message: Message, *, timeout_seconds: float) -> None:  # noqa: ARG002 -- a line takes no time
        """Write the line; raises TemporaryFailureError where the log cannot be written."""
        try:
            _log.info("notice", kind=message.kind, link=message.link, alert=message.alert_id, notice=message.notice_id)
        except (OSError, ValueError) as fault:  # a stream that was closed raises ValueError
            raise TemporaryFailureError(f"log: {type(fault).__name__}") from None
