"""`coursewatch health` as the program lists and explains it; what it does stands in `health`."""

from typing import Annotated

import typer

from workflow.cli.health import answered


def health(
    url: Annotated[
        str | None,
        typer.Argument(help="Default: http://127.0.0.1:$COURSEWATCH_PORT/health/live.", show_default=False),
    ] = None,
    *,
    ready: Annotated[bool, typer.Option("--ready", help="Ask whether it is ready, too, and not only alive.")] = False,
) -> None:
    """Ask a process for its health; exit code 0 where it answers 200 within 3 seconds, else 1 with the reason."""
    raise typer.Exit(answered(url, ready=ready))
