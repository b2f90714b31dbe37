"""A start was typed with the wrong day; the alert counted from it was right until somebody put the day right."""

from docs.stories import alerts
from docs.stories.telling import Ward, fact


def tell(ward: Ward) -> None:
    """Tell how R1 starts on 12 March 2025, 2 March is typed, and the alert of 24 March is taken back on that day."""
    doctor = ward.person("dr.lang", "clinician", "berlin")
    nurse = ward.person("nurse.amsel", "nurse", "berlin")

    ward.now("2025-03-12 16:00")
    patient = nurse.admits("ALL-1201", "berlin", relapse_on="2025-02-28", protocol_on="2025-03-01")
    typo = nurse.records(patient, "block_started", "2025-03-02", element="R1")
    ward.now("2025-03-17 12:00")
    nurse.records(patient, "block_completed", "2025-03-17", given="as_planned")

    alerts.morning(ward, "2025-03-20")
    alerts.morning(ward, "2025-03-24")
    ward.now("2025-03-24 08:00")
    alerts.ledger("monday", doctor)
    late = alerts.newest(doctor, "RM-04")
    alerts.explanation("before", doctor, late)

    ward.now("2025-03-24 08:20")
    correction = {
        "supersedes": typo.fact,
        "reason": "typing error: the chart of drugs given says 12 March",
        "fact": fact("block_started", "2025-03-12", element="R1"),
    }
    mended = doctor.corrects(patient, correction)
    alerts.changed("changed", doctor, mended)
    alerts.exchange("correction", doctor, mended, "patient.alerts", "stored")

    ward.now("2025-03-24 09:00")
    alerts.explanation("after", doctor, late)
    columns = {"24 March, 08:10": "2025-03-24 08:10", "24 March, 08:30": "2025-03-24 08:30"}
    alerts.ledger_then("then", doctor, columns)
