"""A database of two hospitals with a row of each in every fenced table, looked at by SQL as somebody introduced."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.conftest import SECRET
from tests.databases import Urls
from tests.integration.persistence.people import answer, enrol
from tests.introduced import changing, introduce
from workflow.domain.actor import Actor, Grant
from workflow.domain.roles import Role
from workflow.persistence.access_log import write_access
from workflow.persistence.engine import Database, open_database
from workflow.persistence.outcome import Access
from workflow.persistence.patient_writes import remember_answer

BERLIN, WIEN = "berlin", "wien"
ROLES = tuple(Role)
# By what a row of a table tells whose it is: its value begins with the hospital's name.
TELLING = {
    "patient": "id",
    "patient_site": "patient_id",
    "fact": "patient_id",
    "state_span": "patient_id",
    "window_span": "patient_id",
    "alert": "id",
    "alert_event": "alert_id",
    "notice": "id",
    "attempt": "notice_id",
    "access_log": "actor_id",
    "idempotency": "actor_id",
    "sealed_head": "patient_id",
}
# To be formatted with the hospital's name.
_WINDOW = """
INSERT INTO window_span (patient_id, course, rule, anchor, label, protocol, expects, valid_from, known_from)
VALUES ('{h}-1', 1, 'TR-001', 1, 'l', 'p@1', 'block_started', '2024-01-01', '2024-01-01')
"""
_ALERT = """
INSERT INTO alert (id, patient_id, course, window_key, rule, reminder, stage, severity, threshold_on, raised_at, status,
    episode, step, proof)
VALUES ('{h}-alert', '{h}-1', 1, 'w', 'r', 'm', 'late', 's', '2024-01-01', '2024-01-01', 'open', 1, 0, '')
"""
_EVENT = "INSERT INTO alert_event (alert_id, at, kind, episode) VALUES ('{h}-alert', '2024-01-01', 'raised', 1)"
_NOTICE = """
INSERT INTO notice (id, alert_id, episode, step, recipient, channel, status, made_at, due_at, planned_at, attempts,
    accounted)
VALUES ('{h}-notice', '{h}-alert', 1, 0, 'r', 'c', 'pending', '2024-01-01', '2024-01-01', '2024-01-01', 0, FALSE)
"""
_ATTEMPT = "INSERT INTO attempt (notice_id, at, worker, outcome) VALUES ('{h}-notice', '2024-01-01', 'w', 'delivered')"
_HEAD = "INSERT INTO sealed_head (seal_id, patient_id, seq, hash) VALUES (1, '{h}-1', 1, 'h')"
_SEAL = "INSERT INTO seal (id, sealed_at, patients, heads_sha256, prev_hash, hash) VALUES (1, now(), 2, 'h', '', '')"


def person(role: Role, *sites: str | None) -> Actor:
    """Return somebody with a role at these sites, None for all."""
    name = f"{sites[0] or 'everywhere' if sites else 'nowhere'}-{role.label}"
    return Actor(name, name, tuple(Grant(role, site) for site in sites))


@dataclass(frozen=True, slots=True)
class TwoHospitals:
    """The database as the app role reaches it, and where its owner does."""

    urls: Urls
    database: Database = field(repr=False)

    @contextmanager
    def as_somebody(self, actor: Actor | None) -> Iterator[Connection]:
        """Open a transaction of the app role that is undone, introduced as the unit of work does it, or not at all."""
        with self.database.writer.connect() as connection, connection.begin() as transaction:
            if actor is not None:
                sites = "*" if actor.sites is None else "".join(f"{site}\n" for site in actor.sites)
                introduce(connection, actor.id, sites)
            yield connection
            transaction.rollback()

    def seen(self, actor: Actor | None, *, lists: bool = False) -> dict[str, set[str]]:
        """Return of which hospitals somebody sees a row in each table."""
        with self.as_somebody(actor) as connection:
            connection.execute(text("SELECT set_config('app.lists', :lists, true)"), {"lists": "on" if lists else ""})
            return {table: hospitals(connection, f"SELECT {column} FROM {table}") for table, column in TELLING.items()}  # noqa: S608 -- our own names

    def refusal(self, actor: Actor | None, *statements: str) -> str:
        """Return what PostgreSQL refuses one of these with, in a transaction that is undone; empty: with nothing."""
        with self.as_somebody(actor) as connection:
            try:
                for statement in statements:
                    connection.exec_driver_sql(statement)
            except DBAPIError as refused:
                return str(refused.orig)
        return ""


def copying(table: str, **changes: object) -> str:
    """Return the statement that adds a copy of a row that is seen, with some columns changed."""
    changed = json.dumps(changes)
    return (
        f"INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(row) || '{changed}')).* "  # noqa: S608 -- our own text
        f"FROM {table} AS row LIMIT 1"
    )


def hospitals(connection: Connection, question: str) -> set[str]:
    """Return whose the values are that a question returns."""
    return {str(value).partition("-")[0] for value in connection.execute(text(question)).scalars()}


@contextmanager
def two_hospitals(urls: Urls) -> Iterator[TwoHospitals]:
    """Fill a migrated database."""
    database = open_database(urls.app, secret=SECRET)
    with changing(database) as connection:
        connection.execute(text(_SEAL))
    for hospital in (BERLIN, WIEN):
        enrol(database, f"{hospital}-1", pseudonym=hospital, site=hospital)
        with changing(database, f"{hospital}-nurse") as connection:
            for statement in (_WINDOW, _ALERT, _EVENT, _NOTICE, _ATTEMPT, _HEAD):
                connection.execute(text(statement.format(h=hospital)))
        for role in ROLES:
            actor_id = f"{hospital}-{role.label}"
            with changing(database, actor_id) as connection:
                now = database.instant(connection)
                write_access(connection, [Access(actor_id=actor_id, action="read_patient")], now)
                remember_answer(connection, answer("k", actor_id=actor_id), now)
    yield TwoHospitals(urls, database)
    database.dispose()
