"""The date of the relapse is moved, and with it a fact that would otherwise come before it."""

from docs.stories import showing
from docs.stories.showing import Clocks
from docs.stories.telling import Ward, fact


def tell(ward: Ward) -> None:
    """Tell how a relapse recorded for 3 March 2025, the blood count, is moved to 10 March, the marrow."""
    doctor = ward.person("dr.lang", "clinician", "berlin")
    nurse = ward.person("nurse.amsel", "nurse", "berlin")

    ward.now("2025-03-10 09:00")
    patient = nurse.registers("ALL-0501", "berlin")
    relapse = nurse.records(patient, "relapse_diagnosed", "2025-03-03", relapse_site="isolated_bm")
    chosen = {"protocol": "all-rez-bfm-2002", "strategy": "BFM_2002"}
    protocol = nurse.records(patient, "protocol_chosen", "2025-03-05", **chosen)
    ward.now("2025-03-12 15:00")
    nurse.records(patient, "block_started", "2025-03-12", element="R1")

    ward.now("2025-03-17 15:00")
    nurse.records(patient, "block_completed", "2025-03-17", given="as_planned")

    ward.now("2025-03-26 11:00")
    later_relapse = {
        "supersedes": relapse.fact,
        "reason": "study monitor: the day of the diagnostic marrow counts, not of the blood count",
        "fact": fact("relapse_diagnosed", "2025-03-10", relapse_site="isolated_bm"),
    }
    alone = doctor.corrects(patient, later_relapse, expect=409)
    showing.exchange("alone", doctor, alone)
    later_protocol = {
        "supersedes": protocol.fact,
        "reason": "5 March was the day of the first talk; the protocol was chosen with the marrow's result",
        "fact": fact("protocol_chosen", "2025-03-11", **chosen),
    }
    ward.now("2025-03-26 11:30")
    together = doctor.corrects(patient, {"corrections": [later_relapse, later_protocol]})
    showing.exchange("together", doctor, together, "changed.states", "deviations", "warnings", "stored")

    ward.now("2025-03-26 12:00")
    showing.history("history", doctor, patient)
    columns = {
        "5 March, as known on 25 March": Clocks(as_of="2025-03-05", known_at="2025-03-25 12:00"),
        "5 March, as known on 26 March": Clocks(as_of="2025-03-05", known_at="2025-03-26 11:45"),
        "26 March, as known on 26 March": Clocks(as_of="2025-03-26", known_at="2025-03-26 11:45"),
    }
    showing.side_by_side("side-by-side", doctor, patient, columns)
