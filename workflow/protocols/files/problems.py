"""What is wrong with a protocol's files, said so that its author can mend it: file, line, key, allowed values."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from workflow.domain.errors import CoursewatchError

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Something wrong at a key, not yet located; `allowed` says in words or as a list what may stand there."""

    at: KeyPath
    message: str
    allowed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolProblem:
    """A located flaw; `line` counts from 1, `key` is written like `windows[0].anchor`."""

    file: str
    line: int
    key: str
    message: str
    allowed: str

    def __str__(self) -> str:
        """Return the one line that a terminal shows."""
        return shown_text(f"{self.file}:{self.line}: {self.key}: {self.message}; allowed: {self.allowed}")


class ProtocolError(CoursewatchError):
    """A protocol cannot be used; every problem found is named with file, line, key and allowed values."""

    def __init__(self, problems: Sequence[ProtocolProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def key_text(path: KeyPath) -> str:
    """Return a key path as its author would write it: `windows[0].anchor`; list places count from 0."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return shown_text(text) or "the whole file"


def shown_text(text: str, longest: int | None = None) -> str:
    """Return a text as a terminal can show it, what nobody would see written as its code; cut at `longest`."""
    seen = "".join(
        letter if letter.isprintable() else json.dumps(letter).strip('"') for letter in text[: longest or len(text)]
    )
    return f"{seen}…" if longest and len(text) > longest else seen


def located(flaws: Iterable[Flaw], lines: Mapping[KeyPath, int], file: str) -> list[ProtocolProblem]:
    """Return the flaws with the line of their key, or of the nearest table around a key that is absent; by line."""
    problems = [
        ProtocolProblem(
            file=file, line=line_of(flaw.at, lines), key=key_text(flaw.at), message=flaw.message, allowed=flaw.allowed
        )
        for flaw in flaws
    ]
    return sorted(problems, key=lambda problem: problem.line)


def line_of(path: KeyPath, lines: Mapping[KeyPath, int]) -> int:
    """Return the line of a key, or of the nearest thing around it; 1 where nothing is known."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def did_you_mean(value: object, allowed: Iterable[str]) -> str:
    """Return `, did you mean X?` for the nearest allowed name, or nothing where none is near."""
    names = list(allowed)
    folded = {name.casefold(): name for name in names}
    near = get_close_matches(str(value).casefold(), folded, n=1)
    return f", did you mean {folded[near[0]]}?" if near else ""
