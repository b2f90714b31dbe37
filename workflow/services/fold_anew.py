"""Folding anew whoever was folded by other rules: after an upgrade, every answer about the past is by today's rules."""

from collections.abc import Callable

from sqlalchemy import Connection

from workflow.persistence.engine import Database
from workflow.persistence.errors import BrokenConstraintError, DuplicatePseudonymError, PersistenceError
from workflow.persistence.evidence import UNREADABLE, site_histories
from workflow.persistence.mapping import state_to_json
from workflow.persistence.patient_reads import load_facts
from workflow.persistence.refolding import any_stale, lock_stale, may_rewrite_spans, rewrite
from workflow.protocols.model import Protocols
from workflow.services.known_rows import Rules, known_rows

Tell = Callable[[str], None]


def fold_all_anew(database: Database, protocols: Protocols, engine: str, tell: Tell) -> None:
    """Fold every patient anew whom other rules folded, in batches; whatever is done stays done when it is interrupted.

    Snapshot, silence and the spans of every knowledge are made anew; facts and versions stay. It deletes span rows,
    which on PostgreSQL only the owner may: another role is told who may. A patient that cannot be folded is told by
    id and left as they are.
    """
    with database.read() as connection:
        if not any_stale(connection, engine):
            return
        allowed = may_rewrite_spans(connection)
        rules = Rules(protocols, engine, site_histories(connection))
    if not allowed:
        tell("Some patients were folded by other rules; run `coursewatch db upgrade` as the owner of the database.")
        return
    tell("Patients are folded anew by the rules of this release …")
    done, after, failed = 0, "", list[str]()
    while True:
        with database.write() as connection:
            batch = lock_stale(connection, engine, after=after)
            failed += [patient_id for patient_id in batch if not _folded_anew(connection, patient_id, rules)]
        if not batch:
            break
        done, after = done + len(batch), batch[-1]
    tell(f"Folded anew: {done - len(failed)} patients.")
    for patient_id in failed:
        tell(f"Patient {patient_id} could not be folded anew; `coursewatch db verify` says more.")


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
