"""Opens a ward to tell a story in: the real application on a database of its own, its clock in the story's hand."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from starlette.testclient import TestClient

from api.app import create_app
from workflow.bootstrap import build, migrate
from workflow.domain.roles import Role
from workflow.services import manage_keys
from workflow.services.house import House
from workflow.settings import Settings, sqlite_url

BASE = "/api/v1"
DIAGNOSED_ON = "2021-09-29"
FRONTLINE_ENDED_ON = "2023-09-29"
# Between two acts of one visit to the program.
A_MOMENT = timedelta(minutes=1)
Shape = dict[str, Any]


class StoryGoesWrongError(Exception):
    """The program answered otherwise than the story says."""


@dataclass(slots=True)
class StoryClock:
    """A clock that stands where the story put it."""

    now: datetime

    def __call__(self) -> datetime:
        """Return the present instant of the story."""
        return self.now


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient as a story speaks of them: the id for addresses, the pseudonym for people."""

    id: str
    pseudonym: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What somebody sent and what the program answered; patients are named in it by their pseudonyms."""

    who: str
    at: datetime
    method: str
    path: str
    sent: Shape | None
    status: int
    answer: Shape

    @property
    def fact(self) -> str:
        """The id of the fact that was recorded, or of the first new version."""
        fact = self.answer["fact"] if "fact" in self.answer else self.answer["facts"][0]
        return str(fact["id"])


@dataclass(slots=True)
class Ward:
    """The program as a story uses it, and what the story has told so far: blocks of Markdown by name."""

    house: House
    client: TestClient
    clock: StoryClock
    zone: ZoneInfo
    patients: list[Patient] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)

    def now(self, local: str) -> None:
        """Go on to this moment, by the clock on the ward's wall: "2025-05-03 09:15"."""
        instant = self.instant(local)
        if instant < self.clock.now:
            raise StoryGoesWrongError(f"the story goes back to {local}")
        self.clock.now = instant

    def instant(self, local: str) -> datetime:
        """Return a moment by the clock on the ward's wall with its offset, as a request names it."""
        return datetime.fromisoformat(local).replace(tzinfo=self.zone)

    def person(self, name: str, role: str, *sites: str) -> "Person":
        """Return somebody with a role at these sites, or at all, and a key of their own."""
        key, _ = manage_keys.create(self.house, name, Role.named(role), sites)
        return Person(self, name, {"Authorization": f"Bearer {key}"})

    def site(self, site_id: str, name: str, time_zone: str) -> None:
        """Make a hospital."""
        body = {"name": name, "time_zone": time_zone}
        self.person("local.admin", "admin").sends(f"/sites/{site_id}", body, method="PUT", expect=201)

    def named(self, text: str) -> str:
        """Return a text with names instead of ids, which differ each time a story is told."""
        for given, name in (*((patient.id, patient.pseudonym) for patient in self.patients), *self.called.items()):
            text = text.replace(given, f"{{{name}}}")
        return text

    def call(self, given: str, name: str) -> None:
        """Name whatever else has an id by this name from now on."""
        self.called[given] = name

    def tell(self, name: str, markdown: str) -> None:
        """Add a block to what the story tells."""
        if name in self.told:
            raise StoryGoesWrongError(f"{name} is told twice")
        self.told[name] = markdown.rstrip() + "\n"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a key, who reads and writes over HTTP."""

    ward: Ward
    name: str
    headers: Mapping[str, str]

    def reads(self, path: str, parameters: Mapping[str, str] | None = None, *, expect: int = 200) -> Exchange:
        """Read something."""
        return self._call("GET", path, None, expect, parameters)

    def sends(self, path: str, body: Shape, *, expect: int, method: str = "POST") -> Exchange:
        """Send something to be written; a moment passes."""
        exchange = self._call(method, path, body, expect)
        self.ward.clock.now += A_MOMENT
        return exchange

    def registers(self, pseudonym: str, site: str, **more: object) -> Patient:
        """Register a patient whose first disease was treated to its end; `more` is what else is known of them."""
        body = {
            "pseudonym": pseudonym,
            "site": site,
            "diagnosis_date": DIAGNOSED_ON,
            "frontline_end_date": FRONTLINE_ENDED_ON,
            "phenotype": "BCP",
            **more,
        }
        answer = self.sends("/patients", body, expect=201).answer
        patient = Patient(str(answer["id"]), pseudonym)
        self.ward.patients.append(patient)
        return patient

    def admits(self, pseudonym: str, site: str, *, relapse_on: str, protocol_on: str) -> Patient:
        """Register a patient with a first relapse in the marrow, to be treated by ALL-REZ BFM 2002."""
        patient = self.registers(pseudonym, site)
        self.records(patient, "relapse_diagnosed", relapse_on, relapse_site="isolated_bm")
        self.records(patient, "protocol_chosen", protocol_on, protocol="all-rez-bfm-2002", strategy="BFM_2002")
        return patient

    def records(self, patient: Patient, kind: str, on: str, **data: object) -> Exchange:
        """Record one fact, which is accepted."""
        return self.sends(f"/patients/{patient.id}/facts", fact(kind, on, **data), expect=201)

    def corrects(self, patient: Patient, body: Shape, *, expect: int = 200) -> Exchange:
        """Correct one fact, or a batch of them."""
        return self.sends(f"/patients/{patient.id}/corrections", body, expect=expect)

    def moves(self, wrong: Patient, right: Patient, facts: list[str], reason: str, *, expect: int = 200) -> Exchange:
        """Move facts to the patient whose they are."""
        body = {"from": wrong.id, "to": right.id, "facts": facts, "reason": reason}
        return self.sends("/corrections/move", body, expect=expect)

    def _call(
        self,
        method: str,
        path: str,
        body: Shape | None,
        expect: int,
        parameters: Mapping[str, str] | None = None,
    ) -> Exchange:
        answer = self.ward.client.request(
            method, BASE + path, json=body, params=parameters or None, headers=self.headers
        )
        if answer.status_code != expect:
            raise StoryGoesWrongError(f"{method} {path}: {answer.status_code} instead of {expect}: {answer.text}")
        return Exchange(
            who=self.name,
            at=self.ward.clock.now,
            method=method,
            path=self.ward.named(str(answer.request.url.raw_path, "ascii")),
            sent=None if body is None else json.loads(self.ward.named(json.dumps(body))),
            status=answer.status_code,
            answer=json.loads(self.ward.named(answer.text)),
        )


def fact(kind: str, on: str, **data: object) -> Shape:
    """Return a fact as it is sent."""
    return {"type": kind, "occurred_on": on, "data": data}


@contextmanager
def opened_ward(database_url: str | None = None) -> Iterator[Ward]:
    """Open a ward in Berlin on this migrated database, or on a rehearsal database that is gone afterwards."""
    zone = ZoneInfo("Europe/Berlin")
    clock = StoryClock(datetime(2025, 1, 2, 8, tzinfo=zone))
    with tempfile.TemporaryDirectory(prefix="coursewatch-story-") as name:
        folder = Path(name)
        settings = Settings(
            database=database_url or sqlite_url(folder), data_dir=folder, secret_file=folder / "chain.secret"
        )
        if database_url is None:
            migrate(settings, rehearsal=True)
        house = build(settings, clock=clock)
        client = TestClient(create_app(house), base_url="http://localhost")
        try:
            ward = Ward(house, client, clock, zone)
            ward.site("berlin", "Berlin", zone.key)
            yield ward
        finally:
            client.close()
            house.close()
