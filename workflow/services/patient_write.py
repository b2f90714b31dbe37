"""The one transaction of every act upon patients: lock, judge, write, answer; or a preview that stores nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from workflow.clock import today_in
from workflow.domain.actor import Actor
from workflow.domain.alerts import LedgerChanges
from workflow.domain.errors import CoursewatchError, InvalidInputError
from workflow.domain.facts.fact import Fact
from workflow.domain.patient import PatientState
from workflow.domain.site_practice import SitePractice
from workflow.persistence.errors import (
    DuplicatePseudonymError,
    IdempotencyKeyTakenError,
    ImportKeyTakenError,
    PersistenceError,
)
from workflow.persistence.outcome import Access, LockedPatient, NewFact, Outcome, Spans
from workflow.persistence.outcome import Answer as StoredAnswer
from workflow.persistence.patient_reads import load_facts, load_spans, lock_patient
from workflow.persistence.patient_writes import write_outcome
from workflow.persistence.unit_of_work import UnitOfWork, reading, writing
from workflow.rules.fold import fold
from workflow.rules.occasion import Side
from workflow.rules.silence import silent_from
from workflow.rules.spans import state_spans, window_spans
from workflow.services import alert_answers, answers
from workflow.services.course_answers import courses_shape
from workflow.services.errors import (
    AlreadyExistsError,
    NotFoundError,
    ServiceError,
    StalePatientError,
)
from workflow.services.external_ids import external_id_taken
from workflow.services.house import NOT_ONCE, Answer, House, Once
from workflow.services.judging import judged_ledger
from workflow.services.known_protocols import require_known_protocols
from workflow.services.place_of_care import memberships_after, treating_site
from workflow.services.repeated_requests import first_answer, stored_answer


class _Rehearsed(Exception):  # noqa: N818 -- no error: it ends a preview's transaction without a commit
    """A preview is done; its transaction is rolled back."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Under which conditions a request is carried out: once, at a version of the patient, or as a preview."""

    once: Once = NOT_ONCE
    if_match: int | None = None
    preview: bool = False


UNCONDITIONAL = Conditions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """By which names the access log knows what became of a request."""

    done: str
    refused: str
    previewed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A locked patient: the fold by today's rules, what the spans hold, and all facts where they were read."""

    locked: LockedPatient
    state: PatientState
    stored: Spans
    facts: tuple[Fact, ...] | None

    @property
    def today(self) -> date:
        """The calendar date at the site that treats the patient."""
        return today_in(self.locked.time_zone, self.locked.now)

    def at(self, now: datetime) -> "Held":
        """Return the same patient whose facts are recorded at a later instant of the same transaction."""
        return replace(self, locked=replace(self.locked, now=now))


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """A held patient as they shall be, with the facts to store; `site` is the one that treats them then."""

    held: Held
    after: PatientState
    facts: tuple[NewFact, ...]
    site: SitePractice
    ledger: LedgerChanges

    @property
    def silent_days(self) -> int | None:
        """The site's own limit of silence in days."""
        return self.site.silent_after_days

    def version(self, conditions: Conditions) -> int:
        """Return the version that the patient has afterwards; a preview leaves it."""
        return self.held.locked.version + (0 if conditions.preview else 1)

    def shape(self, house: House, conditions: Conditions, *, not_before: date) -> answers.Shape:
        """Return the patient as the answer shows them: on today's date, or on that of a plan that lies ahead."""
        version, recommendations = self.version(conditions), house.settings.recommendations
        day = max(today_in(self.site.time_zone, self.held.locked.now), not_before)
        patient_id = self.held.locked.id
        shape = answers.patient_shape(
            patient_id,
            self.after,
            version,
            day,
            house.protocols,
            silent_after_days=self.silent_days,
            recommendations=recommendations,
        )
        shape |= courses_shape(self.after, house.protocols, recommendations=recommendations)
        return shape | {"alerts": alert_answers.open_alerts(patient_id, self.ledger.alerts)}


@dataclass(frozen=True, slots=True)
class Decided:
    """What a request comes to: the patients as they shall be, and the answer."""

    patients: tuple[Revised, ...]
    answer: Answer


def hold(house: House, unit: UnitOfWork, patient_id: str, *, with_facts: bool = False, at: str = "") -> Held:
    """Lock a patient until the transaction ends; raises NotFoundError where there is none within reach.

    `at` is the field that names the patient, where a request names more than one. Raises OutdatedProcessError too.
    """
    locked = lock_patient(house.database, unit.connection, patient_id, unit.reach)
    if locked is None:
        raise NotFoundError(f"{at}: no such patient for this key" if at else "no such patient for this key")
    stale = locked.engine != house.engine
    facts = load_facts(unit.connection, locked.id) if stale or with_facts else None
    if stale:
        require_known_protocols(house, unit.connection, facts or ())
    return Held(
        locked=locked,
        state=fold(facts, house.protocols) if stale and facts is not None else locked.state,
        stored=load_spans(unit.connection, locked.id) if stale else spans_of(locked.state),
        facts=facts,
    )


