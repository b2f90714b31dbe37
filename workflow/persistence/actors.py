"""Actors, their grants and their keys; a key is only a way to say who one is."""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, Select, bindparam, delete, exists, insert, select, text, update
from sqlmodel import UTCDateTime

from workflow.domain.actor import Actor, Grant
from workflow.domain.roles import Role
from workflow.persistence.engine import Database
from workflow.persistence.faults import translated
from workflow.persistence.tables import ActorGrantTable, ActorTable, ApiKeyTable, EndedSessionTable
from workflow.persistence.tables.base import table_of

KEY_PREFIX = "cw"
ACTOR, GRANT, KEY = table_of(ActorTable), table_of(ActorGrantTable), table_of(ApiKeyTable)
ENDED = table_of(EndedSessionTable)
INSERT_ACTOR, INSERT_GRANT, INSERT_KEY = insert(ACTOR), insert(GRANT), insert(KEY)
GRANTS_OF = select(GRANT.c.role, GRANT.c.site_id).where(
    GRANT.c.actor_id == bindparam("of_actor_id"), GRANT.c.revoked_at.is_(None)
)
# An outer join: an actor without grants is known, and may do nothing.
ACTOR_OF_KEY = (
    select(ACTOR.c.id, ACTOR.c.name, KEY.c.secret_sha256, GRANT.c.role, GRANT.c.site_id)
    .select_from(
        KEY.join(ACTOR, ACTOR.c.id == KEY.c.actor_id).join(
            GRANT, (GRANT.c.actor_id == ACTOR.c.id) & GRANT.c.revoked_at.is_(None), isouter=True
        )
    )
    .where(KEY.c.id == bindparam("of_key_id"), KEY.c.revoked_at.is_(None))
)
ACTOR_OF_SESSION = ACTOR_OF_KEY.where(~exists().where(ENDED.c.sha256 == bindparam("of_session_sha256")))
END_SESSION = text(
    "INSERT INTO ended_session (sha256, until_at) VALUES (:sha256, :until_at) ON CONFLICT DO NOTHING"
).bindparams(bindparam("until_at", type_=UTCDateTime()))
# Whoever looks whether a session is over by itself may live by a clock that is behind.
ENDED_ARE_KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as it may be shown: never its secret."""

    id: str
    actor: Actor
    made_at: datetime
    revoked_at: datetime | None


def present_key(key_id: str, secret: str) -> str:
    """Return a key as its holder sends it; `key_id` carries no underscore."""
    return f"{KEY_PREFIX}_{key_id}_{secret}"


def actor_of_key(database: Database, presented: str) -> Actor | None:
    """Return who a presented key stands for; None for a key that is malformed, unknown, revoked or wrong."""
    prefix, _, rest = presented.partition("_")
    key_id, _, secret = rest.partition("_")
    if prefix != KEY_PREFIX or not secret or "\x00" in presented:
        return None
    rows = _rows(database, ACTOR_OF_KEY, {"of_key_id": key_id})
    if not rows or not hmac.compare_digest(rows[0]["secret_sha256"], _digest(secret)):
        return None
    return _actor_of(rows)


def actor_of_session(database: Database, key_id: str, session: str) -> Actor | None:
    """Return who a key stands for whose secret was seen when this session began; None once either has ended."""
    rows = _rows(database, ACTOR_OF_SESSION, {"of_key_id": key_id, "of_session_sha256": _digest(session)})
    return _actor_of(rows) if rows else None


def end_session(connection: Connection, session: str, until: datetime, now: datetime) -> None:
    """End a session before its time, and forget those whose time is over."""
    with translated():
        connection.execute(delete(ENDED).where(ENDED.c.until_at < now - ENDED_ARE_KEPT_FOR))
        connection.execute(END_SESSION, {"sha256": _digest(session), "until_at": until})


def _rows(database: Database, statement: Select[Any], told: Mapping[str, str]) -> Sequence[RowMapping]:
    with database.read() as connection:
        return connection.execute(statement, told).mappings().all()


def _actor_of(rows: Sequence[RowMapping]) -> Actor:
    grants = tuple(_grant(row["role"], row["site_id"]) for row in rows if row["role"] is not None)
    return Actor(id=rows[0]["id"], name=rows[0]["name"], grants=grants)


def make_actor(
    connection: Connection, actor: Actor, *, at: datetime, kind: Literal["person", "service"] = "person"
) -> None:
    """Store a new actor with its grants; raises NameTakenError."""
    with translated():
        connection.execute(INSERT_ACTOR, {"id": actor.id, "name": actor.name, "kind": kind, "made_at": at})
    add_grants(connection, actor.id, actor.grants, at=at)


def add_grants(connection: Connection, actor_id: str, grants: Iterable[Grant], *, at: datetime) -> None:
    """Grant roles to an actor; those that it has already stay as they are."""
    known = set(_grants(connection, actor_id))
    new = [
        {"actor_id": actor_id, "site_id": grant.site, "role": grant.role.label, "granted_at": at, "revoked_at": None}
        for grant in dict.fromkeys(grants)
        if grant not in known
    ]
    if new:
        with translated():
            connection.execute(INSERT_GRANT, new)


def find_actor(connection: Connection, name: str) -> Actor | None:
    """Return the actor of this name with the grants of today."""
    return _one_actor(connection, select(ACTOR).where(ACTOR.c.name == name))


def read_actor(connection: Connection, actor_id: str) -> Actor | None:
    """Return the actor with this id with the grants of today."""
    return _one_actor(connection, select(ACTOR).where(ACTOR.c.id == actor_id))


def issue_key(connection: Connection, actor_id: str, *, key_id: str, secret: str, at: datetime) -> None:
    """Store a key of an actor, its secret as a digest only: a secret of 256 random bits needs no slow hash."""
    row = {"id": key_id, "actor_id": actor_id, "secret_sha256": _digest(secret), "made_at": at, "revoked_at": None}
    with translated():
        connection.execute(INSERT_KEY, row)


def revoke_key(connection: Connection, key_id: str, *, at: datetime) -> bool:
    """Make a key worthless from now on; False where there is no such key in force."""
    in_force = update(KEY).where(KEY.c.id == key_id, KEY.c.revoked_at.is_(None))
    with translated():
        return connection.execute(in_force.values(revoked_at=at)).rowcount == 1


def list_keys(connection: Connection) -> tuple[ApiKey, ...]:
    """Return all keys, the oldest first."""
    with translated():
        rows = connection.execute(select(KEY).order_by(KEY.c.made_at, KEY.c.id)).all()
    actors = {actor_id: read_actor(connection, actor_id) for actor_id in {row.actor_id for row in rows}}
    return tuple(
        ApiKey(id=row.id, actor=actor, made_at=row.made_at, revoked_at=row.revoked_at)
        for row in rows
        if (actor := actors[row.actor_id]) is not None
    )


def _one_actor(connection: Connection, statement: Select[Any]) -> Actor | None:
    with translated():
        row = connection.execute(statement).one_or_none()
    return None if row is None else Actor(id=row.id, name=row.name, grants=_grants(connection, row.id))


def _grants(connection: Connection, actor_id: str) -> tuple[Grant, ...]:
    with translated():
        rows = connection.execute(GRANTS_OF, {"of_actor_id": actor_id})
        return tuple(_grant(row.role, row.site_id) for row in rows)


def _grant(role: str, site_id: str | None) -> Grant:
    return Grant(role=Role.named(role), site=site_id)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
