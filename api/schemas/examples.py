"""Examples that the documentation shows: a relapse treated by ALL-REZ BFM blocks, and the refusals on the way."""

from typing import Any

from api.schemas.classification_examples import CLASSIFIED, COURSE, FINDINGS

PATIENT = "0197f3a2-5c1e-7d43-9b60-2f8a41c7e905"

REGISTRATION: dict[str, Any] = {
    "pseudonym": "ALL-0007",
    "site": "north",
    "diagnosis_date": "2022-04-11",
    "frontline_end_date": "2024-04-30",
    "phenotype": "BCP",
    "ph_status": "negative",
    "sex": "female",
}


def fact(fact_type: str, occurred_on: str, data: dict[str, Any], **more: object) -> dict[str, Any]:
    """Return a fact as it is sent."""
    return {"type": fact_type, "occurred_on": occurred_on, "data": data, **more}


# One for each place where people ask "what exactly do I send?"; a test reads every one of them.
FACTS: dict[str, dict[str, Any]] = {
    "A block starts": fact("block_started", "2025-03-01", {"element": "R2"}),
    "A gate is passed by a clinician": fact(
        "block_started",
        "2025-02-16",
        {"element": "R2"},
        override={"code": "rapid_progression", "reason": "blasts rising on day 12, discussed in the round"},
    ),
    "A nurse records what was given": fact(
        "block_started",
        "2025-02-16",
        {"element": "R2"},
        override={"code": "given_as_ordered", "ordered_by": "dr.lang"},
    ),
    "A relapse, site by site": fact(
        "relapse_diagnosed",
        "2025-01-27",
        {
            "findings": FINDINGS,
        },
    ),
    "A protocol is chosen": fact(
        "protocol_chosen", "2025-02-01", {"protocol": "all-rez-bfm-2002", "strategy": "BFM_2002"}
    ),
    "A block ends": fact("block_completed", "2025-02-08", {"given": "as_planned"}),
    "The next block is deferred": fact(
        "block_deferred",
        "2025-02-24",
        {
            "element": "R2",
            "causes": [{"code": "infection", "primary": True}, {"code": "count_recovery"}],
            "review_on": "2025-02-27",
        },
    ),
    "Marrow after a block": fact("response_assessed", "2025-03-20", {"marrow_blasts_percent": 1.5, "final": True}),
    "MRD, quantified": fact(
        "mrd_reported",
        "2025-03-24",
        {
            "timepoint": "AFTER_INDUCTION_COURSE_2",
            "method": "PCR",
            "sample_on": "2025-03-20",
            "value": "0.00050",
            "unit": "fraction",
        },
    ),
    "MRD, not detected": fact(
        "mrd_reported",
        "2025-03-24",
        {
            "timepoint": "AFTER_INDUCTION_COURSE_2",
            "method": "PCR",
            "sample_on": "2025-03-20",
            "below": "0.0001",
            "unit": "fraction",
            "result": "negative",
        },
    ),
    "What follows remission": fact("consolidation_decided", "2025-03-27", {"decision": "chemotherapy"}),
    "A delay is explained": fact(
        "delay_explained",
        "2025-03-02",
        {"window": "1:TR-001:f4", "segments": [{"code": "infection", "days": 3}, {"code": "capacity", "days": 2}]},
    ),
}

