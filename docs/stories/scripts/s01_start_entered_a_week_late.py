"""The start of a block is entered a week late; meanwhile the worklist called the patient critical."""

from docs.stories import showing
from docs.stories.showing import NOW, Clocks
from docs.stories.telling import Ward


def tell(ward: Ward) -> None:
    """Tell how R2 starts on 7 April 2025 and is entered on 14 April."""
    doctor = ward.person("dr.lang", "clinician", "berlin")
    nurse = ward.person("nurse.amsel", "nurse", "berlin")

    ward.now("2025-03-13 10:00")
    patient = nurse.admits("ALL-0101", "berlin", relapse_on="2025-03-12", protocol_on="2025-03-13")
    ward.now("2025-03-17 15:00")
    nurse.records(patient, "block_started", "2025-03-17", element="R1")
    ward.now("2025-03-22 16:00")
    nurse.records(patient, "block_completed", "2025-03-22", given="as_planned")

    # R2 starts on 7 April, and nobody tells the program. On Sunday, 13 April, the doctor on duty looks.
    ward.now("2025-04-13 08:00")
    showing.worklist("sunday", doctor, {"now": NOW})

    ward.now("2025-04-14 08:50")
    entry = nurse.records(patient, "block_started", "2025-04-07", element="R2")
    showing.exchange("entry", nurse, entry, "fact.id", "patient.state", "deviations", "warnings")
    nurse.records(patient, "block_completed", "2025-04-12", given="as_planned")

    ward.now("2025-04-14 12:00")
    showing.history("history", doctor, patient)
    columns = {
        "13 April, as known on 13 April": Clocks(as_of="2025-04-13", known_at="2025-04-13 12:00"),
        "13 April, as known on 14 April": Clocks(as_of="2025-04-13", known_at="2025-04-14 10:00"),
    }
    showing.worklist("monday", doctor, columns)
    showing.side_by_side("side-by-side", doctor, patient, columns)
