"""`coursewatch serve` as a ward starts it: one command, a first key in a private file, an address that answers."""

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.databases import Urls
from tests.integration.cli.running import at_home, coursewatch

ANSWERS = "Coursewatch answers at "
TRIES, BETWEEN_TRIES_SECONDS = 600, 0.1


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[tuple[str, list[str]]]:
    """Run a serving command on a free port; give its address and what it said by then, and end it in good order."""
    command = [sys.executable, "-m", "workflow.cli", *arguments, "--port", "0"]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=os.environ
    ) as process:
        assert process.stderr is not None
        said: list[str] = []
        try:
            for line in process.stderr:
                said.append(line.strip())
                if line.startswith(ANSWERS):
                    break
            else:
                pytest.fail(f"it ended instead of serving: {said}")
            yield said[-1].removeprefix(ANSWERS), said
        finally:
            process.send_signal(signal.SIGTERM)
            process.stderr.read()
    assert process.returncode == 0


def status_of(url: str, key: str | None = None) -> int:
    request = Request(url, headers={"Authorization": f"Bearer {key}"} if key else {})  # noqa: S310 -- our own server
    try:
        with urlopen(request) as answer:  # noqa: S310 -- the same
            return int(answer.status)
    except HTTPError as refused:
        with refused:
            return refused.code


def becomes_ready(address: str) -> bool:
    """Wait until the first sweep, which begins with the start, has ended."""
    return any(status_of(f"{address}/health/ready") == 200 or Event().wait(BETWEEN_TRIES_SECONDS) for _ in range(TRIES))


def test_the_first_start_makes_database_and_key_and_answers(tmp_path: Path) -> None:
    with serving(tmp_path, "serve") as (address, said):
        key_file = tmp_path / "coursewatch-data" / "admin.key"
        key = key_file.read_text(encoding="ascii").strip()
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
        assert any("coursewatch-data/admin.key" in line for line in said)
        assert not any(key in line for line in said)
        assert becomes_ready(address)
        assert status_of(f"{address}/api/v1/sites") == 401
        assert status_of(f"{address}/api/v1/sites", key) == 200


def test_a_later_start_makes_no_other_key(tmp_path: Path) -> None:
    with serving(tmp_path, "serve"):
        key = (tmp_path / "coursewatch-data" / "admin.key").read_text(encoding="ascii").strip()
    with serving(tmp_path, "serve") as (address, said):
        assert not any("admin.key" in line for line in said)
        assert status_of(f"{address}/api/v1/sites", key) == 200


def test_api_serves_a_database_that_was_upgraded_before_and_says_that_nobody_sweeps_it(
    tmp_path: Path, database_urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSEWATCH_DATABASE", database_urls.app)
    with serving(tmp_path, "api") as (address, _):
        assert status_of(f"{address}/health/live") == 200
        assert status_of(f"{address}/api/v1/sites") == 401
        assert status_of(f"{address}/health/ready") == 503
    assert not (tmp_path / "coursewatch-data" / "admin.key").exists()


def test_an_address_in_use_is_named_with_the_way_out(
    tmp_path: Path, database_urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_home(tmp_path, database_urls, monkeypatch)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("COURSEWATCH_PORT", str(port))
        finished = coursewatch("api")
    assert finished.code == 1
    assert f"cannot listen on 127.0.0.1, port {port}: Address already in use" in finished.err
    assert "is Coursewatch running already? Another port: --port N" in finished.err


def test_a_second_start_on_a_taken_port_touches_no_database(new_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("COURSEWATCH_PORT", str(other.getsockname()[1]))
        finished = coursewatch("serve")
    assert finished.code == 1
    assert "is Coursewatch running already?" in finished.err
    assert list(new_home.iterdir()) == []


def test_a_first_key_that_cannot_be_left_anywhere_is_not_made(
    tmp_path: Path, database_urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_home(tmp_path, Urls(owner=database_urls.owner, app=database_urls.owner), monkeypatch)
    (tmp_path / "chain.secret").write_text("a secret of the tests, at least 32 bytes", encoding="ascii")
    (tmp_path / "chain.secret").chmod(0o600)
    (tmp_path / "no-folder").write_text("", encoding="ascii")
    monkeypatch.setenv("COURSEWATCH_SECRET_FILE", str(tmp_path / "chain.secret"))
    monkeypatch.setenv("COURSEWATCH_DATA_DIR", str(tmp_path / "no-folder"))
    monkeypatch.setenv("COURSEWATCH_PORT", "0")
    finished = coursewatch("serve")
    assert finished.code == 1
    assert "no-folder/admin.key for the first admin key cannot be written" in finished.err
    assert "admin" not in coursewatch("key", "list").out
