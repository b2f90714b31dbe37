"""The reference as the outside reads it: pages about the protocols at hand, with the examples that were shipped."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache

from workflow.domain.actor import Actor
from workflow.persistence.protocol_signatures import list_signatures
from workflow.persistence.unit_of_work import reading
from workflow.protocols.files.examples import Example
from workflow.protocols.library import examples_of, load_folder, shipped_folders
from workflow.protocols.model import Protocols
from workflow.services.errors import NotFoundError
from workflow.services.house import House
from workflow.services.protocol_release import released_by, who_signed
from workflow.services.reference.blocks import Page
from workflow.services.reference.contents import NOBODY_SIGNED, reference

# One set of protocols a process; a second while somebody signs.
_SETS_KEPT = 2


@dataclass(frozen=True, slots=True)
class _Set:
    """A set of protocols, the same where the same texts stand in the same way, signed by the same people."""

    protocols: Protocols = field(compare=False)
    shas: tuple[str, ...]
    withdrawn: frozenset[str]
    drafts: frozenset[tuple[str, tuple[str, ...]]]
    signed: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class AtHand:
    """The protocols as they are released now; `signed` says by content hash who signed and when."""

    protocols: Protocols
    signed: Mapping[str, str]


def pages(protocols: Protocols, signed: Mapping[str, str] = NOBODY_SIGNED) -> Mapping[str, Page]:
    """Return every page by its name; made once for each set of protocols."""
    shas = tuple(protocol.sha256 for protocol in protocols.versions)
    drafts = frozenset(protocols.drafts.items())
    return _pages(_Set(protocols, shas, protocols.withdrawn, drafts, frozenset(signed.items())))


def page(house: House, actor: Actor, name: str) -> Page:
    """Return the page called `name`; raises NotFoundError."""
    known = at_hand(house, actor)
    found = pages(known.protocols, known.signed).get(name)
    if found is None:
        raise NotFoundError("the reference has no such page")
    return found


def at_hand(house: House, actor: Actor) -> AtHand:
    """Return the protocols of a house as they are released now, and by whom."""
    with reading(house.database, actor) as unit:
        # Nothing is signed but protocols of the installation's own.
        signatures = list_signatures(unit.connection) if house.protocols.drafts else ()
    return AtHand(released_by(house.protocols, signatures), who_signed(signatures))


@cache
def shipped_examples() -> Mapping[str, tuple[Example, ...]]:
    """Return the worked examples of the shipped protocols by content hash; raises ProtocolError."""
    return {load_folder(folder).sha256: examples_of(folder) for folder in shipped_folders()}


@lru_cache(maxsize=_SETS_KEPT)
def _pages(known: _Set) -> Mapping[str, Page]:
    return reference(known.protocols, shipped_examples(), dict(known.signed))
