"""What is said with an accepted fact about clocks: that one is left behind, that one runs on, that one stood still."""

from collections.abc import Iterator

from workflow.domain.calendar import MINUS, days_between
from workflow.domain.facts.treatment import BlockDecision, BlockStarted
from workflow.domain.patient import PatientState
from workflow.domain.windows import Window
from workflow.protocols.model import Protocols, WindowRule
from workflow.rules.effects import attempt_of
from workflow.rules.fold import Moment
from workflow.rules.judgement import Caution
from workflow.rules.machine import possible_facts
from workflow.rules.minima import asked
from workflow.rules.next_starts import elements_next
from workflow.rules.window_conditions import BLOCK_STARTED

# What ends a wait besides what its rule names, where people say that nothing more of its kind is given.
_ALWAYS_END = ("treatment_intent_changed",)
_ENDS_OF_BLOCKS = ("block_completed", "block_ended")


def minimum_left(moment: Moment, protocols: Protocols) -> Iterator[Caution]:
    """Yield that a start ends windows whose minimum is still ahead, and is not asked for it."""
    data, before = moment.fact.data, moment.before
    if not isinstance(data, BlockStarted) or before.course is None:
        return
    known = {window.id for window in asked(before, data.element, attempt_of(before, data), protocols)}
    left = [
        f"{was.label} ({was.rule} of {was.protocol}) until {was.hard_min_on}"
        for was, now in _ended(moment)
        if now.end == "closed"
        and was.hard_min_on is not None
        and moment.fact.occurred_on < was.hard_min_on
        and was.id not in known
    ]
    if left:
        yield Caution(
            "minimum_left", f"A minimum is still ahead: {'; '.join(left)}. It is not asked of {data.element}; intended?"
        )


def clock_runs_on(moment: Moment, protocols: Protocols) -> Iterator[Caution]:
    """Yield that a decision not to go on ends no interval, and what does."""
    data, after = moment.fact.data, moment.after
    if not isinstance(data, BlockDecision) or data.continue_:
        return
    waiting = [window for window in after.open_windows if BLOCK_STARTED in window.expects]
    if waiting:
        names = " and ".join(dict.fromkeys(f"{window.label} ({window.rule})" for window in waiting))
        yield Caution(
            "clock_runs_on",
            f"This ends no clock: {names} and its alerts run on until it is recorded what follows. "
            f"{_what_ends(after, waiting, protocols)}",
        )


def _what_ends(after: PatientState, waiting: list[Window], protocols: Protocols) -> str:
    possible = possible_facts(after.state)
    rules = [rule for window in waiting if (rule := protocols.rule_of(window.protocol, window.rule)) is not None]
    closing = {fact for rule in rules for fact in rule.closed_by} | set(_ALWAYS_END)
    elements = elements_next(after, protocols)
    awaited = f"block_ended of the awaited element ({' or '.join(elements)})" if elements else "block_ended"
    ending = [awaited, *(fact for fact in possible if fact in closing)]
    told = f"What ends it here: {', '.join(ending)}."
    if "consolidation_decided" in possible and "consolidation_decided" not in closing:
        told += " A consolidation decision alone does not: a block may still come before what it leads to."
    return told


def interruptions(moment: Moment, _protocols: Protocols) -> Iterator[Caution]:
    """Yield of an interruption or a resumption that it begins or ends nothing."""
    course, fact = moment.before.course, moment.fact
    if course is None or fact.type not in {"therapy_interrupted", "therapy_resumed"}:
        return
    since = course.interrupted_on
    if fact.type == "therapy_resumed":
        if since is None:
            yield Caution(
                "not_interrupted",
                "No interruption is on file before this, so it moves nothing; if therapy stood still, record "
                "therapy_interrupted with its day.",
            )
        return
    if since is not None:
        yield Caution(
            "already_interrupted",
            f"Therapy stands still since {since}, so this begins nothing; if it had gone on in between, record "
            "therapy_resumed with its day.",
        )
    if course.running is None:
        yield Caution(
            "interrupted_without_block",
            "No block is running on this day, so no clock stands still; if one was, correct the day or record the "
            "block's start.",
        )


def interrupted_days(moment: Moment, protocols: Protocols) -> Iterator[Caution]:
    """Yield on how many days what has ended ran, where therapy stood still in between."""
    fact = moment.fact
    if fact.type not in _ENDS_OF_BLOCKS:
        return
    for was, _ in _ended(moment):
        rule = protocols.rule_of(was.protocol, was.rule)
        if rule is None or not rule.pauses_with_interruption or "block_completed" not in was.expects:
            continue
        days = days_between(was.anchor_on, fact.occurred_on)
        ran = days_between(was.anchor_on, was.paused_on or fact.occurred_on) - was.interrupted_days
        if ran < days:
            yield Caution("interrupted_days_not_counted", _ran_in_words(moment, was, rule, ran))


def _ran_in_words(moment: Moment, was: Window, rule: WindowRule, ran: int) -> str:
    on, days = moment.fact.occurred_on, days_between(was.anchor_on, moment.fact.occurred_on)
    stated = rule.target_days or rule.latest_days or rule.earliest_days
    of_stated = f" of {stated}" if stated else ""
    still = f" No therapy_resumed is on file since {was.paused_on}: if it went on, record it." if was.paused_on else ""
    return (
        f"{was.label}: ran on {ran}{of_stated} days; {on} {MINUS} {was.anchor_on} = {days} d, of which {days - ran} d "
        f"interrupted are not counted.{still}"
    )


def _ended(moment: Moment) -> Iterator[tuple[Window, Window]]:
    """Yield each window that a fact has ended, before and after it; those of before come first, in their order."""
    for was, now in zip(moment.before.windows, moment.after.windows, strict=False):
        if was.end is None and now.end is not None:
            yield was, now
