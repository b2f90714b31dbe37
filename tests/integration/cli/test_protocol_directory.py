"""A folder of one's own protocols: loaded with all checks at every start, or nothing starts and everything is told."""

import os
from datetime import date
from pathlib import Path

import pytest

from tests.integration.cli.running import NOW, coursewatch
from tests.introduced import changing
from tests.own_protocols import write_own
from workflow import bootstrap
from workflow.domain.actor import Actor, Grant
from workflow.domain.roles import Role
from workflow.persistence.actors import make_actor
from workflow.protocols.library import shipped
from workflow.services.protocol_release import sign
from workflow.settings import Settings


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let commands find the hospital's own protocols in a folder."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("COURSEWATCH_PROTOCOLS", str(folder))
    return folder


def line_of(ref: str) -> str:
    protocol_id, _, version = ref.partition("@")
    listed = coursewatch("protocol", "list").out.splitlines()
    return next(line for line in listed if line.split()[:2] == [protocol_id, version])


def sign_as_another(ref: str, sha256: str) -> None:
    """Let a second person approve a version."""
    house = bootstrap.build(Settings.from_environment(os.environ))
    approver = Actor("approver", "approver", (Grant(Role.CLINICIAN),))
    try:
        with changing(house.database) as connection:
            make_actor(connection, approver, at=NOW)
        assert sign(house, approver, ref, {"part": "approver", "sha256": sha256}).status == 201
    finally:
        house.close()


@pytest.mark.parametrize("command", [("import", "facts.csv"), ("serve", "--port", "0")])
def test_what_is_wrong_is_told_at_once_and_nothing_is_begun(
    new_home: Path, own: Path, command: tuple[str, ...]
) -> None:
    (new_home / "facts.csv").write_text("patient,type,occurred_on\n", encoding="utf-8")
    write_own(own, "1")
    write_own(own, "2", days=30)
    wrong = own / "home-blocks@1" / "protocol.toml"
    wrong.write_text(wrong.read_text(encoding="utf-8").replace("block_started", "block_begun"), encoding="utf-8")
    examples = own / "home-blocks@2" / "examples.toml"
    examples.write_text(examples.read_text(encoding="utf-8").replace('status = "open"', 'status = "late"'), "utf-8")

    finished = coursewatch(*command)

    assert finished.code == 1
    assert f"{wrong}:18: windows[0].anchor: " in finished.err
    assert f"{examples}:1: examples[0] The next block is due: " in finished.err
    assert "status is open, expected late" in finished.err
    assert sorted(path.name for path in new_home.iterdir()) == ["facts.csv", "own"]


def test_no_process_starts_on_a_database_beside_what_is_wrong(home: Settings, own: Path) -> None:
    write_own(own)
    (own / "home-blocks@1" / "examples.toml").unlink()

    for command in (("db", "upgrade"), ("api", "--port", "0"), ("scheduler",), ("sweep",), ("worklist",)):
        finished = coursewatch(*command)
        assert finished.code == 1
        assert "home-blocks@1/examples.toml:1: the whole file: cannot be read" in finished.err


def test_a_folder_that_is_not_there_is_named(new_home: Path) -> None:
    finished = coursewatch("db", "upgrade", "--protocols", new_home / "nowhere")

    assert finished.code == 1
    assert f"{new_home / 'nowhere'}: is no folder that can be read" in finished.err


def test_own_protocols_are_listed_shown_and_signed(home: Settings, own: Path) -> None:
    sha256 = write_own(own, in_force_from=date(2026, 1, 1))

    assert line_of("home-blocks@1").split()[-3:] == ["draft", "2026-01-01", sha256[:12]]
    assert "HOME-1" in coursewatch("protocol", "show", "home-blocks").out
    assert coursewatch("protocol", "sign", "home-blocks@1", "--as", "author", "--sha256", "0" * 64).code == 1
    signed = coursewatch("protocol", "sign", "home-blocks@1", "--as", "author", "--note", "checked")
    assert (signed.code, signed.out) == (0, "")
    assert "is signed as its author by local.\nIt still lacks the signature of its approver.\n" in signed.err
    again = coursewatch("protocol", "sign", "home-blocks@1", "--as", "approver")
    assert again.code == 1
    assert "its release takes two different people" in again.err
    assert "draft, author local" in line_of("home-blocks@1")
    assert coursewatch("protocol", "sign", "home-blocks@1", "--as", "reader").code == 2


