"""Translates what a driver raises into the house's errors, leaving every value of a row behind."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from workflow.persistence.errors import (
    AlreadyCorrectedError,
    BrokenConstraintError,
    DatabaseBusyError,
    DatabaseUnavailableError,
    DuplicatePseudonymError,
    IdempotencyKeyTakenError,
    ImportKeyTakenError,
    NameTakenError,
    OutOfReachError,
    PartSignedError,
    PermissionDeniedError,
    PersistenceError,
    SignedByThemError,
    UnreadableTextError,
)

# PostgreSQL's SQLSTATE: lock and statement timeout, deadlock, serialisation.
_BUSY_STATES = frozenset({"55P03", "57014", "40P01", "40001"})
# Insufficient privilege: the wrong role, or rights that were never granted.
_DENIED_STATE = "42501"
# Who in PostgreSQL says so of a row that row-level security does not let in; its words are in the server's language.
_ROW_REFUSED_BY = "ExecWithCheckOptions"
# Its classes: connection, insufficient resources (disk, memory, connections), operator intervention, system error.
_UNAVAILABLE_CLASSES = frozenset({"08", "53", "57", "58"})
# What libpq and the server say where a password is wrong, or asked for and not there.
_OF_PASSWORDS = ("password authentication failed", "no password supplied")
_BUSY_NAMES = ("SQLITE_BUSY", "SQLITE_LOCKED")
_UNAVAILABLE_NAMES = (
    *("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY"),
    *("SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_NOMEM"),
)
# SQLite's driver has no code for it, and quotes what it could not read.
_NOT_TEXT = "Could not decode to UTF-8"
# By the constraint's name on PostgreSQL, by its columns on SQLite.
_CONSTRAINTS: dict[str, type[PersistenceError]] = {
    "uq_patient_site_id_pseudonym": DuplicatePseudonymError,
    "patient.site_id, patient.pseudonym": DuplicatePseudonymError,
    "pk_idempotency": IdempotencyKeyTakenError,
    "idempotency.actor_id, idempotency.key": IdempotencyKeyTakenError,
    "uq_fact_patient_id_target_seq": AlreadyCorrectedError,
    "fact.patient_id, fact.target_seq": AlreadyCorrectedError,
    "uq_fact_patient_id_import_key": ImportKeyTakenError,
    "fact.patient_id, fact.import_key": ImportKeyTakenError,
    "pk_protocol_signature": PartSignedError,
    "protocol_signature.sha256, protocol_signature.part": PartSignedError,
    "uq_protocol_signature_sha256_actor_id": SignedByThemError,
    "protocol_signature.sha256, protocol_signature.actor_id": SignedByThemError,
    "uq_actor_name": NameTakenError,
    "actor.name": NameTakenError,
}


@contextmanager
def translated() -> Iterator[None]:
    """Raise the house's error for every fault of a driver that has one; other errors pass as they are."""
    try:
        yield
    except PoolTimeoutError:
        raise DatabaseBusyError("all connections to the database are busy; try again") from None
    except DBAPIError as fault:
        error = error_for(fault)
        if error is None:
            raise
        # The driver's message quotes the row, so it is no cause to show.
        raise error from None


def error_for(fault: DBAPIError) -> PersistenceError | None:
    """Return the house's error for a driver's fault, or None where it is a mistake in our own SQL."""
    if isinstance(fault, IntegrityError | DataError):
        return _constraint_error(fault)
    state = getattr(fault.orig, "sqlstate", None)
    name = getattr(fault.orig, "sqlite_errorname", "")
    if state in _BUSY_STATES or name.startswith(_BUSY_NAMES):
        return DatabaseBusyError("the database is busy; try again")
    if state == _DENIED_STATE:
        return _denied(fault)
    if str(fault.orig).startswith(_NOT_TEXT):
        return UnreadableTextError(str(UnreadableTextError.__doc__))
    lost = fault.connection_invalidated or (state or "")[:2] in _UNAVAILABLE_CLASSES
    if lost or name.startswith(_UNAVAILABLE_NAMES) or _never_connected(fault, state, name):
        why = state or name or in_one_line(fault)
        return DatabaseUnavailableError(f"the database is not available ({why})")
    return None


def in_one_line(fault: DBAPIError) -> str:
    """Return why there is no connection, in the words of libpq without its advice, which stands in lines of its own.

    They name hosts, roles and databases, never a password; where a server has answered to a statement, and might quote
    a row, it gave a SQLSTATE.
    """
    why = next((line.strip() for line in str(fault.orig).splitlines() if line.strip()), "no connection")
    named = "; the password is read from the file that COURSEWATCH_DATABASE_PASSWORD_FILE names"
    return why + (named if any(words in why for words in _OF_PASSWORDS) else "")


def _denied(fault: DBAPIError) -> PersistenceError:
    diagnosis = getattr(fault.orig, "diag", None)
    if diagnosis is not None and diagnosis.source_function == _ROW_REFUSED_BY:
        return OutOfReachError(
            "row-level security refused a row of another site, or in another's name than that of whoever acts: a "
            "mistake in Coursewatch, please report it; nothing was stored"
        )
    return PermissionDeniedError(
        "permission denied by the database: run `coursewatch db upgrade` as the owner of the database, which also "
        "grants the app role its rights, and everything else as the app role"
    )


def _never_connected(fault: DBAPIError, state: str | None, name: str) -> bool:
    return type(fault.orig).__name__ == "OperationalError" and not state and not name


def _constraint_error(fault: DBAPIError) -> PersistenceError:
    diagnosis = getattr(fault.orig, "diag", None)
    broken = diagnosis.constraint_name if diagnosis else str(fault.orig).partition("constraint failed: ")[2]
    kind = _CONSTRAINTS.get(broken or "")
    if kind is None:
        return BrokenConstraintError(f"the database refused a row: {broken or type(fault.orig).__name__}")
    return kind(str(kind.__doc__))
