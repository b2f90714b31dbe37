"""Reading CSV files record by record, each with the line on which it starts; what cannot be read names its line."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from workflow.domain.errors import CoursewatchError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# What a field of a record may hold; longer than this only where a quotation mark was never closed.
LONGEST_CELL = 1_000_000


class UnreadableFileError(CoursewatchError):
    """The file as a whole cannot be read; the message names the line and the way out."""


def lines_of(path: Path) -> Iterator[bytes]:
    """Yield a file's lines with their ends, as they are read from the disk; raises UnreadableFileError."""
    try:
        with path.open("rb") as file:
            for number, chunk in enumerate(file):
                yield from (chunk if number else chunk.removeprefix(BYTE_ORDER_MARK)).splitlines(keepends=True)
    except OSError as fault:
        raise UnreadableFileError(f"{path}: cannot be read: {fault.strerror}") from None


def decoded(lines: Iterable[bytes], name: str) -> Iterator[str]:
    """Yield lines as text; raises UnreadableFileError where one is not UTF-8."""
    for number, line in enumerate(lines, start=1):
        try:
            yield line.decode()
        except UnicodeDecodeError as invalid:
            raise UnreadableFileError(
                f"{name}, line {number}: byte {invalid.start + 1} is not UTF-8; save the file as UTF-8"
            ) from None


def records(lines: Iterable[str], name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line on which it starts; blank lines are no records."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as broken:
            raise UnreadableFileError(
                f"{name}: the record that starts on line {line} cannot be read ({broken}); "
                "is a quotation mark missing or not doubled?"
            ) from None
        if cells:
            yield line, cells
