"""Who acts: a person or a service with grants, never a key."""

from dataclasses import dataclass

from workflow.domain.roles import Role


@dataclass(frozen=True, slots=True)
class Grant:
    """A role at one site, or at all sites where `site` is None."""

    role: Role
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """One actor as known today; access follows the grants of today, never those of a past day."""

    id: str
    name: str
    grants: tuple[Grant, ...]

    @property
    def sites(self) -> frozenset[str] | None:
        """The sites this actor may see; None means all."""
        if any(grant.site is None for grant in self.grants):
            return None
        return frozenset(grant.site for grant in self.grants if grant.site is not None)

    @property
    def highest_role(self) -> Role | None:
        """The highest role at any site: what an endpoint without a site asks for."""
        return max((grant.role for grant in self.grants), default=None)

    def role_at(self, sites: frozenset[str]) -> Role | None:
        """Return the highest role at any of these sites (a patient may have several while care is shared)."""
        return max((grant.role for grant in self.grants if grant.site is None or grant.site in sites), default=None)

    @property
    def role_everywhere(self) -> Role | None:
        """The role granted for all sites: only such an actor may name a new site."""
        return max((grant.role for grant in self.grants if grant.site is None), default=None)


# The command line acts as this one (contract §1).
LOCAL_ADMIN = Actor("local", "local", (Grant(Role.ADMIN),))
# What the clock does by itself is done by this one; it looks at heads of chains, so it sees all sites.
SCHEDULER = Actor("scheduler", "scheduler", (Grant(Role.VIEWER),))
