"""Who calls in these tests, by name: one person a role at the hospital north, one at another hospital."""

from tests.introduced import changing
from workflow.clock import Clock
from workflow.domain.actor import Actor, Grant
from workflow.domain.roles import Role
from workflow.persistence.actors import issue_key, make_actor, present_key
from workflow.persistence.engine import Database

NORTH = "north"
SOUTH = "south"
GRANTS = {
    "viewer": Grant(Role.VIEWER, NORTH),
    "ward_nurse": Grant(Role.NURSE, NORTH),
    "treating_doctor": Grant(Role.CLINICIAN, NORTH),
    "data_manager": Grant(Role.COORDINATOR, NORTH),
    "admin": Grant(Role.ADMIN),
    "other_hospital": Grant(Role.ADMIN, SOUTH),
}
SECRET_OF_KEYS = "a-secret-of-forty-three-letters-for-the-tests"


def key_id_of(name: str) -> str:
    """Return the id of a person's key."""
    return name.replace("_", "-")


def key_of(name: str) -> str:
    """Return the key that a person presents."""
    return present_key(key_id_of(name), SECRET_OF_KEYS)


def settle_in(database: Database, clock: Clock) -> None:
    """Make everybody with a grant and a key."""
    with changing(database) as connection:
        for name, grant in GRANTS.items():
            make_actor(connection, Actor(name, name, (grant,)), at=clock())
            issue_key(connection, name, key_id=key_id_of(name), secret=SECRET_OF_KEYS, at=clock())
