"""Commands beside a running server, on one SQLite file: neither may take the other's changes away."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

COHORT = Path(__file__).parents[2] / "data" / "cohort.csv"
ANSWERS = "Coursewatch answers at "
REGISTRATION = {"site": "north", "diagnosis_date": "2022-03-01", "frontline_end_date": "2024-03-01", "phenotype": "BCP"}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "workflow.cli", *arguments]


def run_beside(folder: Path, *arguments: str) -> None:
    done = subprocess.run(command(*arguments), cwd=folder, capture_output=True, check=False, env=os.environ)
    assert done.returncode in {0, 1}, done.stderr


def register(address: str, key: str, pseudonym: str) -> None:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    body = json.dumps({**REGISTRATION, "pseudonym": pseudonym}).encode()
    with urlopen(Request(f"{address}/api/v1/patients", body, headers)) as answer:  # noqa: S310 -- our own server
        assert answer.status == 201


def test_what_the_server_has_acknowledged_outlives_commands_beside_it_and_its_own_death(tmp_path: Path) -> None:
    server = subprocess.Popen(
        command("serve", "--port", "0"), cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    with server:
        assert server.stderr is not None
        address = next(line for line in server.stderr if line.startswith(ANSWERS)).strip().removeprefix(ANSWERS)
        key = (tmp_path / "coursewatch-data" / "admin.key").read_text(encoding="ascii").strip()
        run_beside(tmp_path, "key", "list")
        register(address, key, "BEFORE-1")
        run_beside(tmp_path, "import", str(COHORT))
        register(address, key, "AFTER-1")
        server.kill()

    with sqlite3.connect(tmp_path / "coursewatch-data" / "coursewatch.sqlite3") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        stored = {row[0] for row in connection.execute("SELECT pseudonym FROM patient")}
    assert {"BEFORE-1", "AFTER-1"} <= stored
    assert len(stored) == 242
