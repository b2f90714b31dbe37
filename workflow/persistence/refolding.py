"""Writes patients whose snapshot and spans other rules made anew; facts, chain and version stay untouched."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select, text, update

from workflow.persistence.faults import translated
from workflow.persistence.mapping import Columns
from workflow.persistence.tables import PatientTable, StateSpanTable, WindowSpanTable
from workflow.persistence.tables.base import table_of

PATIENT, STATE, WINDOW = table_of(PatientTable), table_of(StateSpanTable), table_of(WindowSpanTable)
# So few that their rows are given back long before a request that waits for one of them gives up (3 s).
PATIENTS_A_BATCH = 10
STALE = (
    select(PATIENT.c.id)
    .where(PATIENT.c.engine != bindparam("engine"), PATIENT.c.id > bindparam("after"))
    .order_by(PATIENT.c.id)
    .limit(PATIENTS_A_BATCH)
)
LOCK_STALE = STALE.with_for_update(skip_locked=True)
ALL_STALE = select(PATIENT.c.id, PATIENT.c.engine).where(PATIENT.c.engine != bindparam("engine")).order_by(PATIENT.c.id)
LOCK_ONE_STALE = (
    select(PATIENT.c.id).where(PATIENT.c.id == bindparam("of_id"), PATIENT.c.engine != bindparam("engine"))
).with_for_update()
STORE = (
    update(PATIENT)
    .where(PATIENT.c.id == bindparam("of_id"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in (
                *("site_id", "pseudonym", "state_json", "engine", "silent_from"),
                *("owner", "deputy", "last_contact_on"),
            )
        }
    )
)
_MAY_DELETE = text(
    "SELECT has_table_privilege('state_span', 'DELETE') AND has_table_privilege('window_span', 'DELETE')"
)


def may_rewrite_spans(connection: Connection) -> bool:
    """Whether this role may delete span rows: on PostgreSQL the owner alone."""
    if connection.dialect.name != "postgresql":
        return True
    with translated():
        return bool(connection.execute(_MAY_DELETE).scalar_one())


def any_stale(connection: Connection, engine: str) -> bool:
    """Whether other rules than `engine` folded some patient."""
    with translated():
        return connection.execute(STALE, {"engine": engine, "after": ""}).first() is not None


def lock_stale(connection: Connection, engine: str, *, after: str) -> Sequence[str]:
    """Lock and return the next patients, by id behind `after`, whom other rules than `engine` folded.

    Whoever is worked with at this moment is passed over.
    """
    with translated():
        return connection.execute(LOCK_STALE, {"engine": engine, "after": after}).scalars().all()


def all_stale(connection: Connection, engine: str) -> dict[str, str]:
    """Return all whom other rules than `engine` folded, by id, with the name of those rules."""
    with translated():
        return {row.id: row.engine for row in connection.execute(ALL_STALE, {"engine": engine})}


def lock_if_stale(connection: Connection, engine: str, patient_id: str) -> bool:
    """Lock a patient, whoever works with them first, and say whether other rules than `engine` folded them."""
    with translated():
        return connection.execute(LOCK_ONE_STALE, {"engine": engine, "of_id": patient_id}).first() is not None


def rewrite(connection: Connection, patient: Columns, states: list[Columns], windows: list[Columns]) -> None:
    """Put these span rows in the place of all that a patient has, and these columns into their row, or do nothing."""
    with translated(), connection.begin_nested():
        for table, rows in ((STATE, states), (WINDOW, windows)):
            connection.execute(delete(table).where(table.c.patient_id == patient["id"]))
            if rows:
                connection.execute(insert(table), rows)
        named = {f"new_{name}": value for name, value in patient.items() if name != "id"}
        connection.execute(STORE, {"of_id": patient["id"], **named})
