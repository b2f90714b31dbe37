"""What all tables share: one metadata with named constraints, so that every database calls them the same."""

from sqlalchemy import BigInteger, Integer, MetaData, Table
from sqlmodel import SQLModel

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
# SQLite counts rows by itself only in a column of the type INTEGER.
COUNTED = BigInteger().with_variant(Integer(), "sqlite")


class Row(SQLModel):
    """The base of all tables; a plain `datetime` is an aware instant in UTC, on SQLite too."""

    metadata = MetaData(naming_convention=NAMES)


def table_of(model: type[Row]) -> Table:
    """Return the Core table of a model, for prebuilt statements."""
    table = model.__table__  # type: ignore[attr-defined]
    assert isinstance(table, Table)
    return table
