"""What the command line says and prints: data goes to stdout, talk to stderr."""

import sys
import traceback
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from workflow.domain.errors import CoursewatchError

# Wide enough for every table: what is piped into a file or another program is not cut.
PIPED_WIDTH = 250


def say(message: str) -> None:
    """Tell the person at the keyboard something, on stderr."""
    print(message, file=sys.stderr, flush=True)  # noqa: T201 -- this is where the command line speaks


def told(fault: Exception) -> str:
    """Return an error's own words; of one that nobody has foreseen its kind and place, as it may quote a patient."""
    if isinstance(fault, CoursewatchError):
        return str(fault)
    frames = traceback.extract_tb(fault.__traceback__)
    place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return (
        f"an error inside Coursewatch ({type(fault).__name__}{place}); nothing of the broken step is stored. "
        "Please report this line."
    )


def put(text: str) -> None:
    """Print data, on stdout."""
    print(text, flush=True)  # noqa: T201 -- this is where the command line prints its data


def put_table(title: str | None, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a table; what is empty is shown as a dash."""
    console = Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)
    table = Table(title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        # Cells are plain text: square brackets in a name are no markup.
        table.add_row(*(_escaped("–" if cell is None or cell == "" else str(cell)) for cell in row))
    console.print(table)


def _escaped(cell: str) -> str:
    return cell.replace("[", r"\[")
