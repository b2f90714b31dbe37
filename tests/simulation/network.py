"""A mail network that loses, delays, refuses, and answers when the sender is dead; it remembers whatever came in."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from workflow.domain.delivery import DELIVERED, Attempted
from workflow.domain.messages import Message

# Of a hundred messages in bad times.
LOST, UNANSWERED, REFUSED, UNKNOWN = 12, 8, 15, 5
NOT_REACHED = Attempted("temporary", "no connection")
NO_ANSWER = Attempted("temporary", "no answer after the message was handed over")
LATER = Attempted("temporary", "451")
NEVER = Attempted("permanent", "550")


@dataclass(slots=True)
class Network:
    """Where messages go; `excused` counts for each notice how often it may come once more, and why it may."""

    chance: Random
    healthy: bool = False
    down: bool = False
    arrived: Counter[str] = field(default_factory=Counter)
    excused: Counter[str] = field(default_factory=Counter)
    refused_for_good: set[str] = field(default_factory=set)

    def send(self, message: Message) -> Attempted:
        """Take one message, and return what its sender is answered."""
        if self.down:
            return NOT_REACHED
        luck = 100 if self.healthy else self.chance.randrange(100)
        if luck < LOST:
            return NOT_REACHED
        luck -= LOST
        if luck < UNANSWERED:
            self.arrived[message.notice_id] += 1
            self.excused[message.notice_id] += 1
            return NO_ANSWER
        luck -= UNANSWERED
        if luck < REFUSED:
            return LATER
        if luck - REFUSED < UNKNOWN:
            self.refused_for_good.add(message.notice_id)
            return NEVER
        self.arrived[message.notice_id] += 1
        return DELIVERED
