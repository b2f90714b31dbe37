"""What is written for a page reads as it was meant: no text turns into a mark, no mark into text."""

import pytest

from workflow.services.reference.blocks import Code, Diagram, Drawing, Heading, Link, Listing, Page, Paragraph, Table
from workflow.services.reference.markdown import file_of, files_of, markdown


def page(*blocks: object) -> Page:
    return Page(name="one", title="One", about="a page", blocks=blocks)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("002, Table 5 [42]; 2", "002, Table 5 [42]; 2"),
        ("[18](more)", "[18\\](more)"),
        ("a | b", "a \\| b"),
        ("<script>", "\\<script\\>"),
        ("CYCLE_1 and block_started", "CYCLE_1 and block_started"),
        ("CYCLE_n, and 5 * 3, ~28", "CYCLE_n, and 5 \\* 3, \\~28"),
        ("one\n  line", "one line"),
    ],
)
def test_text_is_never_taken_for_a_mark(said: str, written: str) -> None:
    assert markdown(page(Paragraph(said))).endswith(f"\n\n{written}\n")


def test_a_line_that_is_broken_never_begins_like_a_list() -> None:
    long = " ".join(["word"] * 24)

    assert "\n1\\. more" in markdown(page(Paragraph(f"{long} 1. more")))
    assert "\n\\- more" in markdown(page(Paragraph(f"{long} - more")))


def test_blocks_are_written_apart() -> None:
    link = Link(text="there", page="other", anchor="tr-001")
    blocks = (
        Heading(2, "Part"),
        Listing((("see ", link), Code("block_started"))),
        Table("T", ("a", "b"), (("1", ""), (link, "x|y"))),
        Diagram(title="D", mermaid="flowchart LR\n"),
    )

    assert markdown(page(*blocks)).split("\n\n")[3:] == [
        "## Part",
        "* see [there](other.md#tr-001)\n* `block_started`",
        "| a | b |\n|---|---|\n| 1 | – |\n| [there](other.md#tr-001) | x\\|y |",
        "```mermaid\nflowchart LR\n```\n",
    ]


def test_the_first_page_is_what_a_folder_opens_with() -> None:
    assert file_of("index") == "README.md"
    assert "[Reference](README.md)" in markdown(page())


def test_a_drawing_is_a_file_on_white_beside_its_page() -> None:
    drawing = Drawing(name="one", title="Windows", svg='<svg viewBox="0 0 1 1">\n<title>t</title>\n</svg>\n', narrow="")

    files = files_of(page(drawing))

    assert files.keys() == {"one.md", "one.svg"}
    assert files["one.svg"].splitlines()[1] == '<rect width="100%" height="100%" fill="#ffffff"/>'
    assert "![Windows](one.svg)" in files["one.md"]
