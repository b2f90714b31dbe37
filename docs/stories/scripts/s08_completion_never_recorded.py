"""Nobody records that a block was completed; the next start shows it, and a backdated completion mends it."""

from docs.stories import showing
from docs.stories.showing import Clocks
from docs.stories.telling import Ward


def tell(ward: Ward) -> None:
    """Tell how R1 ends on 6 September 2025 unrecorded, R2 starts, and the end is recorded on 6 October."""
    doctor = ward.person("dr.lang", "clinician", "berlin")
    nurse = ward.person("nurse.amsel", "nurse", "berlin")

    ward.now("2025-09-01 12:00")
    patient = nurse.admits("ALL-0801", "berlin", relapse_on="2025-08-27", protocol_on="2025-08-28")
    nurse.records(patient, "block_started", "2025-09-01", element="R1")
    ward.now("2025-09-22 12:00")
    start = nurse.records(patient, "block_started", "2025-09-22", element="R2")
    showing.exchange("start", nurse, start, "fact.id", "patient.state", "deviations", "warnings")

    ward.now("2025-10-06 09:00")
    mended = nurse.records(patient, "block_completed", "2025-09-06", given="as_planned")
    showing.exchange("mended", nurse, mended, "fact.id", "patient.state", "patient.deviations", "warnings")

    ward.now("2025-10-06 12:00")
    showing.history("history", doctor, patient)
    columns = {
        "15 September, as known on 15 September": Clocks(as_of="2025-09-15", known_at="2025-09-15 12:00"),
        "22 September, as known on 22 September": Clocks(as_of="2025-09-22", known_at="2025-09-22 13:00"),
        "22 September, as known on 6 October": Clocks(as_of="2025-09-22", known_at="2025-10-06 10:00"),
    }
    showing.side_by_side("side-by-side", doctor, patient, columns)
