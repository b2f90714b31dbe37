"""Data that cannot be: days in the future or before their anchor, unmeasurable MRD, facts about facts unknown here."""

from collections.abc import Iterator
from datetime import date

from workflow.domain.calendar import days_between
from workflow.domain.errors import Refusal
from workflow.domain.facts.fact import FactDraft
from workflow.domain.facts.findings import Findings
from workflow.domain.facts.registration import AppointmentBooked, Confirmed, ContactRecorded
from workflow.domain.facts.response import MrdMeasured, not_measurable
from workflow.domain.facts.treatment import DelayExplained, RelapseDiagnosed
from workflow.domain.patient import PatientState
from workflow.rules.choosing import not_to_be_chosen
from workflow.rules.judgement import Circumstances
from workflow.rules.memberships import already_treating

# Days inside a payload that must lie on or before, or on or after, the fact's own day.
_NOT_AFTER = ("sample_on", "sampled_on", "last_contact_on")
_NOT_BEFORE = ("review_on", "until")
_TITLES = {"in_the_future": "In the future", "before_anchor": "Before its anchor", "date_order": "Dates out of order"}


def impossible(
    state: PatientState, draft: FactDraft, given: Circumstances, *, keeps_protocol: bool = False
) -> Refusal | None:
    """Return why this draft cannot be true of this patient, or None.

    `keeps_protocol`: it corrects a choice and leaves what that pins, so that nothing is chosen anew.
    """
    checks = _checks(state, draft, given, keeps_protocol=keeps_protocol)
    return next((refusal for refusal in checks if refusal is not None), None)


def _checks(
    state: PatientState, draft: FactDraft, given: Circumstances, *, keeps_protocol: bool
) -> Iterator[Refusal | None]:
    yield _own_day(state, draft, given)
    yield from _days_inside(draft, state)
    yield _csf_day(state, draft, given)
    yield from _mrd_numbers(draft)
    if not keeps_protocol:
        yield not_to_be_chosen(draft, given)
    yield _countersignature(state, draft)
    yield _delay(state, draft)
    yield already_treating(state, draft)


def before_diagnosis(state: PatientState, draft: FactDraft, given: Circumstances) -> Refusal | None:
    """Return why a day of this draft lies before the patient's diagnosis, or None."""
    checks = (_own_day(state, draft, given), *_days_inside(draft, state), _csf_day(state, draft, given))
    return next((refusal for refusal in checks if refusal is not None and refusal.code == "before_anchor"), None)


def wrong_date(code: str, field: str, detail: str) -> Refusal:
    """Return the refusal of an impossible date."""
    return Refusal(code=code, title=_TITLES[code], detail=detail, status=422, field=field)


def _own_day(state: PatientState, draft: FactDraft, given: Circumstances) -> Refusal | None:
    if draft.occurred_on > given.today and not given.planning:
        return wrong_date(
            "in_the_future",
            "occurred_on",
            f"occurred_on {draft.occurred_on} lies in the future: today is {given.today} at the patient's site. "
            "Record what has happened; book what is planned with appointment_booked.",
        )
    diagnosis = state.registration.diagnosis_date
    if draft.occurred_on < diagnosis or (draft.type == "relapse_diagnosed" and draft.occurred_on == diagnosis):
        relation = "after" if draft.type == "relapse_diagnosed" else "on or after"
        return wrong_date(
            "before_anchor",
            "occurred_on",
            f"occurred_on {draft.occurred_on} must lie {relation} the diagnosis of {diagnosis}; "
            "correct the date, or the registration if that is wrong.",
        )
    return None


