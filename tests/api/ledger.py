"""The ledger of alerts as tests ask about it: a ward whose days pass with a sweep on each, and what then stands."""

from datetime import UTC, datetime, timedelta
from typing import Any

from httpx2 import Response

from tests.api.ward import Parameter, Ward
from workflow.services.sweep import sweep

# R1 of `in_first_block` starts on this day: planned from 2025-01-24 on (a Friday), late on -30, critical on 02-03.
STARTED = datetime(2025, 1, 8, 9, tzinfo=UTC)
LATE, CRITICAL = datetime(2025, 1, 30, 9, tzinfo=UTC), datetime(2025, 2, 3, 9, tzinfo=UTC)


def go_to(ward: Ward, instant: datetime) -> None:
    """Let the days pass until an instant, each with a sweep at its beginning, and sweep then."""
    day = ward.clock.now.replace(hour=0, minute=0, second=1, microsecond=0) + timedelta(days=1)
    while day < instant:
        ward.clock.now = day
        sweep(ward.house)
        day += timedelta(days=1)
    ward.clock.now = instant
    sweep(ward.house)


def late_patient(ward: Ward, until: datetime = LATE, **changes: object) -> str:
    """Return the id of a patient whose R1 started on 2025-01-08, entered at once; then days pass until an instant."""
    ward.clock.now = datetime(2025, 1, 13, 9, tzinfo=UTC)
    patient = ward.after_first_block(**changes)
    go_to(ward, until)
    return patient


def alerts(ward: Ward, who: str = "treating_doctor", **parameters: Parameter) -> list[dict[str, Any]]:
    """Return the alerts of the first page."""
    answer = ward.get("/alerts", who, **parameters)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def alert_id(ward: Ward, reminder: str, **parameters: Parameter) -> str:
    """Return the id of the newest alert of a reminder, whatever its status."""
    everything = ["open", "acknowledged", "snoozed", "resolved"]
    return str(alerts(ward, "treating_doctor", reminder=reminder, status=everything, **parameters)[0]["id"])


def stands(ward: Ward, **parameters: Parameter) -> dict[str, str]:
    """Return how the alerts stand that are not resolved, or that are asked for, by reminder."""
    return {alert["reminder"]: alert["status"] for alert in alerts(ward, "treating_doctor", **parameters)}


def act(ward: Ward, deed: str, alert: str, who: str = "ward_nurse", **body: object) -> Response:
    """Act upon an alert."""
    return ward.post(f"/alerts/{alert}/{deed}", {"reason": "fever; the round decides at noon", **body}, who)


def acted(ward: Ward, deed: str, alert: str, who: str = "ward_nurse", **body: object) -> dict[str, Any]:
    """Act upon an alert where that must be accepted."""
    answer = act(ward, deed, alert, who, **body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def notices(ward: Ward, alert: str, who: str = "data_manager") -> list[dict[str, Any]]:
    """Return the notices of an alert as a coordinator reads them."""
    told: list[dict[str, Any]] = ward.get(f"/alerts/{alert}", who).json()["notices"]
    return told


def happened(ward: Ward, alert: str) -> list[str]:
    """Return what happened to an alert, in words."""
    return [event["kind"] for event in ward.get(f"/alerts/{alert}").json()["events"]]


def refused(ward: Ward, deed: str, alert: str, who: str = "ward_nurse", **body: object) -> tuple[int, dict[str, Any]]:
    """Return status and problem of an act that must be refused and leave the alert as it is."""
    before = ward.get(f"/alerts/{alert}").json()
    answer = act(ward, deed, alert, who, **body)
    assert answer.status_code >= 400, answer.text
    assert ward.get(f"/alerts/{alert}").json() == before
    return answer.status_code, answer.json()
