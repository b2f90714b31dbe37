"""The slow reading of the alert rule: moment by moment, what was known then, and which alerts that makes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from tests.spec.wall_calendar import next_day
from workflow.domain.facts.fact import Fact
from workflow.domain.patient import PatientState
from workflow.domain.site_practice import SitePractice
from workflow.domain.windows import Window
from workflow.protocols.model import Protocols
from workflow.rules.fold import fold

# Written from the domain model (§5) and the list of reminders alone; of the rules it asks the fold, and nothing else.

Key: TypeAlias = tuple[str, str, date]
Practices: TypeAlias = Mapping[str, SitePractice]
# Days after a block's start (reminders RM-02, RM-04, RM-05); the plan is told on a working day.
AFTER_A_START = {"RM-02": 18, "RM-04": 22, "RM-05": 26}
# The mildest first.
GRAVITY = ("RM-02", "CW-03", "CW-01", "RM-04", "RM-19", "RM-05")
CRITICAL = "RM-05"
AT_HALF_PAST_SEVEN = time(7, 30)
NOT_BEFORE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Learnt:
    """An act that was accepted: from now on the facts up to this number are known."""

    last_seq: int


@dataclass(frozen=True, slots=True)
class Looked:
    """Somebody looked at the patient at an instant without bringing facts: a sweep, or an act upon an alert."""

    at: datetime
    by_hand: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Settled:
    """A site's practice was set to something else."""

    practice: SitePractice