def _days_inside(draft: FactDraft, state: PatientState) -> Iterator[Refusal | None]:
    for name in _NOT_AFTER:
        day = getattr(draft.data, name, None)
        if isinstance(day, date) and day > draft.occurred_on:
            yield wrong_date(
                "date_order",
                f"data.{name}",
                f"data.{name} {day} lies after occurred_on {draft.occurred_on}; correct one of them.",
            )
        if isinstance(day, date) and day < state.registration.diagnosis_date:
            diagnosis = state.registration.diagnosis_date
            yield wrong_date(
                "before_anchor",
                f"data.{name}",
                f"data.{name} {day} lies before the diagnosis {diagnosis}; correct one of them.",
            )
    for name in _NOT_BEFORE:
        day = getattr(draft.data, name, None)
        if isinstance(day, date) and day < draft.occurred_on:
            yield wrong_date(
                "date_order",
                f"data.{name}",
                f"data.{name} {day} lies before occurred_on {draft.occurred_on}; correct one of them.",
            )
    if isinstance(draft.data, AppointmentBooked) and draft.data.on < draft.occurred_on:
        yield wrong_date(
            "date_order",
            "data.on",
            f"data.on {draft.data.on} lies before occurred_on {draft.occurred_on}; correct one of them.",
        )
    # A contact that lies ahead would hide for years that nobody hears of the patient.
    if isinstance(draft.data, ContactRecorded) and draft.data.on > draft.occurred_on:
        yield wrong_date(
            "date_order",
            "data.on",
            f"data.on {draft.data.on} lies after occurred_on {draft.occurred_on}; correct one of them.",
        )


def _csf_day(state: PatientState, draft: FactDraft, given: Circumstances) -> Refusal | None:
    findings = draft.data.findings if isinstance(draft.data, RelapseDiagnosed) else draft.data
    csf = findings.csf if isinstance(findings, Findings) else getattr(findings, "csf", None)
    sampled_at = csf.sampled_at if csf is not None else None
    if sampled_at is None:
        return None
    field = "data.findings.csf.sampled_at" if isinstance(draft.data, RelapseDiagnosed) else "data.csf.sampled_at"
    day = sampled_at.date()
    # The instant is UTC, the other days are the site's: they may differ by one day anywhere on earth.
    if days_between(given.today, day) > 1:
        return wrong_date("in_the_future", field, f"{field} {day} lies in the future; correct it.")
    if days_between(draft.occurred_on, day) > 1:
        return wrong_date(
            "date_order", field, f"{field} {day} lies after occurred_on {draft.occurred_on}; correct one of them."
        )
    diagnosis = state.registration.diagnosis_date
    if days_between(diagnosis, day) < -1:
        return wrong_date(
            "before_anchor", field, f"{field} {day} lies before the diagnosis {diagnosis}; correct one of them."
        )
    return None


def _mrd_numbers(draft: FactDraft) -> Iterator[Refusal]:
    if not isinstance(draft.data, MrdMeasured):
        return
    for field, rule in not_measurable(draft.data):
        yield Refusal(
            code="mrd_out_of_range",
            title="Cannot be measured",
            detail=f"data.{field} {rule}.",
            status=422,
            field=f"data.{field}",
        )


def _countersignature(state: PatientState, draft: FactDraft) -> Refusal | None:
    if not isinstance(draft.data, Confirmed):
        return None
    waiting = [f"f{lineage}" for lineage in state.unconfirmed]
    if draft.data.fact in waiting:
        return None
    return Refusal(
        code="nothing_to_confirm",
        title="Nothing to countersign",
        detail=f"data.fact names no fact that waits for a countersignature on {draft.occurred_on}; "
        f"waiting: {', '.join(waiting) or 'none'}.",
        field="data.fact",
    )


def _delay(state: PatientState, draft: FactDraft) -> Refusal | None:
    if not isinstance(draft.data, DelayExplained):
        return None
    deviation = next((known for known in state.deviations if known.window == draft.data.window), None)
    late = [known.window for known in state.deviations if known.window and known.days_past_latest]
    if deviation is None or not deviation.days_past_latest:
        return Refusal(
            code="no_such_delay",
            title="No such delay",
            detail=f"data.window names no window that ended late; late: {', '.join(map(str, late)) or 'none'}.",
            status=422,
            field="data.window",
        )
    days = sum(segment.days for segment in draft.data.segments)
    if days <= deviation.days_past_latest:
        return None
    return Refusal(
        code="segments_exceed_delay",
        title="More days explained than late",
        detail=f"data.segments sum to {days} d, the delay is only {deviation.days_past_latest} d; send fewer days.",
        status=422,
        field="data.segments",
    )
