"""Works out, before anything is sent, every row that one transaction about a patient writes."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from workflow.domain.alerts import LedgerChanges
from workflow.domain.patient import PatientState
from workflow.domain.spans import StateSpan
from workflow.persistence.chain import GENESIS, fact_hash
from workflow.persistence.ledger import (
    accounted_rows,
    alert_rows,
    change_rows,
    event_rows,
    notice_rows,
    withdrawal_rows,
)
from workflow.persistence.mapping import Columns, fact_to_row, state_to_json, window_to_row
from workflow.persistence.outcome import SEVERAL_RULES, Access, Answer, NewFact, Outcome, Registration, Spans

Value = TypeVar("Value", bound=Hashable)
STATE_COLUMNS = ("course", "state", "site_id", "protocol", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of one transaction: what is inserted, which span rows end, how the patient's row changes.

    `patient` holds all of `sqlite_writes.UPDATED`, or only its part that is no snapshot.
    """

    patient: Columns
    access: Columns
    answer: Columns | None
    facts: list[Columns]
    closed_states: list[Columns]
    opened_states: list[Columns]
    closed_windows: list[Columns]
    opened_windows: list[Columns]
    alerts: list[Columns]
    changed_alerts: list[Columns]
    alert_events: list[Columns]
    withdrawn: list[Columns]
    notices: list[Columns]
    accounted: list[Columns]

    @property
    def with_snapshot(self) -> bool:
        """Whether the patient's snapshot is written."""
        return "state_json" in self.patient


def rows_of(outcome: Outcome, secret: bytes) -> Rows:
    """Return what an outcome writes; the patient's version goes up by one where facts are recorded."""
    patient = outcome.patient
    assert all(new.fact.recorded_at == patient.now for new in outcome.facts), "facts are recorded when they are known"
    facts = chained(patient.id, outcome.facts, secret, prev_hash=patient.head_hash)
    spans = changed_spans(patient.id, outcome.before, outcome.after, patient.now)
    return Rows(
        patient={
            "seen": patient.version,
            "version": patient.version + (1 if facts else 0),
            "last_seq": facts[-1]["seq"] if facts else patient.last_seq,
            "head_hash": facts[-1]["hash"] if facts else patient.head_hash,
            "changed_at": patient.now if facts else patient.changed_at,
            "ledger_at": patient.now if outcome.ledger.anything else patient.ledger_at,
            **_judged(patient.id, outcome),
            **_snapshot(outcome.state, outcome.silent_from, _engine_of(outcome)),
        },
        access=access_row(outcome.access, patient.now),
        answer=answer_row(outcome.answer, patient.now) if outcome.answer else None,
        facts=facts,
        **spans,
        **_ledger_rows(patient.id, outcome.ledger, patient.now),
    )


def rows_of_registration(registration: Registration, secret: bytes) -> Rows:
    """Return what follows the insert of a new patient's row at version 0."""
    facts = chained(registration.patient_id, registration.facts, secret, prev_hash=GENESIS)
    assert facts, "a patient begins with the fact that registers them"
    assert all(row["recorded_at"] == registration.now for row in facts), "facts are recorded when they are known"
    nothing = Spans((), ())
    return Rows(
        patient={
            "seen": 0,
            "version": 1,
            "last_seq": facts[-1]["seq"],
            "head_hash": facts[-1]["hash"],
            "changed_at": registration.now,
            "ledger_at": registration.now if registration.ledger.anything else None,
            **_judged(registration.patient_id, registration),
            **_snapshot(registration.state, registration.silent_from, registration.engine),
        },
        access=access_row(registration.access, registration.now),
        answer=answer_row(registration.answer, registration.now) if registration.answer else None,
        facts=facts,
        **changed_spans(registration.patient_id, nothing, registration.after, registration.now),
        **_ledger_rows(registration.patient_id, registration.ledger, registration.now),
    )