def test_a_text_that_changed_under_its_version_keeps_the_program_from_starting(home: Settings, own: Path) -> None:
    before = write_own(own)
    assert coursewatch("protocol", "list").code == 0
    after = write_own(own, days=35)

    finished = coursewatch("worklist")

    assert finished.code == 1
    changed = own / "home-blocks@1" / "protocol.toml"
    assert f"{changed}:2: version: protocol home-blocks@1 has the hash {after[:12]} here and is stored with " in (
        finished.err
    )
    assert before[:12] in finished.err
    assert "give the changed body a new version" in finished.err


def test_another_text_under_the_id_of_a_shipped_protocol_keeps_the_program_from_starting(
    new_home: Path, own: Path
) -> None:
    known = shipped().versions[0]
    sources = Path(__file__).parents[3] / "workflow" / "protocols"
    (folder,) = (file.parent for file in sources.rglob("protocol.toml") if file.read_text("utf-8") == known.body)
    copy = own / "copy"
    copy.mkdir()
    for file in folder.iterdir():
        (copy / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    assert coursewatch("protocol", "list").code == 0
    said = (
        f"id: {known.id} is a protocol of this release: names mean the same in every hospital; allowed: an id of your"
    )

    for changed in (f"{known.body}\n# our copy\n", known.body.replace('version = "', 'version = "our-', 1)):
        (copy / "protocol.toml").write_text(changed, encoding="utf-8")
        line = changed.splitlines().index(f'id = "{known.id}"') + 1
        finished = coursewatch("protocol", "list")
        checked = coursewatch("protocol", "check", copy)

        assert (finished.code, checked.code) == (1, 1)
        assert f"{copy}/protocol.toml:{line}: {said}" in finished.err
        assert f"{copy}/protocol.toml:{line}: {said}" in checked.out


def test_a_version_whose_folder_was_taken_away_is_said_to_be_offered_no_more(
    home: Settings, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_own(own)
    assert "offered no more" not in line_of("home-blocks@1")
    monkeypatch.delenv("COURSEWATCH_PROTOCOLS")

    assert "draft, offered no more" in line_of("home-blocks@1")


def test_two_versions_are_compared_by_name_or_by_folder(new_home: Path, own: Path) -> None:
    write_own(own, "1")
    write_own(own, "2", days=35)
    elsewhere = new_home / "elsewhere"
    write_own(elsewhere, "2", days=35)

    for second in ("home-blocks@2", "home-blocks", elsewhere / "home-blocks@2"):
        finished = coursewatch("protocol", "diff", "home-blocks@1", second)
        assert finished.code == 0
        assert finished.out.splitlines() == [
            "changed  windows HOME-1, target_days: 28 → 35",
            "changed  windows HOME-1, latest_days: 28 → 35",
        ]
        assert finished.err.startswith("home-blocks@1 (sha256 ")
    same = coursewatch("protocol", "diff", "home-blocks", "home-blocks@2")
    assert (same.out, same.code) == ("", 0)
    assert "home-blocks means home-blocks@2, home-blocks@2 means home-blocks@2: the same text." in same.err
    assert coursewatch("protocol", "diff", "home-blocks@1", "home-blocks@7").code == 1


def test_an_id_alone_means_on_the_terminal_what_choosing_it_means(home: Settings, own: Path) -> None:
    sha256 = write_own(own, "1")
    assert "home-blocks@1: " in coursewatch("protocol", "show", "home-blocks").out
    assert coursewatch("protocol", "sign", "home-blocks@1", "--as", "author").code == 0
    sign_as_another("home-blocks@1", sha256)
    write_own(own, "2", days=35)

    finished = coursewatch("protocol", "diff", "home-blocks", "home-blocks@1")

    assert "home-blocks means home-blocks@1, home-blocks@1 means home-blocks@1: the same text." in finished.err
    assert "home-blocks@1: " in coursewatch("protocol", "show", "home-blocks").out
    assert "home-blocks@2: " in coursewatch("protocol", "show", "home-blocks@2").out


def test_looking_at_a_draft_does_not_fix_its_text(home: Settings, own: Path) -> None:
    write_own(own)
    for command in (("show", "home-blocks"), ("diff", "home-blocks", "home-blocks@1"), ("draw", "home-blocks")):
        assert coursewatch("protocol", *command).code == 0

    write_own(own, days=35)

    assert coursewatch("protocol", "list").code == 0
