"""What leaves the house about an alert: one finished message to one recipient."""

from dataclasses import dataclass, field
from typing import Literal

# `link`: a message names no patient and holds nothing clinical. `full`: it says what the alert is about.
MailContent = Literal["link", "full"]
# Domain model, rule 6: said on every page and at the end of every message.
INTENDED_USE = (
    "Coursewatch documents treatment and shows how it adheres to a protocol. "
    "It is not a substitute for individual treatment decisions."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One notice as its recipient reads it; `notice_id` is its identity in every attempt.

    `kind` and `link` name no patient and may stand in a log. `subject`, `text` and `html` may not, nor `recipient`.
    """

    notice_id: str
    alert_id: str
    kind: str
    link: str
    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
