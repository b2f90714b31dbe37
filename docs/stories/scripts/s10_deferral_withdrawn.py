"""A deferral is recorded before the round decides otherwise, and taken back."""

from docs.stories import showing
from docs.stories.showing import Clocks
from docs.stories.telling import Ward


def tell(ward: Ward) -> None:
    """Tell how R2, due on 10 November 2025, is recorded as deferred at eight, and starts at eleven."""
    doctor = ward.person("dr.lang", "clinician", "berlin")
    nurse = ward.person("nurse.amsel", "nurse", "berlin")

    ward.now("2025-10-20 12:00")
    patient = nurse.admits("ALL-1001", "berlin", relapse_on="2025-10-15", protocol_on="2025-10-16")
    nurse.records(patient, "block_started", "2025-10-20", element="R1")
    ward.now("2025-10-25 12:00")
    nurse.records(patient, "block_completed", "2025-10-25", given="as_planned")
    ward.now("2025-11-10 08:05")
    causes = [{"code": "infection", "primary": True}]
    deferral = nurse.records(
        patient, "block_deferred", "2025-11-10", element="R2", causes=causes, review_on="2025-11-13"
    )
    showing.exchange("deferral", nurse, deferral, "fact.id", "patient.state", "deviations", "warnings")
    ward.now("2025-11-10 11:00")
    correction = {"voids": deferral.fact, "reason": "the round did not defer: fever was the day before, cultures clear"}
    withdrawn = doctor.corrects(patient, correction)
    showing.exchange("void", doctor, withdrawn, "facts", "warnings", "stored")
    showing.changed("changed", doctor, withdrawn)
    nurse.records(patient, "block_started", "2025-11-10", element="R2")

    ward.now("2025-11-10 12:00")
    showing.history("history", doctor, patient)
    columns = {
        "10 November, as known at 09:00": Clocks(as_of="2025-11-10", known_at="2025-11-10 09:00"),
        "10 November, as known at 11:00": Clocks(as_of="2025-11-10", known_at="2025-11-10 11:00"),
        "10 November, as known at 11:30": Clocks(as_of="2025-11-10", known_at="2025-11-10 11:30"),
    }
    showing.side_by_side("side-by-side", doctor, patient, columns)
