"""What a page of the reference is made of: a few kinds of blocks that Markdown and HTML both can show."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

INDEX = "index"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Words that lead to a page, or to the heading on it whose anchor is named."""

    text: str
    page: str
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """A name as files and facts write it."""

    text: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that stands beside the pages, which leads to it by its name."""

    name: str

    @property
    def text(self) -> str:
        """What is read: its name."""
        return self.name


Span = str | Link | Code | File
# A piece of running text: one span, or several after each other.
Words = Span | tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a page; no two of a page may have the same anchor."""

    kind: ClassVar[str] = "heading"
    level: int
    text: str

    @property
    def anchor(self) -> str:
        """How links name this place, the same wherever the page is shown."""
        return anchor_of(self.text)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of running text."""

    kind: ClassVar[str] = "paragraph"
    words: Words


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of equal things."""

    kind: ClassVar[str] = "listing"
    items: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; an empty cell says that nothing is stated."""

    kind: ClassVar[str] = "table"
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Words, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture as SVG, `narrow` for a phone's screen; `name` is its file beside a Markdown page, without suffix."""

    kind: ClassVar[str] = "drawing"
    name: str
    title: str
    svg: str
    narrow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """A picture as Mermaid text, which readers of Markdown see drawn."""

    kind: ClassVar[str] = "diagram"
    title: str
    mermaid: str


Block = Heading | Paragraph | Listing | Table | Drawing | Diagram


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page; `name` is its address and its file name, `about` one sentence for the list of pages."""

    name: str
    title: str
    about: str
    blocks: tuple[Block, ...]


def spans(words: Words) -> tuple[Span, ...]:
    """Return a piece of running text span by span."""
    return words if isinstance(words, tuple) else (words,)


def plain(words: Words) -> str:
    """Return a piece of running text without its links and marks."""
    return "".join(span if isinstance(span, str) else span.text for span in spans(words))


def joined(parts: Sequence[Span], between: str = ", ") -> Words:
    """Return spans with something between every two."""
    return tuple(span for part in parts for span in (between, part))[1:]


def anchor_of(text: str) -> str:
    """Return the anchor that readers of Markdown give a heading: small letters, hyphens for blanks, no other marks."""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
