"""Many patients, or alerts of one, by one statement: copies of what was recorded, which nobody judges."""

from sqlalchemy import Column, Connection, Table, text

from workflow.persistence.ledger import ALERT
from workflow.persistence.patients import PATIENT

_COPIES = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :many)
INSERT INTO {table} ({columns}) SELECT {values} FROM numbers, (SELECT * FROM {table} ORDER BY id LIMIT 1) AS one
"""


def copy_patients(connection: Connection, named: str, many: int, judged_by: str | None) -> None:
    """Add patients with the ids `named`-10001 and on, whom these rules have judged and for whom nothing is due."""
    changed = {"judged_by": ":judged_by", "next_due_at": "NULL"}
    _copy(connection, PATIENT, ("id", "pseudonym"), changed, {"named": named, "many": many, "judged_by": judged_by})


def copy_alerts(connection: Connection, named: str, many: int, patient_id: str, *, reminder: str) -> None:
    """Add alerts of a patient that stand, with the ids `named`-10001 and on."""
    changed = {"patient_id": ":patient_id", "reminder": ":reminder", "status": "'open'"}
    told = {"named": named, "many": many, "patient_id": patient_id, "reminder": reminder}
    _copy(connection, ALERT, ("id", "window_key"), changed, told)


def _copy(
    connection: Connection, table: Table, numbered: tuple[str, ...], changed: dict[str, str], told: dict[str, object]
) -> None:
    def value(column: Column[object]) -> str:
        return ":named || '-' || (10000 + n)" if column.name in numbered else changed.get(column.name, column.name)

    columns, values = (", ".join(map(of, table.c)) for of in (lambda column: str(column.name), value))
    connection.execute(text(_COPIES.format(table=table.name, columns=columns, values=values)), told)
