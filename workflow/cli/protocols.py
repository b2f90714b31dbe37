"""`coursewatch protocol`: protocols as data."""

from pathlib import Path
from typing import Annotated

import typer

from workflow.cli import protocol_versions, writing
from workflow.cli.options import Database, Protocols, settings_for
from workflow.cli.protocol_words import put_protocol
from workflow.cli.talk import put, say

app = typer.Typer(help="Protocols as data: what their sources state, and nothing else.", no_args_is_help=True)


app.command("list")(protocol_versions.list_protocols)
app.command("diff")(protocol_versions.diff)
app.command("sign")(protocol_versions.sign)


@app.command()
def show(
    name: protocol_versions.Named,
    *,
    toml: Annotated[bool, typer.Option("--toml", help="The exact text that the hash pins.")] = False,
    database: Database = None,
    protocols: Protocols = None,
) -> None:
    """Show a protocol: everything that its file states, with the sources, and what these leave open."""
    known = protocol_versions.as_released(settings_for(database, protocols=protocols))
    protocol = protocol_versions.version_meant(name, known)
    if toml:
        put(protocol.body.rstrip("\n"))
        return
    put_protocol(protocol)


@app.command()
def check(
    path: Annotated[
        Path | None,
        typer.Argument(
            help="A protocol's folder, or one that holds several; without it, those of this release.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
) -> None:
    """Check a protocol: that it parses, holds together, traps nobody, has sources, and that its examples hold."""
    from workflow.services.check_protocols import check_folder, check_shipped

    problems = check_folder(path) if path else check_shipped()
    for problem in problems:
        put(problem)
    if problems:
        say(f"{len(problems)} problem{'s' if len(problems) > 1 else ''} found.")
        raise typer.Exit(1)
    alone = path is not None and (path / "protocol.toml").is_file()
    say("Sound, and its examples hold." if alone else "All are sound, and their examples hold.")


app.command("new")(writing.new)
app.command("draw")(writing.draw)
app.command("schema")(writing.schema)
