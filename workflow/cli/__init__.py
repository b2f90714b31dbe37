"""The command line: what an administrator and a ward's data manager do by hand."""

import sys
from collections.abc import Sequence

QUICK = "health"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; `arguments` default to those of the process.

    A container asks for its health every few seconds: that is answered without reading the program in.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == [QUICK]:
        from workflow.cli.health import asked

        code = asked(given[1:])
        if code is not None:
            return code
    from workflow.cli.program import main as run

    return run(arguments)


__all__ = ["main"]