def _ledger_rows(patient_id: str, changes: LedgerChanges, now: datetime) -> dict[str, list[Columns]]:
    return {
        "alerts": alert_rows(patient_id, changes.raised),
        "changed_alerts": change_rows(changes.changed),
        "alert_events": event_rows(changes.events),
        "withdrawn": withdrawal_rows(changes, now),
        "notices": notice_rows(changes.notices),
        "accounted": accounted_rows(changes),
    }


def _judged(patient_id: str, source: Outcome | Registration) -> Columns:
    return {
        "id": patient_id,
        "open_alerts": source.ledger.open_alerts,
        "next_due_at": source.ledger.next_due_at,
        "judged_by": source.judged_by,
    }


def _snapshot(state: PatientState | None, silent_from: date | None, engine: str) -> Columns:
    if state is None:
        return {}
    return {
        "site_id": state.registration.site,
        "pseudonym": state.registration.pseudonym,
        "state_json": state_to_json(state),
        "engine": engine,
        "silent_from": silent_from,
        "owner": state.owner,
        "deputy": state.deputy,
        "last_contact_on": state.last_contact_on,
    }


def _engine_of(outcome: Outcome) -> str:
    return outcome.engine if outcome.engine == outcome.patient.engine else SEVERAL_RULES


def access_row(access: Access, at: datetime) -> Columns:
    """Return the row of the access log."""
    return {
        "at": at,
        "actor_id": access.actor_id,
        "action": access.action,
        "patient_id": access.patient_id,
        "site_id": access.site_id,
        "items": access.items,
    }


def answer_row(answer: Answer, made_at: datetime) -> Columns:
    """Return the row that a repeated request is answered from."""
    return {
        "actor_id": answer.actor_id,
        "key": answer.key,
        "request_hash": answer.request_hash,
        "status": answer.status,
        "body": answer.body,
        "version": answer.version,
        "made_at": made_at,
    }


def chained(patient_id: str, facts: Iterable[NewFact], secret: bytes, *, prev_hash: str) -> list[Columns]:
    """Return the rows of new facts, each with its place in the patient's hash chain."""
    rows = []
    for new in facts:
        row = fact_to_row(patient_id, new.fact, new.import_key)
        row["prev_hash"] = prev_hash
        row["hash"] = prev_hash = fact_hash(secret, prev_hash, row)
        rows.append(row)
    return rows


def changed_spans(patient_id: str, before: Spans, after: Spans, now: datetime) -> dict[str, list[Columns]]:
    """Return the span rows that are known no longer, by their keys, and those known from now on.

    Closed rows carry `of_…` names, so that their keys never clash with the column that is set.
    """
    known = {"patient_id": patient_id, "known_from": now, "known_to": None}
    closed = {"of_patient_id": patient_id, "now": now}
    lost_states, new_states = _difference(before.states, after.states)
    lost_windows, new_windows = _difference(before.windows, after.windows)
    return {
        "closed_states": [closed | _named_of(state_to_row(span)) for span in lost_states],
        "opened_states": [known | state_to_row(span) for span in new_states],
        "closed_windows": [
            closed
            | {"of_course": window.course, "of_rule": window.rule, "of_anchor": window.anchor}
            | {"of_valid_from": window.stood_from}
            for window in lost_windows
        ],
        "opened_windows": [known | window_to_row(window) for window in new_windows],
    }


def _difference(before: Sequence[Value], after: Sequence[Value]) -> tuple[list[Value], list[Value]]:
    # A step keeps the very objects that it does not change; comparing those by value costs more than all the rest.
    kept = {id(value) for value in before} & {id(value) for value in after}
    was = dict.fromkeys(value for value in before if id(value) not in kept)
    shall_be = dict.fromkeys(value for value in after if id(value) not in kept)
    return [value for value in was if value not in shall_be], [value for value in shall_be if value not in was]


def state_to_row(span: StateSpan) -> Columns:
    """Return the columns of a state span, without whose it is and when it was known."""
    return {name: getattr(span, name) for name in STATE_COLUMNS}


def _named_of(columns: Columns) -> Columns:
    return {f"of_{name}": value for name, value in columns.items()}
