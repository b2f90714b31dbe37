"""Shows whole notices to whoever tries Coursewatch out with made-up patients; no real one may ever be told of so."""

from collections.abc import Callable
from dataclasses import dataclass
from textwrap import indent
from typing import ClassVar

from workflow.domain.contacts import LOG
from workflow.domain.messages import Message


@dataclass(frozen=True, slots=True)
class PrintedChannel:
    """Takes the place of the log in a demo: `tell` shows the mail that a ward would have got, a text of many lines."""

    tell: Callable[[str], None]
    kind: ClassVar[str] = LOG

    def send(self, message: Message, *, timeout_seconds: float) -> None:  # noqa: ARG002 -- showing takes no time
        """Show the message with its subject."""
        self.tell(f"\nMail: {message.subject}\n{indent(message.text.strip(), '  | ', lambda _line: True)}")
