"""Whether worked examples show each gate of a protocol from both sides: refused, and passed."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from workflow.protocols.checks.told import Asked, Told
from workflow.protocols.files.problems import Flaw, KeyPath
from workflow.protocols.model import START, Cap, IndividualDecision, Protocol, WindowRule

TOO_EARLY = "too_early"
CAP_REACHED = "cap_reached"
DECISION_NEEDED = "individual_decision_needed"
# The gates whose rule stands in the protocol; others are refused by a rule of the house.
REFUSED_BY_PROTOCOL = (TOO_EARLY, CAP_REACHED, DECISION_NEEDED)
_A_DAY = timedelta(days=1)


def gates_shown(protocol: Protocol, stories: Sequence[Told]) -> Iterator[Flaw]:
    """Yield caps, shortest intervals and decisions that no example shows refused, or none shows passed."""
    for place, cap in enumerate(protocol.caps):
        yield from _cap_shown(cap, protocol, stories, ("caps", place, "most"))
    gated = [window for window in protocol.windows if window.hard_min_days is not None]
    for place, window in enumerate(protocol.windows):
        if window in gated:
            yield from _minimum_shown(window, stories, ("windows", place, "hard_min_days"), alone=len(gated) == 1)
    if protocol.individual_decision is not None:
        yield from _decision_shown(protocol.individual_decision, stories)


def _cap_shown(cap: Cap, protocol: Protocol, stories: Sequence[Told], at: KeyPath) -> Iterator[Flaw]:
    asked = [
        (story.would_be(cap, one, protocol), one)
        for story in stories
        for one in story.asked
        if protocol.is_one_of(one.step.code, cap.elements)
    ]
    of = ", ".join(cap.elements)
    if not any(number == cap.most and one.accepted for number, one in asked):
        yield Flaw(
            at=at,
            message=f"no example shows {cap.rule} at its limit: number {cap.most} of {of}, accepted",
            allowed='a cap whose last start stands under next of an example, with answer = "accepted"',
        )
    if not any(number > cap.most and _is_refused(one, CAP_REACHED, cap.rule) for number, one in asked):
        yield Flaw(
            at=at,
            message=f"no example shows {cap.rule} one beyond its limit: number {cap.most + 1}, refused",
            allowed=f'a cap that next of an example reaches, with answer = "{CAP_REACHED}", rule = "{cap.rule}"',
        )


def _minimum_shown(window: WindowRule, stories: Sequence[Told], at: KeyPath, *, alone: bool) -> Iterator[Flaw]:
    """Yield a shortest interval not shown on both sides of its day; a rule that is `alone` need not be named."""
    refused = [
        (story, one)
        for story in stories
        for one in story.asked
        if _is_refused(one, TOO_EARLY, window.rule) or (alone and _is_refused(one, TOO_EARLY, None))
    ]
    day_before = [
        (story, one) for story, one in refused if one.proposed.earliest_on == one.proposed.fact.occurred_on + _A_DAY
    ]
    if not day_before:
        yield Flaw(
            at=at,
            message=f"no example shows the last day before the minimum of {window.rule}, refused",
            allowed=f'days whose last but one stands under next, with answer = "{TOO_EARLY}", rule = "{window.rule}" '
            "and earliest_on",
        )
    elif not any(_starts_on_the_day(story, one) for story, one in day_before):
        yield Flaw(
            at=at,
            message=f"no example shows the first day that the minimum of {window.rule} allows",
            allowed="a start under next on that day, accepted, in the example that shows the day before refused",
        )


def _starts_on_the_day(story: Told, refused: Asked) -> bool:
    return any(one.accepted and one.proposed.fact.occurred_on == refused.proposed.earliest_on for one in story.asked)


def _decision_shown(stated: IndividualDecision, stories: Sequence[Told]) -> Iterator[Flaw]:
    at: KeyPath = ("individual_decision", "rule")
    later = [(story, one) for story in stories for one in story.asked if one.step.after != START]
    groups = ", ".join(stated.risk.groups)
    if not any(_is_refused(one, DECISION_NEEDED, stated.rule) for _, one in later):
        yield Flaw(
            at=at,
            message=f"no example shows {stated.rule} refused: a start in {groups} without the decision to go on",
            allowed=f'a decision whose lack next of an example shows, with answer = "{DECISION_NEEDED}" and rule',
        )
    if not any(one.accepted and story.decided for story, one in later):
        yield Flaw(
            at=at,
            message=f"no example shows {stated.rule} passed: a start accepted after block_decision, continue = true",
            allowed="a decision after which next of an example is accepted",
        )
    if not any(one.accepted and not story.decided for story, one in later):
        yield Flaw(
            at=("individual_decision", "risk"),
            message=f"no example shows a patient outside {groups}, for whom no decision is asked",
            allowed="a condition whose other side an example shows: a next start accepted without a decision",
        )


def _is_refused(one: Asked, answer: str, rule: str | None) -> bool:
    return one.proposed.answer == answer and one.proposed.rule == rule
