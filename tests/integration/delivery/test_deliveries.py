"""The worker: it hands out and returns, keeps one notice to a recipient in flight, and ends in good order."""

import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock, Semaphore

import pytest

from api.logs import configure_logs
from scheduler.channels.base import Channel, PermanentFailureError
from scheduler.delivering import AT_A_TIME, Deliveries
from tests.integration.delivery.late_ward import SECRETS, WARD, LateWard, addresses
from workflow.domain.contacts import Recipient
from workflow.domain.messages import Message
from workflow.persistence.errors import DatabaseBusyError
from workflow.services import deliver_notices

# A limit of what never comes, not of what is slow.
PATIENCE = 60.0


@dataclass
class Post:
    """A channel of the test: delivers, but first does at each recipient what is wanted there."""

    kind: str = "email"
    at: dict[str, Callable[[], None]] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    in_flight: set[str] = field(default_factory=set)
    most_in_flight: int = 0
    lock: Lock = field(default_factory=Lock)
    one_more: Semaphore = field(default_factory=lambda: Semaphore(0))

    def send(self, message: Message, *, timeout_seconds: float) -> None:
        assert timeout_seconds == 30
        with self.lock:
            assert message.recipient not in self.in_flight
            self.in_flight.add(message.recipient)
            self.most_in_flight = max(self.most_in_flight, len(self.in_flight))
        try:
            self.at.get(message.recipient, lambda: None)()
            with self.lock:
                self.sent.append(message.notice_id)
        finally:
            with self.lock:
                self.in_flight.discard(message.recipient)
            self.one_more.release()

    def await_sent(self, how_many: int) -> None:
        """Wait until so many messages more have been dealt with."""
        for _ in range(how_many):
            assert self.one_more.acquire(timeout=PATIENCE)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Give the stream that lines are logged to."""
    stream = io.StringIO()
    configure_logs(stream)
    yield stream
    configure_logs()


@contextmanager
def delivering(ward: LateWard, *channels: Channel) -> Iterator[Deliveries]:
    """Give a worker with these channels; leaving waits for what is in flight."""
    with closing(Deliveries(ward.house, {channel.kind: channel for channel in channels}, "w1")) as worker:
        yield worker


def logged(log: io.StringIO, event: str) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in lines if line["event"] == event]


def statuses(ward: LateWard) -> dict[object, int]:
    found = [notice["status"] for notice in ward.notices()]
    return {status: found.count(status) for status in found}


def test_one_recipient_who_hangs_holds_up_none_of_a_hundred_others(ward: LateWard) -> None:
    hang, begun = Event(), Event()

    def hold() -> None:
        begun.set()
        assert hang.wait(PATIENCE)

    post = Post(at={WARD.address: hold})
    # The one that hangs is due first, and has more behind it.
    ward.more_notices([WARD, WARD])
    ward.more_notices(addresses(100))
    with delivering(ward, post) as worker:
        worker.tick()
        assert begun.wait(PATIENCE)
        post.await_sent(100)
        assert len(post.sent) == 100
        assert post.in_flight == {WARD.address}
        hang.set()
    assert statuses(ward)["delivered"] >= 101


def test_all_that_is_due_goes_out_upon_one_tick_each_notice_once(ward: LateWard) -> None:
    few = addresses(3)
    made = ward.more_notices(few * 10)
    post = Post()
    with delivering(ward, post) as worker:
        worker.tick()
        post.await_sent(31)
    assert sorted(post.sent) == sorted([*made, str(ward.notice_to(WARD)["id"])])
    assert statuses(ward) == {"delivered": 31}
    assert post.most_in_flight <= 4


def test_no_more_are_in_its_hands_than_it_may_have_though_nobody_answers(ward: LateWard) -> None:
    everybody = addresses(3 * AT_A_TIME)
    ward.more_notices(everybody)
    hang, begun = Event(), Semaphore(0)

    def hold() -> None:
        begun.release()
        assert hang.wait(PATIENCE)

    post = Post(at={recipient.address: hold for recipient in (*everybody, WARD)})
    with delivering(ward, post) as worker:
        worker.tick()
        for _ in range(AT_A_TIME):
            assert begun.acquire(timeout=PATIENCE)
        assert worker.tick()["in_flight"] == AT_A_TIME
        assert sum(notice["leased_by"] == "w1" for notice in ward.notices()) == AT_A_TIME
        hang.set()
        post.await_sent(3 * AT_A_TIME + 1)


def test_closing_waits_for_what_is_in_flight_and_claims_nothing_more(ward: LateWard) -> None:
    hang, begun = Event(), Event()

    def hold() -> None:
        begun.set()
        assert hang.wait(PATIENCE)

    post = Post(at={WARD.address: hold})
    ward.more_notices([WARD] * 5)
    worker = Deliveries(ward.house, {"email": post}, "w1", at_a_time=1)
    worker.tick()
    assert begun.wait(PATIENCE)
    hang.set()
    worker.close()
    assert ward.notices()[0]["leased_by"] is None
    assert post.in_flight == set()
    delivered = len(post.sent)
    assert 1 <= delivered <= 6
    worker.tick()
    assert statuses(ward)["delivered"] == delivered
    assert all(notice["leased_by"] is None for notice in ward.notices())


def test_what_a_channel_did_not_foresee_is_a_failure_of_that_notice_alone_and_not_quoted(
    ward: LateWard, log: io.StringIO
) -> None:
    def fail() -> None:
        raise RuntimeError(f"{WARD.address} A-1")

    ward.more_notices([*addresses(1), Recipient("fax", "1")])
    post = Post(at={WARD.address: fail})
    with delivering(ward, post) as worker:
        worker.tick()
        post.await_sent(2)
    by_recipient = {notice["recipient"]: (notice["status"], notice["attempts"]) for notice in ward.notices()}
    assert by_recipient == {
        WARD.address: ("pending", 1),
        addresses(1)[0].address: ("delivered", 1),
        "1": ("pending", 1),
    }
    assert sorted(ward.log()) == [
        ("w1", "delivered", None),
        ("w1", "temporary", "email: RuntimeError"),
        ("w1", "temporary", "this process has no such channel"),
    ]
    assert not any(secret in log.getvalue() for secret in SECRETS)


def test_a_notice_that_cannot_be_written_is_put_off_and_the_others_go_out(
    ward: LateWard, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwritable(*_: object) -> None:
        raise KeyError("a pseudonym that must not be logged")

    monkeypatch.setattr(deliver_notices, "written", unwritable)
    post = Post()
    with delivering(ward, post) as worker:
        worker.tick()
    assert (ward.notice()["status"], ward.log()) == ("pending", [("w1", "temporary", "not written: KeyError")])
    assert len(logged(log, "unwritten_notice")) == 1


def test_what_it_did_is_told_as_counts_and_ids(ward: LateWard, log: io.StringIO) -> None:
    def refuse() -> None:
        raise PermanentFailureError("email: RCPT answered 550")

    ward.more_notices(addresses(2))
    post = Post(at={WARD.address: refuse})
    with delivering(ward, post) as worker:
        told = Counter(worker.tick())
    told += Counter(worker.tick())
    del told["in_flight"]
    assert told == {"claimed": 3, "delivered": 2, "permanent": 1}
    assert worker.tick() == {"in_flight": 0}
    attempted = {(str(line["outcome"]), line["detail"]) for line in logged(log, "attempted")}
    assert attempted == {("delivered", None), ("permanent", "email: RCPT answered 550")}
    levels = {(line["outcome"], line["level"]) for line in logged(log, "attempted")}
    assert levels == {("delivered", "info"), ("permanent", "warning")}
    assert not any(secret in log.getvalue() for secret in SECRETS)


def test_an_attempt_is_noted_as_soon_as_the_database_is_free_again(
    ward: LateWard, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    busy = [DatabaseBusyError("busy")]
    real = deliver_notices.settle

    def away(*_: object) -> None:
        raise DatabaseBusyError("busy")

    def settle(*given: object) -> None:
        if busy:
            raise busy.pop()
        real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("scheduler.delivering.settle_delivered", away)
    monkeypatch.setattr("scheduler.delivering.settle", settle)
    monkeypatch.setattr("scheduler.delivering.NOTE_AGAIN_AFTER_SECONDS", (0.0, 0.0))
    with delivering(ward, Post()) as worker:
        worker.tick()
    assert (ward.notice()["status"], ward.log()) == ("delivered", [("w1", "delivered", None)])
    assert len(logged(log, "not_noted_yet")) == 1


def test_a_database_that_is_away_costs_nothing_but_the_lease(
    ward: LateWard, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    def away(*_: object) -> None:
        raise DatabaseBusyError("busy")

    def unwritable(*_: object, **__: object) -> None:
        raise KeyError("one of them")

    monkeypatch.setattr("scheduler.delivering.claim_prepared", unwritable)
    monkeypatch.setattr("scheduler.delivering.prepare", away)
    with delivering(ward, Post()) as worker:
        worker.tick()
    assert (ward.notice()["leased_by"], ward.notice()["status"], ward.log()) == ("w1", "pending", [])
    assert [line["error"] for line in logged(log, "delivery_failed")] == ["DatabaseBusyError"]
