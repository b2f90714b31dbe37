"""docs/reference is what the tables and the protocols say today; `make reference` writes it."""

import re
from pathlib import Path

import pytest

from docs.reference_pages.__main__ import main
from docs.reference_pages.files import on_disk, write, written
from workflow.protocols.files.schema import schemas
from workflow.protocols.library import shipped
from workflow.services.read_reference import shipped_examples
from workflow.services.reference.contents import reference
from workflow.services.reference.markdown import files_of

LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(#[^)\s]+)?\)")


def test_the_reference_is_not_stale() -> None:
    there, now = on_disk(), written()

    assert there.keys() == now.keys(), "run `make reference`"
    assert [name for name in now if there[name] != now[name]] == [], "run `make reference`"


def test_writing_it_twice_says_the_same() -> None:
    # Made anew: what `pages` keeps in memory would be compared with itself.
    again = reference(shipped(), shipped_examples())

    assert {name: text for page in again.values() for name, text in files_of(page).items()} | schemas() == written()


def test_every_file_that_a_page_names_is_there() -> None:
    files = written()

    for name, text in files.items():
        if name.endswith(".md"):
            assert {target for target, _ in LINK.findall(text)} <= files.keys(), name


def test_what_is_no_page_any_more_is_taken_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "gone.md").write_text("# Gone\n", encoding="utf-8")

    changed = write(tmp_path)

    assert "gone.md" in changed
    assert on_disk(tmp_path) == written()
    assert write(tmp_path) == ()


def test_the_command_says_what_changed_and_changes_nothing_where_nothing_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("docs.reference_pages.__main__.write", lambda: write(tmp_path))
    main()
    assert "README.md" in capsys.readouterr().out.splitlines()
    main()
    assert capsys.readouterr().out == "docs/reference is as the tables and the protocols say.\n"
