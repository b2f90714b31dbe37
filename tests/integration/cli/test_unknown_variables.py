"""A misspelt COURSEWATCH_… variable is told of, and no variable that something reads."""

from pathlib import Path

import pytest

from tests.integration.cli.running import coursewatch


def test_a_variable_that_nothing_reads_is_told_of_with_what_may_be_meant(
    new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = ("COURSEWATCH_DRAIN", "COURSEWATCH_DRILL_INTO", "COURSEWATCH_HEALTH_READY", "COURSEWATCH_KEY_CREATE_SITE")
    # The last is in the .env of containers, which get all of it.
    for name in (*known, "COURSEWATCH_IMAGE"):
        monkeypatch.setenv(name, "0")
    assert coursewatch("protocol", "list").err == ""
    monkeypatch.setenv("COURSEWATCH_DATABSE", "sqlite:///elsewhere")
    monkeypatch.setenv("COURSEWATCH_XYZ", "1")
    finished = coursewatch("protocol", "list")
    assert finished.code == 0
    assert finished.err.splitlines() == [
        "coursewatch: warning: COURSEWATCH_DATABSE is set, and nothing reads it; did you mean COURSEWATCH_DATABASE?",
        "coursewatch: warning: COURSEWATCH_XYZ is set, and nothing reads it",
    ]
