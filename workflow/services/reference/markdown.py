"""Writes a page of the reference as Markdown, which reads well as plain text too."""

import re
from collections.abc import Iterator, Mapping
from textwrap import fill

from workflow.services.reference.blocks import (
    INDEX,
    Block,
    Code,
    Diagram,
    Drawing,
    File,
    Heading,
    Link,
    Listing,
    Page,
    Paragraph,
    Span,
    Table,
    Words,
    spans,
)

FIRST_FILE = "README.md"
LINE_WIDTH = 120
# What Markdown would take for marks of its own inside running text.
_MARKS = re.compile(r"([\\`*<>|~]|(?<!\w)_|_(?!\w)|\](?=[(\[]))")
_STARTS_A_BLOCK = re.compile(r"^(\d*)([#+.)-])(?=\s|$)")
_BLANKS = re.compile(r"\s+")
_NOTICE = (
    "<!-- Written by `make reference` from the tables and the protocols; whoever changes those, runs it again. -->"
)


def file_of(page: str) -> str:
    """Return the name of the file in which a page is written."""
    return FIRST_FILE if page == INDEX else f"{page}.md"


def files_of(page: Page) -> Mapping[str, str]:
    """Return what is written for a page: its Markdown, and its drawings beside it."""
    drawings = {f"{block.name}.svg": _on_paper(block.svg) for block in page.blocks if isinstance(block, Drawing)}
    return {file_of(page.name): markdown(page), **drawings}


def markdown(page: Page) -> str:
    """Return a page as Markdown."""
    back = () if page.name == INDEX else (_words(Link(text="Reference", page=INDEX)),)
    parts = [f"# {_escaped(page.title)}", _NOTICE, *back, *(_block(block) for block in page.blocks)]
    return "\n\n".join(parts) + "\n"


def _on_paper(svg: str) -> str:
    """Return a drawing with white under it: shown as a file it is black, whatever the colours around it."""
    return svg.replace(">\n", '>\n<rect width="100%" height="100%" fill="#ffffff"/>\n', 1)


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {_escaped(block.text)}"
        case Paragraph():
            return _filled(_words(block.words))
        case Listing():
            return "\n".join(_filled(_words(item), "* ", "  ") for item in block.items)
        case Table():
            return "\n".join(_table(block))
        case Drawing():
            return f"![{_escaped(block.title)}]({block.name}.svg)"
        case Diagram():
            return f"```mermaid\n{block.mermaid.rstrip()}\n```"


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(_escaped(head) for head in table.heads)} |"
    yield f"|{'---|' * len(table.heads)}"
    for row in table.rows:
        yield f"| {' | '.join(_words(cell) or '–' for cell in row)} |"


def _filled(text: str, first: str = "", later: str = "") -> str:
    """Return text in lines of a readable width, broken at blanks only; a line that begins like a block is marked."""
    lines = fill(
        text, LINE_WIDTH, initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    ).split("\n")
    return "\n".join([lines[0], *(later + _STARTS_A_BLOCK.sub(r"\1\\\2", line[len(later) :]) for line in lines[1:])])


def _words(words: Words) -> str:
    return "".join(_span(span) for span in spans(words)).strip()


def _span(span: Span) -> str:
    match span:
        case Link():
            place = f"#{span.anchor}" if span.anchor else ""
            return f"[{_escaped(span.text)}]({file_of(span.page)}{place})"
        case Code():
            return f"`{span.text}`"
        case File():
            return f"[{_escaped(span.name)}]({span.name})"
        case str():
            return _escaped(span)


def _escaped(text: str) -> str:
    return _MARKS.sub(r"\\\1", _BLANKS.sub(" ", text))
