"""A scheduler is killed at each of its steps in turn: no alert is lost or doubled, no notice lost, few sent twice."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from benchmarks.lived import HandClock
from scheduler.channels.registry import open_channels
from tests.databases import PostgresqlServer, Urls
from tests.integration.channels.post_office import Conduct, PostOffice, opened_post_office
from tests.integration.races.mortal import work
from tests.integration.recorded import add, settings_of
from tests.introduced import seeing
from workflow.bootstrap import build
from workflow.domain.actor import LOCAL_ADMIN
from workflow.services import sites
from workflow.services.house import House
from workflow.services.register_patient import register
from workflow.settings import Settings

STARTED_AT = datetime(2025, 1, 6, 12, tzinfo=UTC)
# 26 days after the start, after the hour of notices: everything of the block interval has passed, and is due.
CRITICAL_AT = datetime(2025, 2, 1, 8, tzinfo=UTC)
# Longer than a lease.
LATER = timedelta(minutes=10)
REMINDERS = ["RM-02", "RM-04", "RM-05"]
WARD = "ward-3@hospital.example"


def environment(urls: Urls, folder: Path, office: PostOffice) -> dict[str, str]:
    return {
        "COURSEWATCH_DATABASE": urls.app,
        "COURSEWATCH_DATA_DIR": str(folder / "data"),
        "COURSEWATCH_SMTP_URL": f"smtp://127.0.0.1:{office.port}",
        "COURSEWATCH_MAIL_FROM": "coursewatch@hospital.example",
        "COURSEWATCH_PUBLIC_URL": "https://coursewatch.hospital.example",
    }


def prepare_ward(settings: Settings) -> None:
    """Record a first block, and let a sweep see it, so that everything after is due at its own time."""
    house = build(settings, clock=HandClock(STARTED_AT))
    try:
        sites.put(house, LOCAL_ADMIN, "berlin", {"time_zone": "Europe/Berlin", "contacts": [WARD, "log"]})
        data = {"pseudonym": "A-1", "site": "berlin", "diagnosis_date": "2022-03-01", "phenotype": "BCP"}
        patient_id = json.loads(register(house, LOCAL_ADMIN, data).body)["id"]
        add(house, patient_id, "relapse_diagnosed", "2025-01-06", {"relapse_site": "isolated_bm"})
        add(house, patient_id, "protocol_chosen", "2025-01-06", {"protocol": "all-rez-bfm-2002"})
        add(house, patient_id, "block_started", "2025-01-06", {"element": "R1"})
    finally:
        house.close()


@contextmanager
def mortals() -> Iterator[Callable[[dict[str, Any]], dict[str, Any]]]:
    """Start the process that dies in its children's stead, and give the way to hand it a task."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.races.mortal"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def ask(task: dict[str, Any]) -> dict[str, Any]:
            print(json.dumps(task), file=process.stdin, flush=True)
            answer: dict[str, Any] = json.loads(process.stdout.readline())  # type: ignore[union-attr]
            return answer

        yield ask
        process.stdin.close()


class Copies:
    """Fresh copies of one prepared database."""

    def __init__(self, urls: Urls, folder: Path, server: PostgresqlServer | None) -> None:
        self._urls, self._folder, self._server = urls, folder, server

    @contextmanager
    def copy(self) -> Iterator[Urls]:
        """Give another copy, as it was prepared."""
        if self._server is not None:
            copied = self._server.copied(self._urls)
            yield copied
            self._server.drop(copied)
            return
        file = self._folder / "copy.sqlite3"
        shutil.copy(self._urls.owner.removeprefix("sqlite:///"), file)
        yield Urls(owner=f"sqlite:///{file}", app=f"sqlite:///{file}")
        for left in self._folder.glob("copy.sqlite3*"):
            left.unlink()


@pytest.fixture
def copies(database_urls: Urls, tmp_path: Path, request: pytest.FixtureRequest) -> Copies:
    postgresql = database_urls.app.startswith("postgresql")
    return Copies(database_urls, tmp_path, request.getfixturevalue("postgresql_server") if postgresql else None)


def asked(house: House, question: str) -> list[tuple[Any, ...]]:
    with seeing(house.database) as connection:
        return [tuple(row) for row in connection.execute(text(question))]


def test_a_scheduler_killed_at_any_step_loses_nothing_and_repeats_one_mail_at_most(
    database_urls: Urls, copies: Copies, tmp_path: Path
) -> None:
    prepare_ward(settings_of(database_urls, tmp_path))
    repeated, die_at, how = 0, 0, "killed"
    with opened_post_office(Conduct()) as office, mortals() as ask:
        while how == "killed":
            die_at += 1
            office.taken.clear()
            with copies.copy() as urls:
                variables = environment(urls, tmp_path, office)
                how = ask({"environment": variables, "now": CRITICAL_AT.isoformat(), "die_at": die_at})["how"]
                repeated += survived(Settings.from_environment(variables), office, killed=how == "killed")
    assert how == "lived"
    assert die_at > 30, "there are more steps than that"
    # Killed between the server's yes and noting it, a mail goes out again; at the other steps none does.
    assert 1 <= repeated < die_at / 4


def survived(settings: Settings, office: PostOffice, *, killed: bool) -> int:
    """Let another scheduler go on after the leases of the dead one, and return how many mails were repeated."""
    house = build(settings, clock=HandClock(CRITICAL_AT + LATER))
    try:
        work(house, open_channels(settings, house.clock), "heir", lambda: None)
        alerts = asked(house, "SELECT reminder, status, episode FROM alert ORDER BY reminder")
        assert alerts == [(reminder, "open", 1) for reminder in REMINDERS]
        assert asked(house, "SELECT kind, count(*) FROM alert_event GROUP BY kind") == [("raised", 3)]
        notices = asked(house, "SELECT id, channel, status FROM notice ORDER BY channel")
        assert [(channel, status) for _, channel, status in notices] == [("email", "delivered"), ("log", "delivered")]
        mails = Counter(message_id(taken.content) for taken in office.taken)
        assert list(mails) == [notices[0][0]], "a mail that is not the notice's"
        assert mails[notices[0][0]] <= 2 if killed else mails[notices[0][0]] == 1
        return mails[notices[0][0]] - 1
    finally:
        house.close()


def message_id(content: bytes | str | None) -> str:
    assert isinstance(content, bytes)
    (line,) = [line for line in content.splitlines() if line.lower().startswith(b"message-id:")]
    return line.partition(b"<")[2].partition(b"@")[0].decode()
