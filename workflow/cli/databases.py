"""`coursewatch db`: the database's tables."""

import typer

from workflow.cli.options import Database, settings_for
from workflow.cli.talk import say

app = typer.Typer(help="The database.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keep `db` a group of commands, however few it has."""


@app.command()
def upgrade(database: Database = None) -> None:
    """Bring the database to this release's tables; on PostgreSQL run it as the role that owns them."""
    from workflow.bootstrap import migrate
    from workflow.persistence.migrations import current_revision

    settings = settings_for(database)
    before = current_revision(settings.database_url)
    migrate(settings)
    after = current_revision(settings.database_url)
    say(f"The database is at revision {after} already." if before == after else f"The database is at {after} now.")
