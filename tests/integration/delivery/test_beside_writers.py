"""Delivery beside those who hold a patient: they never wait for each other in a circle."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from threading import Event, Semaphore

from sqlalchemy import func, select

from tests.integration.delivery.late_ward import ATTEMPT, LateWard, addresses
from workflow.domain.delivery import DELIVERED, Attempted
from workflow.persistence.ledger import ALERT, NOTICE
from workflow.persistence.sqlite_writes import WITHDRAW_NOTICES
from workflow.services.deliver_notices import prepare

ROUNDS, PEOPLE = 8, 25
# A limit of what never comes, not of what is slow.
PATIENCE = 60.0


def test_notices_withdrawn_all_at_once_while_they_are_delivered_one_by_one_end_well(ward: LateWard) -> None:
    done, begun = Event(), Semaphore(0)

    def withdraw() -> None:
        """Make many notices of the alert and withdraw them in one statement, as whoever resolves it does."""
        with ward.house.database.read() as connection:
            alert_ids = connection.execute(select(ALERT.c.id)).scalars().all()
        for _ in range(ROUNDS):
            ward.more_notices(addresses(PEOPLE))
            assert begun.acquire(timeout=PATIENCE)
            with ward.house.database.write() as connection:
                for alert_id in alert_ids:
                    told = {"of_alert_id": alert_id, "from_step": 0, "of_notice_id": None, "now": ward.clock.now}
                    connection.execute(WITHDRAW_NOTICES, told)

    def deliver(worker: str) -> int:
        outcomes: Iterator[Attempted] = cycle((DELIVERED, Attempted("temporary", "later")))
        noted = 0
        while not done.is_set():
            for claimed in ward.claim(worker, limit=4):
                if prepare(ward.house, claimed) is not None:
                    begun.release()
                    ward.settle(claimed, next(outcomes))
                    noted += 1
        return noted

    with ThreadPoolExecutor(3) as pool:
        workers = [pool.submit(deliver, name) for name in ("w1", "w2")]
        try:
            pool.submit(withdraw).result()
        finally:
            done.set()
        noted = sum(worker.result() for worker in workers)
    with ward.house.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(ATTEMPT)).scalar_one() == noted
        assert connection.execute(select(func.sum(NOTICE.c.attempts))).scalar_one() == noted
    assert len(ward.notices()) == ROUNDS * PEOPLE + 1
    assert {notice["status"] for notice in ward.notices()} <= {"withdrawn", "delivered"}
