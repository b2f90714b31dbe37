"""Folding anew whoever was folded by other rules: after an upgrade, every answer about the past is by today's rules."""

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import Connection

from workflow.domain.actor import LOCAL_ADMIN
from workflow.persistence.engine import Database
from workflow.persistence.errors import BrokenConstraintError, DuplicatePseudonymError, PersistenceError
from workflow.persistence.evidence import UNREADABLE, site_histories
from workflow.persistence.mapping import state_to_json
from workflow.persistence.outcome import SEVERAL_RULES
from workflow.persistence.patient_reads import load_facts
from workflow.persistence.refolding import (
    all_stale,
    any_stale,
    lock_if_stale,
    lock_stale,
    may_rewrite_spans,
    rewrite,
)
from workflow.persistence.unit_of_work import reading, writing
from workflow.protocols.model import Protocols
from workflow.services.known_rows import Rules, known_rows

Tell = Callable[[str], None]


def fold_all_anew(database: Database, protocols: Protocols, engine: str, tell: Tell) -> None:
    """Fold every patient anew whom other rules folded, in batches; whatever is done stays done when it is interrupted.

    Snapshot, silence and the spans of every knowledge are made anew; facts and versions stay. Others work meanwhile:
    it waits for them, and they wait for a few patients at a time. It deletes span rows, which on PostgreSQL only the
    owner may: another role is told who may. A patient that cannot be folded is told by id and left as they are.
    """
    with reading(database, LOCAL_ADMIN) as unit:
        if not any_stale(unit.connection, engine):
            return
        allowed = may_rewrite_spans(unit.connection)
        rules = Rules(protocols, engine, site_histories(unit.connection))
    if not allowed:
        tell("Some patients were folded by other rules; run `coursewatch db upgrade` as the owner of the database.")
        return
    tell("Patients are folded anew by the rules of this release …")
    done, failed = _in_batches(database, rules)
    others = {patient_id: known for patient_id, known in _stale(database, engine).items() if patient_id not in failed}
    folded, failed_alone = _one_by_one(database, rules, others)
    failed += failed_alone
    # Of these, those whom several rules wrote were folded before, and recorded by other rules meanwhile.
    done += sum(others[patient_id] != SEVERAL_RULES for patient_id in folded)
    tell(f"Folded anew: {done} patients.")
    for patient_id in failed:
        tell(f"Patient {patient_id} could not be folded anew; `coursewatch db verify` says more.")


def _in_batches(database: Database, rules: Rules) -> tuple[int, list[str]]:
    """Fold whoever is at rest; return how many were folded, and who could not be."""
    done, after, failed = 0, "", list[str]()
    while True:
        with writing(database, LOCAL_ADMIN, bounded=False) as unit:
            batch = lock_stale(unit.connection, rules.engine, after=after)
            broken = [patient_id for patient_id in batch if not _folded_anew(unit.connection, patient_id, rules)]
        if not batch:
            return done, failed
        done, after, failed = done + len(batch) - len(broken), batch[-1], failed + broken


def _stale(database: Database, engine: str) -> Mapping[str, str]:
    with reading(database, LOCAL_ADMIN) as unit:
        return all_stale(unit.connection, engine)


def _one_by_one(database: Database, rules: Rules, patient_ids: Iterable[str]) -> tuple[list[str], list[str]]:
    """Fold those who were worked with meanwhile, or recorded by a process of other rules.

    Return who was folded, and who could not be.
    """
    folded, failed = list[str](), list[str]()
    for patient_id in patient_ids:
        with writing(database, LOCAL_ADMIN, bounded=False) as unit:
            if lock_if_stale(unit.connection, rules.engine, patient_id):
                (folded if _folded_anew(unit.connection, patient_id, rules) else failed).append(patient_id)
    return folded, failed


def _folded_anew(connection: Connection, patient_id: str, rules: Rules) -> bool:
    try:
        known = known_rows(patient_id, load_facts(connection, patient_id), rules)
        patient = {"id": patient_id, "state_json": state_to_json(known.state), "engine": rules.engine}
        rewrite(connection, patient | known.patient, known.states, known.windows)
    except (BrokenConstraintError, DuplicatePseudonymError):
        return False
    except PersistenceError:
        raise
    except UNREADABLE:
        return False
    return True
