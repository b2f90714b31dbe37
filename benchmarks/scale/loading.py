"""Fills a database with so many patients: real courses first, then copies of them by COPY, each with its own chain."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.courses_as_recorded import NOW, house_at, write_courses
from benchmarks.scale.databases import Place, connected
from benchmarks.scale.templates import TABLES, Template, columns_of, read_templates
from benchmarks.scale.ward_courses import SITES, write_ward_courses
from benchmarks.server import TREE
from workflow.domain.actor import LOCAL_ADMIN
from workflow.services.seal_chains import seal_chains
from workflow.services.sites import put
from workflow.services.sweep import sweep

COHORT = TREE / "tests" / "data" / "cohort.csv"
# Nobody copied comes onto a worklist or is due in this time: each size has the same due rows, those of the originals.
QUIET_FOR = timedelta(days=10)
SILENT_AFTER_DAYS = 90
# Of ten copies one is a whole course of the cohort that has come to rest, nine are in treatment and short.
ONE_LONG_IN = 10
PROCESSES = 2
PATIENTS_A_COPY = 1_000
# From so many on, the secondary indexes are dropped and made anew at the end, which is several times faster.
INDEXES_LATER_FROM = 20_000
_QUIET = """
    SELECT id FROM patient
    WHERE (silent_from IS NULL OR silent_from > %(until)s) AND pseudonym LIKE %(like)s
    AND NOT EXISTS (SELECT 1 FROM fact WHERE fact.patient_id = patient.id AND moved_patient_id IS NOT NULL)
    AND (next_due_at IS NULL OR next_due_at > %(now)s)
    AND NOT EXISTS (
        SELECT 1 FROM window_span WHERE patient_id = patient.id AND known_to IS NULL AND ended_as IS NULL
        AND (latest_on <= %(until)s OR critical_from <= %(until)s))
    ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Share:
    """What one process copies: the numbers from `first` to before `end`, each of its kind of template."""

    short: Sequence[Template]
    long: Sequence[Template]
    secret: bytes

    def template(self, number: int) -> Template:
        """Return what the copy of this number is a copy of."""
        if number % ONE_LONG_IN == 0:
            return self.long[(number // ONE_LONG_IN) % len(self.long)]
        return self.short[number % len(self.short)]


def load(
    place: Place, patients: int, *, cohort: Path = COHORT, sites: tuple[str, ...] = SITES, processes: int = PROCESSES
) -> None:
    """Fill a fresh database with so many patients, every chain sealed; at least those of the originals."""
    there, share = write_originals(place, cohort, sites)
    with _indexes_later(place, later=patients >= INDEXES_LATER_FROM):
        copies(place, share, range(1, max(0, patients - there) + 1), processes)
    settle(place)


def settle(place: Place) -> None:
    """Do what time does to a database: statistics are gathered, every chain is sealed, pages are written."""
    with connected(place.superuser) as connection:
        connection.execute("VACUUM (ANALYZE)")
    with house_at(place.app, place.folder) as (house, _clock):
        for _seal in seal_chains(house):
            pass
    with connected(place.superuser) as connection:
        connection.execute("VACUUM (ANALYZE) sealed_head")


def write_originals(place: Place, cohort: Path, sites: tuple[str, ...]) -> tuple[int, Share]:
    """Write the cohort and the courses in treatment as they were recorded; return how many, and what is copied."""
    with house_at(place.app, place.folder) as (house, clock):
        write_courses(house, clock, cohort)
        for site in sites:
            put(house, LOCAL_ADMIN, site, {"silent_after_days": SILENT_AFTER_DAYS, "contacts": ["log"]})
        write_ward_courses(house, clock, sites)
        clock.now = NOW
        sweep(house)
        secret = house.database.secret
    with connected(place.superuser) as connection:
        patients = connection.execute("SELECT count(*) FROM patient").fetchone()
        assert patients is not None
        short, long = (_quiet(connection, like) for like in ("WARD-%", "ALL-%"))
    return patients[0], Share(short, long, secret)


def copies(place: Place, share: Share, numbers: range, processes: int) -> None:
    """Copy the patients of these numbers, each process every so many of them."""
    if processes == 1:
        _copy(place.superuser, share, numbers)
        return
    shares = [numbers[start::processes] for start in range(processes)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for _ in pool.map(partial(_copy, place.superuser, share), shares):
            pass


def _quiet(connection: psycopg.Connection[Any], like: str) -> list[Template]:
    until = (NOW + QUIET_FOR).date()
    found = connection.execute(_QUIET, {"until": until, "now": NOW + timedelta(days=1), "like": like})
    return read_templates(connection, [row[0] for row in found])


def _copy(url: str, share: Share, numbers: Sequence[int]) -> None:
    remaining = iter(numbers)
    with connected(url) as connection:
        # A load that is not finished is begun anew, so a crash may take it.
        connection.execute("SET synchronous_commit = off")
        if connection.execute("SELECT current_setting('is_superuser')").fetchone() == ("on",):
            # What is copied refers to what is copied with it, so that no reference need be looked up.
            connection.execute("SET session_replication_role = replica")
        while chosen := tuple(islice(remaining, PATIENTS_A_COPY)):
            texts = [share.template(number).copied(number, share.secret) for number in chosen]
            with connection.transaction():
                for table in TABLES:
                    _copy_into(connection, table, "".join(text[table] for text in texts))


def _copy_into(connection: psycopg.Connection[Any], table: str, text: str) -> None:
    statement = sql.SQL("COPY {table} ({columns}) FROM STDIN").format(
        table=sql.Identifier(table), columns=sql.SQL(", ").join(map(sql.Identifier, columns_of(table)))
    )
    with connection.cursor().copy(statement) as copy:
        copy.write(text)


@contextmanager
def _indexes_later(place: Place, *, later: bool) -> Iterator[None]:
    """Do without the indexes that keep no constraint, and make them at the end."""
    if not later:
        yield
        return
    with connected(place.superuser) as connection:
        made = connection.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
            "WHERE indrelid::regclass::text = ANY(%s) "
            "AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))",
            [list(TABLES)],
        ).fetchall()
        for name, _ in made:
            connection.execute(f"DROP INDEX {name}".encode())
    yield
    with connected(place.superuser) as connection:
        for _, definition in made:
            connection.execute(definition.encode())
