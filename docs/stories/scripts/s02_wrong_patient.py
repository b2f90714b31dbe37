"""The start of a block is entered for the wrong patient, and moved to the right one two days later."""

from docs.stories import showing
from docs.stories.showing import Clocks
from docs.stories.telling import Patient, Ward


def tell(ward: Ward) -> None:
    """Tell how R2 of ALL-0202 on 5 May 2025 is entered for ALL-0201, and moved on 7 May."""
    doctor = ward.person("dr.lang", "clinician", "berlin")
    nurse = ward.person("nurse.amsel", "nurse", "berlin")

    def after_first_block(pseudonym: str) -> Patient:
        patient = nurse.admits(pseudonym, "berlin", relapse_on="2025-04-09", protocol_on="2025-04-10")
        nurse.records(patient, "block_started", "2025-04-14", element="R1")
        nurse.records(patient, "block_completed", "2025-04-19", given="as_planned")
        return patient

    ward.now("2025-04-19 16:00")
    wrong, right = after_first_block("ALL-0201"), after_first_block("ALL-0202")
    ward.now("2025-05-05 11:20")
    entry = nurse.records(wrong, "block_started", "2025-05-05", element="R2")

    ward.now("2025-05-07 08:10")
    refused = nurse.moves(wrong, right, [entry.fact], "entered for the wrong patient", expect=403)
    showing.exchange("nurse", nurse, refused)
    ward.now("2025-05-07 08:30")
    moved = doctor.moves(wrong, right, [entry.fact], "entered for the wrong patient: the two lie in one room")
    showing.exchange("move", doctor, moved, "from.patient.state", "to.patient.state", "to.deviations", "stored")

    ward.now("2025-05-07 12:00")
    showing.history("history-wrong", doctor, wrong)
    showing.history("history-right", doctor, right)
    columns = {
        "6 May, as known on 6 May": Clocks(as_of="2025-05-06", known_at="2025-05-06 12:00"),
        "6 May, as known on 7 May": Clocks(as_of="2025-05-06", known_at="2025-05-07 10:00"),
    }
    showing.side_by_side("clocks-wrong", doctor, wrong, columns)
    showing.side_by_side("clocks-right", doctor, right, columns)
