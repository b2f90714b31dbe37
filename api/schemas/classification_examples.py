"""Examples of classifications that the documentation shows; the answers are the program's own, so they stay true."""

import json
from datetime import date
from typing import Any

from workflow.knowledge.classify import classify
from workflow.protocols.model import Protocols
from workflow.services.answers import to_json
from workflow.services.classification_answers import classification_shape, codes_shape
from workflow.services.classify_case import read_case

FINDINGS: dict[str, Any] = {
    "marrow_blasts_percent": 62,
    "csf": {"wbc_per_ul": 2, "blasts": False, "rbc_per_ul": 0, "sampled_at": "2025-01-27T09:40:00+01:00"},
    "cns_signs": False,
}
RELAPSE: dict[str, Any] = {
    "diagnosis_date": "2022-04-11",
    "frontline_end_date": "2024-04-30",
    "relapse_date": "2025-01-27",
    "phenotype": "BCP",
    "sex": "female",
    "ph_status": "negative",
    "findings": FINDINGS,
}
MRD: dict[str, Any] = {
    "timepoint": "AFTER_INDUCTION_COURSE_2",
    "method": "PCR",
    "value": "0.00050",
    "unit": "fraction",
    "sample_on": "2025-03-20",
}
CASES: dict[str, dict[str, Any]] = {
    "A first relapse, site by site": RELAPSE,
    "With its response and an MRD result": {**RELAPSE, "response": "cr", "mrd": [MRD]},
    "MRD not detected, and none to come at another point": {
        **RELAPSE,
        "response": "cr",
        "mrd": [{"timepoint": "END_INDUCTION", "method": "PCR", "below": "0.0001", "unit": "fraction"}],
        "mrd_not_available": ["AFTER_INDUCTION_COURSE_2"],
    },
    "A T-cell marrow relapse without the end of frontline therapy": {
        "diagnosis_date": "2021-09-29",
        "relapse_date": "2024-01-05",
        "phenotype": "T",
        "relapse_site": "isolated_bm",
    },
    "On frontline therapy, with the readings of a protocol": {
        "diagnosis_date": "2021-09-29",
        "frontline_ongoing": True,
        "relapse_date": "2022-11-30",
        "phenotype": "BCP",
        "relapse_site": "isolated_em",
        "protocol": "all-rez-bfm-2002",
    },
    "A second relapse": {**RELAPSE, "relapse_number": 2},
}


_FOUND = classify(read_case(RELAPSE, Protocols(()), today=date.fromisoformat(MRD["sample_on"])))
CLASSIFIED: dict[str, Any] = json.loads(to_json(classification_shape(_FOUND, recommendations=True)))
COURSE: dict[str, Any] = {
    "relapse_number": 1,
    "relapse_on": RELAPSE["relapse_date"],
    "protocol": "all-rez-bfm-2002@2",
    "strategy": "BFM_2002",
    "classification": json.loads(to_json(codes_shape(_FOUND.classification, recommendations=True))),
    "response": None,
    "consolidation": None,
}
IMPOSSIBLE_CASE: dict[str, Any] = {
    "type": "/problems/invalid-input",
    "title": "Invalid input",
    "status": 422,
    "code": "invalid_input",
    "detail": "relapse_date must lie after diagnosis_date; correct one of them",
    "errors": [
        {
            "field": "relapse_date",
            "code": "date_order",
            "message": "relapse_date must lie after diagnosis_date; correct one of them",
        }
    ],
}
