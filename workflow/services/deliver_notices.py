"""Delivering notices in steps that stand by themselves, so that a worker may end between any two of them."""

from collections.abc import Callable, Collection

from workflow.domain.actor import SCHEDULER
from workflow.domain.contacts import Recipient
from workflow.domain.delivery import LEASE, MOST_ATTEMPTS, Attempted, Claimed
from workflow.domain.messages import Message
from workflow.identifiers import random_fraction
from workflow.persistence.notices import (
    Lease,
    Standing,
    add_attempt,
    claim_due,
    claim_found,
    end_notice,
    find_due,
    put_off,
    renew,
    subject_of,
)
from workflow.persistence.unit_of_work import UnitOfWork, reading, writing
from workflow.rules.backoff import wait_after
from workflow.services.house import House
from workflow.services.write_message import written

# The steps are claim, prepare, (send,) settle. What a worker had when it ended is claimed by another one when its lease
# is over, and sent again under the same Message-ID where the message had gone out unnoted.
ACTION = "deliver_notice"


def claim(house: House, worker: str, *, busy: Collection[Recipient], limit: int) -> tuple[Claimed, ...]:
    """Take up to `limit` notices that are due, the longest due first, for one lease.

    There are never two to one recipient of a channel among them, and none to those named `busy`. Fewer than `limit`
    do not mean that nothing more is due; none does, or that others are claiming just now.
    """
    if limit < 1:
        return ()
    if house.database.dialect == "postgresql":
        with writing(house.database, SCHEDULER, bounded=False) as unit:
            return claim_due(unit.connection, _lease(unit, worker, busy), limit)
    # Looked for before the write lock is taken: a ward that records would wait for each tick with nothing to do.
    with reading(house.database, SCHEDULER) as unit:
        found = find_due(unit.connection, _lease(unit, worker, busy), limit)
    if not found:
        return ()
    with writing(house.database, SCHEDULER, bounded=False) as unit:
        return claim_found(unit.connection, _lease(unit, worker, busy), found)


def prepare(house: House, claimed: Claimed) -> Message | None:
    """Return what is to be sent now, its lease renewed; None where nothing is.

    That is: the worker has lost the notice, or it was withdrawn; its alert is resolved, so that it is withdrawn here;
    or its alert is snoozed, so that it is put off until then.
    """
    with writing(house.database, SCHEDULER, bounded=False) as unit:
        lease = _lease(unit, claimed.worker)
        # First of all: it waits for whoever is withdrawing the notice, and lets whoever comes later wait.
        if not renew(unit.connection, claimed.notice.id, lease):
            return None
        subject = subject_of(unit.connection, claimed.notice.alert_id)
        alert = subject.alert
        if alert.resolved:
            end_notice(unit.connection, claimed.notice.id, "withdrawn", lease.now)
            return None
        if alert.status == "snoozed" and alert.snoozed_until is not None and alert.snoozed_until > lease.now:
            put_off(unit.connection, claimed.notice.id, alert.snoozed_until)
            return None
        message = written(house, unit, claimed.notice, subject, lease.now)
        unit.note(ACTION, patient_id=subject.patient_id)
        return message


def settle(
    house: House, claimed: Claimed, outcome: Attempted, *, chance: Callable[[], float] = random_fraction
) -> None:
    """Note an attempt and what it means for the notice.

    A message that went out is delivered, whoever has the notice by now and even where it was withdrawn or given up
    meanwhile. A failure changes it only for the worker who still has it: tried again later, or dead.
    """
    with writing(house.database, SCHEDULER, bounded=False) as unit:
        now, notice_id = unit.instant(), claimed.notice.id
        standing = add_attempt(unit.connection, claimed, outcome, now)
        if outcome.result == "delivered":
            if standing.status != "delivered":
                end_notice(unit.connection, notice_id, "delivered", now)
        elif not _has(claimed, standing):
            return
        elif outcome.result == "permanent" or standing.attempts >= MOST_ATTEMPTS:
            end_notice(unit.connection, notice_id, "dead", now)
        else:
            put_off(unit.connection, notice_id, now + wait_after(standing.attempts, chance()))


def _has(claimed: Claimed, standing: Standing) -> bool:
    return standing.status == "pending" and standing.leased_by == claimed.worker


def _lease(unit: UnitOfWork, worker: str, busy: Collection[Recipient] = ()) -> Lease:
    return Lease(worker=worker, now=unit.instant(), length=LEASE, busy=busy)
