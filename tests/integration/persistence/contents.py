"""Everything that a database holds, to be compared before and after."""

from sqlalchemy import select

from tests.introduced import seeing
from workflow.persistence.engine import Database
from workflow.persistence.tables import METADATA

Contents = dict[str, list[tuple[object, ...]]]


def contents(database: Database) -> Contents:
    """Return all rows of all tables, each table's in a stable order."""
    with seeing(database) as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for name, table in METADATA.tables.items()
        }
