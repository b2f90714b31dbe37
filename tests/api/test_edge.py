"""What holds for every answer: headers, problems instead of stack traces, and logs without anything of a patient."""

import io
import json
import logging
from typing import Any

import pytest

from api.hardening import SECURITY_HEADERS
from api.logs import configure_logs
from tests.api.people import SECRET_OF_KEYS
from tests.api.ward import BASE, Ward, as_person
from workflow.persistence.errors import (
    BrokenConstraintError,
    DatabaseBusyError,
    DatabaseUnavailableError,
    WrongRevisionError,
)
from workflow.services import health, list_patients, record_fact

PATIENT_DATA = ("ALL-0007", "2022-03-01", "BCP", "female", "a note about somebody", SECRET_OF_KEYS)
NOTE = {"type": "note_added", "occurred_on": "2025-01-10", "data": {"text": "a note about somebody"}}


@pytest.fixture
def broken(edge: Ward, monkeypatch: pytest.MonkeyPatch) -> Ward:
    """Break the use cases in a way whose message quotes a patient."""

    def breaks(*_: object, **__: object) -> None:
        raise KeyError("ALL-0007 of north, diagnosed 2022-03-01")

    monkeypatch.setattr(list_patients, "listed", breaks)
    monkeypatch.setattr(record_fact, "record", breaks)
    return edge


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/docs"),
        ("GET", "/openapi.json"),
        ("GET", "/static/coursewatch.css"),
        ("GET", "/static/swagger/swagger-ui.css"),
        ("GET", "/health/live"),
        ("GET", "/metrics"),
        ("GET", "/nowhere"),
        ("GET", "/api/v1/patients"),
        ("POST", "/health/live"),
        ("GET", "/worklist"),
        ("POST", "/sign-in"),
    ],
)
def test_every_answer_carries_the_security_headers(edge: Ward, method: str, path: str) -> None:
    answer = edge.client.request(method, path)

    assert {name: answer.headers[name] for name in SECURITY_HEADERS} == dict(SECURITY_HEADERS)
    assert answer.headers["cache-control"] == ("no-cache" if path.startswith("/static/") else "no-store")
    assert answer.headers["x-request-id"]


def test_the_policy_lets_nothing_inline_and_nothing_from_elsewhere_in() -> None:
    policy = SECURITY_HEADERS["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_a_fault_of_ours_says_nothing_but_a_request_id(broken: Ward) -> None:
    answer = broken.get("/patients")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "internal_error"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["content-security-policy"]
    for told in (*PATIENT_DATA, "KeyError", "Traceback", ".py"):
        assert told not in answer.text


def test_a_browser_gets_the_failure_as_a_page(edge: Ward) -> None:
    page = edge.client.get("/nowhere", headers={"Accept": "text/html"})
    program = edge.client.get("/api/v1/nowhere", headers={"Accept": "text/html"})

    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is nothing at this address." in page.text
    assert program.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("host", ["[", "", "a b", "evil.example:99999999", "x@localhost", "[::1", "\xe9"])
def test_a_host_header_may_be_anything(edge: Ward, host: str) -> None:
    headers = [(b"host", host.encode("latin-1")), (b"accept", b"text/html")]

    for path, status in (("/", 200), ("/sign-in", 200), ("/worklist", 401), ("/nowhere", 404), ("/api/v1/sites", 401)):
        assert edge.client.get(path, headers=headers).status_code == status


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/v1/nowhere"), ("GET", "/x"), ("GET", "/api/v1/patients/")])
def test_an_address_that_is_none_is_a_problem(edge: Ward, method: str, path: str) -> None:
    answer = edge.client.request(method, path, headers=as_person("admin"))

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["type"]) == ("not_found", "/problems/not-found")


def test_a_method_that_is_not_taken_names_all_that_are(edge: Ward) -> None:
    answer = edge.client.delete(f"{BASE}/patients", headers=as_person("admin"))

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"
    assert edge.client.get(f"{BASE}/patients/search").headers["allow"] == "POST"


