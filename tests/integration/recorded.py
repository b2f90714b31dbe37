"""Two courses recorded fact by fact, so that much was known only for a while; and an owner who tampers with them."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, create_engine, text

from tests.databases import Urls
from workflow.bootstrap import build
from workflow.domain.actor import LOCAL_ADMIN
from workflow.persistence.engine import Database, open_database, parse_url
from workflow.persistence.tables import APPEND_ONLY
from workflow.services import sites
from workflow.services.fold_anew import fold_all_anew
from workflow.services.house import House
from workflow.services.record_fact import record
from workflow.services.register_patient import register
from workflow.services.verify_database import Hearing, verify_database
from workflow.settings import Settings

COURSE: Sequence[tuple[str, str, dict[str, object]]] = (
    ("relapse_diagnosed", "2025-01-06", {"relapse_site": "isolated_bm"}),
    ("protocol_chosen", "2025-01-06", {"protocol": "all-rez-bfm-2002"}),
    ("block_started", "2025-01-07", {"element": "R1"}),
    ("block_completed", "2025-01-12", {"given": "as_planned"}),
    ("block_started", "2025-01-28", {"element": "R2"}),
)
SHARED: tuple[str, str, dict[str, object]] = ("site_changed", "2025-02-03", {"to": "hamburg", "role": "shared_care"})
GUARDS_OF_SQLITE = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
# What refers to rows that tampering takes away, besides what is a patient's own.
REFERRING = (("sealed_head", "seal_id"), ("alert_event", "alert_id"), ("notice", "alert_id"))
OWNED = ("state_span", "window_span", "patient_site", "fact", "alert")
# The registration is f1.
NEWEST = len(COURSE) + 1


@dataclass(frozen=True, slots=True)
class Recorded:
    """A house with two patients: `a` with facts f1 to f6, `b` with one more, by which Hamburg shares the care."""

    house: House
    urls: Urls
    a: str
    b: str

    def findings(self, *, expect_seal: str | None = None) -> list[str]:
        """Return what a check finds, with these two patients by their letters."""
        found: list[str] = []
        verify_database(
            self.house,
            LOCAL_ADMIN,
            Hearing(found=lambda finding: found.append(finding.line)),
            expect_seal=expect_seal,
        )
        return [line.replace(self.a, "A").replace(self.b, "B") for line in found]

    def tamper(self, *statements: str) -> None:
        """Run statements about the patients :a and :b as only an owner can, who switches every guard off."""
        with unguarded(self.urls) as connection:
            for statement in statements:
                connection.execute(text(statement), self._named(statement))

    def one(self, question: str) -> object:
        """Return the one value that a question about the patients :a and :b asks for."""
        with unguarded(self.urls) as connection:
            return connection.execute(text(question), self._named(question)).scalar_one()

    def _named(self, statement: str) -> dict[str, str]:
        return {name: value for name, value in (("a", self.a), ("b", self.b)) if f":{name}" in statement}

    def set_back(self) -> None:
        """Take the newest fact of `a` out, and make everything else as if it had never been recorded."""
        self.tamper(
            f"DELETE FROM fact WHERE patient_id = :a AND seq = {NEWEST}",  # noqa: S608 -- our own number
            "UPDATE patient SET last_seq = last_seq - 1, version = version - 1, engine = 'others', "
            "head_hash = (SELECT hash FROM fact WHERE patient_id = :a ORDER BY seq DESC LIMIT 1), "
            "changed_at = (SELECT max(recorded_at) FROM fact WHERE patient_id = :a) WHERE id = :a",
        )
        with owner(self.urls) as database:
            fold_all_anew(database, self.house.protocols, self.house.engine, lambda _: None)


@contextmanager
def recorded(urls: Urls, folder: Path) -> Iterator[Recorded]:
    """Give a house in which two courses were recorded, nothing of it sealed."""
    house = build(settings_of(urls, folder))
    for site in ("berlin", "hamburg"):
        sites.put(house, LOCAL_ADMIN, site, {"time_zone": "Europe/Berlin"})
    a, b = (course(house, pseudonym) for pseudonym in ("A-1", "B-1"))
    add(house, b, *SHARED)
    yield Recorded(house, urls, a, b)
    house.close()


def settings_of(urls: Urls, folder: Path) -> Settings:
    """Return the settings of an installation in a folder, on this database as the app reaches it."""
    return Settings.from_environment({"COURSEWATCH_DATABASE": urls.app, "COURSEWATCH_DATA_DIR": str(folder / "data")})


def course(house: House, pseudonym: str) -> str:
    """Register a patient in Berlin, record their course, and return their id."""
    data = {"pseudonym": pseudonym, "site": "berlin", "diagnosis_date": "2022-03-01", "phenotype": "BCP"}
    patient_id = str(json.loads(register(house, LOCAL_ADMIN, data).body)["id"])
    for fact in COURSE:
        add(house, patient_id, *fact)
    return patient_id


def add(house: House, patient_id: str, fact_type: str, on: str, data: dict[str, object]) -> None:
    """Record one fact."""
    raw = {"type": fact_type, "occurred_on": on, "data": data}
    assert record(house, LOCAL_ADMIN, patient_id, raw).status == 201


@contextmanager
def owner(urls: Urls) -> Iterator[Database]:
    """Open the database as its owner."""
    database = open_database(urls.owner, secret=b"")
    yield database
    database.dispose()


@contextmanager
def unguarded(urls: Urls) -> Iterator[Connection]:
    """Open a transaction in which nothing refuses to change what is only ever appended, nor looks after references.

    The guards stand again afterwards, as behind somebody who leaves no trace of how it was done.
    """
    engine = create_engine(parse_url(urls.owner))
    try:
        with engine.begin() as connection, _guards_off(connection):
            if engine.dialect.name == "postgresql":
                for table, column in (*((owned, "patient_id") for owned in OWNED), *REFERRING):
                    connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS fk_{table}_{column}"))
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _guards_off(connection: Connection) -> Iterator[None]:
    if connection.dialect.name == "sqlite":
        guards = connection.execute(GUARDS_OF_SQLITE).all()
        off = [f"DROP TRIGGER {name}" for name, _ in guards]
        on = [str(sql) for _, sql in guards]
    else:
        off, on = (
            [f"ALTER TABLE {table} {turned} TRIGGER {table}_append_only" for table in APPEND_ONLY]
            for turned in ("DISABLE", "ENABLE")
        )
    for statement in off:
        connection.exec_driver_sql(statement)
    yield
    for statement in on:
        connection.exec_driver_sql(statement)
