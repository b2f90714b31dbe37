"""An infusion stands still for four days, and its end is expected four days later."""

from docs.stories import showing
from docs.stories.showing import Clocks
from docs.stories.telling import Ward


def tell(ward: Ward) -> None:
    """Tell how a cycle that began on 18 February 2025 is interrupted on 17 March, one day before its end."""
    doctor = ward.person("dr.lang", "clinician", "berlin")
    nurse = ward.person("nurse.amsel", "nurse", "berlin")

    ward.now("2025-02-18 12:00")
    patient = nurse.registers("ALL-1601", "berlin", ph_status="negative")
    nurse.records(patient, "relapse_diagnosed", "2025-02-10", relapse_site="isolated_bm")
    nurse.records(patient, "protocol_chosen", "2025-02-12", protocol="blinatumomab-rr")
    cycle = nurse.records(patient, "block_started", "2025-02-18", element="CYCLE_1")
    ward.now("2025-03-12 12:00")
    nurse.records(patient, "counts_recorded", "2025-03-12", anc=800)
    ward.now("2025-03-17 12:00")
    stopped = nurse.records(patient, "therapy_interrupted", "2025-03-17", reason="fever")
    showing.exchange("interrupted", nurse, stopped, "fact.id", "patient.state", "deviations", "warnings")

    window = f"/patients/{patient.id}/windows/1:TR-040:{cycle.fact}/explanation"
    ward.now("2025-03-20 12:00")
    standing = doctor.reads(window)
    showing.exchange("standing-still", doctor, standing, "status", "verdict", "why", "arithmetic")
    ward.now("2025-03-21 12:00")
    nurse.records(patient, "therapy_resumed", "2025-03-21")
    ward.now("2025-03-22 12:00")
    nurse.records(patient, "block_completed", "2025-03-22", given="modified")
    showing.exchange("proof", doctor, doctor.reads(window), "status", "verdict", "why", "arithmetic", "note")
    ward.now("2025-04-04 12:00")
    planned = {"for": "CYCLE_2", "on": "2025-04-04"}
    booking = {"type": "appointment_booked", "occurred_on": "2025-04-04", "data": planned}
    showing.exchange("too-early", doctor, doctor.sends(f"/patients/{patient.id}/facts", booking, expect=409))
    ward.now("2025-04-05 12:00")
    nurse.records(patient, "block_started", "2025-04-05", element="CYCLE_2")

    showing.history("history", doctor, patient)
    columns = {
        "16 March": Clocks(as_of="2025-03-16"),
        "20 March": Clocks(as_of="2025-03-20"),
        "21 March": Clocks(as_of="2025-03-21"),
        "22 March": Clocks(as_of="2025-03-22"),
    }
    showing.side_by_side("side-by-side", doctor, patient, columns)
