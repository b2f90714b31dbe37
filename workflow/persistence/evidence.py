"""Reads everything stored of each patient, as it stands, for whoever checks it: a page of patients at a time."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, Select, Table, bindparam, func, literal, select

from workflow.domain.errors import CoursewatchError
from workflow.persistence.faults import translated
from workflow.persistence.tables import (
    FactTable,
    PatientSiteTable,
    PatientTable,
    SiteSettingTable,
    StateSpanTable,
    WindowSpanTable,
)
from workflow.persistence.tables.base import table_of

# Enough that the statements cost little, few enough that their rows fit in memory whatever the size of the database.
PATIENTS_A_PAGE = 500
# What reading, folding or comparing may raise once a row holds what the program never wrote.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, AssertionError, CoursewatchError)

PATIENT, FACT, MEMBER = table_of(PatientTable), table_of(FactTable), table_of(PatientSiteTable)
STATE, WINDOW, SETTING = table_of(StateSpanTable), table_of(WindowSpanTable), table_of(SiteSettingTable)
OWNED = (FACT, STATE, WINDOW, MEMBER)
FIRST_IDS = select(PATIENT.c.id).order_by(PATIENT.c.id).limit(PATIENTS_A_PAGE)
NEXT_IDS = FIRST_IDS.where(PATIENT.c.id > bindparam("after"))
PATIENTS_OF_ALL = select(func.count()).select_from(PATIENT)
SETTINGS = select(SETTING.c.site_id, SETTING.c.time_zone, SETTING.c.silent_after_days).order_by(
    SETTING.c.site_id, SETTING.c.from_recorded_at
)


@dataclass(frozen=True, slots=True)
class StoredPatient:
    """The rows of one patient: their own, every fact by `seq`, every span of every knowledge, every membership."""

    row: RowMapping
    facts: Sequence[RowMapping]
    states: Sequence[RowMapping]
    windows: Sequence[RowMapping]
    members: Sequence[RowMapping]


@dataclass(frozen=True, slots=True)
class UnreadablePatient:
    """A patient of whom some row holds what no row of its table can hold."""

    id: str


@dataclass(frozen=True, slots=True)
class SiteHistory:
    """What a site has set: the limit of silence of today in days, and every time zone that it ever had."""

    silent_after_days: int | None
    time_zones: tuple[str, ...]


def stored_patients(connection: Connection) -> Iterator[StoredPatient]:
    """Yield every patient, by id; raises ValueError or TypeError where a row cannot be read."""
    for page in _pages(connection):
        yield from _load(connection, page[0], page[-1])


def stored_or_unreadable(connection: Connection) -> Iterator[StoredPatient | UnreadablePatient]:
    """Yield every patient, by id; one whose rows cannot be read stops no other."""
    for page in _pages(connection):
        try:
            loaded: Sequence[StoredPatient | UnreadablePatient] = _load(connection, page[0], page[-1])
        except (ValueError, TypeError):
            loaded = [_load_one(connection, patient_id) for patient_id in page]
        yield from loaded


def _pages(connection: Connection) -> Iterator[Sequence[str]]:
    with translated():
        page = connection.execute(FIRST_IDS).scalars().all()
    while page:
        yield page
        with translated():
            page = connection.execute(NEXT_IDS, {"after": page[-1]}).scalars().all()


def _load_one(connection: Connection, patient_id: str) -> StoredPatient | UnreadablePatient:
    try:
        return _load(connection, patient_id, patient_id)[0]
    except (ValueError, TypeError):
        return UnreadablePatient(patient_id)


def _load(connection: Connection, first: str, last: str) -> list[StoredPatient]:
    between = {"first": first, "last": last}
    owned: list[dict[str, list[RowMapping]]] = []
    with translated():
        patients = connection.execute(_BETWEEN[PATIENT], between).mappings().all()
        for table in OWNED:
            rows: dict[str, list[RowMapping]] = defaultdict(list)
            for row in connection.execute(_BETWEEN[table], between).mappings():
                rows[row["patient_id"]].append(row)
            owned.append(rows)
    return [StoredPatient(row, *(rows.get(row["id"], []) for rows in owned)) for row in patients]


def _between(table: Table) -> Select[tuple[object, ...]]:
    key = table.c.id if table is PATIENT else table.c.patient_id
    order = (key, FACT.c.seq) if table is FACT else (key,)
    return select(table).where(key >= bindparam("first"), key <= bindparam("last")).order_by(*order)


# By ranges of ids rather than one long cursor a table: the database orders text by rules that are not Python's.
_BETWEEN = {table: _between(table) for table in (PATIENT, *OWNED)}


def rows_of_nobody(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield the table and the patient's id of rows whose patient has no row of their own."""
    for table in OWNED:
        orphan = (
            select(literal(table.name), table.c.patient_id)
            .where(~select(PATIENT.c.id).where(PATIENT.c.id == table.c.patient_id).exists())
            .distinct()
            .order_by(table.c.patient_id)
        )
        with translated():
            found = connection.execute(orphan).all()
        yield from ((name, patient_id) for name, patient_id in found)


def count_patients(connection: Connection) -> int:
    """Return how many patients there are."""
    with translated():
        return connection.execute(PATIENTS_OF_ALL).scalar_one()


def site_histories(connection: Connection) -> dict[str, SiteHistory]:
    """Return what each site has set, by id."""
    found: dict[str, SiteHistory] = {}
    with translated():
        for site_id, time_zone, silent_after_days in connection.execute(SETTINGS):
            earlier = found[site_id].time_zones if site_id in found else ()
            found[site_id] = SiteHistory(silent_after_days, (*earlier, time_zone))
    return found
