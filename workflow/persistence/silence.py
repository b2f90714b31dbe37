"""The stored days of silence of one site's patients, for when the site changes how long it waits for news."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, bindparam, select, update

from workflow.domain.patient import PatientState
from workflow.persistence.faults import translated
from workflow.persistence.mapping import state_from_json
from workflow.persistence.patients import PATIENT

LOCK_WAITED_FOR = (
    select(PATIENT.c.id, PATIENT.c.state_json)
    .where(PATIENT.c.site_id == bindparam("of_site_id"), PATIENT.c.silent_from.is_not(None))
    .order_by(PATIENT.c.id)
    .with_for_update()
)
STORE_SILENT_DAY = update(PATIENT).where(PATIENT.c.id == bindparam("of_id")).values(silent_from=bindparam("from_day"))


def lock_those_waited_for(connection: Connection, site_id: str) -> dict[str, PatientState]:
    """Lock and return, by id, the snapshots of the patients treated at a site who count as silent some day."""
    with translated():
        rows = connection.execute(LOCK_WAITED_FOR, {"of_site_id": site_id}).all()
    return {row.id: state_from_json(row.state_json) for row in rows}


def store_silent_days(connection: Connection, days: Mapping[str, date | None]) -> None:
    """Store the first day on which each patient, by id, counts as silent; neither version nor chain changes."""
    if days:
        with translated():
            connection.execute(
                STORE_SILENT_DAY, [{"of_id": patient_id, "from_day": day} for patient_id, day in days.items()]
            )
