"""From a presented key to an actor."""

from datetime import datetime

from workflow.domain.actor import Actor
from workflow.persistence.actors import actor_of_key, actor_of_session, end_session
from workflow.persistence.unit_of_work import writing
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


def by_session(house: House, key_id: str, session: str) -> Actor | None:
    """Return whom a browser's session stands for that was begun with this key; None once either has ended."""
    actor = house.sessions.find(session, house.clock())
    if actor is None:
        actor = actor_of_session(house.database, key_id, session)
        if actor is not None:
            house.sessions.keep(session, actor, house.clock())
    return actor


def sign_out(house: House, key_id: str, session: str, until: datetime) -> None:
    """End a browser's session that was begun with this key and would end by itself at `until`: everywhere in seconds.

    Here at once, but for a request that looked it up before and remembers it afterwards, for as long as elsewhere.
    """
    actor = by_session(house, key_id, session)
    if actor is None:
        return
    with writing(house.database, actor) as unit:
        end_session(unit.connection, session, until, unit.instant())
    house.sessions.forget(session)
