"""One step of the fold: a patient and the next fact make the next patient; never refuses, never raises."""

from dataclasses import replace
from datetime import date

from workflow.domain.chart import SUSPENDED, Transition
from workflow.domain.facts.fact import Fact, payload_of
from workflow.domain.facts.registration import Confirmed, ContactRecorded, PatientRegistered
from workflow.domain.facts.treatment import DelayExplained
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.patient import Conflict, Deviation, DeviationKind, PatientState, StateChange
from workflow.domain.reasons import CLINICIAN_OVERRIDES
from workflow.domain.windows import Window
from workflow.protocols.model import Protocols
from workflow.rules import effects, mrd_filing, windows
from workflow.rules.agreement import departure
from workflow.rules.classification import classified
from workflow.rules.machine import fire

# Work at the desk is no news of the patient: signing old papers must not end a silence.
PAPERWORK = frozenset({"confirmed", "delay_explained", "owner_changed"})
_RESUMABLE = (*SUSPENDED, "palliative")
_TO_EXPLAIN: dict[str, DeviationKind] = {"early": "early", "late": "late", "critical": "critical"}


def begin(registration: Fact) -> PatientState:
    """Return the patient as registered: the chart starts here, whatever the registration's date.

    It orders nothing, so before the first of all other facts the patient stands as registered on every day.
    """
    data = payload_of(registration, PatientRegistered)
    return PatientState(
        registration=data,
        trail=(StateChange(on=date.min, state="registered", site=data.site),),
        last_order=registration.order,
    )


def step(state: PatientState, fact: Fact, protocols: Protocols) -> PatientState:
    """Return the patient after one more fact of their course; a fact without an arrow becomes a conflict."""
    if fact.type == REGISTRATION:
        return begin(fact)
    state = _seen(state, fact)
    arrow = fire(state, fact.type, fact.data)
    if arrow is None:
        conflict = Conflict(fact=fact.lineage, type=fact.type, occurred_on=fact.occurred_on, state=state.state)
        # A hand-over holds all the same: a day typed wrong elsewhere must not take the patient from who treats them.
        after = effects.hand_over(state, fact)
        return _moved(replace(after, conflicts=(*state.conflicts, conflict)), fact.occurred_on)
    after = effects.apply(state, fact, arrow, protocols)
    after = replace(after, state=arrow.dest, before=_stack(after, arrow))
    after = _with_windows(state, after, fact, protocols)
    found = _deviations(state, after, fact, arrow)
    if found:
        after = replace(after, deviations=(*after.deviations, *found))
    after = classified(state, _papers(after, fact), fact.type, protocols)
    return _moved(after, fact.occurred_on)


def _seen(state: PatientState, fact: Fact) -> PatientState:
    last, contact = state.last_contact_on, contact_on(fact)
    order = fact.order if state.last_order is None else max(state.last_order, fact.order)
    unconfirmed = (*state.unconfirmed, fact.lineage) if fact.unconfirmed else state.unconfirmed
    return replace(
        state,
        last_order=order,
        last_contact_on=max((day for day in (last, contact) if day is not None), default=None),
        unconfirmed=unconfirmed,
    )


def contact_on(fact: Fact) -> date | None:
    """Return the day on which a fact other than the registration tells that somebody was heard of; None for papers."""
    if isinstance(fact.data, ContactRecorded):
        return fact.data.on
    return None if fact.type in PAPERWORK else fact.occurred_on


def _stack(after: PatientState, arrow: Transition) -> tuple[str, ...]:
    """Return where suspended and palliative patients come back to, innermost last."""
    if arrow.dest == arrow.source:
        return after.before
    returns = any(guard.startswith("was_in:") for guard in arrow.when)
    # Of a suspended patient who was palliative before, the intent only says so once more.
    if returns or (arrow.dest == "palliative" and after.before[-1:] == ("palliative",)):
        return after.before[:-1]
    return (*after.before, arrow.source) if arrow.dest in _RESUMABLE else ()


def _with_windows(before: PatientState, after: PatientState, fact: Fact, protocols: Protocols) -> PatientState:
    advanced = windows.advance(before, after, fact, protocols)
    stood = windows.as_they_stood(before.windows, advanced, fact)
    return replace(after, windows=advanced, earlier_windows=(*after.earlier_windows, *stood))


