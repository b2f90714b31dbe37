"""What a list is read at: a pair of clocks, told in each site's calendar, and the patients as they stood then."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Self

from workflow.clock import today_in
from workflow.domain.errors import InvalidInputError, Problem
from workflow.domain.facts.fact import Fact
from workflow.domain.facts.types import REGISTRATION
from workflow.domain.patient import PatientState
from workflow.persistence.patient_reads import load_facts_of
from workflow.persistence.reach import Reach
from workflow.persistence.silent_then import Patience
from workflow.persistence.sites import SiteSetting, list_sites
from workflow.persistence.standing import SiteDays, Today
from workflow.persistence.unit_of_work import UnitOfWork
from workflow.rules.fold import effective, fold, until
from workflow.rules.silence import SILENT_AFTER_DAYS
from workflow.rules.step import PAPERWORK
from workflow.services.clocks import Clocks, settled
from workflow.services.house import House
from workflow.services.known_protocols import stored_later


@dataclass(frozen=True, slots=True)
class Counted:
    """The facts of a patient that counted at a pair of clocks, in their order, and those known then of later days."""

    then: list[Fact]
    later: list[Fact]


@dataclass(frozen=True, slots=True)
class Stood:
    """A patient as they stood at a pair of clocks; `restart_needed` where this process lacks the protocol they follow.

    Then their windows are not known here: a process that was started later knows them.
    """

    state: PatientState
    restart_needed: bool = False


@dataclass(frozen=True, kw_only=True)
class ListClocks:
    """The clocks of one list inside one read: `now` is the database's, `settings` those of all sites today."""

    house: House
    unit: UnitOfWork
    asked: Clocks
    now: datetime
    settings: Mapping[str, SiteSetting]

    @classmethod
    def of(cls, house: House, unit: UnitOfWork, asked: Clocks) -> Self:
        """Read the settings of all sites: one within reach may share the care of a patient whom another treats."""
        settings = {setting.id: setting for setting in list_sites(unit.connection, Reach.everywhere())}
        return cls(house=house, unit=unit, asked=asked, now=unit.instant(), settings=settings)

    @cached_property
    def days(self) -> SiteDays:
        """The calendar date of each site at the instant asked about."""
        instant = self.asked.known_at or self.now
        return SiteDays(
            {site: today_in(setting.time_zone, instant) for site, setting in self.settings.items()},
            today_in(self.house.settings.time_zone, instant),
        )

    @property
    def today(self) -> Today:
        """The day asked about; without one, what stood last is judged by the date of each patient's site."""
        return self.asked.as_of or self.days

    @property
    def settled(self) -> bool | None:
        """Whether the answer can still change; None where `known_at` was not asked."""
        known_at = self.asked.known_at
        return None if known_at is None else settled(self.house, known_at, self.unit.began_at)

    @property
    def patience(self) -> Patience:
        """How long a silence may last before it counts, by the settings and protocols of today."""
        return Patience(
            days=SILENT_AFTER_DAYS,
            by_site={
                site: setting.silent_after_days for site, setting in self.settings.items() if setting.silent_after_days
            },
            by_protocol={protocol.ref: protocol.silent_after_days for protocol in self.house.protocols.versions},
            no_news=PAPERWORK | {REGISTRATION},
        )

    def day_of(self, site_id: str) -> date:
        """Return the date that a patient treated at this site is judged by."""
        return self.asked.as_of or self.days.of(site_id)

    def time_zone_of(self, site_id: str) -> str:
        """Return the IANA name of a site's time zone as set today, this installation's where the site has set none."""
        setting = self.settings.get(site_id)
        return setting.time_zone if setting else self.house.settings.time_zone

    def silent_after_days(self, site_id: str) -> int | None:
        """Return a site's own limit of silence in days."""
        setting = self.settings.get(site_id)
        return setting.silent_after_days if setting else None

    def facts_of(self, patient_ids: Iterable[str]) -> dict[str, Counted]:
        """Return the facts that counted at these clocks, by patient; one query loads them."""
        ids = tuple(dict.fromkeys(patient_ids))
        if not ids:
            return {}
        loaded = load_facts_of(self.unit.connection, ids, known_at=self.asked.known_at)
        return {patient_id: self._counted(effective(facts)) for patient_id, facts in loaded.items()}

    def _counted(self, known: list[Fact]) -> Counted:
        then = known if self.asked.as_of is None else until(known, self.asked.as_of)
        # The registration stands first, and the days of all others never fall.
        return Counted(then, known[len(then) :])

    def stood(self, patient_ids: Iterable[str]) -> dict[str, Stood]:
        """Return the patients, by id, as they stood at these clocks: folded from their facts."""
        return {
            patient_id: Stood(
                fold(facts.then, self.house.protocols),
                restart_needed=bool(stored_later(self.house, self.unit.connection, facts.then)),
            )
            for patient_id, facts in self.facts_of(patient_ids).items()
        }

    def require_site(self, site: str | None) -> None:
        """Raise InvalidInputError for a site that is not there: its empty list would say that all is well."""
        require_known("site", site, (known for known in self.settings if self.unit.reach.covers(known)))


def require_known(name: str, value: str | None, known: Iterable[str]) -> None:
    """Raise InvalidInputError for a filter that names what is not there, with what is."""
    there = sorted(known)
    if value is not None and value not in there:
        message = f"{name} is not known here; known: {', '.join(there) or 'none yet'}"
        raise InvalidInputError([Problem(name, f"unknown_{name}", message)])
