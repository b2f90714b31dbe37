"""One patient's file with its ledger of alerts: judged at instants in the test's hand, as every transaction does."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from tests.facts import PatientFile, a_draft, a_running_block
from workflow.domain.alerts import Alert, DeadNotice, LedgerChanges, MadeNotice, Notice
from workflow.domain.facts.fact import Fact
from workflow.domain.site_practice import SitePractice
from workflow.rules.acts import Act
from workflow.rules.judge import judge, judge_act
from workflow.rules.occasion import Occasion, Side

BERLIN = SitePractice(id="berlin", time_zone="Europe/Berlin", contacts=("ward-3@berlin.example",))
STARTED_ON = date(2025, 1, 7)
Write: TypeAlias = Callable[[PatientFile], object]


def at(day: str, hour: str = "09:00", time_zone: str = "Europe/Berlin") -> datetime:
    """Return an instant, in UTC, by its date and hour in a time zone."""
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


@dataclass(slots=True)
class JudgedFile:
    """A file, the ledger that judging it left, and every notice that was made and not withdrawn."""

    file: PatientFile
    site: SitePractice = BERLIN
    alerts: tuple[Alert, ...] = ()
    notices: list[Notice] = field(default_factory=list)
    next_due_at: datetime | None = None
    _ids: Iterator[int] = field(default_factory=count)

    def look(self, now: datetime, *, dead: tuple[DeadNotice, ...] = ()) -> LedgerChanges:
        """Judge without a fact, as a sweep does."""
        side = Side(self.file.state, self.site)
        return self._take(judge(side, side, self.alerts, self._occasion(now, dead=dead)), now)

    def know(self, now: datetime, write: Write, site: SitePractice | None = None) -> LedgerChanges:
        """Write facts into the file, and judge with them; from now on at another site, where one is given."""
        before, known = Side(self.file.state, self.site), len(self.file.facts)
        write(self.file)
        self.site = site or self.site
        facts = tuple(self.file.facts[known:])
        after = Side(self.file.state, self.site)
        return self._take(judge(before, after, self.alerts, self._occasion(now, facts=facts)), now)

    def act(self, now: datetime, deed: str, reminder: str, until: datetime | None = None) -> LedgerChanges:
        """Act upon the newest alert of a reminder; the act must be possible."""
        alert = self.alert(reminder)
        act = Act(alert_id=alert.id, deed=deed, actor_id="ward_nurse", reason="seen", until=until)  # type: ignore[arg-type]
        changes = judge_act(Side(self.file.state, self.site), self.alerts, self._occasion(now), act)
        assert isinstance(changes, LedgerChanges), changes
        return self._take(changes, now)

    def alert(self, reminder: str) -> Alert:
        """Return the alert of a reminder that was raised last."""
        return [alert for alert in self.alerts if alert.key.reminder == reminder][-1]

    @property
    def told(self) -> list[tuple[str, datetime]]:
        """Which notices stand, by reminder and by when they are due."""
        by_id = {alert.id: alert for alert in self.alerts}
        return [(by_id[notice.alert_id].key.reminder, notice.due_at) for notice in self.notices]

    @property
    def standing(self) -> list[tuple[str, str, str | None, int]]:
        """Every alert: reminder, status, what resolved it, episode."""
        return [(each.key.reminder, each.status, each.resolution, each.episode) for each in self.alerts]

    def _occasion(self, now: datetime, *, facts: tuple[Fact, ...] = (), dead: tuple[DeadNotice, ...] = ()) -> Occasion:
        return Occasion(
            now=now,
            new_id=lambda: f"{next(self._ids)}",
            prove=lambda _side, _window, _on: "{}",
            facts=facts,
            promised_at=self.next_due_at,
            made=tuple(self._made(now)),
            dead=dead,
        )

    def _made(self, now: datetime) -> Iterator[MadeNotice]:
        present = {alert.id: alert.episode for alert in self.alerts if not alert.resolved}
        for notice in self.notices:
            if present.get(notice.alert_id) == notice.episode:
                yield MadeNotice(
                    id=notice.id,
                    alert_id=notice.alert_id,
                    episode=notice.episode,
                    step=notice.step,
                    recipient=notice.recipient,
                    channel=notice.channel,
                    due_at=notice.due_at,
                    # What was due by now has gone out.
                    pending=notice.due_at > now,
                )

    def _take(self, changes: LedgerChanges, now: datetime) -> LedgerChanges:
        known = {alert.id: alert for alert in self.alerts}
        if changes.anything:
            known |= {alert.id: alert for alert in (*changes.raised, *changes.changed)}
        self.alerts = tuple(known.values())
        for gone in changes.withdrawn:
            self.notices = [
                notice
                for notice in self.notices
                if notice.alert_id != gone.alert_id
                or notice.due_at <= now
                or (gone.repeats_only and not notice.step)
                or gone.notice_id not in {None, notice.id}
            ]
        self.notices += changes.notices
        self.next_due_at = changes.next_due_at
        return changes


def a_judged_block(site: SitePractice = BERLIN) -> JudgedFile:
    """Return a patient whose R1 (fact f4) runs since Tuesday 7 January 2025, judged that morning."""
    judged = JudgedFile(a_running_block(STARTED_ON), site)
    judged.look(at("2025-01-07"))
    return judged


def the_start(file: PatientFile) -> Fact:
    """Return the newest version of R1's start, the fourth fact."""
    return [fact for fact in file.facts if fact.lineage == 4][-1]


def moved_to(day: str) -> Write:
    """Return what moves R1's start to another day."""
    return lambda file: file.supersede(the_start(file), a_draft("block_started", day, element="R1"))


def started(day: str, element: str = "R2") -> Write:
    """Return what records that a block started."""
    return lambda file: file.add("block_started", day, element=element)


def deferred(on: str, review_on: str | None) -> Write:
    """Return what records that the next block is put off, the running one completed first."""

    def write(file: PatientFile) -> object:
        if file.state.state == "reinduction.block":
            file.add("block_completed", "2025-01-12")
        review: dict[str, Any] = {"review_on": review_on} if review_on else {}
        return file.add("block_deferred", on, causes=[{"code": "infection"}], **review)

    return write


def watched_until(judged: JudgedFile, day: str) -> None:
    """Judge whenever the file asks for it, up to the morning of a day."""
    for _ in range(200):
        due = judged.next_due_at
        if due is None or due > at(day):
            return
        judged.look(due)
    raise AssertionError("the file asks to be judged over and over")
