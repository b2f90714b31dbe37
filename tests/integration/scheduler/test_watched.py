"""A scheduler tells those who watch it that it lives, whether all is well, and its metrics; and nothing else."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection, HTTPResponse

import pytest
from structlog.testing import capture_logs

from api.metrics import register
from scheduler.jobs import Job, tick
from scheduler.observing import Observer
from scheduler.watch_server import HEADERS, CannotBeWatchedError, answers_of, watch_served
from tests.integration.recorded import Recorded
from workflow.services.health import ready
from workflow.services.heartbeats import Pulse
from workflow.services.house import House
from workflow.services.read_metrics import Metrics
from workflow.services.run_sweep import run_sweep

PROCESS = "0a1b2c3d"
HOST = "127.0.0.1"


@pytest.fixture
def observer(courses: Recorded) -> Observer:
    """Give what hears of the clock's work, with the house's own numbers."""
    given = Observer()
    register(given.metrics.registry, Metrics(house=courses.house))
    return given


@pytest.fixture
def port(courses: Recorded, observer: Observer) -> Iterator[int]:
    """Serve on a free port."""

    def readiness() -> tuple[int, str]:
        answer = ready(courses.house)
        return answer.status, answer.body

    with watch_served(HOST, 0, answers_of(readiness, observer.metrics.text)) as given:
        yield given


def asked(port: int, path: str, method: str = "GET") -> tuple[HTTPResponse, str]:
    with closing(HTTPConnection(HOST, port, timeout=30)) as connection:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer, answer.read().decode()


def test_it_lives_and_is_ready_once_somebody_has_swept(courses: Recorded, port: int) -> None:
    assert (asked(port, "/health/live")[0].status, asked(port, "/health/ready")[0].status) == (200, 503)
    run_sweep(courses.house, PROCESS)
    answer, body = asked(port, "/health/ready")
    assert (answer.status, json.loads(body)["status"]) == (200, "ready")


def test_its_metrics_tell_of_jobs_and_of_the_installation(courses: Recorded, observer: Observer, port: int) -> None:
    def fail(_house: House, _pulse: Pulse) -> None:
        raise ValueError("a patient's name")

    tick(Job("broken", timedelta(days=1), fail), courses.house, PROCESS, observer)
    _, text = asked(port, "/metrics")
    assert 'coursewatch_job_runs_total{job_name="broken",outcome="failed"} 1.0' in text
    assert 'coursewatch_job_seconds_count{job_name="broken"} 1.0' in text
    assert "coursewatch_database_up 1.0" in text
    assert "name of" not in text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/api/v1/patients", 404), ("GET", "/metrics/", 404), ("POST", "/metrics", 501)],
)
def test_it_answers_nothing_else_and_always_with_its_headers(port: int, method: str, path: str, status: int) -> None:
    answer, body = asked(port, path, method)
    assert answer.status == status
    assert {name: answer.headers[name] for name in HEADERS} == dict(HEADERS)
    assert "Python" not in str(answer.headers)
    assert path == "/" or path not in body


def test_what_is_answered_well_is_not_logged_and_what_is_not_is(courses: Recorded, port: int) -> None:
    with capture_logs() as lines:
        asked(port, "/health/live")
        asked(port, "/health/ready?name=ALL-0007")
        asked(port, "/ALL-0007")
        asked(port, "/metrics")
    assert lines == [{"event": "watch_refused", "log_level": "warning", "route": "/health/ready", "status": 503}]
    run_sweep(courses.house, PROCESS)
    with capture_logs() as lines:
        asked(port, "/health/ready")
    assert lines == []


def test_head_is_answered_without_a_body(port: int) -> None:
    answer, body = asked(port, "/health/live", "HEAD")
    assert (answer.status, body) == (200, "")


def test_what_is_no_request_is_refused_without_being_repeated(port: int) -> None:
    with closing(socket.create_connection((HOST, port), timeout=30)) as connection:
        connection.sendall(b"ALL-0007 of north\r\n\r\n")
        said = connection.makefile("rb").read().decode()
    assert said == '{"status":"refused"}'


def test_an_answer_that_breaks_tells_nothing_and_the_next_one_is_given() -> None:
    def breaks() -> bytes:
        raise KeyError("ALL-0007 of north")

    with watch_served(HOST, 0, answers_of(lambda: (200, "{}"), breaks)) as port:
        answer, body = asked(port, "/metrics")
        assert (answer.status, "ALL-0007" in body) == (500, False)
        assert asked(port, "/health/live")[0].status == 200


def test_an_address_that_is_taken_is_named_with_the_way_out(port: int) -> None:
    with pytest.raises(CannotBeWatchedError, match="COURSEWATCH_WATCH_PORT"), watch_served(HOST, port, {}):
        pass
