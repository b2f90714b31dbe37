"""Short names for the few kinds of column there are, so that a table of the migration reads like a list."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import sqlalchemy as sa
from alembic import op


def text(name: str, *, null: bool = False) -> sa.Column[str]:
    """Return a column of text of any length."""
    return sa.Column(name, sa.String(), nullable=null)


def number(name: str, *, null: bool = False) -> sa.Column[int]:
    """Return a column of whole numbers that the program counts."""
    return sa.Column(name, sa.Integer(), nullable=null, autoincrement=False)


def counted(name: str) -> sa.Column[int]:
    """Return a column of whole numbers that the database counts; SQLite does so only in an INTEGER."""
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def truth(name: str, *, null: bool = False) -> sa.Column[bool]:
    """Return a column of true and false."""
    return sa.Column(name, sa.Boolean(), nullable=null)


def day(name: str, *, null: bool = False) -> sa.Column[date]:
    """Return a column of calendar dates at the site."""
    return sa.Column(name, sa.Date(), nullable=null)


def instant(name: str, *, null: bool = False) -> sa.Column[datetime]:
    """Return a column of instants: timestamptz on PostgreSQL, UTC text on SQLite."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def index(
    name: str,
    table: str,
    columns: Sequence[str],
    *,
    where: str | Mapping[str, str] | None = None,
    unique: bool = False,
) -> None:
    """Create an index, partial where `where` is given: for both dialects, or for each its own."""
    by_dialect = dict.fromkeys(("postgresql", "sqlite"), where) if isinstance(where, str) else dict(where or {})
    conditions = {f"{dialect}_where": sa.text(condition) for dialect, condition in by_dialect.items() if condition}
    op.create_index(op.f(name), table, list(columns), unique=unique, **conditions)  # type: ignore[arg-type]
