"""Sites that an import names for the first time: made with the default time zone, and said so."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflow.domain.actor import Actor
from workflow.domain.errors import Refusal
from workflow.domain.facts.registration import SiteChanged
from workflow.persistence.sites import SiteSetting, find_site, lock_site, put_site
from workflow.persistence.unit_of_work import UnitOfWork
from workflow.rules.judgement import Caution
from workflow.rules.merge import Merged
from workflow.services.house import House


@dataclass(slots=True, kw_only=True)
class SitesNamed:
    """The sites that one transaction of an import names.

    `known` are the time zones of those seen before, `made` the sites that this transaction makes.
    """

    house: House
    actor: Actor
    unit: UnitOfWork
    known: Mapping[str, str]
    seen: dict[str, str] = field(default_factory=dict)
    made: list[Caution] = field(default_factory=list)

    def time_zone(self, site: str | None) -> str | Refusal:
        """Return the time zone that a site has or would get; refused where this actor may not name a new one."""
        stored = self._stored(site) if site else None
        if stored is not None:
            return stored
        if site is None or self.actor.role_everywhere is not None:
            return self.house.settings.time_zone
        return Refusal(
            code="unknown_site",
            title="Unknown site",
            detail="the row names a site that is not known here; an admin for all sites makes it first "
            "(coursewatch site set).",
            status=404,
            field="site",
        )

    def make(self, registered_at: str | None, merged: Merged) -> None:
        """Make the sites that accepted facts name and nobody has made yet."""
        moved_to = [fact.data.to for fact in merged.facts if isinstance(fact.data, SiteChanged)]
        for site in dict.fromkeys((*([registered_at] if registered_at else []), *moved_to)):
            if self._stored(site) is not None:
                continue
            lock_site(self.unit.connection, site)
            if self._stored(site) is None:
                self._make(site)

    def _stored(self, site: str) -> str | None:
        time_zone = self.known.get(site) or self.seen.get(site)
        if time_zone is None:
            setting = find_site(self.unit.connection, site)
            if setting is None:
                return None
            time_zone = self.seen[site] = setting.time_zone
        return time_zone

    def _make(self, site: str) -> None:
        time_zone = self.house.settings.time_zone
        setting = SiteSetting(id=site, name=site, time_zone=time_zone)
        put_site(self.unit.connection, setting, self.unit.instant(), self.actor.id)
        self.seen[site] = time_zone
        self.made.append(
            Caution(
                "site_made",
                f"Site {site} was made with time zone {time_zone}; complete it with "
                f"`coursewatch site set {site} --time-zone …` (PUT /sites/{site}).",
            )
        )
