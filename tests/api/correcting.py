"""Corrections as tests word them: what is sent, and what must be accepted or refused without a trace."""

from typing import Any

from httpx2 import Response

from tests.api.ward import Ward


def start(on: str, element: str = "R1", **more: object) -> dict[str, Any]:
    return {"type": "block_started", "occurred_on": on, "data": {"element": element}, **more}


def put_right(fact: str, right: dict[str, Any], reason: str = "date read from the wrong line") -> dict[str, Any]:
    return {"supersedes": fact, "reason": reason, "fact": right}


def taken_back(fact: str, reason: str = "not given") -> dict[str, Any]:
    return {"voids": fact, "reason": reason}


def correct(
    ward: Ward, patient: str, *corrections: dict[str, Any], query: str = "", keep_conflicts: bool = False
) -> Response:
    body = corrections[0] if len(corrections) == 1 else {"corrections": list(corrections)}
    kept = {"keep_conflicts": True} if keep_conflicts else {}
    return ward.post(f"/patients/{patient}/corrections{query}", {**body, **kept})


def corrected(ward: Ward, patient: str, *corrections: dict[str, Any], keep_conflicts: bool = False) -> dict[str, Any]:
    answer = correct(ward, patient, *corrections, keep_conflicts=keep_conflicts)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def refused(ward: Ward, patient: str, *corrections: dict[str, Any], status: int) -> dict[str, Any]:
    before = ward.get(f"/patients/{patient}").json(), history(ward, patient)
    answer = correct(ward, patient, *corrections)
    assert answer.status_code == status, answer.text
    assert (ward.get(f"/patients/{patient}").json(), history(ward, patient)) == before
    body: dict[str, Any] = answer.json()
    return body


def history(ward: Ward, patient: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = ward.get(f"/patients/{patient}/history", include_superseded=True).json()["items"]
    return items


def entry(ward: Ward, patient: str, fact: str) -> dict[str, Any]:
    return next(item for item in history(ward, patient) if item["id"] == fact)
