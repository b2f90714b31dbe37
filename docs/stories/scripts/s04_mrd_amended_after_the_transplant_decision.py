"""The laboratory amends an MRD result after the transplant was decided on it."""

from docs.stories import showing
from docs.stories.showing import Clocks
from docs.stories.telling import Ward, fact


def tell(ward: Ward) -> None:
    """Tell how a transplant is decided on an MRD of 0.0020, which is 0.00020 by the laboratory's amended report."""
    doctor = ward.person("dr.lang", "clinician", "berlin")
    nurse = ward.person("nurse.amsel", "nurse", "berlin")
    mrd = {"timepoint": "AFTER_INDUCTION_COURSE_2", "method": "PCR", "sample_on": "2025-06-10"}

    ward.now("2025-05-05 12:00")
    patient = nurse.admits("ALL-0401", "berlin", relapse_on="2025-04-30", protocol_on="2025-05-02")
    nurse.records(patient, "block_started", "2025-05-05", element="R1")
    ward.now("2025-05-10 12:00")
    nurse.records(patient, "block_completed", "2025-05-10", given="as_planned")
    ward.now("2025-05-26 12:00")
    nurse.records(patient, "block_started", "2025-05-26", element="R2")
    ward.now("2025-05-31 12:00")
    nurse.records(patient, "block_completed", "2025-05-31", given="as_planned")
    ward.now("2025-06-12 14:00")
    nurse.records(patient, "response_assessed", "2025-06-10", marrow_blasts_percent=1, final=True)
    result = nurse.records(patient, "mrd_reported", "2025-06-12", **mrd, value="0.0020", unit="fraction")
    ward.now("2025-06-13 16:00")
    because = "MRD 0.0020 after the second course, cut-off 0.001"
    doctor.records(patient, "consolidation_decided", "2025-06-13", decision="hsct", reason=because)
    ward.now("2025-06-16 12:00")
    nurse.records(patient, "block_started", "2025-06-16", element="R1")
    ward.now("2025-06-21 12:00")
    nurse.records(patient, "block_completed", "2025-06-21", given="as_planned")

    ward.now("2025-07-02 10:00")
    correction = {
        "supersedes": result.fact,
        "reason": "amended report of the laboratory of 1 July: dilution counted twice",
        "fact": fact("mrd_reported", "2025-06-12", **mrd, value="0.00020", unit="fraction"),
    }
    amended = doctor.corrects(patient, correction)
    showing.exchange("correction", doctor, amended, "changed", "deviations", "warnings", "stored")

    ward.now("2025-07-04 15:00")
    because = "decision of 13 June reviewed: MRD 0.00020 by the amended report"
    again = doctor.records(patient, "consolidation_decided", "2025-07-04", decision="chemotherapy", reason=because)
    showing.exchange("decision", doctor, again, "fact.id", "patient.state", "warnings")

    ward.now("2025-07-04 16:00")
    showing.history("history", doctor, patient)
    columns = {
        "13 June, as known on 13 June": Clocks(as_of="2025-06-13", known_at="2025-06-13 18:00"),
        "13 June, as known on 2 July": Clocks(as_of="2025-06-13", known_at="2025-07-02 12:00"),
        "4 July, as known on 4 July": Clocks(as_of="2025-07-04", known_at="2025-07-04 15:30"),
    }
    showing.side_by_side("side-by-side", doctor, patient, columns)
