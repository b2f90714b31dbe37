"""A site is set to a time zone on the other side of the world, and its day begins half a day too early."""

from docs.stories import alerts, showing
from docs.stories.telling import Ward


def tell(ward: Ward) -> None:
    """Tell how Berlin is set to Auckland, R2 is called late on its last day on time, 28 April 2025, and mended."""
    doctor = ward.person("dr.lang", "clinician", "berlin")
    nurse = ward.person("nurse.amsel", "nurse", "berlin")
    admin = ward.person("it.brand", "admin")

    ward.now("2025-04-07 12:00")
    patient = nurse.admits("ALL-1401", "berlin", relapse_on="2025-04-03", protocol_on="2025-04-04")
    nurse.records(patient, "block_started", "2025-04-07", element="R1")
    ward.now("2025-04-12 12:00")
    nurse.records(patient, "block_completed", "2025-04-12", given="as_planned")

    ward.now("2025-04-14 09:00")
    mistake = admin.sends("/sites/berlin", {"time_zone": "Pacific/Auckland"}, method="PUT", expect=200)
    showing.exchange("mistake", admin, mistake, "id", "time_zone")
    for moment in ("2025-04-14 09:02", "2025-04-24 14:01"):
        ward.now(moment)
        alerts.sweep(ward)
    ward.now("2025-04-24 21:30")
    alerts.send(ward)
    ward.now("2025-04-28 14:01")
    alerts.sweep(ward)
    ward.now("2025-04-28 14:10")
    alerts.ledger("monday", doctor)
    late = alerts.newest(doctor, "RM-04")

    ward.now("2025-04-28 15:00")
    started = nurse.records(patient, "block_started", "2025-04-28", element="R2")
    alerts.exchange("started", nurse, started, "fact.id", "deviations", "patient.alerts")
    alerts.explanation("before", doctor, late)

    ward.now("2025-04-28 16:00")
    mended = admin.sends("/sites/berlin", {"time_zone": "Europe/Berlin"}, method="PUT", expect=200)
    showing.exchange("mended", admin, mended, "id", "time_zone")
    ward.now("2025-04-28 16:02")
    alerts.sweep(ward)
    ward.now("2025-04-28 16:10")
    alerts.events("events", doctor, late)
    alerts.explanation("wrong", doctor, late)
