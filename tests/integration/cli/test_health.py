"""`coursewatch health`: what a container asks every few seconds, so it is quick, and exact about what it found."""

import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest

from tests.integration.cli.running import Finished, coursewatch
from workflow.cli import health

CERTIFICATES = Path(__file__).parents[2] / "data" / "certificates"
READS_IN = """
import json, sys
from workflow.cli import main
code = main(["health", sys.argv[1]])
print(json.dumps([code, sorted(sys.modules)]))
"""
HEAVY = {"typer", "rich", "pydantic", "sqlalchemy", "fastapi", "http.client", "urllib.request", "ssl", "email"}


class Answering(BaseHTTPRequestHandler):
    """Answers by path: alive, and as ready as a test wants it to be."""

    readiness: ClassVar[tuple[int, bytes]] = (503, b"")

    def do_GET(self) -> None:
        status, body = {"/health/live": (200, b""), "/health/ready": self.readiness}.get(self.path, (404, b""))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def answering(certificate: Path | None = None) -> Iterator[int]:
    """Answer on a free port, by TLS where there is a certificate."""
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Answer on the port that the environment names."""
    with answering() as port:
        monkeypatch.setenv("COURSEWATCH_PORT", str(port))
        yield port


def test_a_process_that_answers_is_healthy(port: int) -> None:
    assert coursewatch("health") == Finished(0, "", "")
    assert coursewatch("health", f"http://127.0.0.1:{port}/health/live") == Finished(0, "", "")
    assert coursewatch("health", f"http://localhost:{port}") == Finished(0, "", "")
    assert coursewatch("health", f"http://localhost:{port}/") == Finished(0, "", "")


def test_every_other_answer_is_told_in_one_line(port: int) -> None:
    address = f"http://127.0.0.1:{port}"
    for arguments, url, why in (
        (["--ready"], f"{address}/health/ready", "answered 503"),
        ([f"{address}/elsewhere"], f"{address}/elsewhere", "answered 404"),
        ([address, "--ready"], f"{address}/health/ready", "answered 503"),
        (["--ready", f"{address}/"], f"{address}/health/ready", "answered 503"),
        (["--ready", f"{address}/health/ready"], f"{address}/health/ready", "answered 503"),
        (["http://127.0.0.1:1"], "http://127.0.0.1:1/health/live", "Connection refused"),
        (["ftp://127.0.0.1"], "ftp://127.0.0.1", "is no address like http://127.0.0.1:8000/health/live"),
        (["127.0.0.1:8000"], "127.0.0.1:8000", "is no address like http://127.0.0.1:8000/health/live"),
    ):
        assert coursewatch("health", *arguments) == Finished(1, "", f"coursewatch: not healthy: {url}: {why}\n")


def test_readiness_of_an_address_that_names_something_else_is_refused_with_the_way_out(port: int) -> None:
    address = f"http://127.0.0.1:{port}"
    for path in ("/health/live", "/elsewhere"):
        for arguments in ([f"{address}{path}", "--ready"], ["--ready", f"{address}{path}"]):
            assert coursewatch("health", *arguments) == Finished(
                2,
                "",
                f"coursewatch: --ready asks /health/ready, and the address names {path}: give {address} with --ready, "
                "or the address without it\n",
            )


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (503, {"database": "DatabaseBusyError"}, "not healthy: {}: answered 503: database: DatabaseBusyError"),
        (
            503,
            {"database": "ok", "sweep": "too old", "warnings": ["dead_letters", "jobs_silent"]},
            "not healthy: {}: answered 503: sweep: too old; warnings: dead_letters, jobs_silent",
        ),
        (503, {"status": "draining"}, "not healthy: {}: answered 503: draining: it was told to end"),
        (200, {"database": "ok", "sweep": "ok", "warnings": ["rehearsal"]}, "healthy, but: {}: warnings: rehearsal"),
        (200, {"database": "ok", "sweep": "ok", "warnings": []}, None),
        (503, {"sweep": ["never"], "database": "two\nlines", "warnings": "all"}, "not healthy: {}: answered 503"),
        (503, "{" * 9, "not healthy: {}: answered 503"),
    ],
)
def test_what_is_wrong_is_told_and_so_are_warnings_of_what_is_ready(
    status: int, body: object, told: str | None, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    monkeypatch.setattr(Answering, "readiness", (status, text.encode()))
    said = "" if told is None else f"coursewatch: {told.format(f'http://127.0.0.1:{port}/health/ready')}\n"
    assert coursewatch("health", "--ready") == Finished(0 if status == 200 else 1, "", said)


def test_readiness_is_asked_by_its_variable_too(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSEWATCH_HEALTH_READY", "true")
    finished = coursewatch("health")
    assert (finished.code, finished.err) == (
        1,
        f"coursewatch: not healthy: http://127.0.0.1:{port}/health/ready: answered 503\n",
    )


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, "http://127.0.0.1:8000/health/live"),
        ({"PORT": "9000", "HOST": "::"}, "http://127.0.0.1:9000/health/live"),
        ({"HOST": "10.1.2.3"}, "http://10.1.2.3:8000/health/live"),
        ({"HOST": "::1", "TLS_CERTIFICATE_FILE": "own.pem"}, "https://[::1]:8000/health/live"),
    ],
)
def test_a_process_is_asked_where_its_environment_lets_it_answer(
    environment: dict[str, str], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PORT", "HOST", "TLS_CERTIFICATE_FILE"):
        monkeypatch.delenv(f"COURSEWATCH_{name}", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(f"COURSEWATCH_{name}", value)
    assert health.default_url(ready=False) == url


def test_a_certificate_of_ones_own_is_taken_on_loopback_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(CERTIFICATES / "elsewhere.pem") as port:
        url = f"https://127.0.0.1:{port}/health/live"
        assert coursewatch("health", url) == Finished(0, "", "")
        monkeypatch.setattr(health, "_LOOPBACK", {"192.0.2.1"})
        finished = coursewatch("health", url)
    assert finished.code == 1
    assert "certificate verify failed" in finished.err.lower()


def test_a_container_asks_without_reading_the_program_in(port: int) -> None:
    command = [sys.executable, "-c", READS_IN, f"http://127.0.0.1:{port}/health/live"]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    code, read_in = json.loads(finished.stdout)
    assert code == 0
    assert HEAVY.isdisjoint(read_in)
    # The interpreter itself comes with about sixty.
    assert len(read_in) < 120
