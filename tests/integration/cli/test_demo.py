"""`coursewatch serve --demo`: one command shows a made-up ward on its morning, and touches nothing that is in use."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, takewhile
from pathlib import Path
from typing import IO, Any
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import text

from tests.databases import Urls
from tests.integration.cli.running import at_home, coursewatch
from tests.introduced import changing
from workflow.persistence.engine import open_database
from workflow.persistence.migrations import current_revision, upgrade

ANSWERS = "Coursewatch answers at "
LAST_HINT = "/docs"
FACTS = re.compile(r"40 virtual patients were made, (\d+) facts")


class Shown:
    """A demo that answers: what it said, every line from its first on, and what its API tells whoever holds its key."""

    def __init__(self, said: list[str], goes_on: IO[str], folder: Path) -> None:
        self.said = "\n".join(said)
        # The first mails may come before all hints are out, where the start was slow.
        self.lines = chain(said, map(str.strip, goes_on))
        self.address = next(line for line in said if line.startswith(ANSWERS)).removeprefix(ANSWERS)
        self.key = (folder / "admin.key").read_text(encoding="ascii").strip()

    def items(self, path: str) -> list[dict[str, Any]]:
        request = Request(self.address + path, headers={"Authorization": f"Bearer {self.key}"})  # noqa: S310 -- ours
        with urlopen(request) as answer:  # noqa: S310 -- the same
            items: list[dict[str, Any]] = json.load(answer)["items"]
            return items

    def patients(self) -> set[str]:
        return {item["id"] for item in self.items("/api/v1/patients?limit=500")}


@contextmanager
def demo(home: Path, folder: str = "coursewatch-demo", **environment: str) -> Iterator[Shown]:
    """Run a demo on a free port until it has shown its visitor around, and end it in good order."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COURSEWATCH_")}
    command = [sys.executable, "-m", "workflow.cli", "serve", "--demo", "--port", "0"]
    with subprocess.Popen(
        command, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=kept | environment
    ) as process:
        assert process.stderr is not None
        said: list[str] = []
        try:
            for line in process.stderr:
                said.append(line.strip())
                if said[-1].endswith(LAST_HINT):
                    break
            else:
                pytest.fail(f"it ended instead of serving: {said}")
            yield Shown(said, process.stderr, home / folder)
        finally:
            process.send_signal(signal.SIGTERM)
            process.stderr.read()
    assert process.returncode == 0


def days_of(items: list[dict[str, Any]]) -> set[str]:
    return {item["as_of"] for item in items}


def test_the_first_start_shows_a_ward_with_late_and_critical_blocks(tmp_path: Path) -> None:
    with demo(tmp_path) as shown:
        assert "every patient is made up" in shown.said
        assert "Tuesday, 2026-03-10 07:" in shown.said
        assert "coursewatch-demo/admin.key" in shown.said
        assert f"{shown.address}/worklist" in shown.said
        assert f"{shown.address}/api/v1/worklist" in shown.said
        assert shown.key not in shown.said
        assert len(shown.patients()) == 40
        rows = shown.items("/api/v1/worklist?limit=500")
        blocks = Counter(row["status"] for row in rows if row["window"] and row["window"]["rule"] == "TR-001")
        assert blocks["late"] >= 4
        assert blocks["critical"] >= 6
        assert days_of(rows) == {"2026-03-10"}
        assert {row["site"] for row in rows} == {"berlin", "vienna"}
        sites = {site["id"]: (site["time_zone"], site["contacts"]) for site in shown.items("/api/v1/sites")}
        assert sites == {"berlin": ("Europe/Berlin", ["log"]), "vienna": ("Europe/Vienna", ["log"])}
    assert [path.name for path in tmp_path.iterdir()] == ["coursewatch-demo"]


def test_at_half_past_seven_the_mails_of_the_late_blocks_can_be_read(tmp_path: Path) -> None:
    with demo(tmp_path, COURSEWATCH_NOW="2026-03-10T07:29:58+01:00") as shown:
        mail = list(takewhile(lambda line: "Open the alert" not in line, shown.lines))
        assert "Mail: Critical notice RM-05 at berlin" in mail
        assert any(line.startswith("| Patient: SIM-") for line in mail)
        assert "| The next block is critically late. Decide and document: start, defer until, or stop." in mail
        link = next(shown.lines).strip(" |")
        assert link.startswith(f"{shown.address}/alerts/")
        assert not any(line.startswith("{") for line in mail), "a server's log between the mails"


