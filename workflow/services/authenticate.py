"""From a presented key to an actor."""

from workflow.domain.actor import Actor
from workflow.persistence.actors import actor_of_key, actor_of_key_id
from workflow.services.house import House


def authenticate(house: House, presented_key: str) -> Actor | None:
    """Return whom a key belongs to, or None for an unknown or revoked one."""
    actor = remembered(house, presented_key)
    if actor is None:
        actor = actor_of_key(house.database, presented_key)
        if actor is not None:
            house.keys.keep(presented_key, actor, house.clock())
    return actor


def remembered(house: House, presented_key: str) -> Actor | None:
    """Return whom a key belongs to without touching the database, where it was seen within five seconds."""
    return house.keys.find(presented_key, house.clock())


def by_key_id(house: House, key_id: str) -> Actor | None:
    """Return whom a key id belongs to, for a browser session made with that key; None once it is revoked."""
    actor = house.sessions.find(key_id, house.clock())
    if actor is None:
        actor = actor_of_key_id(house.database, key_id)
        if actor is not None:
            house.sessions.keep(key_id, actor, house.clock())
    return actor
