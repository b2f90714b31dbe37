"""Processes wait for their database themselves: for its server, its roles and its tables, and for nothing else."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import create_engine, text

from tests.databases import Urls
from tests.integration.cli.running import at_home, coursewatch
from workflow.cli import waiting
from workflow.cli.waiting import wait_for_database
from workflow.persistence.engine import parse_url
from workflow.persistence.migrations import upgrade
from workflow.settings import Settings

LONG = 60.0
on_postgresql = pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
on_empty_postgresql = pytest.mark.parametrize("empty_urls", ["postgresql"], indirect=True)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect what a wait says; it looks often."""
    lines: list[str] = []
    monkeypatch.setattr(waiting, "PAUSE_SECONDS", 0.02)
    monkeypatch.setattr(waiting, "say", lines.append)
    return lines


def when_told(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> list[str]:
    """Do something as soon as the wait has said what it waits for."""
    lines: list[str] = []

    def hear(line: str) -> None:
        lines.append(line)
        if len(lines) == 1:
            act()

    monkeypatch.setattr(waiting, "say", hear)
    return lines


def settings_of(url: str, folder: Path, seconds: float = LONG) -> Settings:
    return Settings(
        database=url, data_dir=folder, secret_file=folder / "chain.secret", wait_for_database_seconds=seconds
    )


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Give a folder whose path is short enough for a socket's."""
    with TemporaryDirectory(prefix="waiting-") as folder:
        yield Path(folder)


def elsewhere(url: str, folder: Path) -> tuple[str, Callable[[], None]]:
    """Return the URL by which a server is reached from a folder where it is not yet, and what lets it appear there."""
    (socket_folder,) = parse_qs(urlsplit(url).query)["host"]
    appeared = folder / "server"
    return url.replace(socket_folder, str(appeared)), lambda: appeared.symlink_to(socket_folder)


@on_postgresql
def test_a_server_that_does_not_answer_yet_is_waited_for(
    database_urls: Urls, short_folder: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, appear = elsewhere(database_urls.app, short_folder)
    lines = when_told(monkeypatch, appear)
    wait_for_database(settings_of(url, short_folder), tables=True)
    (line,) = lines
    assert line.startswith("Waiting for the database, 60 s more at most: connection is bad: ")
    assert told == []


@on_empty_postgresql
def test_tables_that_an_upgrade_makes_elsewhere_are_waited_for(
    empty_urls: Urls, tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = when_told(monkeypatch, lambda: upgrade(empty_urls.owner))
    wait_for_database(settings_of(empty_urls.app, tmp_path), tables=True)
    assert [line.partition(": ")[2].partition(",")[0] for line in lines] == ["the database is at revision none"]
    assert told == []


@on_empty_postgresql
def test_whoever_makes_the_tables_waits_for_none(empty_urls: Urls, tmp_path: Path, told: list[str]) -> None:
    wait_for_database(settings_of(empty_urls.owner, tmp_path), tables=False)
    assert told == []


@on_postgresql
def test_what_no_waiting_heals_is_not_waited_for(database_urls: Urls, tmp_path: Path, told: list[str]) -> None:
    engine = create_engine(parse_url(database_urls.owner))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("UPDATE installation SET usable_from = '9999'"))
    engine.dispose()
    wait_for_database(settings_of(database_urls.app, tmp_path), tables=True)
    assert told == []


@on_postgresql
def test_a_database_that_nobody_made_is_waited_for_a_moment_only(
    database_urls: Urls, tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "SOON_SECONDS", 0.1)
    parts = urlsplit(database_urls.app)
    wait_for_database(settings_of(parts._replace(path="/mistyped").geturl(), tmp_path), tables=True)
    (line,) = told
    assert line.startswith("Waiting for the database, 0 s more at most: ")
    assert 'database "mistyped" does not exist' in line


def test_after_the_time_the_error_is_the_one_of_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    at_home(tmp_path, None, monkeypatch)
    monkeypatch.setenv("COURSEWATCH_WAIT_FOR_DATABASE", "0.1")
    monkeypatch.setenv("COURSEWATCH_DATABASE", f"postgresql://nobody@/nothing?host={tmp_path}")
    for command in (["api"], ["scheduler"], ["serve", "--port", "0"], ["db", "upgrade"]):
        told.clear()
        finished = coursewatch(*command)
        (waited,) = told
        # What it waited for is what it ends with.
        assert (finished.code, finished.err.splitlines()[-1]) == (
            1,
            f"coursewatch: the database is not available ({waited.partition(': ')[2]})",
        )


def test_commands_that_somebody_runs_by_hand_do_not_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    at_home(tmp_path, None, monkeypatch)
    monkeypatch.setenv("COURSEWATCH_WAIT_FOR_DATABASE", str(LONG))
    monkeypatch.setenv("COURSEWATCH_DATABASE", f"postgresql://nobody@/nothing?host={tmp_path}")
    for command in (["worklist"], ["key", "list"], ["sweep"]):
        assert coursewatch(*command).code == 1
    assert coursewatch("db", "verify").code == 2
    assert told == []


def test_nobody_waits_for_a_file(new_home: Path, monkeypatch: pytest.MonkeyPatch, told: list[str]) -> None:
    monkeypatch.setenv("COURSEWATCH_WAIT_FOR_DATABASE", str(LONG))
    assert "there is no database" in coursewatch("api").err
    assert told == []
    assert not (new_home / "coursewatch-data" / "coursewatch.sqlite3").exists()


@pytest.mark.parametrize(("tables", "code"), [(True, 0), (False, 1)])
def test_sigterm_ends_a_wait_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, tables: bool, code: int
) -> None:
    lines = when_told(monkeypatch, lambda: os.kill(os.getpid(), signal.SIGTERM))
    before = signal.getsignal(signal.SIGTERM)
    settings = settings_of(f"postgresql://nobody@/nothing?host={tmp_path}", tmp_path)
    with pytest.raises(SystemExit) as ended:
        wait_for_database(settings, tables=tables, stopped_as=code)
    assert ended.value.code == code
    assert lines[1:] == ["Stopped."]
    assert signal.getsignal(signal.SIGTERM) == before
