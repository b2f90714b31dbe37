"""`coursewatch protocol new`, `draw` and `schema`: what helps to write a protocol."""

from pathlib import Path
from typing import Annotated

import typer

from workflow.cli import protocol_versions
from workflow.cli.options import Database, Protocols, settings_for
from workflow.cli.talk import put, say
from workflow.domain.errors import CoursewatchError


class AlreadyThereError(CoursewatchError):
    """A new protocol would be written over files that are there."""


def new(
    directory: Annotated[Path, typer.Argument(help="The protocol's folder; made where it is not there.")],
    *,
    title: Annotated[str, typer.Option(help="How people call the protocol.")],
    protocol_id: Annotated[
        str | None,
        typer.Option("--id", metavar="ID", help="Small letters, digits, hyphens.", show_default="the folder"),
    ] = None,
) -> None:
    """Begin a protocol: a folder with two commented files that pass `protocol check` as they are."""
    from workflow.protocols.files.beginning import beginning

    files = beginning(protocol_id or directory.resolve().name, title)
    there = [str(directory / name) for name in files if (directory / name).exists()]
    if there:
        raise AlreadyThereError(f"{' and '.join(there)} would be overwritten; name another folder")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            with (directory / name).open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as fault:
        raise typer.BadParameter(f"{directory} cannot be written: {fault.strerror}") from None
    say(f"{directory} has two files now. Change them, and after each change: coursewatch protocol check {directory}")


def draw(
    name: protocol_versions.Named,
    *,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="As Mermaid text instead of an SVG picture.")] = False,
    database: Database = None,
    protocols: Protocols = None,
) -> None:
    """Draw a protocol's windows, as an SVG picture on stdout."""
    from workflow.protocols.drawing.diagram import protocol_mermaid
    from workflow.protocols.drawing.timeline import timeline_svg

    known = protocol_versions.as_released(settings_for(database, protocols=protocols))
    protocol = protocol_versions.version_meant(name, known)
    put((protocol_mermaid if mermaid else timeline_svg)(protocol).rstrip("\n"))


def schema(
    *, examples: Annotated[bool, typer.Option("--examples", help="The schema of examples.toml.")] = False
) -> None:
    """Print the JSON Schema of protocol.toml, for an editor that completes and checks."""
    from workflow.protocols.files.schema import EXAMPLES_SCHEMA, PROTOCOL_SCHEMA, schemas

    put(schemas()[EXAMPLES_SCHEMA if examples else PROTOCOL_SCHEMA].rstrip("\n"))
