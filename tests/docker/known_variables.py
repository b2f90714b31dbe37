"""Finds out which variables the program reads, by letting it read an environment that remembers what it was asked."""

from collections.abc import Iterator, Mapping
from typing import Any

import typer.main

from workflow.cli.program import app
from workflow.settings import PREFIX, Settings


class Remembering(Mapping[str, str]):
    """An environment without anything in it; `asked` is what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getitem__(self, name: str) -> str:
        self.asked.append(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def settings_variables() -> list[str]:
    """Return the variables of the settings, in the order in which they are read."""
    environment = Remembering()
    Settings.from_environment(environment)
    return [name for name in environment.asked if name.startswith(PREFIX)]


def options_of(words: list[str]) -> set[str]:
    """Return the options of the command that these words call; raises KeyError where there is none."""
    # Typer's commands are of a library inside it, which has no name of its own to be typed by.
    found: Any = typer.main.get_command(app)
    for word in words:
        found = found.commands[word]
    return {option for parameter in found.params for option in parameter.opts}


def option_variables() -> set[str]:
    """Return the variables that stand in for an option of any command."""
    # As above.
    waiting: list[Any] = [typer.main.get_command(app)]
    found: set[str] = set()
    while waiting:
        command = waiting.pop()
        waiting.extend(getattr(command, "commands", {}).values())
        found |= {parameter.envvar for parameter in command.params if isinstance(parameter.envvar, str)}
    return found
