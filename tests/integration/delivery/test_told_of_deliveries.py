"""Whoever watches hears of each attempt that was noted, by channel and outcome, and of notices that are given up."""

from dataclasses import dataclass

from scheduler.channels.base import PermanentFailureError, TemporaryFailureError
from scheduler.delivering import Deliveries
from scheduler.observing import Observer
from tests.integration.delivery.late_ward import LateWard, addresses
from workflow.domain.contacts import EMAIL
from workflow.domain.messages import Message


@dataclass
class Refusing:
    """Refuses who is named here for good, and the others for now; takes the rest."""

    never: str
    later: str
    kind: str = EMAIL

    def send(self, message: Message, *, timeout_seconds: float) -> None:  # noqa: ARG002 -- nothing is sent
        if message.recipient == self.never:
            raise PermanentFailureError("email: RCPT answered 550 5.1.1")
        if message.recipient == self.later:
            raise TemporaryFailureError("email: RCPT answered 450 4.2.1")


def test_attempts_are_counted_by_what_came_of_them(ward: LateWard) -> None:
    others = [recipient.address for recipient in addresses(2)]
    ward.more_notices(addresses(2))
    observer = Observer()
    deliveries = Deliveries(ward.house, {EMAIL: Refusing(*others)}, "w1", observer=observer)
    deliveries.tick()
    deliveries.close()
    text = observer.metrics.text().decode()
    for outcome in ("delivered", "temporary", "permanent"):
        assert f'coursewatch_delivery_attempts_total{{channel="email",outcome="{outcome}"}} 1.0' in text
    assert "coursewatch_notices_given_up_total 1.0" in text
    assert "coursewatch_deliveries_in_flight 0.0" in text
    assert not [address for address in others if address in text]
