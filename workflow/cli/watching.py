"""`coursewatch health` as the program lists and explains it; what it does stands in `health`."""

from typing import Annotated

import typer

from workflow.cli.health import answered


def health(
    url: Annotated[
        str | None,
        typer.Argument(
            help="Where a process answers, or all of an address. Default: http://127.0.0.1:$COURSEWATCH_PORT.",
            show_default=False,
        ),
    ] = None,
    *,
    ready: Annotated[
        bool, typer.Option("--ready", help="Ask whether it is ready, too: /health/ready instead of /health/live.")
    ] = False,
) -> None:
    """Ask a process for its health; exit code 0 where it answers 200 within 3 seconds, else 1 with the reason.

    A URL that names a path is asked as it is. With --ready warnings are told, too; they leave the exit code 0.
    """
    raise typer.Exit(answered(url, ready=ready))
