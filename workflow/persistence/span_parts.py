"""Which spans stood at a pair of clocks: the parts of a table that may hold them, each found by its own index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, literal_column, or_, select, true

from workflow.persistence.engine import Dialect
from workflow.persistence.standing import Today, known
from workflow.persistence.tables.span_indexes import (
    BRIEF_DAYS,
    ENDED_BRIEF,
    ENDED_LONG,
    REPLACED_BRIEF,
    REPLACED_LONG,
    STANDING,
)

# A day more than the longest brief span: the length of a span is rounded, and a shorter range would lose a row.
_REACHES = timedelta(days=BRIEF_DAYS + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """The pair of clocks that a list is read at: what stood on a day, or last, in what was known by an instant, or is.

    `dialect` names the database whose indexes are used.
    """

    today: Today
    dialect: Dialect
    known_at: datetime | None = None

    @property
    def now(self) -> bool:
        """Whether today's list is meant, as it stands in what is known now."""
        return self.known_at is None and not isinstance(self.today, date)


def dialect_of(connection: Connection) -> Dialect:
    """Return which of the two kinds of database a connection leads to."""
    return "postgresql" if connection.dialect.name == "postgresql" else "sqlite"


def spans_at(
    spans: Table,
    at: At,
    columns: Sequence[ColumnElement[Any]],
    *conditions: ColumnElement[bool],
    ranges: Sequence[ColumnElement[bool]] = (),
) -> list[Select[Any]]:
    """Return the selects whose rows together are the spans that stood at these clocks, none twice.

    Only spans within one of `ranges` are wanted, where there are any, each served by an index over what still stands;
    no span may lie in two of them.
    """
    known_at, day = at.known_at, at.today if isinstance(at.today, date) else None
    begun = [] if day is None else [spans.c.valid_from <= day]
    learnt = [] if known_at is None else [spans.c.known_from <= known_at]
    standing = ranges or (true(),)
    parts = [[_text(STANDING), *begun, *learnt, within] for within in standing]
    # Of the past a part is read once, from one end to the other.
    anywhere = or_(*standing)
    if known_at is not None:
        replaced = [spans.c.known_to > known_at, *begun, *learnt, anywhere]
        brief = [spans.c.known_to <= known_at + _REACHES, *replaced]
        parts.append([_text(REPLACED_BRIEF[at.dialect]), *brief])
        parts.append([_text(REPLACED_LONG[at.dialect]), *replaced])
    if day is not None:
        ended = [spans.c.valid_to > day, *begun, known(spans, known_at), anywhere]
        brief = [spans.c.valid_to <= day + _REACHES, *ended]
        parts.append([_text(ENDED_BRIEF[at.dialect]), *brief])
        parts.append([_text(ENDED_LONG[at.dialect]), *ended])
    return [select(*columns).where(*part, *conditions) for part in parts]


def _text(condition: str) -> ColumnElement[bool]:
    # Word for word what the index says: only then does the database see that the index serves.
    return literal_column(condition)
