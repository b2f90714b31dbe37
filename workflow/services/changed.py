"""What a correction changed, before and after: states with their days, what the tables say, and timing windows."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from workflow.domain.patient import PatientState
from workflow.domain.spans import StateSpan
from workflow.rules.correct import Corrected
from workflow.rules.spans import state_spans
from workflow.services import answers
from workflow.services.course_answers import lines_of_courses
from workflow.services.house import House


def changed_shape(house: House, corrected: Corrected, as_of: date, silent_days: int | None) -> answers.Shape:
    """Return what differs: `state`, `site` and `protocol` of now, the `states` lost and gained, courses and windows.

    A course is told where its classification or its decision differs, a window where it is new, gone or another.
    """
    before, after = corrected.before, corrected.after
    was, now = _stays(before), _stays(after)
    return {
        "state": {"before": before.state, "after": after.state},
        "site": {"before": before.registration.site, "after": after.registration.site},
        "protocol": {"before": _protocol(before), "after": _protocol(after)},
        "states": {"before": _states(was, but=now), "after": _states(now, but=was)},
        "courses": _courses(house, before, after),
        "windows": _windows(house, before, after, as_of, silent_days),
    }


def _protocol(state: PatientState) -> str | None:
    return state.course.protocol if state.course else None


def _stays(state: PatientState) -> list[StateSpan]:
    """Return the states with their days; another site or protocol begins a span, but no state of the patient."""
    stays: list[StateSpan] = []
    for span in state_spans(state):
        plain = replace(span, site_id=None, protocol=None)
        if stays and (stays[-1].state, stays[-1].course) == (span.state, span.course):
            plain = replace(stays.pop(), valid_to=span.valid_to)
        stays.append(plain)
    return stays


def _states(stays: Iterable[StateSpan], *, but: Collection[StateSpan]) -> list[answers.Shape]:
    return [
        {"state": stay.state, "course": stay.course, "from": _first_day(stay), "to": stay.valid_to}
        for stay in stays
        if stay not in but
    ]


def _first_day(stay: StateSpan) -> date | None:
    """Return a state's first day; the registration orders nothing, so the state that it opens has none."""
    return None if stay.valid_from == date.min else stay.valid_from


def _courses(house: House, before: PatientState, after: PatientState) -> list[answers.Shape]:
    """Return for each course what is said otherwise, named as its reasons name it: `risk.BFM`, `consolidation.agrees`.

    A course that is new has nothing before, one that is gone nothing after.
    """
    was, now = _said_of_courses(house, before), _said_of_courses(house, after)
    changed: list[answers.Shape] = []
    for number in sorted({*was, *now}):
        old, new = was.get(number, {}), now.get(number, {})
        differing = [name for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name)]
        if differing:
            told_before = {name: old[name] for name in differing if name in old}
            told_after = {name: new[name] for name in differing if name in new}
            changed.append(
                {
                    "relapse_number": number,
                    "before": told_before if number in was else None,
                    "after": told_after if number in now else None,
                }
            )
    return changed


def _said_of_courses(house: House, state: PatientState) -> dict[int, answers.Shape]:
    lines = lines_of_courses(state, house.protocols, recommendations=house.settings.recommendations)
    return {course.number: dict(_said(line)) for course, line in zip(state.courses, lines, strict=True)}


def _said(line: dict[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield what is said of a course: site, times and groups, what the active strategy recommends, the decision."""
    codes, strategy = line["classification"], line["strategy"]
    yield "relapse_site", codes["relapse_site"]
    parts = {"timing": codes["timing"], "risk": codes["risk"], "consolidation": line["consolidation"] or {}}
    if strategy is not None and codes["recommendation"] is not None:
        parts[f"recommendation.{strategy}"] = {"conditional_on": None} | codes["recommendation"][strategy]
    for about, part in parts.items():
        yield from ((f"{about}.{name}", value) for name, value in part.items())


def _windows(
    house: House, before: PatientState, after: PatientState, as_of: date, silent_days: int | None
) -> list[answers.Shape]:
    was = {window.id: window for window in before.windows}
    now = {window.id: window for window in after.windows}
    differing = [name for name in dict.fromkeys((*was, *now)) if was.get(name) != now.get(name)]
    protocols = house.protocols
    told_before = answers.windows_shapes(before, [was[n] for n in differing if n in was], as_of, protocols, silent_days)
    told_after = answers.windows_shapes(after, [now[n] for n in differing if n in now], as_of, protocols, silent_days)
    by_id_before = {shape["id"]: shape for shape in told_before}
    by_id_after = {shape["id"]: shape for shape in told_after}
    return [{"id": name, "before": by_id_before.get(name), "after": by_id_after.get(name)} for name in differing]
