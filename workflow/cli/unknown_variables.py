"""Variables COURSEWATCH_… that nothing reads: most often a misspelt one, whose setting would be missed in silence."""

import os
from collections.abc import Iterator
from difflib import get_close_matches

from typer.core import TyperCommand, TyperGroup, TyperOption

from workflow.settings import PREFIX, known_variables

# What compose.yaml reads from .env, all of which the containers get.
OF_CONTAINERS = frozenset({f"{PREFIX}IMAGE"})


def unknown_variables(program: TyperCommand | TyperGroup) -> Iterator[str]:
    """Yield a line for each variable of the environment that no setting and no option of the program has."""
    names = sorted(name for name in os.environ if name.startswith(PREFIX))
    if not names:
        return
    known = known_variables() | OF_CONTAINERS | set(_of_options(program, PREFIX.removesuffix("_")))
    # Compared without what all have in common.
    endings = [name.removeprefix(PREFIX) for name in known]
    for name in names:
        if name not in known:
            near = get_close_matches(name.removeprefix(PREFIX), endings, n=1)
            meant = f"; did you mean {PREFIX}{near[0]}?" if near else ""
            yield f"{name} is set, and nothing reads it{meant}"


def _of_options(command: TyperCommand | TyperGroup, prefix: str) -> Iterator[str]:
    """Yield the variables of a command's options, and of those below it, as `auto_envvar_prefix` makes them."""
    for option in command.params:
        if isinstance(option, TyperOption):
            given = option.envvar or f"{prefix}_{option.name}".upper()
            yield from [given] if isinstance(given, str) else given
    for name, below in getattr(command, "commands", {}).items():
        yield from _of_options(below, f"{prefix}_{name}".upper().replace("-", "_"))