def test_a_later_start_goes_on_with_the_same_ward_where_its_days_have_come_to(tmp_path: Path) -> None:
    with demo(tmp_path) as first:
        patients = first.patients()
        assert FACTS.search(first.said)
    # A command beside the demo looks by a clock of its own; that must not carry the ward months ahead.
    looked = subprocess.run(
        [sys.executable, "-m", "workflow.cli", "worklist", "--as-of", "2026-03-10"],
        cwd=tmp_path,
        env={**os.environ, "COURSEWATCH_DATA_DIR": "coursewatch-demo"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "critical" in looked.stdout
    with demo(tmp_path) as second:
        assert second.patients() == patients
        assert second.key == first.key
        assert not FACTS.search(second.said)
        assert days_of(second.items("/api/v1/worklist")) == {"2026-03-10"}


def test_the_morning_is_the_one_that_is_asked_for_and_never_runs_back(tmp_path: Path) -> None:
    with demo(tmp_path, "elsewhere", COURSEWATCH_DATA_DIR="elsewhere", COURSEWATCH_NOW="2024-02-29T09:00:00Z") as shown:
        assert "Thursday, 2024-02-29 10:0" in shown.said
        assert days_of(shown.items("/api/v1/worklist")) == {"2024-02-29"}
    for asked, stands in (("2024-01-01T09:00:00Z", "2024-02-29"), ("2024-03-02T09:00:00Z", "2024-03-02")):
        with demo(tmp_path, "elsewhere", COURSEWATCH_DATA_DIR="elsewhere", COURSEWATCH_NOW=asked) as later:
            assert days_of(later.items("/api/v1/worklist")) == {stands}
    assert [path.name for path in tmp_path.iterdir()] == ["elsewhere"]


KILLED = """
import os
from sqlalchemy import event
from workflow.cli import main
from workflow.services import import_patients, import_facts

judged = 0

def killed_at_the_tenth(*arguments):
    global judged
    judged += 1
    if judged == 10:
        os._exit(137)
    return import_patients.targets_of(*arguments)

import_facts.targets_of = killed_at_the_tenth
main(["serve", "--demo", "--port", "0"])
"""


def test_a_first_start_that_is_killed_is_completed_by_the_next(tmp_path: Path) -> None:
    with demo(tmp_path) as whole:
        facts = FACTS.search(whole.said)
        rows = whole.items("/api/v1/worklist?limit=500")
    shutil.rmtree(tmp_path / "coursewatch-demo")
    killed = subprocess.run([sys.executable, "-c", KILLED], cwd=tmp_path, check=False, stderr=subprocess.DEVNULL)
    assert killed.returncode == 137
    with demo(tmp_path) as completed:
        assert len(completed.patients()) == 40
        left = FACTS.search(completed.said)
        assert facts is not None
        assert left is not None
        assert 0 < int(left[1]) < int(facts[1])
        now = completed.items("/api/v1/worklist?limit=500")
        assert sorted(row["pseudonym"] for row in now) == sorted(row["pseudonym"] for row in rows)


def made_by_a_patient() -> None:
    coursewatch("simulate", "--patients", "1", "--seed", "1", "--until", "2026-06-30", "--out", "one.csv")
    coursewatch("import", "one.csv")


def made_by_a_key() -> None:
    coursewatch("key", "create", "ward_nurse", "--role", "nurse")


def made_by_a_site() -> None:
    coursewatch("site", "set", "graz")


@pytest.mark.parametrize("use", [made_by_a_patient, made_by_a_key, made_by_a_site])
def test_a_database_in_use_is_refused_and_becomes_no_rehearsal(
    tmp_path: Path, database_urls: Urls, monkeypatch: pytest.MonkeyPatch, use: Callable[[], None]
) -> None:
    at_home(tmp_path, Urls(owner=database_urls.owner, app=database_urls.owner), monkeypatch)
    monkeypatch.setenv("COURSEWATCH_SECRET_FILE", str(tmp_path / "chain.secret"))
    use()
    before = coursewatch("site", "list", "--json").out
    monkeypatch.setenv("COURSEWATCH_PORT", "0")
    finished = coursewatch("serve", "--demo")
    assert finished.code == 1
    assert "this database is in use and no rehearsal" in finished.err
    assert coursewatch("site", "list", "--json").out == before
    monkeypatch.setenv("COURSEWATCH_NOW", "2026-03-10T07:30:00Z")
    assert "COURSEWATCH_NOW moves the clock of a rehearsal database only" in coursewatch("site", "list").err


def test_a_database_of_an_earlier_release_is_refused_before_it_is_migrated(
    tmp_path: Path, empty_urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(empty_urls.owner, revision="0001")
    database = open_database(empty_urls.owner, secret=b"")
    with changing(database) as connection:
        connection.execute(
            text(
                "INSERT INTO site_setting (site_id, from_recorded_at, name, time_zone, working_days, holidays, "
                "contacts, actor_id) VALUES ('graz', '2026-01-01 00:00:00', 'Graz', 'UTC', '[1]', '[]', '[]', 'local')"
            )
        )
    database.dispose()
    at_home(tmp_path, Urls(owner=empty_urls.owner, app=empty_urls.owner), monkeypatch)
    monkeypatch.setenv("COURSEWATCH_PORT", "0")
    assert "in use and no rehearsal" in coursewatch("serve", "--demo").err
    assert current_revision(empty_urls.owner) == "0001"


def test_an_empty_database_of_either_kind_becomes_the_demo_s(tmp_path: Path, empty_urls: Urls) -> None:
    with demo(tmp_path, COURSEWATCH_DATABASE=empty_urls.owner) as shown:
        patients = shown.patients()
        assert len(patients) == 40
    with demo(tmp_path, COURSEWATCH_DATABASE=empty_urls.owner) as again:
        assert again.patients() == patients
        assert days_of(again.items("/api/v1/worklist")) == {"2026-03-10"}
