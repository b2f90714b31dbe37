"""An alert whose row of the catalogue only another release knows is read like any other, and says so."""

import pytest
from sqlalchemy import update

from tests.api.ledger import alert_id, late_patient
from tests.api.people import key_of
from tests.api.ward import Ward
from tests.introduced import changing
from workflow.persistence.ledger import ALERT
from workflow.services.deliver_notices import claim, prepare

UNKNOWN = "RM-77"
TITLE, SENTENCE = "Alert of another release", "This release does not know the row; look at the window."


@pytest.fixture
def unknown(edge: Ward) -> str:
    """Return the id of an alert that another release has raised."""
    late_patient(edge)
    late = alert_id(edge, "RM-04")
    with changing(edge.house.database) as connection:
        connection.execute(update(ALERT).where(ALERT.c.id == late).values(reminder=UNKNOWN))
    return late


def test_answers_tell_it(edge: Ward, unknown: str) -> None:
    listed = {alert["id"]: alert for alert in edge.get("/alerts").json()["items"]}
    one = edge.get(f"/alerts/{unknown}").json()
    patient = edge.get(f"/patients/{one['patient']}").json()
    of_patient = {alert["id"]: alert for alert in patient["alerts"]}
    for alert in (listed[unknown], one, of_patient[unknown]):
        assert [alert[name] for name in ("reminder", "title", "sentence", "source", "severity")] == [
            *(UNKNOWN, TITLE, SENTENCE, "", "warning")
        ]


def test_whether_it_was_right_is_not_claimed(edge: Ward, unknown: str) -> None:
    answer = edge.get(f"/alerts/{unknown}/explanation")
    assert answer.status_code == 200, answer.text
    assert answer.json()["was_it_right"]["verdict"] == "not_known"


def test_pages_show_it(edge: Ward, unknown: str) -> None:
    edge.client.post("/sign-in", data={"key": key_of("treating_doctor")}, follow_redirects=False)
    listed, one = (edge.client.get(path) for path in ("/alerts", f"/alerts/{unknown}"))
    for answer in (listed, one):
        assert answer.status_code == 200
        assert TITLE in answer.text
    assert "This release cannot say." in one.text


def test_its_notice_is_sent(edge: Ward, unknown: str) -> None:
    held = [claimed for _ in range(2) for claimed in claim(edge.house, "w1", busy=(), limit=1)]
    (of_it,) = (claimed for claimed in held if claimed.notice.alert_id == unknown)
    message = prepare(edge.house, of_it)
    assert message is not None
    assert UNKNOWN in message.subject
