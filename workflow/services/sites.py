"""Sites: listing them, completing one."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from workflow.domain.actor import Actor
from workflow.domain.contacts import LONGEST_ADDRESS, read_contact
from workflow.domain.errors import InvalidInputError
from workflow.domain.facts.base import Code, Day, Entries
from workflow.domain.facts.read import problems_of
from workflow.domain.roles import Role
from workflow.persistence.due_patients import lock_treated, wake_patients
from workflow.persistence.silence import lock_those_waited_for, store_silent_days
from workflow.persistence.sites import SiteSetting, find_site, list_sites, lock_site, put_site
from workflow.persistence.unit_of_work import UnitOfWork, reading, writing
from workflow.rules.silence import silent_from
from workflow.services import answers
from workflow.services.errors import NotFoundError
from workflow.services.house import Answer, House, require_role, require_role_everywhere

MONDAY, SUNDAY = 1, 7
_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
# When, of what and who of a site is told follows from these.
_WAKING = ("time_zone", "working_days", "holidays", "contacts", "notices_at", "mrd_result_days")
# These may be taken back by sending null: then what holds without a setting of the site's own holds again.
_OPTIONAL = ("silent_after_days", "notices_at", "mrd_result_days")


def known_time_zone(name: object) -> str:
    """Read an IANA time zone by name; raises PydanticCustomError for one that does not exist."""
    try:
        ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError("time_zone", "must be an IANA time zone, like Europe/Berlin") from None
    return str(name)


def read_hour(value: object) -> time:
    """Read a time of day written HH:MM; raises PydanticCustomError for anything else."""
    if not isinstance(value, str) or not _HOUR.fullmatch(value):
        raise PydanticCustomError("hour_format", "must be a time of day written HH:MM, like 07:30")
    return time.fromisoformat(value)


Weekday = Annotated[int, Field(ge=MONDAY, le=SUNDAY)]
Contact = Annotated[str, Field(min_length=1, max_length=LONGEST_ADDRESS), AfterValidator(read_contact)]


class SiteRequest(BaseModel):
    """What PUT /sites/{id} may set; what is left out stays as it is.

    silent_after_days, notices_at and mrd_result_days are taken back with null.
    """

    model_config = ConfigDict(extra="forbid", strict=True)
    name: Code | None = None
    time_zone: Annotated[str, BeforeValidator(known_time_zone)] | None = None
    working_days: Annotated[tuple[Weekday, ...], Entries(least=1, most=7)] | None = None
    holidays: Annotated[tuple[Day, ...], Entries(most=400)] | None = None
    contacts: Annotated[tuple[Contact, ...], Entries(most=50)] | None = None
    silent_after_days: Annotated[int, Field(ge=1, le=365)] | None = None
    notices_at: (
        Annotated[
            time,
            BeforeValidator(read_hour, json_schema_input_type=str),
            Field(description="The hour of notices, HH:MM; critical ones always go out at 07:30."),
        ]
        | None
    ) = None
    mrd_result_days: (
        Annotated[int, Field(ge=1, le=365, description="How many days after the sample an MRD result is overdue.")]
        | None
    ) = None


def listed(house: House, actor: Actor) -> Answer:
    """Return the sites that the actor may see."""
    require_role(actor, Role.VIEWER)
    with reading(house.database, actor) as unit:
        settings = list_sites(unit.connection, unit.reach)
        unit.note("list_sites", items=len(settings))
    return Answer(200, answers.to_json(answers.page(_shape(setting) for setting in settings)))


def put(house: House, actor: Actor, site_id: str, raw: Mapping[str, object]) -> Answer:
    """Complete or make a site: 200 with the whole setting, 201 where it is new; an admin of that site may."""
    wanted = _read(raw)
    require_role(actor, Role.ADMIN)
    if actor.sites is not None and site_id not in actor.sites:
        raise NotFoundError("no such site for this key")
    # A new limit of silence is stored for all patients of the site, which may take its time; it dates no fact.
    with writing(house.database, actor, bounded=False) as unit:
        # What is left out stays as it is now: somebody else may be setting other parts of this site.
        lock_site(unit.connection, site_id)
        before = find_site(unit.connection, site_id)
        if before is None:
            require_role_everywhere(actor, Role.ADMIN)
        base = before or SiteSetting(id=site_id, name=site_id, time_zone=house.settings.time_zone)
        after = _completed(base, wanted)
        if after != before:
            put_site(unit.connection, after, unit.instant(), actor.id)
        if before is not None:
            _judge_patients_anew(house, unit, before, after)
        unit.note("put_site", site_id=site_id)
    return Answer(200 if before else 201, answers.to_json(_shape(after)))


def _judge_patients_anew(house: House, unit: UnitOfWork, before: SiteSetting, after: SiteSetting) -> None:
    """Let those whom a site treats be judged by its new setting.

    All are locked first, in the order of their ids: one part of them and then the rest would be two orders.
    """
    silence = after.silent_after_days != before.silent_after_days
    waking = any(getattr(after, name) != getattr(before, name) for name in _WAKING)
    if silence or waking:
        lock_treated(unit.connection, after.id)
    if silence:
        _store_silence(house, unit, after)
    if waking:
        wake_patients(unit.connection, after.id, unit.instant())


def _store_silence(house: House, unit: UnitOfWork, setting: SiteSetting) -> None:
    """Store for the patients treated at a site from which day on they count as silent by its new setting."""
    waiting = lock_those_waited_for(unit.connection, setting.id)
    store_silent_days(
        unit.connection,
        {
            patient_id: silent_from(state, house.protocols, setting.silent_after_days)
            for patient_id, state in waiting.items()
        },
    )


def _read(raw: Mapping[str, object]) -> SiteRequest:
    try:
        return SiteRequest.model_validate(raw)
    except ValidationError as invalid:
        problems = problems_of(invalid)
        raise InvalidInputError(problems) from None


def _completed(setting: SiteSetting, wanted: SiteRequest) -> SiteSetting:
    return replace(
        setting,
        name=wanted.name or setting.name,
        time_zone=wanted.time_zone or setting.time_zone,
        working_days=wanted.working_days or setting.working_days,
        holidays=setting.holidays if wanted.holidays is None else wanted.holidays,
        contacts=setting.contacts if wanted.contacts is None else wanted.contacts,
        **{name: getattr(wanted, name) for name in _OPTIONAL if name in wanted.model_fields_set},
    )


def _shape(setting: SiteSetting) -> answers.Shape:
    return {
        "id": setting.id,
        "name": setting.name,
        "time_zone": setting.time_zone,
        "working_days": list(setting.working_days),
        "holidays": list(setting.holidays),
        "contacts": list(setting.contacts),
        "silent_after_days": setting.silent_after_days,
        "notices_at": setting.notices_at.isoformat("minutes") if setting.notices_at else None,
        "mrd_result_days": setting.mrd_result_days,
    }
