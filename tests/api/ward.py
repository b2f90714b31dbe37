"""A ward to test against: a whole house on a real database, its clock in the test's hand, its people with keys."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from api.app import create_app
from tests.api.people import NORTH, key_of, settle_in
from workflow.bootstrap import build
from workflow.services.house import House
from workflow.settings import Settings

BASE = "/api/v1"
TODAY = date(2025, 6, 30)
REGISTRATION: Mapping[str, Any] = {
    "pseudonym": "ALL-0007",
    "site": NORTH,
    "diagnosis_date": "2022-03-01",
    "frontline_end_date": "2024-03-01",
    "phenotype": "BCP",
    "sex": "female",
    "occurred_on": "2025-01-06",
}
Parameter = str | int | bool | list[str]
UNKNOWN_PATIENT = "0197f3a2-5c1e-7d43-9b60-2f8a41c7e905"


@dataclass(slots=True)
class HandClock:
    """A clock that stands where the test put it, and moves on by a moment whenever it is read."""

    now: datetime = datetime(TODAY.year, TODAY.month, TODAY.day, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@dataclass(slots=True)
class Ward:
    """The application as a client sees it, by the name of who calls."""

    house: House
    clock: HandClock
    client: TestClient

    def get(self, path: str, who: str | None = "treating_doctor", **parameters: Parameter) -> Response:
        """Read something."""
        return self.client.get(BASE + path, params=parameters or None, headers=as_person(who))

    def post(
        self, path: str, body: object, who: str | None = "treating_doctor", headers: Mapping[str, str] | None = None
    ) -> Response:
        """Send something to be written."""
        return self.client.post(BASE + path, json=body, headers={**as_person(who), **(headers or {})})

    def register(self, **changes: object) -> str:
        """Register a patient and return the id."""
        answer = self.post("/patients", {**REGISTRATION, **changes}, "admin")
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def record(
        self,
        patient: str,
        fact_type: str,
        on: str,
        data: object = None,
        *,
        who: str = "treating_doctor",
        **more: object,
    ) -> Response:
        """Record one fact."""
        fact = {"type": fact_type, "occurred_on": on, **({} if data is None else {"data": data}), **more}
        return self.post(f"/patients/{patient}/facts", fact, who)

    def recorded(
        self,
        patient: str,
        fact_type: str,
        on: str,
        data: object = None,
        *,
        who: str = "treating_doctor",
        **more: object,
    ) -> dict[str, Any]:
        """Record one fact that must be accepted, and return the answer."""
        answer = self.record(patient, fact_type, on, data, who=who, **more)
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def relapsed(self, **changes: object) -> str:
        """Register a patient with a first relapse of 2025-01-06 and the protocol chosen; return the id."""
        patient = self.register(**changes)
        self.recorded(patient, "relapse_diagnosed", "2025-01-06", {"relapse_site": "isolated_bm"})
        self.recorded(patient, "protocol_chosen", "2025-01-07", {"protocol": "all-rez-bfm-2002"})
        return patient

    def in_first_block(self, **changes: object) -> str:
        """Return the id of a patient whose first block R1 started on 2025-01-08."""
        patient = self.relapsed(**changes)
        self.recorded(patient, "block_started", "2025-01-08", {"element": "R1"})
        return patient

    def after_first_block(self, **changes: object) -> str:
        """Return the id of a patient whose first block ran from 2025-01-08 to 2025-01-13."""
        patient = self.in_first_block(**changes)
        self.recorded(patient, "block_completed", "2025-01-13", {"given": "as_planned"})
        return patient

    def open_window(self, patient: str, rule: str) -> dict[str, Any]:
        """Return the patient's open window of a rule as it stands today."""
        windows: list[dict[str, Any]] = self.get(f"/patients/{patient}").json()["windows"]
        return next(window for window in windows if window["rule"] == rule)

    def header(self, who: str) -> str:
        """Return the value of the header by which somebody presents a key."""
        return as_person(who)["Authorization"]

    def state(self, patient: str) -> str:
        """Return the patient's state of today."""
        return str(self.get(f"/patients/{patient}").json()["state"])


def as_person(who: str | None) -> dict[str, str]:
    """Return the header by which somebody presents a key."""
    return {} if who is None else {"Authorization": f"Bearer {key_of(who)}"}


@contextmanager
def opened_ward(database_url: str, folder: Path, *, protocols: Path | None = None) -> Iterator[Ward]:
    """Open a house on this database, with two hospitals and everybody's key, until the block ends.

    `protocols` is a folder with protocols of the house's own.
    """
    clock = HandClock()
    secret = folder / "chain.secret"
    settings = Settings(database=database_url, data_dir=folder, secret_file=secret, protocols=protocols)
    house = build(settings, clock=clock)
    settle_in(house.database, clock)
    client = TestClient(create_app(house), base_url="http://localhost", raise_server_exceptions=False)
    ward = Ward(house, clock, client)
    for site in ("north", "south"):
        made = client.put(f"{BASE}/sites/{site}", json={"name": f"Hospital {site}"}, headers=as_person("admin"))
        assert made.status_code == 201, made.text
    try:
        yield ward
    finally:
        client.close()
        house.close()