def require_version(locked: LockedPatient, if_match: int | None) -> None:
    """Raise StalePatientError where the patient is not at the version that the request was made for."""
    if if_match is not None and if_match != locked.version:
        raise StalePatientError(f"If-Match names version {if_match}, the patient is at {locked.version}; read it again")


def revised(
    house: House, unit: UnitOfWork, held: Held, after: PatientState, facts: tuple[NewFact, ...] = ()
) -> Revised:
    """Return a held patient as they shall be, their ledger judged; without facts that is what a sweep does."""
    site = treating_site(unit, held.locked, after)
    sides = (Side(held.state, held.locked.practice), Side(after, site))
    ledger = judged_ledger(house, unit, held.locked, sides, facts=tuple(new.fact for new in facts))
    return Revised(held=held, after=after, facts=facts, site=site, ledger=ledger)


def carry_out(
    house: House,
    actor: Actor,
    patient_ids: tuple[str, ...],
    decide: Callable[[UnitOfWork], Decided],
    *,
    act: Act,
    conditions: Conditions,
) -> Answer:
    """Carry a request out in one transaction; a repeated request gets its first answer.

    `decide` holds the patients and judges. A refusal tells about a patient, so it leaves an access row like every
    answer; what is not there leaves none.
    """
    try:
        return _carried_out(house, actor, patient_ids, decide, act=act, conditions=conditions)
    except NotFoundError:
        raise
    except (ServiceError, InvalidInputError):
        with writing(house.database, actor) as unit:
            _note(unit, act.refused, patient_ids)
        raise


def _carried_out(
    house: House,
    actor: Actor,
    patient_ids: tuple[str, ...],
    decide: Callable[[UnitOfWork], Decided],
    *,
    act: Act,
    conditions: Conditions,
) -> Answer:
    try:
        with writing(house.database, actor) as unit:
            try:
                decided = decide(unit)
            except (ServiceError, InvalidInputError):
                # Even where the patient is out of reach by now: this very request may have handed them over.
                answer = first_answer(unit, actor, conditions.once, patient_ids)
                if answer is None:
                    raise
                return answer
            if conditions.preview:
                raise _Rehearsed(decided.answer)
            _write(house, unit, decided, done_as=act.done, answer=stored_answer(actor, conditions.once, decided.answer))
            return decided.answer
    except _Rehearsed as rehearsed:
        with reading(house.database, actor) as unit:
            _note(unit, act.previewed, patient_ids)
        return rehearsed.answer
    except (IdempotencyKeyTakenError, DuplicatePseudonymError, ImportKeyTakenError) as taken:
        # A repeated request may break every one of these at once, and the database chooses which it names.
        with writing(house.database, actor) as unit:
            answer = first_answer(unit, actor, conditions.once, patient_ids)
        if answer is None:
            raise _what_is_taken(taken) from None
        return answer


def _what_is_taken(taken: PersistenceError) -> CoursewatchError:
    if isinstance(taken, DuplicatePseudonymError):
        return pseudonym_taken()
    if isinstance(taken, ImportKeyTakenError):
        return external_id_taken("another fact")
    return taken


def _write(house: House, unit: UnitOfWork, decided: Decided, *, done_as: str, answer: StoredAnswer | None) -> None:
    """Write the patients as they shall be; a repeated request finds its answer with the first of them."""
    for patient in decided.patients:
        held, locked, after = patient.held, patient.held.locked, patient.after
        # Where nothing is recorded, what other rules folded is left as it is stored.
        only_judged = not patient.facts
        write_outcome(
            house.database,
            unit.connection,
            Outcome(
                patient=locked,
                state=None if only_judged and locked.engine != house.engine else after,
                engine=house.engine,
                facts=patient.facts,
                before=held.stored,
                after=held.stored if only_judged else spans_of(after),
                access=Access(actor_id=unit.actor.id, action=done_as, patient_id=locked.id),
                answer=answer if patient is decided.patients[0] else None,
                judged_by=house.judged_by,
                ledger=patient.ledger,
                silent_from=silent_from(after, house.protocols, patient.silent_days),
                memberships=memberships_after(
                    unit, locked, held.state, after, tuple(new.fact for new in patient.facts)
                ),
            ),
        )


def _note(unit: UnitOfWork, action: str, patient_ids: tuple[str, ...]) -> None:
    for patient_id in patient_ids:
        unit.note(action, patient_id=patient_id)


def pseudonym_taken() -> AlreadyExistsError:
    """Return the error where a patient would come to a site that knows another one by their pseudonym."""
    return AlreadyExistsError(
        "the site that this leads to (data.to, data.site) knows another patient by this pseudonym; search for it "
        "there: register the patient anew under another pseudonym, correct the pseudonym of one of the two, or record "
        "care shared with that site (shared_care)"
    )


def spans_of(state: PatientState) -> Spans:
    """Return what the lists store of a patient."""
    return Spans(state_spans(state), window_spans(state))
