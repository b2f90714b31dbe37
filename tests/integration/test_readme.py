"""The README's quick start, run line by line against a server started as the README says."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

TREE = Path(__file__).resolve().parents[2]
README = (TREE / "README.md").read_text(encoding="utf-8")
STEPS = re.findall(r"^```sh\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)
TRIES = 300
LATE = "late, 22 d"


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """Start `coursewatch serve` in a folder like a fresh clone; give the folder and the port."""
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    (tmp_path / "tests").symlink_to(TREE / "tests")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    command = [sys.executable, "-m", "workflow.cli", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=tmp_path, env=_environment(), stderr=subprocess.PIPE) as server:
        try:
            _wait_until_ready(port, server)
            yield tmp_path, port
        finally:
            server.send_signal(signal.SIGINT)
            server.communicate(timeout=30)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COURSEWATCH_")}
    return kept | {"PYTHONPATH": str(TREE)}


def _wait_until_ready(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(TRIES):
        assert server.poll() is None, "coursewatch serve ended by itself"
        try:
            with urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
                assert answer.status == 200
                return
        except (URLError, ConnectionError):
            try:
                server.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                continue
    pytest.fail("the server did not become ready")


def test_the_quick_start_works_line_by_line(ward: tuple[Path, int]) -> None:
    folder, port = ward
    script = "\n".join(STEPS).replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    done = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", script],
        cwd=folder,
        env=_environment() | {"COLUMNS": "160"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-3000:]
    assert "10 critical" in done.stdout + done.stderr
    assert "2 late" in done.stdout + done.stderr
    assert '"source":' in done.stdout
    assert [line for line in done.stdout.splitlines() if line.endswith(" d")] == [LATE, "on_time, 21 d", LATE]
    assert "needs_review ['G6'] None None\n" in done.stdout
    assert "isolated_bm [] HR HSCT\n" in done.stdout
    expected = ("problems/too-early", "problems/against-strategy")
    assert re.findall(r"problems/[a-z-]+", done.stdout) == list(expected)


def test_the_quick_start_has_every_step_of_the_main_job() -> None:
    text = "\n".join(STEPS)
    for step in ("coursewatch import", "coursewatch worklist", "/patients", "/explanation", "/history", "/next-steps"):
        assert step in text
