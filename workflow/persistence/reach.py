"""Which sites a query may look at; every query takes it, so that none can forget it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from workflow.domain.actor import Actor


@dataclass(frozen=True, slots=True)
class Reach:
    """The sites an actor may see today; None means all."""

    sites: tuple[str, ...] | None

    @classmethod
    def of(cls, actor: Actor) -> Self:
        """Return the reach of an actor by the grants of today."""
        return cls(None if actor.sites is None else tuple(sorted(actor.sites)))

    @classmethod
    def everywhere(cls) -> Self:
        """Return the reach of the installation itself."""
        return cls(None)

    @property
    def all_sites(self) -> bool:
        """Whether no site is out of reach."""
        return self.sites is None

    def covers(self, site: str) -> bool:
        """Whether this site is within reach."""
        return self.sites is None or site in self.sites

    def within(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """Return those of the wanted sites that are within reach."""
        return tuple(site for site in wanted if self.covers(site))
