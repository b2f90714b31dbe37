"""The program `coursewatch`: its commands, and how every error ends as one clear line and an exit code."""

from collections.abc import Sequence

import typer

from workflow.cli import (
    backups,
    classifying,
    databases,
    importing,
    keys,
    protocols,
    scheduling,
    serving,
    simulating,
    sites,
    sweeping,
    watching,
    worklist,
)
from workflow.cli.ending import Ended
from workflow.cli.talk import say, told
from workflow.cli.unknown_variables import unknown_variables
from workflow.persistence.errors import DatabaseUrlError
from workflow.settings import SettingsError

DONE, REFUSED, WRONG_USAGE = 0, 1, 2
_HELP = """Coursewatch follows patients with relapsed acute lymphoblastic leukaemia through their treatment and says
which block is due, late or critical, and why.

Every option has an environment variable COURSEWATCH_…; exit codes: 0 done, 1 refused or failed checks, 2 wrong usage,
128 + N ended by signal N (db backup, restore and drill).
"""

app = typer.Typer(
    name="coursewatch",
    help=_HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"auto_envvar_prefix": "COURSEWATCH", "help_option_names": ["--help", "-h"]},
)
app.command("serve")(serving.serve)
app.command("api")(serving.api)
app.command("scheduler")(scheduling.scheduler)
app.command("health")(watching.health)
app.command("import")(importing.import_file)
app.command("classify")(classifying.classify)
app.command("simulate")(simulating.simulate)
app.command("worklist")(worklist.worklist)
app.command("sweep")(sweeping.sweep)
app.add_typer(protocols.app, name="protocol")
app.add_typer(keys.app, name="key")
app.add_typer(sites.app, name="site")
databases.app.command("backup")(backups.backup)
databases.app.command("restore")(backups.restore)
databases.app.command("drill")(backups.drill)
app.add_typer(databases.app, name="db")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; `arguments` default to those of the process."""
    for line in unknown_variables(typer.main.get_group(app)):
        say(f"coursewatch: warning: {line}")
    try:
        app(None if arguments is None else list(arguments), prog_name="coursewatch")
    except Ended as signalled:
        return signalled.exit_code
    except SystemExit as ended:
        return ended.code if ended.code in {DONE, WRONG_USAGE} else REFUSED
    except (SettingsError, DatabaseUrlError) as wrong:
        say(f"coursewatch: {wrong}")
        return WRONG_USAGE
    except Exception as fault:  # noqa: BLE001 -- the last line of defence: a traceback may quote a patient's data
        say(f"coursewatch: {told(fault)}")
        return REFUSED
    return DONE
