"""Whether an alert was right: by what is known today, by what was known then, or not at all."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Literal
from zoneinfo import ZoneInfo

from workflow.domain.alerts import Alert
from workflow.domain.facts.fact import Fact, fact_id
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.patient import PatientState
from workflow.domain.site_practice import SitePractice
from workflow.domain.windows import Window
from workflow.knowledge.reminders import KNOWN, NOT_DELIVERED, reminder_of
from workflow.protocols.model import Protocols
from workflow.rules.fold import effective, fold, until
from workflow.rules.thresholds import threshold_day, thresholds, told_from

Rightness = Literal["right", "right_then_corrected", "late_documentation", "wrong", "not_known"]
# The practice of a site as it was set when the alert was raised, in the time zone that it has today.
Practice = Callable[[str], SitePractice]
ONE_DAY = timedelta(days=1)
_WHY_NOT_KNOWN = "The alert was raised by another release: this one does not know its row, and cannot compute its day."


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How right an alert was, and why, in words; `facts` changed the answer, known since `since`.

    right: today too the same threshold day is known, and nothing had ended the window before it.
    right_then_corrected: so it was in what was known then, and a correction has changed that.
    late_documentation: so it was in what was known then; what had ended the window before was recorded after the alert.
    wrong: not even what was known then says so; the clock, a setting of the site or the rules were others.
    not_known: the alert is of a release with another catalogue; nothing here computes its day.
    """

    verdict: Rightness
    why: str
    facts: tuple[Fact, ...] = ()
    since: datetime | None = None


def was_it_right(alert: Alert, facts: Sequence[Fact], protocols: Protocols, practice: Practice) -> Finding:
    """Judge one alert; `facts` is every version of every fact of the patient, in the order of recording.

    A window is the same one by its rule and its anchor: a relapse recorded later may number its course anew.
    """
    if alert.key.reminder == NOT_DELIVERED:
        return Finding(verdict="right", why="A notice was given up after its last attempt; that is no matter of dates.")
    if alert.key.reminder not in KNOWN:
        return Finding(verdict="not_known", why=_WHY_NOT_KNOWN)
    case = _Case(alert, protocols, practice)
    if case.holds(facts):
        return Finding(verdict="right", why=_why_right(case, facts))
    instants = [list(group) for _, group in groupby(facts, key=lambda fact: fact.recorded_at)]
    before = sum(group[0].recorded_at < alert.raised_at for group in instants)
    until_then = sum(group[0].recorded_at <= alert.raised_at for group in instants)
    known_then = next((count for count in (before, until_then) if case.had_passed(_first(instants, count))), None)
    if known_then is None:
        return Finding(verdict="wrong", why=_why_wrong(case))
    # From there the answer has changed at least once, for it was yes then and is no now.
    turned = max(
        count
        for count in range(known_then, len(instants))
        if case.holds(_first(instants, count)) and not case.holds(_first(instants, count + 1))
    )
    return _changed(case, instants[turned], _first(instants, turned + 1))


def _first(instants: Sequence[Sequence[Fact]], count: int) -> list[Fact]:
    return [fact for group in instants[:count] for fact in group]


@dataclass(frozen=True, slots=True)
class _Case:
    """One alert with what it is judged by."""

    alert: Alert
    protocols: Protocols
    practice: Practice

    def site_of(self, state: PatientState) -> SitePractice:
        """Return the practice of the site that treats the patient of a state."""
        return self.practice(state.registration.site)

    def holds(self, facts: Sequence[Fact]) -> bool:
        """Whether these facts know the threshold on its day, and the window not ended before it was told.

        A new deferral moves the day of a review without undoing that the former one had passed: so the window is
        looked at as it stands, and as it stood on the day and on the day before.
        """
        return any(self._stands(state) for state in self._views(facts))

    def had_passed(self, facts: Sequence[Fact]) -> bool:
        """Whether these facts know the window open, and the threshold passed when the alert was raised."""
        if not _registered(facts):
            return False
        state = fold(facts, self.protocols)
        return any(
            self._same(threshold.window)
            and threshold.key.reminder == self.alert.key.reminder
            and threshold.key.threshold_on == self.alert.key.threshold_on
            and threshold.fires_at <= self.alert.raised_at
            for threshold in thresholds(state, self.site_of(state))
        )

    def window_in(self, facts: Sequence[Fact]) -> Window | None:
        """Return the window in what these facts know, ended or not."""
        if not _registered(facts):
            return None
        return next(filter(self._same, fold(facts, self.protocols).windows), None)

    def _views(self, facts: Sequence[Fact]) -> Iterable[PatientState]:
        if not _registered(facts):
            return
        state = fold(facts, self.protocols)
        yield state
        told_on = self.told_on(state)
        for day in (told_on, told_on - ONE_DAY):
            yield fold(until(effective(facts), day), self.protocols)

    def told_on(self, state: PatientState) -> date:
        """Return the day from whose beginning the threshold is told."""
        reminder = reminder_of(self.alert.key.reminder)
        return told_from(self.alert.key.threshold_on, reminder, self.site_of(state))

    def _stands(self, state: PatientState) -> bool:
        reminder, site = reminder_of(self.alert.key.reminder), self.site_of(state)
        told_on = self.told_on(state)
        return any(
            self._same(window)
            and threshold_day(window, reminder, site) == self.alert.key.threshold_on
            and (window.ended_on is None or window.ended_on >= told_on)
            for window in state.windows
        )

    def _same(self, window: Window) -> bool:
        return window.id.partition(":")[2] == self.alert.key.window_key.partition(":")[2]

    def day_of(self, instant: datetime, facts: Sequence[Fact]) -> date:
        """Return the date of an instant at the site that treats the patient."""
        site = self.site_of(fold(facts, self.protocols))
        return instant.astimezone(ZoneInfo(site.time_zone)).date()


