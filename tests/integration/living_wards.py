"""Wards that live for some months: facts late and wrong, corrections, and patients who move between time zones."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from workflow.bootstrap import build
from workflow.clock import today_in
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.errors import InvalidInputError
from workflow.services.correct_facts import correct_facts
from workflow.services.errors import ServiceError
from workflow.services.house import House
from workflow.services.record_fact import record
from workflow.services.register_patient import register
from workflow.services.sites import put
from workflow.settings import Settings

BEGUN = datetime(2025, 1, 6, 8, tzinfo=UTC)
ZONES = {"auckland": "Pacific/Auckland", "berlin": "Europe/Berlin", "honolulu": "Pacific/Honolulu"}
FACTS: tuple[tuple[str, dict[str, object]], ...] = (
    ("block_started", {"element": "R1"}),
    ("block_started", {"element": "R2"}),
    ("block_completed", {"given": "as_planned"}),
    ("block_completed", {"given": "modified"}),
    ("block_deferred", {"element": "R2", "causes": [{"code": "infection", "primary": True}]}),
    ("response_assessed", {"marrow_blasts_percent": 2, "final": True}),
    ("consolidation_decided", {"decision": "chemotherapy"}),
    ("consolidation_decided", {"decision": "hsct"}),
    ("owner_changed", {"actor": "dr.a", "deputy": "dr.b"}),
    ("owner_changed", {"actor": "dr.c"}),
    ("note_added", {"text": "seen"}),
    ("lost_to_follow_up", {}),
    ("care_resumed", {}),
)


@dataclass(slots=True)
class Wards:
    """A house, the clock that it goes by, and who was registered; `seen` holds instants at which facts came in."""

    house: House
    chance: Random
    now: datetime = BEGUN
    patients: list[str] = field(default_factory=list)
    seen: list[datetime] = field(default_factory=list)

    def clock(self) -> datetime:
        """Return the present instant, a moment later whenever it is read."""
        self.now += timedelta(milliseconds=1)
        return self.now

    def live(self, entries: int) -> None:
        """Make so many entries, hours or days apart; what is refused is not entered."""
        for number in range(4):
            data = {"diagnosis_date": "2021-01-01", "phenotype": "BCP", "occurred_on": "2025-01-02"}
            site = sorted(ZONES)[number % len(ZONES)]
            answer = register(self.house, LOCAL_ADMIN, {"pseudonym": f"P-{number}", "site": site, **data})
            self.patients.append(json.loads(answer.body)["id"])
            self.seen.append(self.now)
            self._enter(self.patients[-1], "relapse_diagnosed", {"relapse_site": "isolated_bm"})
            self._enter(self.patients[-1], "protocol_chosen", {"protocol": "all-rez-bfm-2002"})
        for _ in range(entries):
            self.now += timedelta(hours=self.chance.choice((1, 5, 20, 30, 100)))
            patient = self.chance.choice(self.patients)
            act = self.chance.random()
            if act < 0.15:
                self._correct(patient)
            elif act < 0.25:
                self._enter(patient, "site_changed", {"to": self.chance.choice(sorted(ZONES))}, late=(0,))
            elif act < 0.35:
                self._contact(patient)
            else:
                self._enter(patient, *self.chance.choice(FACTS))

    def _enter(
        self, patient: str, fact_type: str, data: dict[str, object], *, late: tuple[int, ...] = (0, 0, 0, 1, 3, 12)
    ) -> None:
        zone = ZONES[self.chance.choice(sorted(ZONES))]
        on = today_in(zone, self.now) - timedelta(days=self.chance.choice(late))
        fact = {"type": fact_type, "occurred_on": on.isoformat(), "data": data, "keep_conflicts": True}
        if fact_type == "block_started":
            fact["override"] = {"code": "clinical_decision", "reason": "decided"}
        try:
            record(self.house, LOCAL_ADMIN, patient, fact)
            self.seen.append(self.now)
        except (ServiceError, InvalidInputError):
            return

    def _contact(self, patient: str) -> None:
        on = self.now.date() - timedelta(days=self.chance.choice((0, 2, 6, 9)))
        self._enter(patient, "contact_recorded", {"on": on.isoformat()}, late=(0, 1))

    def _correct(self, patient: str) -> None:
        newest = len(self.seen)
        target = f"f{self.chance.randrange(2, max(3, newest))}"
        change: dict[str, object] = {"voids": target, "reason": "entered in error"}
        if self.chance.random() < 0.6:
            fact_type, data = self.chance.choice(FACTS)
            on = self.now.date() - timedelta(days=self.chance.choice((1, 4, 15)))
            fact = {"type": fact_type, "occurred_on": on.isoformat(), "data": data}
            change = {"supersedes": target, "reason": "wrong day", "fact": fact}
        try:
            correct_facts(self.house, LOCAL_ADMIN, patient, {**change, "keep_conflicts": True})
            self.seen.append(self.now)
        except (ServiceError, InvalidInputError):
            return


@contextmanager
def living_wards(database_url: str, folder: Path, seed: int) -> Iterator[Wards]:
    """Open a house with three hospitals that lie up to 23 hours apart, its clock in the test's hand."""
    settings = Settings(database=database_url, data_dir=folder, secret_file=folder / "chain.secret")
    held: list[Wards] = []
    house = build(settings, clock=lambda: held[0].clock() if held else BEGUN)
    held.append(Wards(house, Random(seed)))
    for site, zone in ZONES.items():
        put(house, LOCAL_ADMIN, site, {"time_zone": zone, **({"silent_after_days": 4} if site == "berlin" else {})})
    try:
        yield held[0]
    finally:
        house.close()


def some_days(wards: Wards) -> list[date]:
    """Return days of these months, one before them all among them."""
    return [date(2024, 12, 1), *(wards.chance.choice(wards.seen).date() for _ in range(3))]
