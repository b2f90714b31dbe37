"""Checks the hash chain of stored facts: what was altered, taken out, put in or swapped since it was recorded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from workflow.persistence.chain import GENESIS, fact_hash
from workflow.persistence.engine import Database
from workflow.persistence.evidence import stored_patients
from workflow.persistence.mapping import remarks_digest

Row = Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """Where a patient's chain does not hold; `seq` None where it is the patient's own row."""

    patient_id: str
    seq: int | None
    why: str


def broken_links(database: Database, connection: Connection) -> list[BrokenLink]:
    """Return every place where the stored facts are not those that were recorded, patient by patient."""
    return [
        link for stored in stored_patients(connection) for link in broken(database.secret, stored.row, stored.facts)
    ]


def broken(secret: bytes, patient: Row, facts: Sequence[Row]) -> Iterator[BrokenLink]:
    """Yield where one patient's chain does not hold; `patient` is their row, `facts` theirs in the order of `seq`.

    The chain says that a row is not the one recorded, never what stood there before: it holds digests.
    """
    before, sound = GENESIS, True
    for place, row in enumerate(facts):
        expected_seq = facts[place - 1]["seq"] + 1 if place else 1
        if row["seq"] != expected_seq:
            yield _gone(patient["id"], expected_seq, row["seq"] - 1)
            sound = False
        authentic = fact_hash(secret, row["prev_hash"], row) == row["hash"]
        why = _altered(row) if authentic else _not_as_recorded(secret, row, facts)
        # A fact that is as it was recorded is not blamed for what was done to the one before it.
        if why is None and sound and row["prev_hash"] != before:
            why = "it does not follow the fact before it: that one stands in the place of another"
        if why is not None:
            yield BrokenLink(patient["id"], row["seq"], why)
        before, sound = row["hash"], authentic
    yield from _broken_end(patient, facts, sound=sound)


def _altered(row: Row) -> str | None:
    if sha256(row["payload"].encode()).hexdigest() != row["payload_sha256"]:
        return "the payload was altered"
    if remarks_digest(row["note"], row["override"], row["reason"]) != row["remarks_sha256"]:
        return "the note, the override or the reason was altered"
    return None


def _not_as_recorded(secret: bytes, row: Row, facts: Sequence[Row]) -> str:
    """Say what became of a row whose hash is not its own: moved from another place, or altered."""
    for seq in range(1, len(facts) + 2):
        for lineage in {row["lineage"], seq}:
            there = {**row, "seq": seq, "lineage": lineage}
            if fact_hash(secret, row["prev_hash"], there) == row["hash"]:
                return f"it was recorded as f{seq}: facts were swapped or renumbered"
    return "the row was altered or put in"


def _broken_end(patient: Row, facts: Sequence[Row], *, sound: bool) -> Iterator[BrokenLink]:
    patient_id, last_seq = patient["id"], patient["last_seq"]
    newest, head_hash = (facts[-1]["seq"], facts[-1]["hash"]) if facts else (0, GENESIS)
    if head_hash == patient["head_hash"]:
        if newest != last_seq:
            yield BrokenLink(patient_id, None, "last_seq was altered")
    elif newest < last_seq:
        yield _gone(patient_id, newest + 1, last_seq)
    elif newest > last_seq:
        for row in facts[-(newest - last_seq) :]:
            yield BrokenLink(patient_id, row["seq"], "it stands behind the patient's newest fact: it was put in")
    elif sound:
        yield BrokenLink(patient_id, None, "head_hash was altered, or the newest fact is another one")


def _gone(patient_id: str, first: int, last: int) -> BrokenLink:
    return BrokenLink(patient_id, first, "it is missing" if first == last else f"it and all up to f{last} are missing")
