"""A block starts on time and is entered ten days later; meanwhile the site is told that it is late."""

from docs.stories import alerts
from docs.stories.telling import Ward


def tell(ward: Ward) -> None:
    """Tell how R2 starts on 27 January 2025 and is entered on 6 February, when three alerts stand."""
    doctor = ward.person("dr.lang", "clinician", "berlin")
    nurse = ward.person("nurse.amsel", "nurse", "berlin")

    ward.now("2025-01-08 12:00")
    patient = nurse.admits("ALL-1301", "berlin", relapse_on="2025-01-04", protocol_on="2025-01-06")
    nurse.records(patient, "block_started", "2025-01-08", element="R1")
    ward.now("2025-01-13 12:00")
    nurse.records(patient, "block_completed", "2025-01-13", given="as_planned")

    for day in ("2025-01-24", "2025-01-30", "2025-02-03"):
        alerts.morning(ward, day)
    ward.now("2025-02-03 07:45")
    alerts.ledger("monday", doctor)
    late, critical = alerts.newest(doctor, "RM-04"), alerts.newest(doctor, "RM-05")

    alerts.morning(ward, "2025-02-06")
    ward.now("2025-02-06 10:00")
    entry = nurse.records(patient, "block_started", "2025-01-27", element="R2")
    alerts.exchange("entry", nurse, entry, "fact.id", "deviations", "patient.alerts")
    ward.now("2025-02-06 10:30")
    alerts.events("events", doctor, critical)
    alerts.explanation("late", doctor, late)
    alerts.explanation("critical", doctor, critical)
    columns = {"5 February, 12:00": "2025-02-05 12:00", "6 February, 10:10": "2025-02-06 10:10"}
    alerts.ledger_then("then", doctor, columns)
