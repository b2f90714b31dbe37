"""The load: courses as a ward would enter them, fact by fact, each of a patient of its own."""

from datetime import date, timedelta

from benchmarks.load import Call

FIRST_DAY = date(2024, 1, 8)
FACTS_A_COURSE = 16


def registration(number: int) -> Call:
    """Return the call that registers patient `number`."""
    return Call(
        "/api/v1/patients",
        {
            "pseudonym": f"BENCH-{number:06d}",
            "site": f"site-{number % 4}",
            "diagnosis_date": "2021-03-01",
            "phenotype": "BCP",
            "frontline_end_date": "2023-03-01",
            "occurred_on": "2024-01-08",
        },
    )


def facts(patient_id: str) -> list[Call]:
    """Return a relapse, its protocol, and blocks 18 to 28 days apart with assessment and MRD between them."""
    path = f"/api/v1/patients/{patient_id}/facts"
    told: list[tuple[int, str, dict[str, object]]] = [
        (0, "relapse_diagnosed", {"findings": {"marrow_blasts_percent": 62, "peripheral_blasts": True}}),
        (0, "protocol_chosen", {"protocol": "all-rez-bfm-2002", "strategy": "BFM_2002"}),
        (1, "block_started", {"element": "R1"}),
        (7, "block_completed", {"given": "as_planned"}),
        (8, "counts_recorded", {"anc": 300, "wbc": 0.9, "platelets": 24}),
        (22, "block_started", {"element": "R2"}),
        (28, "block_completed", {"given": "as_planned"}),
        (36, "mrd_sampled", {"timepoint": "AFTER_INDUCTION_COURSE_2", "method": "PCR", "sample_on": "2024-02-13"}),
        (40, "response_assessed", {"marrow_blasts_percent": 2, "peripheral_blasts": False, "final": True}),
        (44, "mrd_reported", _mrd("2024-02-13")),
        (45, "consolidation_decided", {"decision": "chemotherapy"}),
        (46, "block_started", {"element": "R1"}),
        (52, "block_completed", {"given": "as_planned"}),
        (64, "block_deferred", {"element": "R2", "causes": [{"code": "infection", "primary": True}]}),
        (74, "block_started", {"element": "R2"}),
        (80, "block_completed", {"given": "modified"}),
    ]
    return [
        Call(path, {"type": name, "occurred_on": (FIRST_DAY + timedelta(days=days)).isoformat(), "data": data})
        for days, name, data in told
    ]


def _mrd(sample_on: str) -> dict[str, object]:
    return {
        "timepoint": "AFTER_INDUCTION_COURSE_2",
        "method": "PCR",
        "sample_on": sample_on,
        "unit": "fraction",
        "value": "0.0004",
    }
