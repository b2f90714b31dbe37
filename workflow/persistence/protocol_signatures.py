"""Who released which protocol body: an author and an approver, each signing exactly one text; never taken back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, insert, select

from workflow.persistence.faults import translated
from workflow.persistence.tables import ProtocolSignatureTable
from workflow.persistence.tables.base import table_of

Part = Literal["author", "approver"]
SIGNATURE = table_of(ProtocolSignatureTable)
INSERT_SIGNATURE = insert(SIGNATURE)
ALL_SIGNATURES = select(SIGNATURE).order_by(SIGNATURE.c.signed_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One part of a release: `sha256` (hex) is the body that was signed, `signed_at` the database's clock in UTC."""

    sha256: str
    part: Part
    actor_id: str
    signed_at: datetime
    note: str | None = None


def list_signatures(connection: Connection) -> tuple[Signature, ...]:
    """Return every signature, the oldest first."""
    with translated():
        return tuple(Signature(**row) for row in connection.execute(ALL_SIGNATURES).mappings())


def store_signature(connection: Connection, signature: Signature) -> None:
    """Store a signature; raises PartSignedError, SignedByThemError where it takes another person or is done."""
    row = {
        "sha256": signature.sha256,
        "part": signature.part,
        "actor_id": signature.actor_id,
        "signed_at": signature.signed_at,
        "note": signature.note,
    }
    with translated():
        connection.execute(INSERT_SIGNATURE, row)