@pytest.mark.parametrize("fault", [DatabaseBusyError, DatabaseUnavailableError])
def test_a_database_that_does_not_answer_is_503_with_a_time_to_try_again(
    edge: Ward, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise fault("sqlite: disk I/O error at row ALL-0007")

    monkeypatch.setattr(list_patients, "listed", fails)
    answer = edge.get("/patients")

    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert answer.headers["retry-after"] == "1"
    assert "ALL-0007" not in answer.text


def test_a_fault_of_storage_that_nobody_foresaw_is_500(edge: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise BrokenConstraintError("fact_patient_id_seq")

    monkeypatch.setattr(list_patients, "listed", fails)

    assert edge.get("/patients").status_code == 500


@pytest.fixture
def log(logging_restored: None) -> io.StringIO:
    """Collect the log as it is written in production."""
    stream = io.StringIO()
    configure_logs(stream)
    return stream


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_the_access_log_tells_the_route_and_never_the_patient(edge: Ward, log: io.StringIO) -> None:
    patient = edge.after_first_block()
    edge.post(f"/patients/{patient}/facts", NOTE)
    edge.get(f"/patients/{patient}/history?as_of=2025-01-20")
    edge.get(f"/patients/{patient}/windows/1:TR-001:f4/explanation")
    edge.post("/patients/search", {"pseudonym": "ALL-0007"})
    edge.get("/patients?pseudonym=ALL-0007")
    edge.client.get("/nowhere/ALL-0007?name=ALL-0007")

    written = log.getvalue()
    for told in (*PATIENT_DATA, patient, "as_of", "2025-01-20", "1:TR-001:f4", "Bearer"):
        assert told not in written
    history = next(line for line in lines(log) if str(line.get("route")).endswith("/history"))
    assert set(history) == {"event", "level", "timestamp", "method", "route", "status", "ms", "request_id"}
    assert history["route"] == "/api/v1/patients/{patient_id}/history"
    assert (history["method"], history["status"]) == ("GET", 200)


def test_what_machines_ask_every_few_seconds_is_counted_and_logged_where_it_fails(edge: Ward, log: io.StringIO) -> None:
    for path in ("/health/live", "/health/ready", "/metrics"):
        edge.client.get(path)

    # Nobody sweeps here, so it is not ready.
    assert [(line["route"], line["status"]) for line in lines(log)] == [("/health/ready", 503)]
    assert 'route="/health/live"' in edge.client.get("/metrics").text


def test_a_fault_is_logged_with_its_place_and_without_its_message(broken: Ward, log: io.StringIO) -> None:
    answer = broken.post("/patients/0197f3a2-5c1e-7d43-9b60-2f8a41c7e905/facts", NOTE)

    failure = next(line for line in lines(log) if line["event"] == "request failed")
    assert failure["error"] == "KeyError"
    assert failure["request_id"] == answer.json()["request_id"]
    assert any("test_edge.py" in place for place in failure["where"])
    for told in (*PATIENT_DATA, "0197f3a2"):
        assert told not in log.getvalue()


def test_what_libraries_log_is_json_without_an_exceptions_text(log: io.StringIO) -> None:
    try:
        raise ValueError("row of ALL-0007")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    logging.getLogger("uvicorn.access").info("GET /api/v1/patients?pseudonym=ALL-0007")
    logging.getLogger("some.client").info("GET https://elsewhere.example/ALL-0007")

    (line,) = lines(log)
    assert (line["event"], line["error"]) == ("Exception in ASGI application", "ValueError")
    assert "ALL-0007" not in log.getvalue()


def test_metrics_count_by_route_and_hold_no_id(edge: Ward) -> None:
    patient = edge.register()
    edge.get(f"/patients/{patient}")

    metrics = edge.client.get("/metrics").text

    route = '/api/v1/patients/{patient_id}"'
    assert f'coursewatch_http_requests_total{{method="GET",route="{route},status="200"}} 1.0' in metrics
    assert patient not in metrics
    assert "ALL-0007" not in metrics


def test_readiness_says_what_is_wrong_where_the_database_is_not_ours(
    edge: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise WrongRevisionError("run coursewatch db upgrade")

    assert edge.client.get("/health/ready").json()["database"] == "ok"
    monkeypatch.setattr(health, "require_current", refuses)
    answer = edge.client.get("/health/ready")

    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable", "database": "WrongRevisionError"})
