"""Registering a patient: the chart starts here."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from workflow.clock import today_in
from workflow.domain.actor import Actor
from workflow.domain.errors import InvalidInputError, Problem
from workflow.domain.facts.fact import Fact, FactDraft
from workflow.domain.facts.read import read_fact
from workflow.domain.facts.registration import PatientRegistered
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.roles import Role
from workflow.identifiers import new_id
from workflow.persistence.errors import DuplicatePseudonymError, IdempotencyKeyTakenError, PersistenceError
from workflow.persistence.outcome import Access, Registration
from workflow.persistence.patient_writes import register_patient
from workflow.persistence.sites import SiteSetting, find_site, lock_site, put_site
from workflow.persistence.unit_of_work import UnitOfWork, writing
from workflow.rules.judgement import Caution
from workflow.rules.step import begin
from workflow.services import answers
from workflow.services.course_answers import courses_shape
from workflow.services.errors import AlreadyExistsError, NotFoundError
from workflow.services.external_ids import new_facts
from workflow.services.house import NOT_ONCE, Answer, House, Once, require_role, role_for
from workflow.services.patient_write import spans_of
from workflow.services.repeated_requests import first_answer, stored_answer

_ENVELOPE = ("occurred_on", "external_id", "certainty", "note")


def register(house: House, actor: Actor, raw: Mapping[str, object], *, once: Once = NOT_ONCE) -> Answer:
    """Register a patient: 201 with id, pseudonym, site, state and version.

    `raw` is the data of `patient_registered`, with occurred_on (default today) and external_id beside it.
    Raises InvalidInputError, NotFoundError for a site out of reach, NotAllowedError, AlreadyExistsError.
    """
    require_role(actor, Role.NURSE)
    try:
        with writing(house.database, actor) as unit:
            return first_answer(unit, actor, once) or _registered(house, actor, raw, once, unit)
    except (IdempotencyKeyTakenError, DuplicatePseudonymError) as taken:
        return _first_answer_or_refusal(house, actor, raw, once, taken)


def _first_answer_or_refusal(
    house: House, actor: Actor, raw: Mapping[str, object], once: Once, taken: PersistenceError
) -> Answer:
    """Answer a request sent twice at once as the first of the two; the database chooses which constraint it names."""
    with writing(house.database, actor) as unit:
        answer = first_answer(unit, actor, once)
        if answer is None and isinstance(taken, DuplicatePseudonymError):
            # Who is told that somebody is registered has learnt something about a patient.
            unit.note("refuse_registration", site_id=str(raw["site"]))
    if answer is not None:
        return answer
    if isinstance(taken, DuplicatePseudonymError):
        raise AlreadyExistsError("pseudonym is registered at this site already; search for it instead") from None
    raise taken


def _registered(house: House, actor: Actor, raw: Mapping[str, object], once: Once, unit: UnitOfWork) -> Answer:
    now = unit.instant()
    draft = read_registration(raw, default_day=now.date())
    data = draft.data
    if not isinstance(data, PatientRegistered):
        raise TypeError("a registration carries PatientRegistered")
    setting, cautions = site_for_registration(house, actor, data.site, unit, now)
    role_for(actor, (data.site,), Role.NURSE)
    today = today_in(setting.time_zone, now)
    if "occurred_on" not in raw:
        draft = read_registration(raw, default_day=today)
    require_possible_days(draft, today)
    fact = registration_fact(draft, recorded_at=now, recorded_by=actor.id)
    state = begin(fact)
    patient_id = new_id()
    shape = answers.patient_shape(
        patient_id, state, 1, today, house.protocols, silent_after_days=setting.silent_after_days
    )
    shape |= courses_shape(state, house.protocols, recommendations=house.settings.recommendations)
    shape["alerts"] = []
    shape["warnings"] = answers.cautions_shape(cautions)
    answer = Answer(201, answers.to_json(shape), 1)
    register_patient(
        house.database,
        unit.connection,
        Registration(
            patient_id=patient_id,
            state=state,
            engine=house.engine,
            facts=new_facts((fact,)),
            after=spans_of(state),
            access=Access(actor_id=actor.id, action="register_patient", patient_id=patient_id),
            judged_by=house.judged_by,
            answer=stored_answer(actor, once, answer),
            site_id=data.site,
            now=now,
            external_id=draft.external_id,
        ),
    )
    return answer


def read_registration(raw: Mapping[str, object], *, default_day: date) -> FactDraft:
    """Read the flat registration of POST /patients; problems name the fields as they were sent."""
    envelope = {name: raw[name] for name in _ENVELOPE if name in raw}
    data = {name: value for name, value in raw.items() if name not in _ENVELOPE}
    try:
        return read_fact({"type": REGISTRATION, "occurred_on": default_day, **envelope, "data": data})
    except InvalidInputError as invalid:
        raise InvalidInputError([_flat(problem) for problem in invalid.problems]) from None


def _flat(problem: Problem) -> Problem:
    field = problem.field.removeprefix("data.")
    return Problem(field, problem.code, problem.message.replace(problem.field, field, 1))


def site_for_registration(
    house: House, actor: Actor, site_id: str, unit: UnitOfWork, now: datetime
) -> tuple[SiteSetting, tuple[Caution, ...]]:
    """Return the site's setting, made with the default time zone where an actor for all sites names a new one."""
    if actor.sites is not None and site_id not in actor.sites:
        raise NotFoundError("no such site for this key")
    setting = find_site(unit.connection, site_id)
    if setting is not None:
        return setting, ()
    if actor.role_everywhere is None:
        raise NotFoundError("site is not known here; an admin for all sites makes it with PUT /sites/{id}")
    lock_site(unit.connection, site_id)
    setting = find_site(unit.connection, site_id)
    if setting is not None:
        return setting, ()  # made by somebody else a moment ago
    made = SiteSetting(id=site_id, name=site_id, time_zone=house.settings.time_zone)
    put_site(unit.connection, made, now, actor.id)
    message = f"Site {site_id} was made with time zone {made.time_zone}; complete it with PUT /sites/{site_id}."
    return made, (Caution("site_made", message),)


