"""`coursewatch db`: the database's tables."""

from typing import Annotated

import typer

from workflow.cli.options import Database, settings_for
from workflow.cli.talk import say

Rehearsal = Annotated[
    bool,
    typer.Option(
        "--rehearsal",
        envvar="COURSEWATCH_DB_UPGRADE_REHEARSAL",
        help="Mark an empty database as rehearsal: it alone accepts COURSEWATCH_NOW. There is no way back.",
    ),
]
app = typer.Typer(help="The database.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keep `db` a group of commands, however few it has."""


@app.command()
def upgrade(database: Database = None, *, rehearsal: Rehearsal = False) -> None:
    """Bring the database to this release's tables; on PostgreSQL run it as the role that owns them."""
    from workflow.bootstrap import migrate
    from workflow.persistence.migrations import app_role_missing, current_revision

    settings = settings_for(database)
    before = current_revision(settings.database_url)
    migrate(settings, rehearsal=rehearsal)
    after = current_revision(settings.database_url)
    say(f"The database is at revision {after} already." if before == after else f"The database is at {after} now.")
    if app_role_missing(settings.database_url, settings.app_role):
        say(
            f"The role {settings.app_role} does not exist, so it was granted nothing: CREATE ROLE {settings.app_role} "
            "LOGIN, then run `coursewatch db upgrade` again; or name another in COURSEWATCH_APP_ROLE."
        )