def _deviations(before: PatientState, after: PatientState, fact: Fact, arrow: Transition) -> list[Deviation]:
    found = [
        _late_or_early(window, fact)
        for window, was in zip(after.windows, before.windows, strict=False)
        if window.end == "met" and was.end is None and window.verdict(fact.occurred_on) in _TO_EXPLAIN
    ]
    if arrow.deviation == "completion_not_recorded":
        cut_off = before.current_course.blocks[-1].fact
        found.append(Deviation(kind="completion_not_recorded", fact=cut_off, occurred_on=fact.occurred_on))
    return found + [
        Deviation(kind=kind, fact=fact.lineage, occurred_on=fact.occurred_on, explained=_reasoned(fact))
        for kind in (*_skipped_steps(before, fact, arrow), *_departures(after, fact))
    ]


def _late_or_early(window: Window, fact: Fact) -> Deviation:
    verdict = window.verdict(fact.occurred_on)
    return Deviation(
        kind=_TO_EXPLAIN[str(verdict)],
        fact=fact.lineage,
        occurred_on=fact.occurred_on,
        window=window.id,
        days=window.days(fact.occurred_on),
        days_past_latest=window.days_past_latest(fact.occurred_on),
        explained=verdict == "early" and _reasoned(fact),
    )


def _reasoned(fact: Fact) -> bool:
    """Whether a clinician's coded reason came along; what is only unconfirmed is still to be explained."""
    return fact.override is not None and fact.override.code in CLINICIAN_OVERRIDES


def _skipped_steps(before: PatientState, fact: Fact, arrow: Transition) -> list[DeviationKind]:
    kinds: list[DeviationKind] = []
    course = before.course
    if arrow.deviation == "gap" or (fact.type == "block_started" and course is not None and course.protocol is None):
        kinds.append("gap")
    if fact.type == "transplanted" and course is not None and not course.in_remission:
        kinds.append("transplanted_not_in_cr")
    if fact.type == "relapse_diagnosed" and course is not None and not course.had_remission:
        kinds.append("relapse_without_remission")
    return kinds


def _departures(after: PatientState, fact: Fact) -> list[DeviationKind]:
    decided = after.course.decided if after.course else None
    # A cancelled transplant says itself why chemotherapy goes on: nothing more is to be explained.
    if decided is None or decided.fact != fact.lineage or fact.type != "consolidation_decided":
        return []
    kind = departure(decided)
    return [] if kind is None else [kind]


def _papers(state: PatientState, fact: Fact) -> PatientState:
    """Apply the facts about facts: a countersignature, an explained delay."""
    if isinstance(fact.data, Confirmed):
        if mrd_filing.put_right_since(state, fact.data.fact, fact.seq):
            return state
        left = tuple(lineage for lineage in state.unconfirmed if f"f{lineage}" != fact.data.fact)
        return mrd_filing.confirmed(replace(state, unconfirmed=left), fact.data.fact)
    if isinstance(fact.data, DelayExplained):
        days = sum(segment.days for segment in fact.data.segments)
        window = fact.data.window
        return replace(state, deviations=tuple(_explained(known, window, days) for known in state.deviations))
    return state


def _explained(deviation: Deviation, window: str, days: int) -> Deviation:
    # A relapse recorded or corrected before this one changes the course's number, and no window's rule and anchor.
    if deviation.window is None or deviation.window.partition(":")[2] != window.partition(":")[2]:
        return deviation
    past = deviation.days_past_latest or 0
    # More days than the delay has now: it was judged anew since, and is to be explained anew.
    return replace(deviation, explained_days=min(days, past), explained=days == past)


def _moved(state: PatientState, on: date) -> PatientState:
    """Keep the trail at the granularity of days: of one day only the last state, site and protocol are kept."""
    course = state.course
    change = StateChange(
        on=on,
        state=state.state,
        course=course.number if course else None,
        site=state.registration.site,
        protocol=course.protocol if course else None,
    )
    trail = state.trail
    last = trail[-1]
    if last.place == change.place:
        return state
    earlier = trail[:-1] if last.on == on else trail
    if earlier and earlier[-1].place == change.place:
        return replace(state, trail=earlier)
    return replace(state, trail=(*earlier, change))