def require_possible_days(draft: FactDraft, today: date) -> None:
    """Raise InvalidInputError where a registration's days lie in the future or before the diagnosis."""
    problems = list(_impossible_days(draft, today))
    if problems:
        raise InvalidInputError(problems)


def _impossible_days(draft: FactDraft, today: date) -> Iterator[Problem]:
    if draft.occurred_on > today:
        yield Problem("occurred_on", "in_the_future", "occurred_on lies in the future; leave it out for today")
    if not isinstance(draft.data, PatientRegistered):
        return
    diagnosis, end = draft.data.diagnosis_date, draft.data.frontline_end_date
    if diagnosis > today:
        yield Problem("diagnosis_date", "in_the_future", "diagnosis_date lies in the future; check it")
    elif draft.occurred_on < diagnosis:
        yield Problem("occurred_on", "before_anchor", "occurred_on lies before diagnosis_date; check both")
    if end is not None and end > today:
        way_out = "while frontline therapy goes on, send frontline_ongoing: true instead"
        yield Problem("frontline_end_date", "in_the_future", f"frontline_end_date lies in the future; {way_out}")


def registration_fact(draft: FactDraft, *, recorded_at: datetime, recorded_by: str) -> Fact:
    """Return the first fact of a patient."""
    return Fact(
        seq=1,
        lineage=1,
        type=REGISTRATION,
        occurred_on=draft.occurred_on,
        data=draft.data,
        recorded_at=recorded_at,
        recorded_by=recorded_by,
        certainty=draft.certainty,
        note=draft.note,
        external_id=draft.external_id,
        source_recorded_at=draft.source_recorded_at,
    )
