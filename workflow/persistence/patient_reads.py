"""Reading one patient: under its lock to act upon it, without to show it, with all facts to judge it anew."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, RowMapping, bindparam, select

from workflow.clock import monotonic
from workflow.domain.facts.fact import Fact
from workflow.domain.site_practice import SitePractice
from workflow.domain.spans import StateSpan
from workflow.persistence.engine import Database
from workflow.persistence.faults import translated
from workflow.persistence.locking import LOCK
from workflow.persistence.mapping import row_to_fact, row_to_window
from workflow.persistence.outcome import (
    Answer,
    LockedPatient,
    Membership,
    MembershipRole,
    Spans,
)
from workflow.persistence.patients import PATIENT, PatientRow, patient_rows, row_to_patient
from workflow.persistence.reach import Reach
from workflow.persistence.sites import practice_of
from workflow.persistence.tables import FactTable, IdempotencyTable, StateSpanTable, WindowSpanTable
from workflow.persistence.tables.base import table_of

ONE_TICK = timedelta(microseconds=1)
DEFAULT_TIME_ZONE = "UTC"

FACT, STATE, WINDOW = table_of(FactTable), table_of(StateSpanTable), table_of(WindowSpanTable)
ANSWER = table_of(IdempotencyTable)
FACTS = select(FACT).where(FACT.c.patient_id == bindparam("of_patient_id")).order_by(FACT.c.seq)
STATES = (
    select(STATE)
    .where(STATE.c.patient_id == bindparam("of_patient_id"), STATE.c.known_to.is_(None))
    .order_by(STATE.c.valid_from, STATE.c.id)
)
WINDOWS = (
    select(WINDOW)
    .where(WINDOW.c.patient_id == bindparam("of_patient_id"), WINDOW.c.known_to.is_(None))
    .order_by(WINDOW.c.id)
)
FIND_ANSWER = select(ANSWER).where(ANSWER.c.actor_id == bindparam("of_actor_id"), ANSWER.c.key == bindparam("of_key"))


def lock_patient(database: Database, connection: Connection, patient_id: str, reach: Reach) -> LockedPatient | None:
    """Lock one patient until the transaction ends; None where there is none within reach.

    Raises DatabaseBusyError where another transaction holds the lock for longer than the limit.
    """
    postgresql = database.dialect == "postgresql"
    sites: object = None
    if reach.sites is not None:
        sites = list(reach.sites) if postgresql else json.dumps(reach.sites)

    def found() -> RowMapping | None:
        moment = None if postgresql and database.clock is None else database.instant(connection)
        told = {"id": patient_id, "sites": sites, "moment": moment}
        return connection.execute(LOCK[database.dialect], told).mappings().one_or_none()

    asked = monotonic()
    with translated():
        row = found()
        if row is not None and row["outdated"]:
            row = found()
    database.tally.note_wait("patient", monotonic() - asked)
    return None if row is None else _locked(row)


def _locked(row: RowMapping) -> LockedPatient:
    memberships = tuple(_membership(*member) for member in json.loads(row["members"] or "[]"))
    unset = SitePractice(id=memberships[0].site_id if memberships else "", time_zone=DEFAULT_TIME_ZONE)
    last = row["changed_at"] if row["ledger_at"] is None else max(row["changed_at"], row["ledger_at"])
    return LockedPatient(
        id=row["id"],
        pseudonym=row["pseudonym"],
        version=row["version"],
        state_json=row["state_json"],
        engine=row["engine"],
        last_seq=row["last_seq"],
        head_hash=row["head_hash"],
        open_alerts=row["open_alerts"],
        next_due_at=row["next_due_at"],
        judged_by=row["judged_by"],
        changed_at=row["changed_at"],
        ledger_at=row["ledger_at"],
        memberships=memberships,
        practice=practice_of(row["site"]) if row["site"] else unset,
        # A clock that stands still or steps back must not put a fact before, or at, what was recorded earlier.
        now=max(row["now"], last + ONE_TICK),
    )


def _membership(role: MembershipRole, site_id: str, until_at: str | None) -> Membership:
    until = datetime.fromisoformat(until_at) if until_at else None
    if until is not None and until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return Membership(site_id=site_id, role=role, until_at=until)


def read_patient(connection: Connection, patient_id: str, reach: Reach, now: datetime) -> PatientRow | None:
    """Return one patient without a lock; None where there is none within reach at `now`."""
    statement = patient_rows(reach, now).where(PATIENT.c.id == patient_id)
    with translated():
        row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else row_to_patient(row)


def load_facts(connection: Connection, patient_id: str) -> tuple[Fact, ...]:
    """Return every version of every fact of a patient, in the order of recording."""
    with translated():
        rows = connection.execute(FACTS, {"of_patient_id": patient_id}).mappings()
        return tuple(row_to_fact(row) for row in rows)


def load_facts_of(
    connection: Connection, patient_ids: Sequence[str], *, known_at: datetime | None = None
) -> dict[str, list[Fact]]:
    """Return every version of every fact of some patients that was recorded by an instant (None: now), by their ids."""
    statement = select(FACT).where(FACT.c.patient_id.in_(patient_ids)).order_by(FACT.c.patient_id, FACT.c.seq)
    if known_at is not None:
        statement = statement.where(FACT.c.recorded_at <= known_at)
    facts: dict[str, list[Fact]] = {patient_id: [] for patient_id in patient_ids}
    with translated():
        for row in connection.execute(statement).mappings():
            facts[row["patient_id"]].append(row_to_fact(row))
    return facts


def load_spans(connection: Connection, patient_id: str) -> Spans:
    """Return what lists are read from now: for a refold whose rules have changed, and for checks."""
    key = {"of_patient_id": patient_id}
    with translated():
        states = connection.execute(STATES, key).all()
        windows = connection.execute(WINDOWS, key).mappings().all()
    return Spans(
        states=tuple(
            StateSpan(
                course=row.course,
                state=row.state,
                site_id=row.site_id,
                protocol=row.protocol,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
            )
            for row in states
        ),
        windows=tuple(row_to_window(row) for row in windows),
    )


def find_answer(connection: Connection, actor_id: str, key: str) -> Answer | None:
    """Return the first answer to a request of this actor with this key; a key is its actor's own."""
    with translated():
        row = connection.execute(FIND_ANSWER, {"of_actor_id": actor_id, "of_key": key}).one_or_none()
    if row is None:
        return None
    return Answer(
        actor_id=row.actor_id,
        key=row.key,
        request_hash=row.request_hash,
        status=row.status,
        body=row.body,
        version=row.version,
    )
