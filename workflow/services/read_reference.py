"""The reference as the outside reads it: pages about the protocols at hand, with the examples that were shipped."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache

from workflow.domain.actor import Actor
from workflow.persistence.unit_of_work import reading
from workflow.protocols.files.examples import Example
from workflow.protocols.library import examples_of, load_folder, shipped_folders
from workflow.protocols.model import Protocols
from workflow.services.errors import NotFoundError
from workflow.services.house import House
from workflow.services.protocol_release import protocols_now
from workflow.services.reference.blocks import Page
from workflow.services.reference.contents import reference

# One set of protocols a process; a second while somebody signs.
_SETS_KEPT = 2


@dataclass(frozen=True, slots=True)
class _Set:
    """A set of protocols, the same where the same texts stand in the same way."""

    protocols: Protocols = field(compare=False)
    shas: tuple[str, ...]
    withdrawn: frozenset[str]
    drafts: frozenset[tuple[str, tuple[str, ...]]]


def pages(protocols: Protocols) -> Mapping[str, Page]:
    """Return every page by its name; made once for each set of protocols."""
    shas = tuple(protocol.sha256 for protocol in protocols.versions)
    return _pages(_Set(protocols, shas, protocols.withdrawn, frozenset(protocols.drafts.items())))


def page(house: House, actor: Actor, name: str) -> Page:
    """Return the page called `name`; raises NotFoundError."""
    found = pages(at_hand(house, actor)).get(name)
    if found is None:
        raise NotFoundError("the reference has no such page")
    return found


def at_hand(house: House, actor: Actor) -> Protocols:
    """Return the protocols of a house as they are released now."""
    with reading(house.database, actor) as unit:
        return protocols_now(house, unit.connection)


@cache
def shipped_examples() -> Mapping[str, tuple[Example, ...]]:
    """Return the worked examples of the shipped protocols by content hash; raises ProtocolError."""
    return {load_folder(folder).sha256: examples_of(folder) for folder in shipped_folders()}


@lru_cache(maxsize=_SETS_KEPT)
def _pages(known: _Set) -> Mapping[str, Page]:
    return reference(known.protocols, shipped_examples())
