"""A block is late, the site is told, and nothing that is recorded afterwards changes that."""

from docs.stories import alerts
from docs.stories.telling import Ward


def tell(ward: Ward) -> None:
    """Tell how R2 is awaited from 25 February 2025 on, an infection holds it up, and it starts on 1 March."""
    doctor = ward.person("dr.lang", "clinician", "berlin")
    nurse = ward.person("nurse.amsel", "nurse", "berlin")

    ward.now("2025-02-03 12:00")
    patient = nurse.admits("ALL-1101", "berlin", relapse_on="2025-01-30", protocol_on="2025-01-31")
    nurse.records(patient, "block_started", "2025-02-03", element="R1")
    ward.now("2025-02-08 12:00")
    nurse.records(patient, "block_completed", "2025-02-08", given="as_planned")

    alerts.morning(ward, "2025-02-21")
    alerts.morning(ward, "2025-02-25")
    ward.now("2025-02-25 07:40")
    alerts.ledger("tuesday", doctor)

    late = alerts.newest(doctor, "RM-04")
    acknowledged = nurse.sends(
        f"/alerts/{late}/acknowledge", {"reason": "fever since Sunday; the round decides at noon"}, expect=200
    )
    alerts.exchange("acknowledged", nurse, acknowledged, "reminder", "status", "acknowledged_by")
    ward.now("2025-02-25 12:00")
    snooze = {"reason": "blood cultures pending"}
    too_long = nurse.sends(f"/alerts/{late}/snooze", {**snooze, "until": "2025-03-03"}, expect=422)
    alerts.exchange("too-long", nurse, too_long)
    snoozed = nurse.sends(f"/alerts/{late}/snooze", {**snooze, "until": "2025-02-28"}, expect=200)
    alerts.exchange("snoozed", nurse, snoozed, "status", "snoozed_until", "reason")

    alerts.morning(ward, "2025-02-28")
    alerts.morning(ward, "2025-03-01")
    ward.now("2025-03-01 07:40")
    alerts.ledger("saturday", doctor)
    ward.now("2025-03-01 15:00")
    started = nurse.records(patient, "block_started", "2025-03-01", element="R2")
    alerts.exchange("started", nurse, started, "fact.id", "patient.alerts", "deviations")

    ward.now("2025-03-03 09:00")
    alerts.events("events", doctor, late)
    alerts.explanation("right", doctor, late)
