"""Reading and writing the patients of an import, with everything of one patient in one go."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from workflow.domain.actor import Actor
from workflow.domain.errors import CoursewatchError
from workflow.domain.facts.fact import Fact, natural_identity, payload_json
from workflow.domain.facts.registration import PatientRegistered, SiteChanged
from workflow.domain.patient import PatientState
from workflow.identifiers import new_id
from workflow.persistence.outcome import NOTHING_CHANGED, Access, LockedPatient, NewFact, Outcome, Registration
from workflow.persistence.patient_reads import load_facts, load_spans, lock_patient
from workflow.persistence.patient_writes import register_patient, write_outcome
from workflow.persistence.unit_of_work import UnitOfWork
from workflow.rules.fold import fold
from workflow.rules.merge import Merged
from workflow.rules.occasion import Side
from workflow.rules.silence import silent_from
from workflow.rules.step import begin
from workflow.services.external_ids import key_of
from workflow.services.house import House
from workflow.services.import_patients import Stored
from workflow.services.judging import first_ledger, judged_ledger
from workflow.services.known_protocols import require_known_protocols
from workflow.services.patient_write import spans_of
from workflow.services.place_of_care import memberships_after, treating_site

ACTION = "import_facts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A stored patient, locked, with every version of every fact."""

    locked: LockedPatient
    facts: tuple[Fact, ...]

    @property
    def stored(self) -> Stored:
        """The patient as rows may mean them: by a site of today, or by the one where they were registered."""
        registered = {fact.data.site for fact in self.facts if isinstance(fact.data, PatientRegistered)}
        return Stored(patient_id=self.locked.id, sites=frozenset({*self.locked.sites, *registered}))


def charts_of(house: House, unit: UnitOfWork, patient_ids: Iterable[str]) -> dict[str, Chart]:
    """Lock and return these patients, by id."""
    charts: dict[str, Chart] = {}
    for patient_id in sorted(patient_ids):
        locked = lock_patient(house.database, unit.connection, patient_id, unit.reach)
        if locked is not None:
            facts = load_facts(unit.connection, patient_id)
            if locked.engine != house.engine:
                require_known_protocols(house, unit.connection, facts)
            charts[patient_id] = Chart(locked=locked, facts=facts)
    return charts


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientWriter:
    """Writes what an import accepted of one patient, inside the transaction of `unit`."""

    house: House
    actor: Actor
    unit: UnitOfWork

    def write(self, chart: Chart | None, merged: Merged) -> None:
        """Write the accepted facts, registering the patient first where they are new."""
        if merged.state is None:
            raise CoursewatchError("facts were accepted for nobody")
        facts = merged.facts
        if chart is not None:
            self._add(chart.locked, facts, merged.state)
        elif not any(isinstance(fact.data, SiteChanged) for fact in facts):
            self._register(facts, merged.state)
        else:
            # Who reads a moved patient differs from where they were registered: a registration cannot say both.
            patient_id = self._register(facts[:1], begin(facts[0]))
            locked = lock_patient(self.house.database, self.unit.connection, patient_id, self.unit.reach)
            if locked is None:
                raise CoursewatchError("a patient vanished in the transaction that registered them")
            self._add(locked, facts[1:], merged.state)

    def _register(self, facts: tuple[Fact, ...], state: PatientState) -> str:
        registration = facts[0]
        if not isinstance(registration.data, PatientRegistered):
            raise CoursewatchError("the first fact of a patient is no registration")
        patient_id = new_id()
        # Most patients of an import have no open window any more: for them no setting is looked up.
        site = treating_site(self.unit, None, state) if state.open_windows else None
        ledger = first_ledger(self.house, state, site, facts) if site else NOTHING_CHANGED
        register_patient(
            self.house.database,
            self.unit.connection,
            Registration(
                patient_id=patient_id,
                site_id=registration.data.site,
                state=state,
                engine=self.house.engine,
                facts=_new_facts(facts),
                after=spans_of(state),
                access=self._access(patient_id, facts),
                now=registration.recorded_at,
                judged_by=self.house.judged_by,
                ledger=ledger,
                silent_from=self._silent_from(None, state),
                external_id=registration.external_id,
            ),
        )
        return patient_id

    def _add(self, locked: LockedPatient, facts: tuple[Fact, ...], state: PatientState) -> None:
        stale = locked.engine != self.house.engine
        known = fold(load_facts(self.unit.connection, locked.id), self.house.protocols) if stale else locked.state
        new = tuple(replace(fact, recorded_at=locked.now) for fact in facts)
        sides = (Side(known, locked.practice), Side(state, treating_site(self.unit, locked, state)))
        write_outcome(
            self.house.database,
            self.unit.connection,
            Outcome(
                patient=locked,
                state=state,
                engine=self.house.engine,
                facts=_new_facts(new),
                judged_by=self.house.judged_by,
                ledger=judged_ledger(self.house, self.unit, locked, sides, facts=new),
                before=load_spans(self.unit.connection, locked.id) if stale else spans_of(locked.state),
                after=spans_of(state),
                access=self._access(locked.id, facts),
                silent_from=self._silent_from(locked, state),
                memberships=memberships_after(self.unit, locked, known, state, facts),
            ),
        )

    def _silent_from(self, locked: LockedPatient | None, state: PatientState) -> date | None:
        # Most patients of an import are in no treatment any more: for them no setting is looked up.
        if silent_from(state, self.house.protocols) is None:
            return None
        return silent_from(state, self.house.protocols, treating_site(self.unit, locked, state).silent_after_days)

    def _access(self, patient_id: str, facts: tuple[Fact, ...]) -> Access:
        return Access(actor_id=self.actor.id, action=ACTION, patient_id=patient_id, items=len(facts))


def _new_facts(facts: Iterable[Fact]) -> tuple[NewFact, ...]:
    return tuple(NewFact(fact, import_key(fact)) for fact in facts)


def import_key(fact: Fact) -> str:
    """Return the key by which the database itself keeps an import from storing a fact twice (contract §4)."""
    return key_of(fact) or f"content:{natural_identity(fact.type, fact.occurred_on, payload_json(fact.data))}"
