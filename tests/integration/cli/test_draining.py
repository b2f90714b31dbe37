"""A process that is told to end says first that nobody should come any more, finishes what it was asked, and ends."""

import asyncio
import json
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from api.draining import Draining
from tests.databases import Urls
from tests.integration.races.processes import ApiProcess
from workflow.cli.draining import DrainingServer

LONG, SHORT = 600.0, 0.2
PATIENT_SECONDS = 60.0


def asked(line: HTTPConnection, path: str) -> tuple[HTTPResponse, Any]:
    line.request("GET", path)
    answer = line.getresponse()
    return answer, json.loads(answer.read())


def until_draining(port: int) -> None:
    """Return once readiness says that the process drains: a signal takes a moment to be seen."""
    for _ in range(1000):
        with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENT_SECONDS)) as line:
            answer, told = asked(line, "/health/ready")
        if told["status"] == "draining":
            assert (answer.status, told) == (503, {"status": "draining"})
            return
    pytest.fail("readiness never said that the process drains")


@pytest.mark.parametrize("database_urls", ["sqlite"], indirect=True)
def test_a_process_drains_and_a_second_signal_ends_it(database_urls: Urls, tmp_path: Path) -> None:
    process = ApiProcess(
        {
            "COURSEWATCH_DATABASE": database_urls.app,
            "COURSEWATCH_DATA_DIR": str(tmp_path),
            "COURSEWATCH_DRAIN": str(LONG),
        }
    )
    try:
        port = process.port()
        with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENT_SECONDS)) as kept_alive:
            answer, _ = asked(kept_alive, "/health/live")
            assert answer.getheader("connection") is None
            process.process.send_signal(signal.SIGTERM)
            until_draining(port)
            answer, told = asked(kept_alive, "/health/live")
            assert (answer.status, told, answer.getheader("connection")) == (200, {"status": "alive"}, "close")
        with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENT_SECONDS)) as another:
            answer, told = asked(another, "/api/v1/patients")
            assert (answer.status, told["code"], answer.getheader("connection")) == (401, "key_needed", "close")
    finally:
        process.end()
    assert process.process.returncode == 0


class Slow:
    """An application that answers when it is let."""

    def __init__(self) -> None:
        self.begun, self.let = Event(), Event()

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        self.begun.set()
        await asyncio.to_thread(self.let.wait, PATIENT_SECONDS)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b'"finished"'})


@contextmanager
def running(application: Slow, drain_seconds: float) -> Iterator[tuple[DrainingServer, Draining, int, Thread]]:
    draining, started = Draining(), Event()
    config = uvicorn.Config(application, log_config=None, lifespan="off", timeout_graceful_shutdown=60)
    server = DrainingServer(config, draining, drain_seconds, started.set)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            assert started.wait(PATIENT_SECONDS)
            yield server, draining, port, thread
        finally:
            application.let.set()
            server.should_exit = True
            thread.join(PATIENT_SECONDS)


def ask_in_a_thread(port: int) -> tuple[Thread, list[tuple[int, Any]]]:
    answers: list[tuple[int, Any]] = []

    def ask() -> None:
        with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENT_SECONDS)) as line:
            answer, told = asked(line, "/")
            answers.append((answer.status, told))

    thread = Thread(target=ask)
    thread.start()
    return thread, answers


def test_after_the_drain_it_ends_by_itself() -> None:
    with running(Slow(), SHORT) as (server, draining, _, thread):
        server.handle_exit(signal.SIGTERM, None)
        assert draining.begun
        assert not server.should_exit
        thread.join(PATIENT_SECONDS)
        assert not thread.is_alive()


@pytest.mark.parametrize(
    "told_to_end",
    [
        lambda server: server.handle_exit(signal.SIGINT, None),
        lambda server: [server.handle_exit(signal.SIGTERM, None) for _ in range(2)],
        lambda server: [server.handle_exit(each, None) for each in (signal.SIGTERM, signal.SIGINT)],
    ],
    ids=["Ctrl-C", "SIGTERM twice", "SIGTERM and Ctrl-C"],
)
def test_what_was_begun_is_answered_before_the_end(told_to_end: Callable[[DrainingServer], object]) -> None:
    application = Slow()
    with running(application, LONG) as (server, _, port, thread):
        asking, answers = ask_in_a_thread(port)
        assert application.begun.wait(PATIENT_SECONDS)
        told_to_end(server)
        assert server.should_exit
        until_refused(port)
        assert thread.is_alive()
        application.let.set()
        asking.join(PATIENT_SECONDS)
        thread.join(PATIENT_SECONDS)
        assert (answers, thread.is_alive()) == ([(200, "finished")], False)


def until_refused(port: int) -> None:
    """Return once nobody is let in any more."""
    for _ in range(10_000):
        try:
            socket.create_connection(("127.0.0.1", port), PATIENT_SECONDS).close()
        except ConnectionError:
            return
    pytest.fail("it goes on accepting")


def test_a_process_without_a_drain_is_ready_until_it_ends() -> None:
    with running(Slow(), 0.0) as (server, draining, _, thread):
        server.handle_exit(signal.SIGTERM, None)
        thread.join(PATIENT_SECONDS)
        assert not thread.is_alive()
        assert not draining.begun
