"""Where each key of a TOML text stands, because the standard library's reader does not say."""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cached_property

from workflow.protocols.files.problems import KeyPath

_BLANK = re.compile(r"(?:[\s,]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r"""
    \"{3} (?:\\.|[^\\])*? \"{3,5}  # several lines; up to two quotes may stand before the closing three
    | '{3} .*? '{3,5}
    | " (?:\\.|[^"\\])* "
    | ' [^']* '
    """,
    re.DOTALL | re.VERBOSE,
)
# A date and time may be written with a blank between them; every other plain value ends at one.
_PLAIN = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:[^\s,\]}#]+|[^\s,\]}#]+")


def key_lines(text: str) -> dict[KeyPath, int]:
    """Return the line, from 1, of every key, table and list element of a TOML text that `tomllib` has accepted.

    The first place counts where a table is opened in several. The whole file is the empty path, at line 1.
    """
    return _Scanner(text).scan()


class KeyLines(Mapping[KeyPath, int]):
    """The lines of a text's keys, looked for only once somebody asks: a sound protocol needs none of them."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _lines(self) -> dict[KeyPath, int]:
        try:
            return key_lines(self._text)
        except RecursionError:
            # Nested as deep as the reader goes: what is wrong is said for the whole file.
            return {(): 1}

    def __getitem__(self, key: KeyPath) -> int:
        return self._lines[key]

    def __iter__(self) -> Iterator[KeyPath]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


class _Scanner:
    """One walk over the text; relies on its being valid, so it needs to know only where things end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.newlines = [place.start() for place in re.finditer("\n", text)]
        self.lines: dict[KeyPath, int] = {(): 1}
        self.last_element: dict[KeyPath, int] = {}

    def scan(self) -> dict[KeyPath, int]:
        """Walk from table to table."""
        table: KeyPath = ()
        while self._skip_blank() < len(self.text):
            if self._next() == "[":
                table = self._header()
            else:
                self._pair(table)
        return self.lines

    def _header(self) -> KeyPath:
        line = self._line()
        is_list = self.text.startswith("[[", self.at)
        self.at += 2 if is_list else 1
        *outer, name = self._key()
        path: KeyPath = ()
        for part in outer:
            path = self._inside((*path, part))
        path = (*path, name)
        self.lines.setdefault(path, line)
        if is_list:
            self.last_element[path] = self.last_element.get(path, -1) + 1
            path = self._inside(path)
            self.lines[path] = line
        self._skip_blank()
        self.at += 2 if is_list else 1
        return path

    def _inside(self, path: KeyPath) -> KeyPath:
        return (*path, self.last_element[path]) if path in self.last_element else path

    def _pair(self, table: KeyPath) -> None:
        line = self._line()
        path = table
        for part in self._key():
            path = (*path, part)
            self.lines.setdefault(path, line)
        self._skip_blank()
        self.at += len("=")
        self._value(path)

    def _key(self) -> list[str]:
        parts = [self._key_part()]
        while self._skip_blank() < len(self.text) and self._next() == ".":
            self.at += len(".")
            parts.append(self._key_part())
        return parts

    def _key_part(self) -> str:
        self._skip_blank()
        if self._next() in "\"'":
            return str(tomllib.loads(f"key = {self._take(_STRING)}")["key"])
        return self._take(_BARE_KEY)

    def _value(self, path: KeyPath) -> None:
        self._skip_blank()
        opening = self._next()
        if opening == "[":
            self._elements(path)
        elif opening == "{":
            self.at += len("{")
            while self.text[self._skip_blank()] != "}":
                self._pair(path)
            self.at += len("}")
        else:
            self._take(_STRING if opening in "\"'" else _PLAIN)

    def _elements(self, path: KeyPath) -> None:
        self.at += len("[")
        place = 0
        while self.text[self._skip_blank()] != "]":
            self.lines[*path, place] = self._line()
            self._value((*path, place))
            place += 1
        self.at += len("]")

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        assert found is not None, f"not TOML at line {self._line()}"
        self.at = found.end()
        return found.group()

    def _skip_blank(self) -> int:
        blank = _BLANK.match(self.text, self.at)
        self.at = blank.end() if blank else self.at
        return self.at

    def _next(self) -> str:
        return self.text[self.at]

    def _line(self) -> int:
        return bisect_left(self.newlines, self.at) + 1
