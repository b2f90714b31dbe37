"""A course goes through two protocols: two blocks, a cycle of blinatumomab, and a block again."""

from docs.stories import showing
from docs.stories.showing import Clocks
from docs.stories.telling import Ward


def tell(ward: Ward) -> None:
    """Tell how blinatumomab follows R2 in February 2025, and R1 four days after the end of the infusion."""
    doctor = ward.person("dr.lang", "clinician", "berlin")
    nurse = ward.person("nurse.amsel", "nurse", "berlin")

    ward.now("2025-02-03 12:00")
    patient = nurse.registers("ALL-1501", "berlin", ph_status="negative")
    nurse.records(patient, "relapse_diagnosed", "2025-01-06", relapse_site="isolated_bm")
    nurse.records(patient, "protocol_chosen", "2025-01-06", protocol="all-rez-bfm-2002", strategy="BFM_2002")
    for element, started_on, ended_on in (("R1", "2025-01-07", "2025-01-12"), ("R2", "2025-01-28", "2025-02-02")):
        nurse.records(patient, "block_started", started_on, element=element)
        nurse.records(patient, "block_completed", ended_on, given="as_planned")
    ward.now("2025-02-10 12:00")
    chosen = doctor.records(patient, "protocol_chosen", "2025-02-10", protocol="blinatumomab-rr")
    showing.exchange("chosen", doctor, chosen, "fact.id", "patient.protocol", "patient.state", "warnings")
    ward.now("2025-02-18 12:00")
    cycle = nurse.records(patient, "block_started", "2025-02-18", element="CYCLE_1")
    showing.exchange("cycle", nurse, cycle, "fact.id", "patient.state", "deviations", "warnings")
    proof = nurse.reads(f"/patients/{patient.id}/windows/1:TR-001:{cycle.fact}/explanation")
    showing.exchange("no-interval", nurse, proof, "verdict", "why", "protocol")

    ward.now("2025-03-18 12:00")
    nurse.records(patient, "block_completed", "2025-03-18", given="as_planned")
    ward.now("2025-03-20 12:00")
    second = {"type": "appointment_booked", "occurred_on": "2025-03-20", "data": {"for": "CYCLE_2", "on": "2025-03-22"}}
    refused = doctor.sends(f"/patients/{patient.id}/facts", second, expect=409)
    showing.exchange("too-early", doctor, refused)
    doctor.records(patient, "protocol_chosen", "2025-03-20", protocol="all-rez-bfm-2002")
    ward.now("2025-03-22 12:00")
    block = nurse.records(patient, "block_started", "2025-03-22", element="R1")
    showing.exchange("block", nurse, block, "fact.id", "patient.protocol", "patient.state", "deviations", "warnings")

    showing.history("history", doctor, patient)
    columns = {
        "10 February": Clocks(as_of="2025-02-10"),
        "18 February": Clocks(as_of="2025-02-18"),
        "20 March": Clocks(as_of="2025-03-20"),
        "22 March": Clocks(as_of="2025-03-22"),
    }
    showing.side_by_side("side-by-side", doctor, patient, columns)
