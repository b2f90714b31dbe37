"""Which windows a start is asked about: those that it would meet, and minima that outlast the wait for it."""

from datetime import date

from workflow.domain.patient import Course, PatientState
from workflow.domain.windows import Window
from workflow.protocols.codes import id_of
from workflow.protocols.model import Protocol, Protocols
from workflow.rules.effects import attempt_of_gates
from workflow.rules.moved_thresholds import by_version, resumed
from workflow.rules.sequence import what_comes
from workflow.rules.window_conditions import BLOCK_STARTED, awaited_by_start, is_named_by


def awaited(state: PatientState, element: str | None, protocols: Protocols) -> tuple[Window, ...]:
    """Return the open windows that a start would meet; without an element all that wait for any start."""
    if element is None:
        return tuple(window for window in state.open_windows if BLOCK_STARTED in window.expects)
    return awaited_by_start(state, element, protocols)


def asked(state: PatientState, element: str | None, attempt: int, protocols: Protocols) -> tuple[Window, ...]:
    """Return the windows whose minimum a start has to keep; without an element those that hold for each that may come.

    A minimum of named elements is one of the drug: it ends neither with another element nor with the attempt. So it is
    asked of the next of these elements in the course also where its window was closed without being met, as the
    version has it that the course follows now.
    """
    course = state.course
    if course is None:
        return ()
    same_attempt = attempt_of_gates(state, attempt) == course.attempt
    met = awaited(state, element, protocols) if same_attempt else ()
    protocol = protocols.pinned(course.protocol_sha)
    if protocol is None:
        return met
    elements = (element,) if element is not None else what_comes(course, protocol, attempt).elements
    known = {window.id for window in met}
    outlasting = (
        _as_it_holds(window, course, protocol, protocols)
        for window in state.windows
        if window.id not in known and window.hard_min_on is not None and _outlasts(window, course)
    )
    return (
        *met,
        *(
            window
            for window in outlasting
            if window is not None and elements and all(is_named_by(window, each, protocol) for each in elements)
        ),
    )


def on_day(window: Window, on: date, protocols: Protocols) -> Window:
    """Return a window as a start on this day would find it: what stands still moves until then, or until its end."""
    rule = protocols.rule_of(window.protocol, window.rule)
    until = on if window.ended_on is None else min(on, window.ended_on)
    if window.paused_on is None or rule is None or until < window.paused_on:
        return window
    return resumed(window, rule, until)


def _outlasts(window: Window, course: Course) -> bool:
    return window.course == course.number and window.end != "met"


def _as_it_holds(window: Window, course: Course, protocol: Protocol, protocols: Protocols) -> Window | None:
    """Return a window as the version that is followed has it, which may have no such rule; None under another id."""
    if id_of(window.protocol) != protocol.id:
        return None
    if window.protocol == protocol.ref:
        return window
    return by_version(window, course, protocols.named(window.protocol), protocol)
