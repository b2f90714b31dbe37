"""Paging by an opaque cursor: where the last page ended, so that no page shifts while rows come and go."""

import base64
import binascii
import json
from dataclasses import dataclass
from types import UnionType
from typing import Generic, TypeVar

from workflow.domain.errors import InvalidInputError, Problem

HIGHEST_LIMIT = 500
DEFAULT_LIMIT = 100
# What a column of 64 bits holds.
HIGHEST_ID = 2**63 - 1
Item = TypeVar("Item")
CursorPart = str | int | None


class BadCursorError(InvalidInputError):
    """The cursor was not given out by this list (HTTP 422)."""

    def __init__(self) -> None:
        message = "cursor is not one that this list gave out; leave it out to begin at the first page"
        super().__init__([Problem("cursor", "bad_cursor", message)])


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is wanted: at most `limit` rows after the cursor."""

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= HIGHEST_LIMIT:
            message = f"limit must lie between 1 and {HIGHEST_LIMIT}"
            raise InvalidInputError([Problem("limit", "out_of_range", message)])

    def after(self, *kinds: type | UnionType) -> tuple[CursorPart, ...] | None:
        """Return what the cursor says, None without one; raises BadCursorError where its parts are of other kinds."""
        if self.cursor is None:
            return None
        parts = _decoded(self.cursor)
        if len(parts) != len(kinds) or not all(isinstance(part, kind) for part, kind in zip(parts, kinds, strict=True)):
            raise BadCursorError
        return tuple(parts)


@dataclass(frozen=True, slots=True)
class Listing(Generic[Item]):
    """One page of a list; `next_cursor` None where it is the last one."""

    items: tuple[Item, ...]
    next_cursor: str | None = None


def cursor_of(*parts: CursorPart) -> str:
    """Return the cursor behind a row with these sort keys."""
    text = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decoded(cursor: str) -> list[CursorPart]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise BadCursorError from None
    if not isinstance(parts, list) or not all(_storable(part) for part in parts):
        raise BadCursorError
    return parts


def _storable(part: object) -> bool:
    """Whether a row could have this as its sort key: anybody can write a cursor, and no driver may stumble over it."""
    if isinstance(part, str):
        return part.isprintable()
    return part is None or (type(part) is int and 0 <= part <= HIGHEST_ID)
