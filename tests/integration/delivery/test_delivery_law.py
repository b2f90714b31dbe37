"""Every notice is attempted until it is delivered, withdrawn or given up, whatever happens on the way (domain §7.6)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count, cycle

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.integration.delivery.late_ward import ATTEMPT, LateWard, addresses
from tests.introduced import changing, seeing
from workflow.domain.contacts import Recipient
from workflow.domain.delivery import DELIVERED, LEASE, MOST_ATTEMPTS, Attempted, Claimed
from workflow.persistence.ledger import NOTICE
from workflow.persistence.sqlite_writes import WITHDRAW_NOTICES
from workflow.services.deliver_notices import claim_prepared, prepare, settle, settle_delivered

PEOPLE = addresses(3)
WORKERS = ("a", "b", "c")
OUTCOMES = (DELIVERED, DELIVERED, *[Attempted("temporary", "later")] * 4, Attempted("permanent", "never"))
STEPS = (timedelta(seconds=7), LEASE, timedelta(hours=1), timedelta(days=4), -LEASE, timedelta(days=-4))
# Far more than a notice can need once its target works: each round is a claim of all that is due.
ROUNDS = 20
NAMES = count(1)

work = st.tuples(st.sampled_from(["work", "work", "work", "together"]), st.sampled_from(WORKERS))
trouble = st.one_of(
    st.tuples(st.just("crash"), st.sampled_from(WORKERS)),
    st.tuples(st.just("clock"), st.sampled_from(STEPS)),
    st.tuples(st.just("alert"), st.sampled_from(["snoozed", "open"])),
)
ending = st.sampled_from([("alert", "resolved"), ("withdraw", None)])
# Most histories withdraw nothing: where something is, little is left to be delivered.
working = st.lists(st.one_of(work, work, trouble), min_size=10, max_size=40)
histories = st.one_of(working, working, st.lists(st.one_of(work, work, trouble, ending), max_size=40))


@dataclass
class Hand:
    """What a worker knows, and loses when it ends: a notice it has claimed, and whether it has sent it."""

    name: str
    claimed: Claimed | None = None
    begun: bool = False


@dataclass
class World:
    """Workers at one queue; what the network has done is decided by the outcomes, one for each message sent."""

    ward: LateWard
    outcomes: Iterator[Attempted]
    hands: dict[str, Hand]
    noted: set[str] = field(default_factory=set)
    withdrawable: bool = False

    def work(self, who: str) -> None:
        """Let a worker take its next step: claim, begin and send, or settle."""
        hand = self.hands[who]
        if hand.claimed is None:
            hand.claimed = next(iter(self.ward.claim(hand.name, limit=1)), None)
        elif not hand.begun:
            message = prepare(self.ward.house, hand.claimed)
            if message is None:
                hand.claimed = None
                return
            assert message.notice_id == hand.claimed.notice.id
            hand.begun = True
        else:
            outcome = next(self.outcomes)
            if outcome is DELIVERED:
                self.noted.add(hand.claimed.notice.id)
            settle(self.ward.house, hand.claimed, outcome)
            self.crash(who)

    def together(self, who: str) -> None:
        """Let a worker claim several, prepared at once, send them, and settle what was delivered together."""
        self.crash(who)
        delivered = []
        for claimed, message in claim_prepared(self.ward.house, self.hands[who].name, busy=(), limit=len(PEOPLE)):
            if message is None:
                continue
            assert message.notice_id == claimed.notice.id
            outcome = next(self.outcomes)
            if outcome is DELIVERED:
                self.noted.add(claimed.notice.id)
                delivered.append(claimed)
            else:
                settle(self.ward.house, claimed, outcome)
        assert settle_delivered(self.ward.house, delivered) == {claimed.notice.id for claimed in delivered}

    def crash(self, who: str) -> None:
        """Let a worker end, and another one begin in its place."""
        self.hands[who] = Hand(f"{who}{next(NAMES)}")

    def clock(self, by: timedelta) -> None:
        """Let the clock jump."""
        self.ward.clock.now += by

    def alert(self, status: str) -> None:
        """Change the alert that the notices tell of, and leave the notices as they are."""
        self.withdrawable |= status == "resolved"
        until = self.ward.clock.now + timedelta(hours=3) if status == "snoozed" else None
        self.ward.change_alert(status=status, snoozed_until=until)

    def withdraw(self, _: None) -> None:
        """Withdraw what is pending, as everybody does who resolves an alert."""
        self.withdrawable = True
        with changing(self.ward.house.database) as connection:
            alerts = connection.execute(select(NOTICE.c.alert_id).distinct()).scalars().all()
            for alert_id in alerts:
                told = {"of_alert_id": alert_id, "from_step": 0, "of_notice_id": None, "now": self.ward.clock.now}
                connection.execute(WITHDRAW_NOTICES, told)

    def quiet(self) -> None:
        """Let everything work from now on, and time go by until nothing waits any more."""
        self.alert("open")
        self.outcomes = iter(lambda: DELIVERED, None)
        for _ in range(ROUNDS):
            waiting = [notice for notice in self.ward.notices() if notice["status"] == "pending"]
            if not waiting:
                return
            due = [notice["due_at"] for notice in waiting if isinstance(notice["due_at"], datetime)]
            self.ward.clock.now = max([self.ward.clock.now + 2 * LEASE, *due])
            for who in self.hands:
                self.crash(who)
                for _ in range(3 * len(PEOPLE)):
                    self.work(who)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    recipients=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=5),
    steps=histories,
    outcomes=st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=12),
)
def test_every_notice_is_attempted_until_it_is_delivered_withdrawn_or_given_up(
    ward: LateWard, recipients: list[Recipient], steps: list[tuple[str, object]], outcomes: list[Attempted]
) -> None:
    """Each example begins where the last one ended: with nothing pending."""
    world = World(ward, cycle(outcomes), {who: Hand(f"{who}{next(NAMES)}") for who in WORKERS})
    ward.change_alert(status="open", snoozed_until=None)
    made = ward.more_notices(recipients, ward.clock.now)
    for name, argument in steps:
        getattr(world, name)(argument)
    require_sound(ward)
    world.quiet()
    require_sound(ward)
    ended = {str(notice["id"]): notice for notice in ward.notices()}
    for notice_id in made:
        notice = ended[notice_id]
        if notice_id in world.noted:
            assert notice["status"] == "delivered"
        elif notice["status"] == "withdrawn":
            assert world.withdrawable
        else:
            assert notice["status"] == "dead"
            gave_up = ("permanent" in outcomes_of(ward, notice_id)) or notice["attempts"] == MOST_ATTEMPTS
            assert gave_up


def require_sound(ward: LateWard) -> None:
    """Fail unless each attempt is counted, and only what is pending is leased."""
    tally = select(ATTEMPT.c.notice_id, func.count().label("rows")).group_by(ATTEMPT.c.notice_id)
    with seeing(ward.house.database) as connection:
        noted = {row.notice_id: row.rows for row in connection.execute(tally)}
    for notice in ward.notices():
        assert notice["attempts"] == noted.get(notice["id"], 0)
        assert (notice["leased_by"] is None) == (notice["leased_until"] is None)
        assert notice["leased_by"] is None or notice["status"] == "pending"
        assert (notice["settled_at"] is None) == (notice["status"] == "pending")


def outcomes_of(ward: LateWard, notice_id: str) -> list[str]:
    asked = select(ATTEMPT.c.outcome).where(ATTEMPT.c.notice_id == notice_id)
    with seeing(ward.house.database) as connection:
        return list(connection.execute(asked).scalars())
