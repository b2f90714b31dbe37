"""A death elsewhere is reported eight days later; meanwhile the ward has gone on recording."""

from docs.stories import showing
from docs.stories.showing import Clocks
from docs.stories.telling import Ward


def tell(ward: Ward) -> None:
    """Tell how a patient dies in another town on 2 May 2025, and the ward learns of it on 10 May."""
    doctor = ward.person("dr.lang", "clinician", "berlin")
    nurse = ward.person("nurse.amsel", "nurse", "berlin")

    ward.now("2025-04-14 12:00")
    patient = nurse.admits("ALL-0601", "berlin", relapse_on="2025-04-09", protocol_on="2025-04-11")
    nurse.records(patient, "block_started", "2025-04-14", element="R1")
    ward.now("2025-04-19 12:00")
    nurse.records(patient, "block_completed", "2025-04-19", given="as_planned")
    ward.now("2025-05-06 10:00")
    causes = [{"code": "other", "primary": True}]
    deferral = nurse.records(
        patient, "block_deferred", "2025-05-05", element="R2", causes=causes, review_on="2025-05-08"
    )

    ward.now("2025-05-10 13:40")
    died = nurse.records(patient, "died", "2025-05-02", cause="infection")
    showing.exchange("died", nurse, died, "fact.id", "patient.state", "patient.conflicts", "warnings")

    ward.now("2025-05-12 09:00")
    correction = {"voids": deferral.fact, "reason": "the family was away because the patient had died"}
    voided = doctor.corrects(patient, correction)
    showing.exchange("void", doctor, voided, "patient.conflicts", "changed", "stored")

    ward.now("2025-05-12 12:00")
    showing.history("history", doctor, patient)
    columns = {
        "9 May, as known on 9 May": Clocks(as_of="2025-05-09", known_at="2025-05-09 12:00"),
        "9 May, as known on 10 May": Clocks(as_of="2025-05-09", known_at="2025-05-10 14:00"),
        "9 May, as known on 12 May": Clocks(as_of="2025-05-09", known_at="2025-05-12 10:00"),
    }
    showing.side_by_side("side-by-side", doctor, patient, columns)
