"""Checks the chain of seals, and every fact that a seal names: what was sealed and is gone, changed or another."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, and_, bindparam, or_, select

from workflow.persistence.chain import GENESIS
from workflow.persistence.engine import Database
from workflow.persistence.faults import translated
from workflow.persistence.seals import HEAD, PATIENT, SEAL, Head, heads_digest, seal_hash
from workflow.persistence.tables import FactTable
from workflow.persistence.tables.base import table_of

# A seal covers thousands of heads at the most, a few on a usual day.
SEALS_A_PAGE = 50
# Seals count from 1; what was put in may have any number.
_BEFORE_ALL = -(2**63)
FACT = table_of(FactTable)
NEXT_NUMBERS = select(SEAL.c.id).where(SEAL.c.id > bindparam("after")).order_by(SEAL.c.id).limit(SEALS_A_PAGE)
ONE_SEAL = select(SEAL).where(SEAL.c.id == bindparam("number"))
HEADS_OF_PAGE = select(HEAD).where(HEAD.c.seal_id.between(bindparam("first"), bindparam("last")))
HEADS_OF_NO_SEAL = (
    select(HEAD.c.seal_id)
    .where(~select(SEAL.c.id).where(SEAL.c.id == HEAD.c.seal_id).exists())
    .distinct()
    .order_by(HEAD.c.seal_id)
)
# Whatever a seal names and the facts do not show: one question to the database instead of one a head.
LOST_HEADS = (
    select(
        HEAD.c.seal_id,
        HEAD.c.patient_id,
        HEAD.c.seq,
        FACT.c.hash.label("found"),
        PATIENT.c.id.label("patient"),
    )
    .select_from(
        HEAD.outerjoin(FACT, and_(FACT.c.patient_id == HEAD.c.patient_id, FACT.c.seq == HEAD.c.seq)).outerjoin(
            PATIENT, PATIENT.c.id == HEAD.c.patient_id
        )
    )
    .where(or_(FACT.c.hash.is_(None), FACT.c.hash != HEAD.c.hash))
    .order_by(HEAD.c.seal_id, HEAD.c.patient_id)
)


@dataclass(frozen=True, slots=True)
class BrokenSeal:
    """Where a seal does not hold, or what it names; `patient_id` and `seq` where it is about a fact."""

    number: int
    why: str
    patient_id: str | None = None
    seq: int | None = None


def broken_seals(database: Database, connection: Connection) -> Iterator[BrokenSeal]:
    """Yield every seal that is missing, was changed, or has other heads than it was made over."""
    before, expected = GENESIS, 1
    for number, seal, heads in _seals(connection):
        if number < 1:
            yield BrokenSeal(number, "it was put in: seals count from 1")
            continue
        follows = number == expected
        if not follows:
            why = "it is missing" if number == expected + 1 else f"it and all up to seal {number - 1} are missing"
            yield BrokenSeal(expected, why)
        expected = number + 1
        if seal is None:
            yield BrokenSeal(number, "the row cannot be read: it was altered")
            continue
        try:
            why_not = _why_broken(database.secret, seal, heads, before if follows else seal["prev_hash"])
        except (AttributeError, TypeError, ValueError):
            why_not = "a row of it cannot be read: it was altered"
        if why_not is not None:
            yield BrokenSeal(number, why_not)
        before = seal["hash"]
    with translated():
        for number in connection.execute(HEADS_OF_NO_SEAL).scalars():
            yield BrokenSeal(number, "its heads are there and the seal is missing")


def lost_heads(connection: Connection) -> Iterator[BrokenSeal]:
    """Yield every fact that a seal names and that is gone, or another one: a chain that was set back ends like this."""
    with translated():
        for row in connection.execute(LOST_HEADS):
            if row.patient is None:
                why = "the seal names a fact of a patient who is gone"
            elif row.found is None:
                why = "the seal names a fact that is gone: the patient was set back"
            else:
                why = "the seal names another fact than the one that stands here"
            yield BrokenSeal(row.seal_id, why, row.patient_id, row.seq)


def is_sealed_as(connection: Connection, noted: str) -> bool:
    """Whether a hash that was noted elsewhere is that of some seal."""
    with translated():
        return connection.execute(select(SEAL.c.id).where(SEAL.c.hash == noted)).first() is not None


def _seals(connection: Connection) -> Iterator[tuple[int, RowMapping | None, Sequence[Head]]]:
    """Yield the number of each seal, its row unless that cannot be read, and its heads."""
    after = _BEFORE_ALL
    while True:
        heads: dict[int, list[Head]] = defaultdict(list)
        with translated():
            page = connection.execute(NEXT_NUMBERS, {"after": after}).scalars().all()
            if not page:
                return
            for row in connection.execute(HEADS_OF_PAGE, {"first": page[0], "last": page[-1]}):
                heads[row.seal_id].append(Head(row.patient_id, row.seq, row.hash))
        for number in page:
            yield number, _seal(connection, number), heads[number]
        after = page[-1]


def _seal(connection: Connection, number: int) -> RowMapping | None:
    try:
        with translated():
            return connection.execute(ONE_SEAL, {"number": number}).mappings().one()
    except (ValueError, TypeError):
        return None


def _why_broken(secret: bytes, seal: RowMapping, heads: Sequence[Head], before: str) -> str | None:
    said = (seal["id"], seal["sealed_at"], seal["patients"], seal["heads_sha256"])
    if seal_hash(secret, seal["prev_hash"], said) != seal["hash"]:
        return "the row was altered or put in"
    if len(heads) != seal["patients"]:
        return f"it was made over {seal['patients']} heads, {len(heads)} of them are there"
    if heads_digest(heads) != seal["heads_sha256"]:
        return "its heads were altered"
    if seal["prev_hash"] != before:
        return "it does not follow the seal before it: that one stands in the place of another"
    return None