def _registered(facts: Sequence[Fact]) -> bool:
    return any(fact.type == REGISTRATION for fact in facts)


def _changed(case: _Case, new: Sequence[Fact], known: Sequence[Fact]) -> Finding:
    corrected = any(fact.operation != "record" or fact.moved is not None for fact in new)
    facts = _telling(case, new, known)
    recorded_at = new[0].recorded_at
    when = _when(case, recorded_at, known)
    if corrected:
        said = "; ".join(_correction(fact, known) for fact in facts)
        why = f"Right by what was known then; corrected since: {said}, recorded {when}."
        return Finding(verdict="right_then_corrected", why=why, facts=facts, since=recorded_at)
    said = " and ".join(_named(fact) for fact in facts)
    why = f"Right by what was known then; late documentation: {said}, recorded {when}."
    return Finding(verdict="late_documentation", why=why, facts=facts, since=recorded_at)


def _telling(case: _Case, new: Sequence[Fact], known: Sequence[Fact]) -> tuple[Fact, ...]:
    """Return those of the new facts that end or anchor the window, or take its anchor away; all where none does."""
    window = case.window_in(known)
    anchor = int(case.alert.key.window_key.rpartition("f")[2])
    lineages = {anchor, *((window.ended_by,) if window is not None else ())}
    return tuple(fact for fact in new if fact.lineage in lineages) or tuple(new)


def _when(case: _Case, recorded_at: datetime, known: Sequence[Fact]) -> str:
    on, raised_on = case.day_of(recorded_at, known), case.day_of(case.alert.raised_at, known)
    if recorded_at == case.alert.raised_at:
        return f"on {on}, in the act that found the alert of that day"
    if on == raised_on:
        return f"on {on}, later on the day of the alert"
    return f"on {on}, after the alert of {raised_on}"


def _named(fact: Fact) -> str:
    return f"{fact.id} {fact.type} of {fact.occurred_on}"


def _correction(fact: Fact, known: Sequence[Fact]) -> str:
    reason = f" (“{fact.reason}”)" if fact.reason else ""
    if fact.operation == "record" or fact.target_seq is None:
        moved = " moved here from another patient" if fact.moved else ""
        return f"{_named(fact)}{moved}{reason}"
    target = next(earlier for earlier in known if earlier.seq == fact.target_seq)
    if fact.operation == "void":
        return f"{fact.id} voids {_named(target)}{reason}"
    return f"{fact.id} supersedes {_named(target)} by {fact.type} of {fact.occurred_on}{reason}"


def _why_right(case: _Case, facts: Sequence[Fact]) -> str:
    window = case.window_in(facts)
    day, told_on = case.alert.key.threshold_on, case.told_on(fold(facts, case.protocols))
    when = str(day) if told_on == day else f"{day}, told from {told_on}"
    said = f"By what is known today too, the window was open at the threshold of {when};"
    if window is None or window.ended_by is None:
        return f"{said} it still is."
    return f"{said} {fact_id(window.ended_by)} {window.ended_because} of {window.ended_on} ended it."


def _why_wrong(case: _Case) -> str:
    return (
        f"Neither what is known today nor what was known when the alert was raised has the threshold of "
        f"{case.alert.key.threshold_on} passed by then: the clock, a setting of the site, or the rules were others."
    )
