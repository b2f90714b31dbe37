"""Delivering notices in steps that stand by themselves, so that a worker may end between any two of them."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from workflow.domain.actor import SCHEDULER
from workflow.domain.contacts import Recipient
from workflow.domain.delivery import LEASE, MOST_ATTEMPTS, Attempted, Claimed
from workflow.domain.messages import Message
from workflow.identifiers import random_fraction
from workflow.persistence.notices import (
    Lease,
    Standing,
    Subject,
    add_attempt,
    claim_due,
    claim_found,
    end_delivered,
    end_notice,
    find_due,
    put_off,
    renew,
    subject_of,
    subjects_of,
)
from workflow.persistence.unit_of_work import UnitOfWork, reading, writing
from workflow.rules.backoff import wait_after
from workflow.services.house import House
from workflow.services.write_message import written

# The steps are claim, prepare, (send,) settle. Claim and prepare may be one, and several delivered notices are settled
# together: a transaction costs about the same for eight as for one, and waits for the disk once. What a worker had
# when it ended is claimed by another one when its lease is over, and sent again under the same Message-ID where the
# message had gone out unnoted.
ACTION = "deliver_notice"


def claim(house: House, worker: str, *, busy: Collection[Recipient], limit: int) -> tuple[Claimed, ...]:
    """Take up to `limit` notices that are due, the longest due first, for one lease.

    There are never two to one recipient of a channel among them, and none to those named `busy`. Fewer than `limit`
    do not mean that nothing more is due; none does, or that others are claiming just now.
    """
    with _claimed(house, worker, busy, limit) as (_unit, claims):
        return claims


def claim_prepared(
    house: House, worker: str, *, busy: Collection[Recipient], limit: int
) -> tuple[tuple[Claimed, Message | None], ...]:
    """Do what `claim` does, and what `prepare` does with each of them, in one transaction.

    Nothing is claimed where one of them cannot be written: then they are to be claimed, and prepared one by one.
    """
    with _claimed(house, worker, busy, limit) as (unit, claims):
        if unit is None or not claims:
            return ()
        subjects = subjects_of(unit.connection, (claimed.notice.alert_id for claimed in claims))
        return tuple((claimed, _message(house, unit, claimed, subjects[claimed.notice.alert_id])) for claimed in claims)


@contextmanager
def _claimed(
    house: House, worker: str, busy: Collection[Recipient], limit: int
) -> Iterator[tuple[UnitOfWork | None, tuple[Claimed, ...]]]:
    """Claim, and leave the transaction open in which it was done, if one was needed."""
    found: list[str] | None = None
    if house.database.dialect == "sqlite" and limit > 0:
        # Looked for before the write lock is taken: a ward that records would wait for each tick with nothing to do.
        with reading(house.database, SCHEDULER) as unit:
            found = find_due(unit.connection, _lease(unit, worker, busy), limit)
    if limit < 1 or found == []:
        yield None, ()
        return
    with writing(house.database, SCHEDULER, bounded=False) as unit:
        lease = _lease(unit, worker, busy)
        if found is None:
            yield unit, claim_due(unit.connection, lease, limit)
        else:
            yield unit, claim_found(unit.connection, lease, found)


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
        return _message(house, unit, claimed, subject_of(unit.connection, claimed.notice.alert_id))


def settle(
    house: House, claimed: Claimed, outcome: Attempted, *, chance: Callable[[], float] = random_fraction
) -> bool:
    """Note an attempt and what it means for the notice; return whether the notice was given up with it.

    A message that went out is delivered, whoever has the notice by now and even where it was withdrawn or given up
    meanwhile. A failure changes it only for the worker who still has it: tried again later, or dead.
    """
    with writing(house.database, SCHEDULER, bounded=False) as unit:
        now, notice_id = unit.instant(), claimed.notice.id
        standing = add_attempt(unit.connection, claimed, outcome, now)
        failed = outcome.result != "delivered"
        final = outcome.result == "permanent" or standing.attempts >= MOST_ATTEMPTS
        given_up = failed and final and _has(claimed, standing)
        if given_up:
            end_notice(unit.connection, notice_id, "dead", now)
        elif not failed and standing.status != "delivered":
            end_notice(unit.connection, notice_id, "delivered", now)
        elif failed and _has(claimed, standing):
            put_off(unit.connection, notice_id, now + wait_after(standing.attempts, chance()))
    return given_up


def settle_delivered(house: House, claims: Sequence[Claimed]) -> frozenset[str]:
    """Do what `settle` does with several notices whose messages went out, in one transaction; return those noted.

    Not noted is one that somebody is changing just now: that is for `settle`, which waits.
    """
    with writing(house.database, SCHEDULER, bounded=False) as unit:
        return end_delivered(unit.connection, claims, unit.began_at)


def _message(house: House, unit: UnitOfWork, claimed: Claimed, subject: Subject) -> Message | None:
    """Return what is to be sent of a notice that the worker holds; None where it is withdrawn or put off here."""
    alert, now = subject.alert, unit.began_at
    if alert.resolved:
        end_notice(unit.connection, claimed.notice.id, "withdrawn", now)
        return None
    if alert.status == "snoozed" and alert.snoozed_until is not None and alert.snoozed_until > now:
        put_off(unit.connection, claimed.notice.id, alert.snoozed_until)
        return None
    message = written(house, unit, claimed.notice, subject, now)
    unit.note(ACTION, patient_id=subject.patient_id)
    return message


def _has(claimed: Claimed, standing: Standing) -> bool:
    return standing.status == "pending" and standing.leased_by == claimed.worker


def _lease(unit: UnitOfWork, worker: str, busy: Collection[Recipient] = ()) -> Lease:
    return Lease(worker=worker, now=unit.began_at, length=LEASE, busy=busy)
