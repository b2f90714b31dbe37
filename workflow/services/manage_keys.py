"""API keys: whom they stand for, and how they end; a key is shown once and stored as a digest."""

from collections.abc import Callable, Sequence

from pydantic import TypeAdapter, ValidationError

from workflow.domain.actor import LOCAL_ADMIN, Actor, Grant
from workflow.domain.errors import InvalidInputError, Problem
from workflow.domain.facts.base import Code
from workflow.domain.roles import Role
from workflow.identifiers import new_key_id, new_secret
from workflow.persistence.actors import (
    ApiKey,
    add_grants,
    find_actor,
    issue_key,
    list_keys,
    make_actor,
    present_key,
    revoke_key,
)
from workflow.persistence.sites import find_site
from workflow.persistence.unit_of_work import reading, writing
from workflow.rules.judgement import Caution
from workflow.services.errors import NotFoundError
from workflow.services.house import House, require_role_everywhere

_NAME = TypeAdapter(Code)


def create(
    house: House,
    name: str,
    role: Role,
    sites: Sequence[str] = (),
    *,
    by: Actor = LOCAL_ADMIN,
    keep: Callable[[str], None] = lambda _key: None,
) -> tuple[str, tuple[Caution, ...]]:
    """Make a key for the actor `name`, who is made, or gets this role beside those they have; no sites: all sites.

    `keep` is handed the key before it is stored for good: where it raises, there is no key. Return the key, which
    nobody can read again, with what is worth knowing. Raises NotAllowedError, InvalidInputError.
    """
    require_role_everywhere(by, Role.ADMIN)
    wanted = _named(name)
    grants = tuple(Grant(role, site) for site in dict.fromkeys(sites)) or (Grant(role),)
    key_id, secret = new_key_id(), new_secret()
    with writing(house.database, by) as unit:
        connection, now = unit.connection, unit.instant()
        known = find_actor(connection, wanted)
        if known is None:
            known = Actor(id=wanted, name=wanted, grants=grants)
            make_actor(connection, known, at=now)
            cautions = []
        else:
            add_grants(connection, known.id, grants, at=now)
            cautions = _more_roles(known, grants)
        issue_key(connection, known.id, key_id=key_id, secret=secret, at=now)
        cautions += [
            Caution("site_unknown", f"Site {site} is not known yet; make it with `coursewatch site set {site}`.")
            for site in sites
            if find_site(connection, site) is None
        ]
        unit.note("create_key")
        key = present_key(key_id, secret)
        keep(key)
    return key, tuple(cautions)


def listed(house: House, *, by: Actor = LOCAL_ADMIN) -> tuple[ApiKey, ...]:
    """Return all keys without their secrets, the oldest first."""
    require_role_everywhere(by, Role.ADMIN)
    with reading(house.database, by) as unit:
        keys = list_keys(unit.connection)
        unit.note("list_keys", items=len(keys))
    return keys


def revoke(house: House, key_id: str, *, by: Actor = LOCAL_ADMIN) -> None:
    """Make a key worthless within seconds; raises NotFoundError where no such key is in force."""
    require_role_everywhere(by, Role.ADMIN)
    with writing(house.database, by) as unit:
        if not revoke_key(unit.connection, key_id, at=unit.instant()):
            raise NotFoundError("no key in force has this id; `coursewatch key list` shows them")
        unit.note("revoke_key")


def _named(name: str) -> str:
    try:
        wanted = _NAME.validate_python(name.strip(), strict=True)
    except ValidationError:
        raise InvalidInputError([Problem("name", "name", "name must have 1 to 80 letters on one line")]) from None
    if wanted == LOCAL_ADMIN.id:
        raise InvalidInputError([Problem("name", "name", "name local is the command line itself; take another")])
    return wanted


def _more_roles(known: Actor, grants: Sequence[Grant]) -> list[Caution]:
    added = [grant for grant in grants if grant not in known.grants]
    if not added:
        return []
    told = ", ".join(f"{grant.role.label} at {grant.site or 'all sites'}" for grant in added)
    return [
        Caution("roles_added", f"{known.name} has keys already; all of them, this one too, now reach {told} as well.")
    ]
