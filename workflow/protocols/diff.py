"""What two protocol versions state differently, key by key, so that nobody has to compare two files by eye."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from workflow.protocols.for_whom import InGroups
from workflow.protocols.model import Expectation, Protocol

UNSTATED = "not stated"
# The sections of a file in its order, and by which fields one entry is told from the next.
_NAMED_BY: Mapping[str, tuple[str, ...]] = {
    "elements": ("code",),
    "windows": ("rule",),
    "mrd_points": ("timepoint", "method"),
    "sequence": ("after", "risk"),
    "caps": ("rule",),
    "eligibility": ("asks",),
    "doses": ("element", "drug", "for_"),
    "stated": ("rule",),
}
_OF_THE_WHOLE = ("id", "title", "scope", "in_force_from", "silent_after_days")
_TEXTS = ("citations", "without_window")

Name = tuple[str, str]
Entry = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is otherwise: an entry added (`before` None) or gone (`after` None), or one key of an entry.

    `at` names the entry, `key` the key inside it where that alone changed; values are in words.
    """

    at: str
    key: str | None
    before: str | None
    after: str | None

    def __str__(self) -> str:
        """Return the one line that a terminal shows."""
        if self.before is None:
            return f"added    {self.at}{_told(self.after)}"
        if self.after is None:
            return f"gone     {self.at}{_told(self.before)}"
        place = f"{self.at}, {self.key}" if self.key else self.at
        return f"changed  {place}: {self.before} → {self.after}"


def differences(old: Protocol, new: Protocol) -> tuple[Difference, ...]:
    """Return what `new` states otherwise than `old`, in the order of a protocol's file; empty where nothing is.

    Order of entries, comments and line breaks make no difference; `version`, `changes` and the worked examples are not
    compared.
    """
    was, now = _entries(old), _entries(new)
    sections = dict.fromkeys(section for section, _ in (*was, *now))
    return tuple(
        difference
        for section in sorted(sections, key=_place)
        for name in dict.fromkeys(name for name in (*was, *now) if name[0] == section)
        for difference in _between(name, was.get(name), now.get(name))
    )


def _between(name: Name, was: Entry | None, now: Entry | None) -> Iterator[Difference]:
    at = " ".join(part for part in name if part)
    if was is None or now is None:
        yield Difference(at=at, key=None, before=_in_full(was), after=_in_full(now))
        return
    for key in dict.fromkeys((*was, *now)):
        before, after = was.get(key, UNSTATED), now.get(key, UNSTATED)
        if before != after:
            yield Difference(at=at, key=key or None, before=before, after=after)


def _in_full(entry: Entry | None) -> str | None:
    """Return everything that an added or lost entry states."""
    if entry is None:
        return None
    return "; ".join(f"{key} = {value}" if key else value for key, value in entry.items())


def _told(text: str | None) -> str:
    return f": {text}" if text else ""


def _place(section: str) -> int:
    order = (*_OF_THE_WHOLE, *_NAMED_BY, "individual_decision", "classification", *_TEXTS, "not_stated")
    return order.index(section)


def _entries(protocol: Protocol) -> dict[Name, Entry]:
    """Return everything that a protocol states, by section and name; the key of a plain value is empty."""
    found: dict[Name, Entry] = {}
    for section in _OF_THE_WHOLE:
        found[section, ""] = {"": _words(getattr(protocol, section))}
    for section, named_by in _NAMED_BY.items():
        found |= _of_section(section, getattr(protocol, section), named_by)
    if protocol.individual_decision is not None:
        found["individual_decision", ""] = _fields(protocol.individual_decision, ())
    found["classification", ""] = _classification(protocol)
    for section in _TEXTS:
        found |= {(section, key): {"": text} for key, text in getattr(protocol, section).items()}
    return found | {("not_stated", text): {} for text in protocol.not_stated}


def _of_section(section: str, entries: Iterable[Any], named_by: tuple[str, ...]) -> dict[Name, Entry]:
    """Return the entries of a section by their names; those of one name, say two doses, are compared in their order."""
    found: dict[Name, Entry] = {}
    for entry in entries:
        values = (getattr(entry, name) for name in named_by)
        name = ", ".join(_words(value) for value in values if value is not None)
        number, own = 1, name
        while (section, own) in found:
            number += 1
            own = f"{name} ({number})"
        found[section, own] = _fields(entry, named_by)
    return found


def _fields(entry: Any, named_by: tuple[str, ...]) -> Entry:  # noqa: ANN401 -- any dataclass of the model
    """Return the fields that an entry states, in words, without those that name it."""
    stated = ((field.name, getattr(entry, field.name)) for field in fields(entry) if field.name not in named_by)
    return {
        name.rstrip("_"): _words(value)
        for name, value in stated
        if value is not None and value != () and value is not False
    }


def _classification(protocol: Protocol) -> Entry:
    readings = asdict(protocol.switches)
    recovery = readings.pop("recovery") or {}
    told = readings | {f"recovery.{name}": value for name, value in recovery.items()}
    told["source"] = protocol.switches_source
    return {name: _words(value) for name, value in told.items() if value is not None}


def _words(value: object) -> str:
    if value is None:
        return UNSTATED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, InGroups):
        return f"{' or '.join(value.groups)} of {value.scheme}"
    if isinstance(value, Expectation):
        only = (*value.timepoints, *value.elements)
        return " or ".join(value.facts) + (f" ({', '.join(only)})" if only else "")
    if isinstance(value, tuple):
        return ", ".join(map(_words, value))
    return str(value)
