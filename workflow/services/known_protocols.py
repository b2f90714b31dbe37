"""Whether this process knows every protocol that a patient's courses follow, so that none loses its windows here."""

from collections.abc import Iterable

from sqlalchemy import Connection

from workflow.domain.facts.fact import Fact
from workflow.persistence.protocol_versions import StoredProtocol, list_versions
from workflow.services.errors import OutdatedProcessError
from workflow.services.house import House


def require_known_protocols(house: House, connection: Connection, facts: Iterable[Fact]) -> None:
    """Raise OutdatedProcessError where a choice pins a version that was stored after this process had started.

    Folded without it, the course would have no windows, and its alerts would be resolved.
    """
    later = stored_later(house, connection, facts)
    if later:
        names = ", ".join(f"{version.id}@{version.version}" for version in later)
        raise OutdatedProcessError(
            f"the patient follows {names}, which this process was started before; restart it, and all others that "
            "were started before"
        )


def stored_later(house: House, connection: Connection, facts: Iterable[Fact]) -> tuple[StoredProtocol, ...]:
    """Return the versions that choices pin and that were stored after this process had started.

    A version that this release cannot read is no such: there nothing better is to be had.
    """
    pinned = {fact.protocol_sha for fact in facts if fact.protocol_sha is not None}
    unknown = {sha256 for sha256 in pinned - house.unreadable if house.protocols.pinned(sha256) is None}
    return tuple(version for version in list_versions(connection) if version.sha256 in unknown) if unknown else ()
