"""The seals over the chains: what each patient's newest fact was at an instant, said once and chained itself."""

import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import Connection, bindparam, func, insert, select, text

from workflow.persistence.chain import GENESIS
from workflow.persistence.engine import Database
from workflow.persistence.faults import translated
from workflow.persistence.tables import PatientTable, SealedHeadTable, SealTable
from workflow.persistence.tables.base import table_of

# A seal is one transaction; where more chains grew than this, several seals follow each other.
HEADS_A_SEAL = 10_000

SEAL, HEAD, PATIENT = table_of(SealTable), table_of(SealedHeadTable), table_of(PatientTable)
INSERT_SEAL, INSERT_HEADS = insert(SEAL), insert(HEAD)
NEWEST = select(SEAL).order_by(SEAL.c.id.desc()).limit(1)
_SEALED = select(HEAD.c.seq).where(HEAD.c.patient_id == PATIENT.c.id, HEAD.c.seq >= PATIENT.c.last_seq).exists()
UNSEALED = (
    select(PATIENT.c.id, PATIENT.c.last_seq, PATIENT.c.head_hash)
    .where(~_SEALED)
    .order_by(PATIENT.c.id)
    .limit(bindparam("most"))
)
COUNT_UNSEALED = select(func.count()).select_from(PATIENT).where(~_SEALED)
_SAID = ("sealed_at", "patients", "heads_sha256", "prev_hash", "hash")
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('coursewatch seals'))")


@dataclass(frozen=True, slots=True)
class Head:
    """The newest fact of one patient's chain."""

    patient_id: str
    seq: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """One seal; `number` counts from 1 without gaps, `patients` is how many heads it covers.

    A patient's chain cannot say that its newest facts are gone where the patient's row was set back with them; the
    seal that named those facts can. That the newest seals are gone themselves, no seal can say: everything up to the
    newest one follows from its one `hash`, so that is what is worth noting outside this database.
    """

    number: int
    sealed_at: datetime
    patients: int
    heads_sha256: str
    prev_hash: str
    hash: str


def lock_seals(database: Database, connection: Connection) -> None:
    """Let no other transaction seal until this one ends; on SQLite whoever writes is alone already."""
    if database.dialect == "postgresql":
        with translated():
            connection.execute(_ONE_AT_A_TIME)


def newest_seal(connection: Connection) -> Seal | None:
    """Return the newest seal, or None where nothing was sealed yet."""
    with translated():
        row = connection.execute(NEWEST).mappings().one_or_none()
    return None if row is None else Seal(number=row["id"], **{name: row[name] for name in _SAID})


def unsealed_heads(connection: Connection, most: int = HEADS_A_SEAL) -> tuple[Head, ...]:
    """Return the heads of the chains that grew since they were last sealed, at most so many, by patient."""
    with translated():
        return tuple(Head(*row) for row in connection.execute(UNSEALED, {"most": most}))


def count_unsealed(connection: Connection) -> int:
    """Return how many chains grew since they were last sealed."""
    with translated():
        return connection.execute(COUNT_UNSEALED).scalar_one()


def add_seal(database: Database, connection: Connection, heads: Sequence[Head], at: datetime) -> Seal:
    """Store a seal over these heads behind the newest one; `lock_seals` comes first."""
    before = newest_seal(connection)
    number, prev_hash = (before.number + 1, before.hash) if before else (1, GENESIS)
    digest = heads_digest(heads)
    said = seal_hash(database.secret, prev_hash, (number, at, len(heads), digest))
    seal = Seal(number=number, sealed_at=at, patients=len(heads), heads_sha256=digest, prev_hash=prev_hash, hash=said)
    with translated():
        connection.execute(INSERT_SEAL, {"id": number, **{name: getattr(seal, name) for name in _SAID}})
        connection.execute(
            INSERT_HEADS,
            [{"seal_id": number, "patient_id": head.patient_id, "seq": head.seq, "hash": head.hash} for head in heads],
        )
    return seal


def heads_digest(heads: Iterable[Head]) -> str:
    """Return the SHA-256 of these heads, in hex, whatever order they come in."""
    told = sorted((head.patient_id, head.seq, head.hash) for head in heads)
    return sha256(_canonical(told)).hexdigest()


def seal_hash(secret: bytes, prev_hash: str, said: tuple[int, datetime, int, str]) -> str:
    """Return the keyed hash of a seal and of all before it; `said`: number, instant, patients, digest of the heads."""
    number, sealed_at, patients, digest = said
    at = sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
    return hmac.digest(secret, f"{prev_hash}\n".encode() + _canonical([number, at, patients, digest]), "sha256").hex()


def _canonical(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
