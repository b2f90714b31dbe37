"""Acting upon an alert: acknowledging, snoozing, resolving it by hand; each with a reason, none of them a fact."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from workflow.domain.actor import Actor
from workflow.domain.errors import InvalidInputError, Problem, Refusal
from workflow.domain.facts.base import Code, read_asked_instant, read_day
from workflow.domain.facts.read import read_model
from workflow.domain.roles import Role
from workflow.persistence.actors import find_actor
from workflow.persistence.alert_lists import patient_of_alert
from workflow.persistence.unit_of_work import UnitOfWork, reading
from workflow.rules.acts import Act as AlertAct
from workflow.rules.occasion import Side
from workflow.rules.thresholds import begins
from workflow.services import alert_answers, answers
from workflow.services.errors import NotFoundError, RefusedError
from workflow.services.house import Answer, House, role_for
from workflow.services.judging import acted_ledger
from workflow.services.patient_write import (
    UNCONDITIONAL,
    Act,
    Conditions,
    Decided,
    Held,
    Revised,
    carry_out,
    hold,
    require_version,
)
from workflow.services.read_alerts import NO_ALERT
from workflow.services.read_correction import Reason


def _until(value: object) -> date | datetime:
    if isinstance(value, str) and "T" in value:
        return read_asked_instant(value)
    try:
        return read_day(value)
    except PydanticCustomError:
        raise PydanticCustomError(
            "until_format", "must be a date written YYYY-MM-DD, or a time like 2026-01-31T08:30:00+01:00"
        ) from None


class Acknowledgement(BaseModel):
    """Who has seen the alert and sees to it; a coordinator may name another person as `for`."""

    model_config = ConfigDict(extra="forbid", strict=True)
    reason: Reason
    for_: Annotated[Code | None, Field(alias="for", description="The name of whoever acknowledges.")] = None


class Snooze(BaseModel):
    """Until when nobody is told: an instant, or a day, at whose beginning at the site the alert asks again."""

    model_config = ConfigDict(extra="forbid", strict=True)
    reason: Reason
    until: Annotated[
        datetime | date,
        BeforeValidator(_until, json_schema_input_type=str),
        Field(description="A date, or an instant with its offset; never beyond the next threshold or repeat."),
    ]


class Resolution(BaseModel):
    """Why nothing is left to be done, though no fact ended the window."""

    model_config = ConfigDict(extra="forbid", strict=True)
    reason: Reason


REFUSED = "refuse_alert_act"
ACKNOWLEDGING = Act(done="acknowledge_alert", refused=REFUSED, previewed=REFUSED)
SNOOZING = Act(done="snooze_alert", refused=REFUSED, previewed=REFUSED)
RESOLVING = Act(done="resolve_alert", refused=REFUSED, previewed=REFUSED)
ActOf = Callable[[UnitOfWork, Held], AlertAct]


def acknowledge(
    house: House, actor: Actor, alert_id: str, raw: Mapping[str, object], *, conditions: Conditions = UNCONDITIONAL
) -> Answer:
    """Acknowledge an alert, as a nurse, or as a coordinator for somebody else: 200 with the alert.

    Raises InvalidInputError, NotFoundError, NotAllowedError, RefusedError, StalePatientError, IdempotencyMismatchError.
    """
    told = read_model(Acknowledgement, raw)

    def act_of(unit: UnitOfWork, held: Held) -> AlertAct:
        needed = Role.NURSE if told.for_ in {None, actor.name} else Role.COORDINATOR
        role_for(actor, held.locked.sites, needed)
        person = None if told.for_ in {None, actor.name} else _person(unit, str(told.for_), held)
        return AlertAct(
            alert_id=alert_id, deed="acknowledged", actor_id=actor.id, reason=told.reason, on_behalf_of=person
        )

    return _carried_out(house, actor, alert_id, act_of, act=ACKNOWLEDGING, conditions=conditions)


def snooze(
    house: House, actor: Actor, alert_id: str, raw: Mapping[str, object], *, conditions: Conditions = UNCONDITIONAL
) -> Answer:
    """Put an alert off, as a nurse: nobody is told until then, and then everybody anew. Raises as `acknowledge`."""
    told = read_model(Snooze, raw)

    def act_of(_unit: UnitOfWork, held: Held) -> AlertAct:
        role_for(actor, held.locked.sites, Role.NURSE)
        until = told.until
        instant = until if isinstance(until, datetime) else begins(until, held.locked.time_zone)
        return AlertAct(alert_id=alert_id, deed="snoozed", actor_id=actor.id, reason=told.reason, until=instant)

    return _carried_out(house, actor, alert_id, act_of, act=SNOOZING, conditions=conditions)


def resolve(
    house: House, actor: Actor, alert_id: str, raw: Mapping[str, object], *, conditions: Conditions = UNCONDITIONAL
) -> Answer:
    """Resolve an alert by hand, as a clinician; so it stays while its window does. Raises as `acknowledge`."""
    told = read_model(Resolution, raw)

    def act_of(_unit: UnitOfWork, held: Held) -> AlertAct:
        role_for(actor, held.locked.sites, Role.CLINICIAN)
        return AlertAct(alert_id=alert_id, deed="resolved", actor_id=actor.id, reason=told.reason)

    return _carried_out(house, actor, alert_id, act_of, act=RESOLVING, conditions=conditions)


def _carried_out(
    house: House, actor: Actor, alert_id: str, act_of: ActOf, *, act: Act, conditions: Conditions
) -> Answer:
    with reading(house.database, actor) as unit:
        patient_id = patient_of_alert(unit.connection, alert_id)
    if patient_id is None:
        raise NotFoundError(NO_ALERT)

    def decide(unit: UnitOfWork) -> Decided:
        held = _held(house, unit, patient_id)
        wanted = act_of(unit, held)
        require_version(held.locked, conditions.if_match)
        side = Side(held.state, held.locked.practice)
        changes = acted_ledger(house, unit, held.locked, side, wanted)
        if isinstance(changes, Refusal):
            raise RefusedError(changes)
        alert = next(known for known in changes.alerts if known.id == alert_id)
        revision = Revised(held=held, after=held.state, facts=(), site=side.site, ledger=changes)
        answer = Answer(200, answers.to_json(alert_answers.alert_shape(patient_id, alert)), held.locked.version)
        return Decided((revision,), answer)

    return carry_out(house, actor, (patient_id,), decide, act=act, conditions=conditions)


def _held(house: House, unit: UnitOfWork, patient_id: str) -> Held:
    try:
        return hold(house, unit, patient_id)
    except NotFoundError:
        raise NotFoundError(NO_ALERT) from None


def _person(unit: UnitOfWork, name: str, held: Held) -> str:
    """Return the id of somebody who may acknowledge for this patient; who may not looks like nobody at all."""
    known = find_actor(unit.connection, name)
    role = known.role_at(frozenset(held.locked.sites)) if known else None
    if known is None or role is None or role < Role.NURSE:
        message = "for names nobody who may acknowledge alerts of this patient; send the name of their key"
        raise InvalidInputError([Problem("for", "unknown_actor", message)])
    return known.id