WINDOW: dict[str, Any] = {
    "id": "1:TR-001:f6",
    "rule": "TR-001",
    "course": 1,
    "label": "Next block",
    "anchor": {"fact": "f6", "on": "2025-03-01"},
    "expects": "block_started",
    "hard_min_on": "2025-03-15",
    "earliest_on": "2025-03-15",
    "target_on": "2025-03-22",
    "latest_on": "2025-03-22",
    "critical_from": "2025-03-27",
    "review_on": None,
    "paused_on": None,
    "interrupted_days": 0,
    "status": "upcoming",
    "unknown": False,
    "verdict": None,
    "met_by": None,
    "met_on": None,
    "closed_by": None,
    "closed_on": None,
    "days": 0,
    "days_past_latest": 0,
    "source": "ALL-REZ BFM block therapy, start to start 2–3 weeks (000)",
}
LATE: dict[str, Any] = {
    "window": "1:TR-001:f4",
    "verdict": "critical",
    "days": 26,
    "days_past_latest": 5,
    "fact": "f6",
    "occurred_on": "2025-03-01",
    "explained_days": 0,
    "explained": False,
}
SNAPSHOT: dict[str, Any] = {
    "id": PATIENT,
    "pseudonym": "ALL-0007",
    "site": "north",
    "state": "reinduction.block",
    "relapse_number": 1,
    "attempt": 1,
    "protocol": "all-rez-bfm-2002@2",
    "strategy": "BFM_2002",
    "version": 6,
    "as_of": "2025-03-01",
    "unknown": False,
    "last_contact_on": "2025-03-01",
    "owner": None,
    "deputy": None,
    "windows": [WINDOW],
    "deviations": [LATE],
    "unconfirmed": [],
    "conflicts": [],
    "registration": REGISTRATION,
    "classification": CLASSIFIED,
    "response": None,
    "consolidation": None,
    "courses": [COURSE],
    "alerts": [],
}
RECORDED: dict[str, Any] = {
    "fact": {
        "id": "f6",
        "type": "block_started",
        "occurred_on": "2025-03-01",
        "recorded_at": "2025-03-01T10:02:11.000417Z",
        "recorded_by": "nurse.k",
        "data": {"element": "R2"},
        "certainty": "exact",
        "unconfirmed": False,
    },
    "patient": SNAPSHOT,
    "deviations": [LATE],
    "warnings": [],
    "stored": True,
}
TOO_EARLY: dict[str, Any] = {
    "type": "/problems/too-early",
    "title": "Too early",
    "status": 409,
    "code": "too_early",
    "detail": "R2 on 2025-02-16 would start 13 days after R1 of 2025-02-03; at least 14 are required.",
    "field": "occurred_on",
    "rule": "TR-001",
    "source": "ALL-REZ BFM block therapy, start to start 2–3 weeks (000)",
    "arithmetic": "2025-02-16 − 2025-02-03 = 13 d < 14 d",
    "earliest_on": "2025-02-17",
    "override": {
        "codes": ["clinical_decision", "rapid_progression", "logistics", "trial_instruction", "other"],
        "needs_role": "clinician",
        "or": {"code": "given_as_ordered", "with": "ordered_by", "needs_role": "nurse"},
    },
}
ALREADY_CORRECTED: dict[str, Any] = {
    "type": "/problems/already-corrected",
    "title": "Not correctable so",
    "status": 409,
    "code": "already_corrected",
    "detail": "f15 was superseded by f19 of nurse.k at 2025-03-01 10:02 UTC; read it, and correct f19 if it is wrong "
    "still.",
    "field": "supersedes",
}
_RIGHT_START = fact("block_started", "2025-02-28", {"element": "R2"})
CORRECTIONS: dict[str, dict[str, Any]] = {
    "A wrong date": {"supersedes": "f15", "reason": "date read from the wrong line", "fact": _RIGHT_START},
    "Entered in error": {"voids": "f17", "reason": "not given"},
    "Both or neither": {
        "corrections": [
            {"supersedes": "f15", "reason": "date read from the wrong line", "fact": _RIGHT_START},
            {"voids": "f17", "reason": "not given"},
        ]
    },
}
MOVE: dict[str, Any] = {
    "from": PATIENT,
    "to": "0197f3a2-5c1e-7d43-9b60-2f8a41c7e906",
    "facts": ["f15", "f16"],
    "reason": "twins: entered in the other file",
}
ACKNOWLEDGEMENTS: dict[str, dict[str, Any]] = {
    "Seen, and seen to": {"reason": "counts low; the round decides at noon"},
    "For somebody on the telephone": {"reason": "told by telephone at 07:40", "for": "dr.lang"},
}
SNOOZES: dict[str, dict[str, Any]] = {
    "Until a day": {"reason": "marrow planned for Monday", "until": "2025-03-24"},
    "Until an instant": {"reason": "round at noon", "until": "2025-03-21T13:00:00+01:00"},
}
RESOLUTIONS: dict[str, dict[str, Any]] = {
    "By hand": {"reason": "treated at another hospital since; their letter will be entered"},
}
INVALID: dict[str, Any] = {
    "type": "/problems/invalid-input",
    "title": "Invalid input",
    "status": 422,
    "code": "invalid_input",
    "detail": "data.unit is required, an MRD without unit is refused: send fraction, percent or log10",
    "errors": [
        {
            "field": "data.unit",
            "code": "mrd_unit_missing",
            "message": "data.unit is required, an MRD without unit is refused: send fraction, percent or log10",
        }
    ],
}
SITE: dict[str, Any] = {
    "name": "Children's hospital north",
    "time_zone": "Europe/Berlin",
    "working_days": [1, 2, 3, 4, 5],
    "holidays": ["2025-12-25", "2025-12-26"],
    "contacts": ["ward-3@north.example"],
    "notices_at": "07:00",
    "mrd_result_days": 14,
}
SIGNATURES: dict[str, Any] = {
    "As its author": {
        "part": "author",
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "note": "written from the study protocol, version 3.1",
    },
}
