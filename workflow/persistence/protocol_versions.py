"""The bodies of protocol versions, kept from the first load on: a pinned course reads the text it was pinned to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, bindparam, select, text
from sqlmodel import UTCDateTime

from workflow.persistence.errors import ProtocolHashMismatchError
from workflow.persistence.faults import translated
from workflow.persistence.tables import ProtocolVersionTable
from workflow.persistence.tables.base import table_of

Origin = Literal["shipped", "own"]
VERSION = table_of(ProtocolVersionTable)
# Of several processes that start at once, one stores a version and the others find it stored.
INSERT_VERSION = text(
    "INSERT INTO protocol_version (id, version, sha256, body, stored_at, origin) "
    "VALUES (:id, :version, :sha256, :body, :stored_at, :origin) ON CONFLICT DO NOTHING"
).bindparams(bindparam("stored_at", type_=UTCDateTime()))


@dataclass(frozen=True, slots=True)
class StoredProtocol:
    """One version: `body` is the exact text whose SHA-256 (hex) is `sha256`; `origin` says who first brought it."""

    id: str
    version: str
    sha256: str
    body: str
    origin: Origin = "shipped"


def store_versions(connection: Connection, versions: Iterable[StoredProtocol], at: datetime) -> None:
    """Store the versions that are new here; raises ProtocolHashMismatchError where one has another body here."""
    wanted = tuple(versions)
    known = _hashes(connection)
    new = [
        {
            "id": version.id,
            "version": version.version,
            "sha256": version.sha256,
            "body": version.body,
            "stored_at": at,
            "origin": version.origin,
        }
        for version in wanted
        if (version.id, version.version) not in known
    ]
    if new:
        with translated():
            connection.execute(INSERT_VERSION, new)
        known = _hashes(connection)
    for version in wanted:
        stored = known[version.id, version.version]
        if stored != version.sha256:
            ref = f"{version.id}@{version.version}"
            raise ProtocolHashMismatchError(
                f"protocol {ref} has the hash {version.sha256[:12]} here and is stored with {stored[:12]}: courses are "
                "pinned to the stored body; give the changed body a new version",
                ref,
            )


def _hashes(connection: Connection) -> dict[tuple[str, str], str]:
    return {(stored.id, stored.version): stored.sha256 for stored in list_versions(connection)}


def list_versions(connection: Connection) -> tuple[StoredProtocol, ...]:
    """Return every stored version, in the order in which they were stored."""
    statement = select(VERSION).order_by(VERSION.c.stored_at, VERSION.c.id, VERSION.c.version)
    with translated():
        return tuple(
            StoredProtocol(
                id=row.id, version=row.version, sha256=row.sha256, body=row.body, origin=row.origin or "shipped"
            )
            for row in connection.execute(statement)
        )
