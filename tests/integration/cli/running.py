"""Runs commands of the program inside the test's process, on a day on which the cohort has just ended."""

import io
import os
import signal
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.databases import Urls
from workflow import bootstrap
from workflow.cli import main
from workflow.services.house import House
from workflow.settings import Settings

COHORT = Path(__file__).parents[2] / "data" / "cohort.csv"
NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that has ended."""

    code: int
    out: str
    err: str


def coursewatch(*arguments: object) -> Finished:
    """Run one command and return its exit code and what it printed."""
    out, err = io.StringIO(), io.StringIO()
    # A serving command leaves its options in the environment of its process, which here is that of all tests; the
    # scheduler holds back the signals that end it, and every process started later would inherit that.
    before = dict(os.environ)
    held_back = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = main([str(argument) for argument in arguments])
    finally:
        os.environ.clear()
        os.environ.update(before)
        signal.pthread_sigmask(signal.SIG_SETMASK, held_back)
    return Finished(code, out.getvalue(), err.getvalue())


def at_home(folder: Path, urls: Urls | None, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Let commands run in a folder of their own, on a database if one is given, on the day of these tests.

    Return the settings under which `bootstrap.build` opens the same house.
    """
    monkeypatch.chdir(folder)
    if urls is not None:
        monkeypatch.setenv("COURSEWATCH_DATABASE", urls.app)
    build: Callable[..., House] = bootstrap.build
    monkeypatch.setattr(bootstrap, "build", lambda settings: build(settings, clock=lambda: NOW))
    return Settings.from_environment({} if urls is None else {"COURSEWATCH_DATABASE": urls.app})
