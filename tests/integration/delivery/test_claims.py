"""Who gets which notices: the longest due first, one to a recipient, nobody else's while its lease lasts."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from tests.integration.delivery.late_ward import TOLD_AT, WARD, LateWard, addresses
from workflow.domain.delivery import LEASE
from workflow.persistence.notices import LOOKED_AT

MOMENT = timedelta(microseconds=1)


def test_a_notice_is_claimed_when_it_is_due_and_not_before(ward: LateWard) -> None:
    ward.clock.now = TOLD_AT - MOMENT
    assert ward.claim() == ()
    ward.clock.now = TOLD_AT
    claimed = ward.claim_one()
    assert (claimed.recipient, claimed.worker, claimed.notice.due_at) == (WARD, "w1", TOLD_AT)
    standing = ward.notice()
    assert (standing["leased_by"], standing["leased_until"], standing["attempts"]) == ("w1", TOLD_AT + LEASE, 0)


def test_nobody_else_gets_it_until_its_lease_is_over(ward: LateWard) -> None:
    ward.claim_one()
    ward.clock.now = TOLD_AT + LEASE - MOMENT
    assert ward.claim("w2") == ()
    ward.clock.now = TOLD_AT + LEASE
    assert ward.claim_one("w2").worker == "w2"


@pytest.mark.parametrize(("days", "seconds_back"), [(4, 0), (0, 2 * 120)])
def test_a_lease_from_before_the_clock_was_set_back_is_over(ward: LateWard, days: int, seconds_back: int) -> None:
    ward.more_notices(addresses(1), TOLD_AT - timedelta(days=30))
    for claimed in ward.claim():
        assert claimed.worker == "w1"
    ward.clock.now -= timedelta(days=days, seconds=seconds_back) + MOMENT
    (first,) = ward.claim("w2")
    assert first.recipient == addresses(1)[0]


def test_a_lease_is_not_over_for_one_who_read_the_clock_a_moment_before_it_was_taken(ward: LateWard) -> None:
    ward.clock.now = TOLD_AT + MOMENT
    ward.claim_one()
    ward.clock.now = TOLD_AT
    assert ward.claim("w2") == ()


def test_a_claim_brings_one_notice_to_a_recipient_and_none_to_those_that_are_busy(ward: LateWard) -> None:
    one, two, three = addresses(3)
    ward.more_notices([one, one, two, three], TOLD_AT - timedelta(hours=1))
    claimed = ward.claim(busy=[three])
    assert Counter(each.recipient for each in claimed) == Counter([one, two, WARD])
    assert {each.recipient for each in ward.claim()} == {one, three}


def test_the_same_address_of_two_channels_is_two_recipients(ward: LateWard) -> None:
    ward.more_notices([WARD._replace(channel="log")])
    assert len(ward.claim()) == 2


def test_the_longest_due_come_first(ward: LateWard) -> None:
    for hours, recipient in enumerate(addresses(5)):
        ward.more_notices([recipient], TOLD_AT - timedelta(hours=hours))
    claimed = ward.claim(limit=3)
    due: list[datetime] = [each.notice.due_at for each in claimed]
    assert due == [TOLD_AT - timedelta(hours=hours) for hours in (4, 3, 2)]
    assert ward.claim(limit=0) == ()


def test_one_recipient_of_very_many_notices_hides_nobody_behind_them(ward: LateWard) -> None:
    crowded, other = addresses(2)
    ward.more_notices([crowded] * (LOOKED_AT + 1), TOLD_AT - timedelta(days=1))
    ward.more_notices([other])
    (first,) = ward.claim()
    assert first.recipient == crowded
    assert {each.recipient for each in ward.claim(busy=[crowded])} == {other, WARD}


def test_many_workers_at_once_never_get_the_same_notice(ward: LateWard) -> None:
    people = addresses(60)
    made = ward.more_notices(people)
    workers = 4
    ready = Barrier(workers)

    def work(number: int) -> list[str]:
        mine: list[str] = []
        ready.wait(timeout=30)
        while claimed := ward.claim(f"w{number}", limit=3):
            assert len({each.recipient for each in claimed}) == len(claimed) <= 3
            mine += [each.notice.id for each in claimed]
        return mine

    with ThreadPoolExecutor(workers) as pool:
        shares = list(pool.map(work, range(workers)))
    # Whoever finds all that is left being claimed by others may stop; nothing is claimed twice or left for ever.
    taken = Counter(notice for share in shares for notice in share)
    taken.update(each.notice.id for each in ward.claim("late", limit=100))
    assert set(taken.values()) == {1}
    assert set(made) <= set(taken)
