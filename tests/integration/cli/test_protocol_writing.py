"""`coursewatch protocol new`, `draw` and `schema`: beginning a protocol, seeing it, and what an editor needs."""

from pathlib import Path

import pytest

from tests.integration.cli.running import coursewatch
from workflow.protocols.files.schema import EXAMPLES_SCHEMA, PROTOCOL_SCHEMA, schemas
from workflow.protocols.library import load_folder


def test_a_new_protocol_is_sound_as_it_stands(new_home: Path) -> None:
    made = coursewatch("protocol", "new", "own/three-blocks", "--title", 'Three blocks – "ours" \\ {1}')
    checked = coursewatch("protocol", "check", "own/three-blocks")

    assert (made.code, made.out) == (0, "")
    assert "coursewatch protocol check own/three-blocks" in made.err
    assert (checked.code, checked.out) == (0, "")
    protocol = load_folder(Path("own/three-blocks"))
    assert (protocol.ref, protocol.title) == ("three-blocks@1", 'Three blocks – "ours" \\ {1}')


def test_a_new_protocol_states_no_number_and_marks_what_is_to_be_written(new_home: Path) -> None:
    coursewatch("protocol", "new", "own", "--id", "three-blocks", "--title", "Three blocks")
    protocol = load_folder(Path("own"))

    assert protocol.id == "three-blocks"
    (window,) = protocol.windows
    assert (window.hard_min_days, window.earliest_days, window.target_days) == (None, None, None)
    assert (window.latest_days, window.critical_days) == (None, None)
    sources = (*(element.source for element in protocol.elements), window.source, *protocol.citations.values())
    assert all("PLACEHOLDER" in written for written in (*sources, *protocol.not_stated, protocol.scope))


def test_what_is_there_is_not_overwritten(new_home: Path) -> None:
    Path("own").mkdir()
    Path("own/examples.toml").write_text("mine", encoding="utf-8")

    refused = coursewatch("protocol", "new", "own", "--title", "Three blocks")

    assert refused.code == 1
    assert refused.err == "coursewatch: own/examples.toml would be overwritten; name another folder\n"
    assert [file.name for file in Path("own").iterdir()] == ["examples.toml"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--id", "Three Blocks", "--title", "Three"], 'id: "Three Blocks" cannot stand here; small letters, digits'),
        (["--title", " "], 'title: " " cannot stand here; one line of text, not empty'),
        (["--title", "Three\nblocks"], "cannot stand here; one line of text, not empty"),
    ],
)
def test_a_name_of_no_use_is_answered_with_what_may_stand_there(
    new_home: Path, arguments: list[str], said: str
) -> None:
    refused = coursewatch("protocol", "new", "own", *arguments)

    assert refused.code == 1
    assert said in refused.err
    assert not Path("own").exists()


def test_a_folder_that_cannot_be_made_is_wrong_usage(new_home: Path) -> None:
    Path("file").write_text("", encoding="utf-8")

    refused = coursewatch("protocol", "new", "file/own", "--title", "Three blocks")

    assert refused.code == 2
    assert "file/own cannot be written" in " ".join(refused.err.split())


@pytest.mark.parametrize(
    ("option", "name"), [([], PROTOCOL_SCHEMA), (["--examples"], EXAMPLES_SCHEMA)], ids=["protocol", "examples"]
)
def test_a_schema_is_printed_as_it_is_served(option: list[str], name: str) -> None:
    assert coursewatch("protocol", "schema", *option).out == schemas()[name]


def test_a_protocol_is_drawn_from_its_folder_or_by_its_id(new_home: Path) -> None:
    coursewatch("protocol", "new", "own", "--id", "three-blocks", "--title", "Three blocks")

    assert coursewatch("protocol", "draw", "own").out.startswith("<svg")
    assert "LOCAL-1" in coursewatch("protocol", "draw", "--mermaid", "own").out
    assert coursewatch("protocol", "draw", "all-rez-bfm-90").out.startswith("<svg")
    assert "LOCAL-1" in coursewatch("protocol", "show", "own").out
