"""The page of alerts: the gravest first over all its pages, and times by the clock of each patient's site."""

import re
from datetime import datetime
from html import unescape
from zoneinfo import ZoneInfo

from tests.api.hospitals import at, changed, put_site
from tests.api.ledger import CRITICAL, alerts, late_patient
from tests.api.people import NORTH, SOUTH, key_of
from tests.api.ward import Ward

SEVERITY = re.compile(r'<tr class="[a-z]+">.*?</span> (\w+)</span>', re.DOTALL)
LINE = re.compile(r'/alerts/([0-9a-f-]{36})">')
TAG = re.compile(r"<[^>]*>")
NEXT = re.compile(r'href="([^"]*cursor=[^"]*)">Next page')
AUCKLAND = ZoneInfo("Pacific/Auckland")


def opened(ward: Ward, path: str, who: str = "treating_doctor") -> str:
    """Return a page as a person reads it who has signed in."""
    ward.client.post("/sign-in", data={"key": key_of(who)}, follow_redirects=False)
    answer = ward.client.get(path)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def severities_and_ids(ward: Ward, path: str) -> tuple[list[str], list[str]]:
    """Return severities and ids of all alerts, over all pages."""
    severities, ids = [], []
    while path:
        text = opened(ward, path)
        severities += SEVERITY.findall(text)
        ids += LINE.findall(text)
        path = next(iter(NEXT.findall(text)), "")
    return severities, ids


def test_a_grave_alert_stands_before_newer_ones_on_whatever_page_these_come(ward: Ward) -> None:
    late_patient(ward, CRITICAL)
    newer = ward.relapsed(pseudonym="ALL-0008")
    ward.recorded(newer, "block_started", "2025-01-15", {"element": "R1"})
    newest_first = [alert["severity"] for alert in alerts(ward)]
    assert newest_first == ["task", "critical", "warning", "task"]

    for clocks in ("", f"&known_at={ward.clock.now:%Y-%m-%dT%H:%M:%S.%fZ}"):
        severities, ids = severities_and_ids(ward, f"/alerts?limit=1{clocks}")
        assert severities == ["Critical", "Warning", "Task", "Task"]
        of_id = {alert["id"]: alert for alert in alerts(ward)}
        assert of_id.keys() == set(ids)
        assert [of_id[alert]["pseudonym"] for alert in ids[2:]] == ["ALL-0008", "ALL-0007"]


def test_times_are_those_of_the_treating_site_where_it_only_shares_the_care_with_the_readers(ward: Ward) -> None:
    put_site(ward, NORTH, time_zone="Pacific/Auckland")
    patient = late_patient(ward, at("2025-01-31"))
    changed(ward, patient, "2025-01-31", NORTH, SOUTH, role="shared_care")
    raised = datetime.fromisoformat(alerts(ward, reminder="RM-04")[0]["raised_at"])

    text = TAG.sub("", opened(ward, "/alerts", "other_hospital"))
    assert f"raised {raised.astimezone(AUCKLAND):%Y-%m-%d %H:%M}" in text
