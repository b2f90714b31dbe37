"""Patients and people that the tests of storage share, made by hand or by the rules themselves."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from sqlalchemy import Connection

from tests.introduced import changing
from workflow.domain.actor import LOCAL_ADMIN, Actor, Grant
from workflow.domain.facts.fact import Fact
from workflow.domain.facts.read import read_payload
from workflow.domain.patient import PatientState
from workflow.domain.roles import Role
from workflow.persistence.engine import Database
from workflow.persistence.outcome import Access, Answer, LockedPatient, NewFact, Outcome, Registration, Spans
from workflow.persistence.patient_reads import lock_patient
from workflow.persistence.patient_writes import register_patient, write_outcome
from workflow.persistence.reach import Reach
from workflow.persistence.sites import SiteSetting, put_site
from workflow.protocols.model import Protocols
from workflow.rules.spans import state_spans, window_spans
from workflow.rules.step import begin, step

EVERYWHERE = Reach.everywhere()
ENGINE = "rules of the tests"
BERLIN, PARIS = "berlin", "paris"
NO_PROTOCOLS = Protocols(())
treating_doctor = Actor("a-doctor", "treating_doctor", (Grant(Role.CLINICIAN, BERLIN),))
ward_nurse = Actor("a-nurse", "ward_nurse", (Grant(Role.NURSE, BERLIN),))
other_hospital = Actor("a-other", "other_hospital", (Grant(Role.CLINICIAN, PARIS),))
admin = LOCAL_ADMIN


def registered(pseudonym: str = "ALL-0001", site: str = BERLIN, *, recorded_at: datetime) -> Fact:
    """Return the fact that registers a patient."""
    data = {"pseudonym": pseudonym, "site": site, "diagnosis_date": "2020-01-01", "phenotype": "BCP"}
    return fact(1, "patient_registered", "2023-12-01", data, recorded_at=recorded_at)


def fact(seq: int, fact_type: str, on: str, data: Mapping[str, object], *, recorded_at: datetime) -> Fact:
    """Return a fact that the doctor recorded."""
    return Fact(
        seq=seq,
        lineage=seq,
        type=fact_type,
        occurred_on=date.fromisoformat(on),
        data=read_payload(fact_type, data),
        recorded_at=recorded_at,
        recorded_by=treating_doctor.id,
    )


def spans_of(state: PatientState) -> Spans:
    """Return what lists store of a patient."""
    return Spans(state_spans(state), window_spans(state))


def enrol(
    database: Database,
    patient_id: str = "p1",
    *,
    pseudonym: str = "ALL-0001",
    site: str = BERLIN,
    key: str | None = None,
    connection: Connection | None = None,
) -> None:
    """Register one patient of a site, in a transaction of its own where none is given."""
    if connection is None:
        with changing(database, treating_doctor.id) as own:
            enrol(database, patient_id, pseudonym=pseudonym, site=site, key=key, connection=own)
        return
    now = database.instant(connection)
    first = registered(pseudonym, site, recorded_at=now)
    state = begin(first)
    register_patient(
        database,
        connection,
        Registration(
            patient_id=patient_id,
            site_id=site,
            state=state,
            engine=ENGINE,
            facts=(NewFact(first),),
            after=spans_of(state),
            access=Access(actor_id=treating_doctor.id, action="register_patient", patient_id=patient_id),
            now=now,
            judged_by="judge",
            answer=answer(key) if key else None,
        ),
    )


def answer(key: str, body: str = "{}", actor_id: str = treating_doctor.id) -> Answer:
    """Return the stored answer of a request with an idempotency key."""
    return Answer(actor_id=actor_id, key=key, request_hash="hash", status=201, body=body, version=1)


def lock(database: Database, connection: Connection, patient_id: str = "p1") -> LockedPatient:
    """Lock a patient that is there."""
    locked = lock_patient(database, connection, patient_id, EVERYWHERE)
    assert locked is not None
    return locked


def outcome_of(locked: LockedPatient, *facts: Fact, key: str | None = None) -> Outcome:
    """Return what recording these facts changes, folded by the rules."""
    state = locked.state
    for new in facts:
        state = step(state, new, NO_PROTOCOLS)
    return Outcome(
        patient=locked,
        state=state,
        engine=locked.engine,
        before=spans_of(locked.state),
        after=spans_of(state),
        access=Access(actor_id=treating_doctor.id, action="record_fact", patient_id=locked.id),
        judged_by="judge",
        facts=tuple(NewFact(new) for new in facts),
        answer=answer(key) if key else None,
    )


def record(
    database: Database,
    fact_type: str,
    on: str,
    data: Mapping[str, object],
    *,
    patient_id: str = "p1",
    key: str | None = None,
) -> LockedPatient:
    """Record one fact in a transaction of its own; return the patient as it was locked for that."""
    with changing(database, treating_doctor.id) as connection:
        locked = lock(database, connection, patient_id)
        new = fact(locked.last_seq + 1, fact_type, on, data, recorded_at=locked.now)
        write_outcome(database, connection, outcome_of(locked, new, key=key))
    return locked


def relapse(database: Database, patient_id: str = "p1", on: str = "2024-01-02") -> None:
    """Record a first relapse of the marrow."""
    record(database, "relapse_diagnosed", on, {"relapse_site": "isolated_bm"}, patient_id=patient_id)


def set_up_sites(database: Database) -> None:
    """Make two sites with time zones of their own."""
    with changing(database, treating_doctor.id) as connection:
        at = datetime(2023, 1, 1, tzinfo=UTC)
        berlin = SiteSetting(id=BERLIN, name="Berlin", time_zone="Europe/Berlin")
        put_site(connection, berlin, at, admin.id)
        put_site(connection, replace(berlin, id=PARIS, name="Paris", time_zone="Europe/Paris"), at, admin.id)
