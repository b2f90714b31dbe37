"""Hospitals in far-apart time zones, each with its own days and hours, on one house with a clock in the test's hand."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

from sqlalchemy import bindparam, func, select, text, update

from tests.integration.alerts.reading import Practices
from tests.introduced import changing, seeing
from workflow.bootstrap import build
from workflow.clock import Clock
from workflow.domain.actor import LOCAL_ADMIN
from workflow.domain.errors import InvalidInputError
from workflow.domain.facts.fact import Fact
from workflow.domain.patient import PatientState
from workflow.domain.site_practice import SitePractice
from workflow.persistence.engine import Database
from workflow.persistence.patient_reads import load_facts, read_patient
from workflow.persistence.patients import PATIENT
from workflow.persistence.reach import Reach
from workflow.persistence.tables import METADATA
from workflow.services import sites
from workflow.services.errors import ServiceError
from workflow.services.house import Answer, House
from workflow.settings import Settings

BEGUN_AT = datetime(2025, 1, 6, 8, tzinfo=UTC)
SITES: Mapping[str, SitePractice] = {
    practice.id: practice
    for practice in (
        # Named nobody to be told: its notices go to the log.
        SitePractice(id="berlin", time_zone="Europe/Berlin", mrd_result_days=7),
        SitePractice(
            id="auckland",
            time_zone="Pacific/Auckland",
            contacts=("ward@auckland.example", "night@auckland.example", "ward@auckland.example"),
            notices_at=time(10),
            mrd_result_days=3,
        ),
        # Works from Sunday to Thursday, keeps a long feast, and awaits no MRD result by any day.
        SitePractice(
            id="honolulu",
            time_zone="Pacific/Honolulu",
            contacts=("ward@honolulu.example",),
            working_days=(7, 1, 2, 3, 4),
            holidays=tuple(date(2025, 1, day) for day in range(20, 31)),
        ),
    )
}
SomeClock = TypeVar("SomeClock", bound=Clock)
Rows = Sequence[Mapping[str, Any]]
BRIEF = select(PATIENT.c.site_id, PATIENT.c.last_seq, PATIENT.c.state_json).where(PATIENT.c.id == bindparam("of_id"))
LAST_EVENT = select(func.max(METADATA.tables["alert_event"].c.id))
NEWEST_PATIENT = text("SELECT id FROM patient ORDER BY rowid DESC LIMIT 1")


@dataclass(slots=True)
class HandClock:
    """A clock that stands where the test put it, and moves on by a moment whenever it is read."""

    now: datetime = BEGUN_AT

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=10)
        return self.now

    def set(self, now: datetime) -> None:
        """Set the clock, ahead or back."""
        self.now = now


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """Where a patient is treated, how many facts are known of them, and the state of their chart."""

    site: str
    last_seq: int
    state: str


@dataclass(slots=True)
class Hospitals(Generic[SomeClock]):
    """One house with its clock; it can be closed and opened again on what it has stored."""

    database_url: str
    folder: Path
    clock: SomeClock
    house: House = field(init=False)

    def __post_init__(self) -> None:
        self.open()
        self.set(SITES)

    def open(self) -> None:
        """Open the house on what is stored."""
        settings = Settings(
            database=self.database_url, data_dir=self.folder, secret_file=self.folder / "chain.secret", time_zone="UTC"
        )
        self.house = build(settings, clock=self.clock)

    def restart(self) -> None:
        """End the program and start it again."""
        self.house.close()
        self.open()

    def set(self, practices: Practices) -> None:
        """Set the sites' practices; that wakes their patients."""
        for practice in practices.values():
            sites.put(self.house, LOCAL_ADMIN, practice.id, setting_of(practice))

    def judge_anew(self, patient_ids: Sequence[str]) -> None:
        """Have the next sweep look at these patients, whether anything is due or not."""
        with changing(self.database) as connection:
            connection.execute(update(PATIENT).where(PATIENT.c.id.in_(patient_ids)).values(next_due_at=BEGUN_AT))

    @property
    def database(self) -> Database:
        """Where it is stored."""
        return self.house.database

    def rows(self, table: str, of: Sequence[str] = ()) -> Rows:
        """Return the rows of a table, all or those of these patients, in the order of their keys."""
        rows = METADATA.tables[table]
        statement = select(rows).order_by(*rows.primary_key.columns)
        if of:
            statement = statement.where(rows.c.patient_id.in_(of))
        with seeing(self.database) as connection:
            return [dict(row) for row in connection.execute(statement).mappings()]

    def facts(self, patient_id: str) -> tuple[Fact, ...]:
        """Return every version of every fact of a patient."""
        with seeing(self.database) as connection:
            return load_facts(connection, patient_id)

    def state(self, patient_id: str) -> PatientState:
        """Return the patient as stored."""
        with seeing(self.database) as connection:
            row = read_patient(connection, patient_id, Reach.everywhere(), BEGUN_AT)
        assert row is not None
        return row.state

    def brief(self, patient_id: str) -> Brief:
        """Return how a patient stands, without reading their course."""
        with seeing(self.database) as connection:
            site, last_seq, state_json = connection.execute(BRIEF, {"of_id": patient_id}).one()
        return Brief(site=site, last_seq=last_seq, state=json.loads(state_json)["state"])

    def last_event(self) -> int:
        """Return the number of the last thing that happened to an alert."""
        with seeing(self.database) as connection:
            return int(connection.execute(LAST_EVENT).scalar_one() or 0)

    def newest_patient(self) -> str:
        """Return the patient who was registered last."""
        with seeing(self.database) as connection:
            return str(connection.execute(NEWEST_PATIENT).scalar_one())

    def next_due(self, patient_ids: Sequence[str]) -> list[tuple[str, datetime | None]]:
        """Return when each of these patients is to be judged next."""
        due = select(PATIENT.c.id, PATIENT.c.next_due_at).where(PATIENT.c.id.in_(patient_ids)).order_by(PATIENT.c.id)
        with seeing(self.database) as connection:
            return [(row.id, row.next_due_at) for row in connection.execute(due)]

    def forget(self, patient_ids: Sequence[str]) -> None:
        """Have no sweep look at these patients any more: the next history is about others."""
        with changing(self.database) as connection:
            connection.execute(update(PATIENT).where(PATIENT.c.id.in_(patient_ids)).values(next_due_at=None))


def setting_of(practice: SitePractice) -> dict[str, object]:
    """Return what sets a site so."""
    return {
        "time_zone": practice.time_zone,
        "working_days": list(practice.working_days),
        "holidays": [str(day) for day in practice.holidays],
        "contacts": list(practice.contacts),
        "notices_at": practice.notices_at.isoformat("minutes"),
        "mrd_result_days": practice.mrd_result_days,
    }


def outcome_of(act: Callable[[], Answer]) -> dict[str, Any] | str:
    """Return what an act was answered, or the code of its refusal."""
    try:
        told: dict[str, Any] = json.loads(act().body)
    except ServiceError as refused:
        return refused.code
    except InvalidInputError as invalid:
        return invalid.problems[0].code
    return told