Entry: TypeAlias = Learnt | Looked | Settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What stood at an instant, each with the day from which it is told; an act has two, without and with its facts."""

    now: datetime
    stands: Mapping[Key, date]
    practice: SitePractice
    transaction: int
    brings_facts: bool = False
    ends_as: str = "by_setting"
    by_hand: frozenset[Key] = frozenset()
    set_otherwise: bool = False

    def passed(self, key: Key) -> bool:
        """Whether the day of a threshold has come where the patient is treated."""
        return key in self.stands and self.now.astimezone(ZoneInfo(self.practice.time_zone)).date() >= self.stands[key]


@dataclass(slots=True, kw_only=True)
class Episode:
    """One time that an alert was raised: in which transaction, due since when, and how it ended, if it did."""

    begun_in: int
    since: datetime
    practice: SitePractice
    ended_in: int | None = None
    ended_as: str | None = None


@dataclass(frozen=True, slots=True)
class FirstNotice:
    """The first notice of an episode: which alert, which episode, and when it is due."""

    key: Key
    episode: int
    due_at: datetime


def moments(
    facts: Sequence[Fact], log: Iterable[Entry], protocols: Protocols, practices: Practices
) -> Iterator[Moment]:
    """Yield the moments of one patient, in the order in which they came."""
    practices = dict(practices)
    known = 0
    state = None
    changed: set[str] = set()
    for transaction, entry in enumerate(log):
        if isinstance(entry, Settled):
            practices[entry.practice.id] = entry.practice
            changed.add(entry.practice.id)
            continue
        if isinstance(entry, Learnt):
            new, known = facts[known : entry.last_seq], entry.last_seq
            how = "by_correction" if any(fact.operation != "record" for fact in new) else "by_fact"
            now = new[-1].recorded_at
            if state is not None:
                stands, practice = _as_known(state, practices)
                yield Moment(now=now, stands=stands, practice=practice, transaction=transaction, ends_as=how)
            state = fold(facts[:known], protocols)
            stands, practice = _as_known(state, practices)
            yield Moment(
                now=now, stands=stands, practice=practice, transaction=transaction, brings_facts=True, ends_as=how
            )
            # Whoever records judges by the setting of that moment: from then on it is nothing new.
            changed.discard(practice.id)
        elif state is not None:
            stands, practice = _as_known(state, practices)
            yield Moment(
                now=entry.at,
                stands=stands,
                practice=practice,
                transaction=transaction,
                by_hand=entry.by_hand,
                set_otherwise=practice.id in changed,
            )
            changed.discard(practice.id)


def _as_known(state: PatientState, practices: Practices) -> tuple[Mapping[Key, date], SitePractice]:
    practice = practices[state.registration.site]
    return dict(_thresholds(state.open_windows, practice)), practice


def episodes(told: Sequence[Moment]) -> dict[Key, list[Episode]]:
    """Return every alert that there must be, with its episodes.

    A threshold is an alert once for each time that it stood without a break and passed meanwhile.
    """
    found: dict[Key, list[Episode]] = {}
    for key in {key for moment in told for key in moment.stands}:
        runs: list[Episode] = []
        current: Episode | None = None
        for moment in told:
            if key not in moment.stands:
                if current is not None and current.ended_as is None:
                    current.ended_in, current.ended_as = moment.transaction, moment.ends_as
                current = None
            elif current is None and moment.passed(key):
                current = Episode(begun_in=moment.transaction, since=_since(moment, key), practice=moment.practice)
                runs.append(current)
            if current is not None and key in moment.by_hand and current.ended_as is None:
                current.ended_in, current.ended_as = moment.transaction, "by_hand"
        if runs:
            found[key] = runs
    return found


def first_notices(found: Mapping[Key, Sequence[Episode]], told: Sequence[Moment]) -> set[FirstNotice]:
    """Return the first notice of every episode that is told: of those of one window begun together, the gravest."""
    together: dict[tuple[int, str], list[tuple[int, Key, int, Episode]]] = defaultdict(list)
    last_practice = {moment.transaction: moment.practice for moment in told}
    for key, runs in found.items():
        for number, episode in enumerate(runs, start=1):
            if episode.ended_in != episode.begun_in:
                together[episode.begun_in, key[0]].append((GRAVITY.index(key[1]), key, number, episode))
    notices = set()
    for (transaction, _window), begun in together.items():
        _gravity, key, number, episode = max(begun, key=lambda each: each[0])
        due_at = notice_hour(episode.since + NOT_BEFORE, last_practice[transaction], critical=key[1] == CRITICAL)
        notices.add(FirstNotice(key, number, due_at))
    return notices


def notice_hour(earliest: datetime, practice: SitePractice, *, critical: bool) -> datetime:
    """Return the first of the site's hours of notices from an instant on: turned day by day on its wall calendar."""
    zone = ZoneInfo(practice.time_zone)
    day = earliest.astimezone(zone).date()
    while True:
        at = datetime.combine(day, AT_HALF_PAST_SEVEN if critical else practice.notices_at, zone).astimezone(UTC)
        works = day.isoweekday() in practice.working_days and day not in practice.holidays
        if at >= earliest and (critical or works):
            return at
        day = next_day(day)


def _since(moment: Moment, key: Key) -> datetime:
    """Return since when an alert that begins at a moment is due: what a fact or a setting brought in, from then on."""
    if moment.brings_facts or moment.set_otherwise:
        return moment.now
    return datetime.combine(moment.stands[key], time.min, ZoneInfo(moment.practice.time_zone)).astimezone(UTC)


def _thresholds(windows: Iterable[Window], practice: SitePractice) -> Iterator[tuple[Key, date]]:
    for window in windows:
        if window.rule == "TR-001":
            for reminder, days in AFTER_A_START.items():
                on = _counted(window.anchor_on, days)
                yield (window.id, reminder, on), _worked(on, practice) if reminder == "RM-02" else on
            if window.review_on is not None:
                on = next_day(window.review_on)
                yield (window.id, "CW-01", on), on
        elif window.rule == "OP-001" and practice.mrd_result_days is not None and window.earliest_on is not None:
            on = _counted(window.earliest_on, practice.mrd_result_days)
            yield (window.id, "RM-19", on), on
        elif window.rule == "OP-002":
            yield (window.id, "CW-03", window.anchor_on), window.anchor_on


def _counted(day: date, days: int) -> date:
    for _ in range(days):
        day = next_day(day)
    return day


def _worked(day: date, practice: SitePractice) -> date:
    while day.isoweekday() not in practice.working_days or day in practice.holidays:
        day -= timedelta(days=1)
    return day
