"""Delivery beside those who hold a patient: they never wait for each other in a circle."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from threading import Event, Semaphore

from sqlalchemy import func, select

from tests.integration.delivery.late_ward import ATTEMPT, LateWard, addresses
from tests.introduced import changing, seeing
from workflow.domain.delivery import DELIVERED, Attempted
from workflow.persistence.ledger import ALERT, NOTICE
from workflow.persistence.sqlite_writes import WITHDRAW_NOTICES
from workflow.services.deliver_notices import claim_prepared, prepare, settle_delivered

ROUNDS, PEOPLE = 8, 25
# A limit of what never comes, not of what is slow.
PATIENCE = 60.0


def test_notices_withdrawn_all_at_once_while_they_are_delivered_end_well(ward: LateWard) -> None:
    done, begun = Event(), Semaphore(0)
    with ThreadPoolExecutor(4) as pool:
        workers = [pool.submit(deliver, ward, name, done, begun) for name in ("w1", "w2")]
        workers.append(pool.submit(deliver_together, ward, done, begun))
        try:
            pool.submit(withdraw, ward, begun).result()
        finally:
            done.set()
        noted = sum(worker.result() for worker in workers)
    with seeing(ward.house.database) as connection:
        assert connection.execute(select(func.count()).select_from(ATTEMPT)).scalar_one() == noted
        assert connection.execute(select(func.sum(NOTICE.c.attempts))).scalar_one() == noted
    assert len(ward.notices()) == ROUNDS * PEOPLE + 1
    assert {notice["status"] for notice in ward.notices()} <= {"withdrawn", "delivered"}


def withdraw(ward: LateWard, begun: Semaphore) -> None:
    """Make many notices of the alert and withdraw them in one statement, as whoever resolves it does."""
    with seeing(ward.house.database) as connection:
        alert_ids = connection.execute(select(ALERT.c.id)).scalars().all()
    for _ in range(ROUNDS):
        ward.more_notices(addresses(PEOPLE))
        assert begun.acquire(timeout=PATIENCE)
        with changing(ward.house.database) as connection:
            for alert_id in alert_ids:
                told = {"of_alert_id": alert_id, "from_step": 0, "of_notice_id": None, "now": ward.clock.now}
                connection.execute(WITHDRAW_NOTICES, told)


def deliver(ward: LateWard, worker: str, done: Event, begun: Semaphore) -> int:
    """Deliver one by one until all is done, every other one in vain; return how many attempts were noted."""
    outcomes: Iterator[Attempted] = cycle((DELIVERED, Attempted("temporary", "later")))
    noted = 0
    while not done.is_set():
        for claimed in ward.claim(worker, limit=4):
            if prepare(ward.house, claimed) is not None:
                begun.release()
                ward.settle(claimed, next(outcomes))
                noted += 1
    return noted


def deliver_together(ward: LateWard, done: Event, begun: Semaphore) -> int:
    """Deliver several at once until all is done; return how many attempts were noted."""
    noted = 0
    while not done.is_set():
        claims = claim_prepared(ward.house, "w3", busy=(), limit=4)
        sent = [claimed for claimed, message in claims if message is not None]
        for _ in sent:
            begun.release()
        settled = settle_delivered(ward.house, sent)
        for claimed in sent:
            # Passed over where they are being withdrawn: alone it waits for that.
            if claimed.notice.id not in settled:
                ward.settle(claimed, DELIVERED)
        noted += len(sent)
    return noted
