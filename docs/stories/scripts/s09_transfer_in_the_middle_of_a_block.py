"""A patient is handed over to another hospital in the middle of a block."""

from docs.stories import showing
from docs.stories.showing import NOW, Clocks
from docs.stories.telling import Ward, fact


def tell(ward: Ward) -> None:
    """Tell how R1 starts in Berlin on 7 April 2025, and goes on in Lisbon, an hour behind."""
    ward.site("lisbon", "Lisbon", "Europe/Lisbon")
    doctor = ward.person("dr.lang", "clinician", "berlin")
    nurse = ward.person("nurse.amsel", "nurse", "berlin")
    coordinator = ward.person("coordinator.roth", "coordinator", "berlin")
    lisbon = ward.person("dr.costa", "clinician", "lisbon")

    ward.now("2025-04-07 12:00")
    patient = nurse.admits("ALL-0901", "berlin", relapse_on="2025-04-02", protocol_on="2025-04-03")
    start = nurse.records(patient, "block_started", "2025-04-07", element="R1")
    ward.now("2025-04-09 10:00")
    handed_over = coordinator.records(patient, "site_changed", "2025-04-09", to="lisbon", role="transfer")
    showing.exchange("handed-over", coordinator, handed_over, "fact.id", "patient.site", "patient.state", "warnings")
    ward.now("2025-04-10 08:00")
    showing.exchange("berlin", doctor, doctor.reads(f"/patients/{patient.id}", expect=404))

    ward.now("2025-04-12 15:00")
    lisbon.records(patient, "block_completed", "2025-04-12", given="as_planned")
    ward.now("2025-04-14 11:00")
    correction = {
        "supersedes": start.fact,
        "reason": "letter from Berlin: R1 began on 8 April",
        "fact": fact("block_started", "2025-04-08", element="R1"),
    }
    showing.changed("changed", lisbon, lisbon.corrects(patient, correction))

    # Half past midnight in Berlin on 30 April, half past eleven in the evening of 29 April in Lisbon.
    ward.now("2025-04-30 00:30")
    evening = lisbon.reads(f"/patients/{patient.id}")
    showing.exchange("evening", lisbon, evening, "site", "as_of", "state")
    showing.side_by_side(
        "night", lisbon, patient, {"29 April, the day there": NOW, "30 April": Clocks(as_of="2025-04-30")}
    )

    ward.now("2025-04-30 12:00")
    showing.history("history", lisbon, patient)
    columns = {
        "10 April, as known on 10 April": Clocks(as_of="2025-04-10", known_at="2025-04-10 12:00"),
        "10 April, as known on 14 April": Clocks(as_of="2025-04-10", known_at="2025-04-14 12:00"),
    }
    showing.side_by_side("side-by-side", lisbon, patient, columns)
