"""Two nurses find the same wrong date; each asks a doctor, and the two doctors correct it at once."""

from docs.stories import showing
from docs.stories.telling import Shape, Ward, fact


def tell(ward: Ward) -> None:
    """Tell how R2, recorded for 10 June 2025, is put at 9 June by one doctor and at 8 June by another."""
    lang, weiss = ward.person("dr.lang", "clinician", "berlin"), ward.person("dr.weiss", "clinician", "berlin")
    amsel = ward.person("nurse.amsel", "nurse", "berlin")

    ward.now("2025-05-19 12:00")
    patient = amsel.admits("ALL-0701", "berlin", relapse_on="2025-05-14", protocol_on="2025-05-15")
    amsel.records(patient, "block_started", "2025-05-19", element="R1")
    ward.now("2025-05-24 12:00")
    amsel.records(patient, "block_completed", "2025-05-24", given="as_planned")
    ward.now("2025-06-10 12:00")
    start = amsel.records(patient, "block_started", "2025-06-10", element="R2")

    def correction(of: str, on: str, reason: str) -> Shape:
        return {"supersedes": of, "reason": reason, "fact": fact("block_started", on, element="R2")}

    ward.now("2025-06-11 09:58")
    on_the_9th = correction(start.fact, "2025-06-09", "first systemic dose on Monday evening")
    showing.exchange("nurse", amsel, amsel.corrects(patient, on_the_9th, expect=403))
    ward.now("2025-06-11 10:02")
    showing.exchange("first", lang, lang.corrects(patient, on_the_9th), "facts", "deviations")
    on_the_8th = correction(start.fact, "2025-06-08", "first systemic dose on Sunday, by the chart of drugs given")
    second = weiss.corrects(patient, on_the_8th, expect=409)
    showing.exchange("second", weiss, second)
    ward.now("2025-06-11 10:20")
    again = weiss.corrects(patient, correction("f7", "2025-06-08", on_the_8th["reason"]))
    showing.exchange("again", weiss, again, "facts", "deviations")

    ward.now("2025-06-11 12:00")
    showing.history("history", lang, patient)
