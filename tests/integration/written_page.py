"""A page of the documentation as steps: pieces of files, commands, changes, and what must come out."""

import io
import re
import shlex
import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.integration.cli.running import coursewatch
from workflow.cli import main

_FENCED = re.compile(r"^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE_OF_CHANGE = re.compile(r"@@ (?P<file>\S+) @@\n")


@dataclass(frozen=True, slots=True)
class Step:
    """One fenced block of a page: its kind (`sh`, `text`, `toml`, `diff` or nothing) and its text."""

    kind: str
    text: str


def steps_of(page: str) -> list[Step]:
    """Return the fenced blocks of a page in their order."""
    return [Step(found["kind"], found["text"]) for found in _FENCED.finditer(page)]


@dataclass(slots=True)
class Reader:
    """Somebody who follows a page word by word in a folder of their own; `said` is what the last command said."""

    folder: Path
    environment: pytest.MonkeyPatch
    pieces: dict[str, str] = field(default_factory=dict)
    said: str = ""

    def run(self, script: str) -> None:
        """Run the commands of a block, one a line; what they say is kept."""
        self.said = ""
        for line in script.splitlines():
            self._run_line(shlex.split(line))

    def write(self, piece: str, into: Path) -> None:
        """Put a piece into the file that its first line names, with that line, an empty one after the piece before."""
        name, _, _ = piece.removeprefix("# ").partition("\n")
        before = f"{self.pieces[name]}\n" if name in self.pieces else ""
        self.pieces[name] = f"{before}{piece}"
        (self.folder / into / name).write_text(self.pieces[name], encoding="utf-8")

    def change(self, change: str) -> None:
        """Change the lines of a file as a block of kind `diff` says; each line that goes is there."""
        file, before, after = self._changed(change)
        text = file.read_text(encoding="utf-8")
        assert before in text, before
        file.write_text(text.replace(before, after, 1), encoding="utf-8")

    def change_back(self, change: str) -> None:
        """Take a change back."""
        file, before, after = self._changed(change)
        file.write_text(file.read_text(encoding="utf-8").replace(after, before, 1), encoding="utf-8")

    def _changed(self, change: str) -> tuple[Path, str, str]:
        named = _FILE_OF_CHANGE.match(change)
        assert named is not None, change
        lines = change[named.end() :].splitlines()
        gone, come = ("\n".join(line[1:] for line in lines if line.startswith(sign)) for sign in "-+")
        return self.folder / named["file"], gone, come

    def _run_line(self, words: list[str]) -> None:
        match words:
            case ["export", setting]:
                name, _, value = setting.partition("=")
                self.environment.setenv(name, value)
            case ["cp", "-r", source, target]:
                shutil.copytree(self.folder / source, self.folder / target)
            case ["sed", "-i", replacement, file]:
                _, before, after, _ = replacement.split("/")
                changed = (self.folder / file).read_text(encoding="utf-8").replace(before, after)
                (self.folder / file).write_text(changed, encoding="utf-8")
            case ["coursewatch", *arguments, ">", file]:
                finished = coursewatch(*arguments)
                assert (finished.code, finished.err) == (0, ""), finished.err
                (self.folder / file).write_text(finished.out, encoding="utf-8")
            case ["coursewatch", *arguments]:
                self.said += _on_a_terminal(arguments)
            case _:
                pytest.fail(f"the page has a command that this reader does not know: {shlex.join(words)}")


def _on_a_terminal(arguments: list[str]) -> str:
    """Run a command and return what it says, data and talk in the order in which they come."""
    screen = io.StringIO()
    with redirect_stdout(screen), redirect_stderr(screen):
        main(arguments)
    return screen.getvalue()
