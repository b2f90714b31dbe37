"""The shapes of the contract (§2, §3): pure functions from the domain to JSON."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime

from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import Fact, fact_id, payload_json
from workflow.domain.patient import OF_RECOMMENDATIONS, Deviation, PatientState
from workflow.domain.windows import Window
from workflow.protocols.model import Protocols
from workflow.protocols.operations import protocol_of
from workflow.rules.explain import Explanation
from workflow.rules.judgement import Caution
from workflow.rules.next_steps import NextStep
from workflow.rules.silence import is_silent

Shape = dict[str, object]


def to_json(shape: object) -> str:
    """Return compact JSON text; dates and instants in ISO 8601."""
    return json.dumps(shape, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON shape")


def instant(value: datetime) -> str:
    """Return an instant as the outside writes it, in UTC with Z."""
    return value.isoformat().replace("+00:00", "Z")


def page(items: Iterable[Shape], next_cursor: str | None = None, *, settled: bool | None = None) -> Shape:
    """Return the shape of every list; one asked with known_at says whether it can still change."""
    return {"items": list(items), "next_cursor": next_cursor} | settledness(settled=settled)


def settledness(*, settled: bool | None) -> Shape:
    """Return `settled` as an answer carries it: only where it was asked with known_at."""
    return _carried({"settled": settled})


def fact_shape(fact: Fact, *, superseded_by: int | None = None) -> Shape:
    """Return a fact of contract §3.2 as answers show it."""
    shape: Shape = {
        "id": fact.id,
        "type": fact.type,
        "occurred_on": fact.occurred_on,
        "recorded_at": fact.recorded_at,
        "recorded_by": fact.recorded_by,
        "data": json.loads(payload_json(fact.data)),
        "certainty": fact.certainty,
        "unconfirmed": fact.unconfirmed,
    }
    optional: Mapping[str, object] = {
        "note": fact.note,
        "override": _carried(asdict(fact.override)) if fact.override else None,
        "on_behalf_of": fact.on_behalf_of,
        "external_id": fact.external_id,
        "source_recorded_at": fact.source_recorded_at,
        "operation": fact.operation if fact.operation != "record" else None,
        "target": fact_id(fact.target_seq) if fact.target_seq else None,
        "reason": fact.reason,
        "moved": {"patient": fact.moved.patient_id, "fact": fact_id(fact.moved.seq)} if fact.moved else None,
        "superseded_by": fact_id(superseded_by) if superseded_by else None,
    }
    return shape | _carried(optional)


def window_shape(window: Window, as_of: date, *, silent: bool, source: str | None) -> Shape:
    """Return a window of contract §3.3 as it stands on a day."""
    status = window.status(as_of)
    met = status == "met"
    return {
        "id": window.id,
        "rule": window.rule,
        "course": window.course,
        "label": window.label,
        "anchor": {"fact": fact_id(window.anchor), "on": window.anchor_on},
        "expects": " and ".join(window.expects) if window.expects else window.ended_because,
        "hard_min_on": window.hard_min_on,
        "earliest_on": window.earliest_on,
        "target_on": window.target_on,
        "latest_on": window.latest_on,
        "critical_from": window.critical_from,
        "review_on": window.review_on,
        "paused_on": window.paused_on,
        "interrupted_days": window.interrupted_days,
        "status": status,
        "unknown": silent and window.end is None,
        "verdict": window.verdict(as_of),
        "met_by": fact_id(window.ended_by) if met and window.ended_by else None,
        "met_on": window.ended_on if met else None,
        "closed_by": fact_id(window.ended_by) if status == "closed" and window.ended_by else None,
        "closed_on": window.ended_on if status == "closed" else None,
        "days": window.days(as_of),
        "days_past_latest": window.days_past_latest(as_of),
        "source": source,
    }


def windows_shapes(
    state: PatientState, windows: Iterable[Window], as_of: date, protocols: Protocols, silent_after_days: int | None
) -> list[Shape]:
    """Return windows with the source of their rules, and whether the patient has been silent beside them."""
    silent = is_silent(state, as_of, protocols, silent_after_days)
    return [window_shape(window, as_of, silent=silent, source=_source(window, protocols)) for window in windows]


def _source(window: Window, protocols: Protocols) -> str | None:
    protocol = protocol_of(window.protocol, protocols)
    rule = protocol.window_rule(window.rule) if protocol else None
    return rule.source if rule else None


def deviation_shape(deviation: Deviation) -> Shape:
    """Return a deviation; `explained` says whether its reasons are on file."""
    return {
        "window": deviation.window,
        "verdict": deviation.kind,
        "days": deviation.days,
        "days_past_latest": deviation.days_past_latest,
        "fact": fact_id(deviation.fact),
        "occurred_on": deviation.occurred_on,
        "explained_days": deviation.explained_days,
        "explained": deviation.explained,
    }


def deviations_shape(deviations: Iterable[Deviation], *, recommendations: bool) -> list[Shape]:
    """Return deviations; without `recommendations` no decision departs from one."""
    return [deviation_shape(found) for found in deviations if recommendations or found.kind not in OF_RECOMMENDATIONS]


def patient_shape(
    patient_id: str,
    state: PatientState,
    version: int,
    as_of: date,
    protocols: Protocols,
    *,
    silent_after_days: int | None = None,
    recommendations: bool = True,
) -> Shape:
    """Return a patient as lists show them: state, protocol, open windows, what is to mend or to countersign."""
    course = state.course
    registration = state.registration
    # Shown as it was recorded, so that who corrects it sends back what stands there; a transfer is a fact of its own.
    registered_at = state.trail[0].site or registration.site
    return {
        "id": patient_id,
        "pseudonym": registration.pseudonym,
        "site": registration.site,
        "state": state.state,
        "relapse_number": state.relapse_number,
        "attempt": course.attempt if course else None,
        "protocol": course.protocol if course else None,
        "strategy": course.strategy if course else None,
        "version": version,
        "as_of": as_of,
        "unknown": is_silent(state, as_of, protocols, silent_after_days),
        "last_contact_on": state.last_contact_on,
        "owner": state.owner,
        "deputy": state.deputy,
        "windows": windows_shapes(state, state.open_windows, as_of, protocols, silent_after_days),
        "deviations": deviations_shape(
            (known for known in state.deviations if not known.explained), recommendations=recommendations
        ),
        "unconfirmed": [fact_id(lineage) for lineage in state.unconfirmed],
        "conflicts": [
            {"fact": fact_id(conflict.fact), "type": conflict.type, "state": conflict.state}
            for conflict in state.conflicts
        ],
        "registration": json.loads(payload_json(registration.model_copy(update={"site": registered_at}))),
    }


def cautions_shape(cautions: Iterable[Caution]) -> list[Shape]:
    """Return warnings as code and message."""
    return [{"code": caution.code, "message": caution.message} for caution in cautions]


def refusal_shape(refusal: Refusal) -> Shape:
    """Return what a refused fact is told besides title and status: rule, source, arithmetic, the way out."""
    return _carried(
        {
            "field": refusal.field,
            "rule": refusal.rule,
            "source": refusal.source,
            "arithmetic": refusal.arithmetic,
            "earliest_on": refusal.earliest_on,
            "latest_at": instant(refusal.latest_at) if refusal.latest_at else None,
            "override": refusal.override,
            "possible": list(refusal.possible) or None,
            "conflicts": list(refusal.conflicts) or None,
            "because_of": list(refusal.because_of) or None,
        }
    )


def next_step_shape(step: NextStep) -> Shape:
    """Return one fact type of next-steps."""
    return _carried(asdict(step))


def explanation_shape(explanation: Explanation) -> Shape:
    """Return the proof of a window."""
    return asdict(explanation) | {"anchor": {"fact": fact_id(explanation.anchor), "on": explanation.anchor_on}}


def _carried(shape: Mapping[str, object]) -> Shape:
    return {name: value for name, value in shape.items() if value is not None}
