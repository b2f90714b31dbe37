"""The judge's laws over any histories: judged again nothing is new, one alert a threshold, told at the site's hour."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.facts import RELAPSED_ON, PatientFile
from tests.property.histories import histories
from workflow.domain.alerts import Alert, LedgerChanges
from workflow.domain.site_practice import SitePractice
from workflow.rules.fold import fold
from workflow.rules.judge import judge
from workflow.rules.notices import first_due_at
from workflow.rules.occasion import Occasion, Side
from workflow.rules.thresholds import thresholds

ZONES = ("Europe/Berlin", "Pacific/Auckland", "Pacific/Honolulu", "America/New_York", "Africa/Cairo", "Asia/Kathmandu")
LAST = datetime(2026, 7, 1, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2026, 6, 30), timezones=st.just(UTC))  # noqa: DTZ001 -- given by `timezones`
SITES = st.builds(
    SitePractice,
    id=st.just("site"),
    time_zone=st.sampled_from(ZONES),
    working_days=st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))),
    holidays=st.sets(st.dates(RELAPSED_ON, RELAPSED_ON + timedelta(days=60)), max_size=9).map(tuple),
    notices_at=st.times(time(5), time(20)).map(lambda hour: hour.replace(second=0, microsecond=0)),
    mrd_result_days=st.none() | st.integers(1, 30),
    contacts=st.sampled_from([(), ("ward@site.example",), ("ward@site.example", "log", "night@site.example")]),
)


class Ledger:
    """A ledger that is judged again and again."""

    def __init__(self) -> None:
        self.alerts: dict[str, Alert] = {}
        self.numbers = count()
        self.next_due_at: datetime | None = None

    def judge(self, file: PatientFile, known: tuple[int, int], site: SitePractice, now: datetime) -> LedgerChanges:
        """Judge a file of which the first so many facts were known, and so many are from now on."""
        before, after = (Side(fold(file.facts[:upto], file.protocols), site) for upto in known)
        occasion = Occasion(
            now=now,
            new_id=lambda: str(next(self.numbers)),
            prove=lambda _side, _window, _on: "{}",
            facts=tuple(file.facts[known[0] : known[1]]),
            promised_at=self.next_due_at,
        )
        changes = judge(before, after, tuple(self.alerts.values()), occasion)
        self.alerts |= {alert.id: alert for alert in (*changes.raised, *changes.changed)}
        self.next_due_at = changes.next_due_at
        return changes


def some_looks(data: st.DataObject, file: PatientFile) -> list[tuple[tuple[int, int], datetime]]:
    """Return at which instants, in their order, how many facts were known before and after."""
    marks = sorted(data.draw(st.lists(st.integers(1, len(file.facts)), max_size=5)))
    known = [1, *marks, len(file.facts)]
    instants = sorted(data.draw(st.lists(INSTANTS, min_size=len(known), max_size=len(known))))
    return [((was, now), at) for was, now, at in zip([1, *known], known, instants, strict=False)]


@given(st.data(), histories(most=8), SITES)
def test_judged_again_nothing_is_new(data: st.DataObject, file: PatientFile, site: SitePractice) -> None:
    ledger = Ledger()
    for known, now in some_looks(data, file):
        first = ledger.judge(file, known, site, now)
        again = ledger.judge(file, (known[1], known[1]), site, now)
        assert not again.anything
        assert again.next_due_at == first.next_due_at


@given(st.data(), histories(most=8), SITES)
def test_each_threshold_is_one_alert_and_each_notice_one_of_its_kind(
    data: st.DataObject, file: PatientFile, site: SitePractice
) -> None:
    ledger = Ledger()
    notices = Counter[tuple[str, int, int, str, str]]()
    for known, now in some_looks(data, file):
        changes = ledger.judge(file, known, site, now)
        notices.update(
            (each.alert_id, each.episode, each.step, each.recipient, each.channel) for each in changes.notices
        )
    keys = Counter(alert.key for alert in ledger.alerts.values())
    assert set(keys.values()) <= {1}
    assert set(notices.values()) <= {1}


@given(st.data(), histories(most=8), SITES)
def test_the_file_asks_to_be_looked_at_before_anything_new_passes(
    data: st.DataObject, file: PatientFile, site: SitePractice
) -> None:
    """Whatever a look at any later instant would find, `next_due_at` is not later than that instant."""
    ledger = Ledger()
    due: datetime | None = None
    for known, now in some_looks(data, file):
        due = ledger.judge(file, known, site, now).next_due_at
    later = data.draw(st.datetimes(LAST.replace(tzinfo=None), datetime(2026, 12, 1), timezones=st.just(UTC)))  # noqa: DTZ001 -- given by `timezones`
    upto = len(file.facts)
    changes = ledger.judge(file, (upto, upto), site, later)
    assert not changes.anything or (due is not None and due <= later)


# Each example looks at its file some two hundred times.
@settings(max_examples=15)
@given(st.data(), histories(most=8), SITES)
def test_a_file_looked_at_when_it_asks_is_told_the_same_as_one_looked_at_all_the_time(
    data: st.DataObject, file: PatientFile, site: SitePractice
) -> None:
    upto = len(file.facts)
    anchors = [window.anchor_on for window in fold(file.facts, file.protocols).open_windows]
    if not anchors:
        return
    first = datetime.combine(data.draw(st.sampled_from(anchors)), time(0), UTC)
    last = first + timedelta(days=33)
    told = []
    for ledger, every in ((Ledger(), None), (Ledger(), timedelta(hours=4))):
        notices = Counter[tuple[str, datetime]]()
        now: datetime | None = first
        while now is not None and now <= last:
            changes = ledger.judge(file, (upto, upto), site, now)
            reminders = {alert.id: str(alert.key) for alert in ledger.alerts.values()}
            notices.update((reminders[each.alert_id], each.due_at) for each in changes.notices)
            now = changes.next_due_at if every is None else now + every
        told.append(notices)
    assert told[0] == told[1]


@given(INSTANTS, st.sampled_from(["info", "task", "warning", "critical"]), SITES)
def test_a_first_notice_waits_a_quarter_of_an_hour_and_no_longer_than_to_the_next_hour_of_the_site(
    since: datetime, severity: str, site: SitePractice
) -> None:
    due_at = first_due_at(since, severity, site)  # type: ignore[arg-type]
    there = due_at.astimezone(ZoneInfo(site.time_zone))
    hour = time(7, 30) if severity == "critical" else site.notices_at
    assert due_at >= since + timedelta(minutes=15)
    assert severity == "critical" or (there.isoweekday() in site.working_days and there.date() not in site.holidays)
    assert there.time() == hour or not _exists(there.date(), hour, site.time_zone)
    assert _hours_between(since + timedelta(minutes=15), due_at, hour, site, critical=severity == "critical") == []


@given(histories(most=8), SITES)
def test_every_threshold_of_an_open_window_has_a_day_and_an_instant(file: PatientFile, site: SitePractice) -> None:
    for found in thresholds(file.state, site):
        told_on = found.fires_at.astimezone(ZoneInfo(site.time_zone)).date()
        assert found.window.end is None
        assert found.key.window_key == found.window.id
        assert told_on <= found.key.threshold_on
        assert told_on == found.key.threshold_on or (found.key.reminder == "RM-02" and site.works_on(told_on))


@given(histories(most=8), SITES)
def test_a_holiday_never_makes_another_threshold(file: PatientFile, site: SitePractice) -> None:
    other = replace(site, holidays=(), working_days=(1, 2, 3, 4, 5, 6, 7))
    assert [found.key for found in thresholds(file.state, site)] == [
        found.key for found in thresholds(file.state, other)
    ]


def _exists(day: date, hour: time, time_zone: str) -> bool:
    """Whether a site's clock shows this hour on that day: some are left out when summer time begins."""
    local = datetime.combine(day, hour, ZoneInfo(time_zone))
    return local.astimezone(UTC).astimezone(ZoneInfo(time_zone)).time() == hour


def _hours_between(start: datetime, end: datetime, hour: time, site: SitePractice, *, critical: bool) -> list[datetime]:
    """Return the hours of notices of the site from an instant on and before another, minute by minute around them."""
    zone = ZoneInfo(site.time_zone)
    found = []
    now = start.replace(second=0, microsecond=0)
    now += timedelta(minutes=1) if now < start else timedelta(0)
    while now < end:
        there = now.astimezone(zone)
        works = there.isoweekday() in site.working_days and there.date() not in site.holidays
        if there.time() == hour and there.fold == 0 and (critical or works):
            found.append(now)
        now += timedelta(minutes=15) if there.minute % 15 == hour.minute % 15 else timedelta(minutes=1)
    return found
