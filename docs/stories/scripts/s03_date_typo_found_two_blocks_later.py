"""A typing error in the date of a start is found two blocks later, and put right."""

from docs.stories import showing
from docs.stories.showing import Clocks
from docs.stories.telling import Ward, fact


def tell(ward: Ward) -> None:
    """Tell how R2 starts on 3 February 2025, 6 February is typed, and it is found on 18 March, in the fourth block."""
    doctor = ward.person("dr.lang", "clinician", "berlin")
    nurse = ward.person("nurse.amsel", "nurse", "berlin")

    ward.now("2025-01-13 12:00")
    patient = nurse.admits("ALL-0301", "berlin", relapse_on="2025-01-08", protocol_on="2025-01-10")
    nurse.records(patient, "block_started", "2025-01-13", element="R1")
    ward.now("2025-01-18 12:00")
    nurse.records(patient, "block_completed", "2025-01-18", given="as_planned")
    ward.now("2025-02-06 12:00")
    typo = nurse.records(patient, "block_started", "2025-02-06", element="R2")
    showing.exchange("typo", nurse, typo, "fact.id", "deviations")
    ward.now("2025-02-08 12:00")
    nurse.records(patient, "block_completed", "2025-02-08", given="as_planned")
    ward.now("2025-02-21 12:00")
    nurse.records(patient, "response_assessed", "2025-02-18", marrow_blasts_percent=1.5, final=True)
    mrd = {"timepoint": "AFTER_INDUCTION_COURSE_2", "method": "PCR", "sample_on": "2025-02-18"}
    nurse.records(patient, "mrd_reported", "2025-02-20", **mrd, value="0.00030", unit="fraction")
    doctor.records(patient, "consolidation_decided", "2025-02-21", decision="chemotherapy")
    ward.now("2025-02-24 12:00")
    nurse.records(patient, "block_started", "2025-02-24", element="R1")
    ward.now("2025-03-01 12:00")
    nurse.records(patient, "block_completed", "2025-03-01", given="as_planned")
    ward.now("2025-03-17 12:00")
    nurse.records(patient, "block_started", "2025-03-17", element="R2")

    ward.now("2025-03-18 09:00")
    correction = {
        "supersedes": typo.fact,
        "reason": "typing error: the chart of drugs given says 3 February",
        "fact": fact("block_started", "2025-02-03", element="R2"),
    }
    mended = doctor.corrects(patient, correction)
    showing.exchange("correction", doctor, mended, "changed.state", "deviations", "warnings", "stored")
    showing.changed("changed", doctor, mended)

    ward.now("2025-03-18 12:00")
    showing.history("history", doctor, patient)
    columns = {
        "1 March, as known on 1 March": Clocks(as_of="2025-03-01", known_at="2025-03-01 18:00"),
        "1 March, as known on 18 March": Clocks(as_of="2025-03-01", known_at="2025-03-18 10:00"),
    }
    showing.side_by_side("side-by-side", doctor, patient, columns)
