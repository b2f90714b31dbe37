"""The guide for people who write a protocol, followed word by word in a fresh folder."""

import json
import re
from pathlib import Path

import pytest

from tests.integration.written_page import Reader, Step, steps_of
from tests.unit.protocols.texts import examples_in
from workflow.protocols.library import load_folder
from workflow.services.protocol_release import SignatureRequest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "writing-a-protocol.md").read_text(encoding="utf-8")
STEPS = steps_of(PAGE)
OWN = Path("protocols/three-blocks")
CHECK = f"coursewatch protocol check {OWN}"


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    monkeypatch.chdir(tmp_path)
    return Reader(tmp_path, monkeypatch)


def followed(reader: Reader, steps: list[Step]) -> None:
    """Follow the steps; what the page says comes out after a command, or after a change and its check, comes out."""
    for step, after in zip(steps, [*steps[1:], Step("", "")], strict=True):
        if step.kind == "toml":
            reader.write(step.text, OWN)
        elif step.kind == "sh":
            reader.run(step.text)
        elif step.kind == "diff":
            reader.change(step.text)
            if after.kind == "text":
                reader.run(CHECK)
                reader.change_back(step.text)
        elif step.kind == "text":
            assert reader.said == step.text


def test_the_page_works_word_by_word(reader: Reader) -> None:
    followed(reader, STEPS)

    assert [load_folder(Path(f"protocols/three-blocks{more}")).ref for more in ("", "-2")] == [
        "three-blocks@1",
        "three-blocks@2",
    ]
    assert (reader.folder / "three-blocks.svg").read_text(encoding="utf-8").startswith("<svg")
    assert (reader.folder / OWN / "examples.schema.json").is_file()


def test_the_second_signature_is_sent_as_the_server_reads_it() -> None:
    (request,) = [step.text for step in STEPS if "/signatures" in step.text]
    body = re.search(r"-d '(\{.*\})'", request)

    assert "/api/v1/protocols/three-blocks@1/signatures" in request
    assert body is not None
    assert SignatureRequest.model_validate(json.loads(body[1]) | {"sha256": "0" * 64}).part == "approver"


def test_its_examples_show_every_boundary_from_both_sides(reader: Reader) -> None:
    followed(reader, STEPS[: next(place for place, step in enumerate(STEPS) if step.kind == "diff")])
    examples = examples_in((reader.folder / OWN / "examples.toml").read_text(encoding="utf-8"))

    windows = [window for example in examples for window in example.windows]
    days = {(window.rule, window.values.get("days"), window.status) for window in windows}
    answers = {(proposed.answer, proposed.rule) for example in examples for proposed in example.next}
    assert {("TR-001", 35, "open"), ("TR-001", 36, "late"), ("LOCAL-2", 14, "met"), ("LOCAL-2", 15, "late")} <= days
    assert {("too_early", "TR-001"), ("accepted", None), ("cap_reached", "LOCAL-1")} <= answers
