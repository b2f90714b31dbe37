"""What two answers must have in common that tell of the same, once stored and once previewed, or of two patients."""

from collections.abc import Container, Mapping, Sequence
from typing import Any

# Made anew by every act that raises or resolves an alert; which alert it is, window, reminder and threshold say.
OF_ONE_ACT = frozenset({"id", "raised_at", "resolved_at"})
IDENTITY = ("window", "reminder", "threshold_on")


def comparable(told: object, *, without: Container[str]) -> object:
    """Return an answer without some fields at any depth, and its alerts without their ids and instants."""
    if isinstance(told, list):
        return [comparable(each, without=without) for each in told]
    if not isinstance(told, dict):
        return told
    return {
        name: _alerts(part) if name == "alerts" else comparable(part, without=without)
        for name, part in told.items()
        if name not in without
    }


def _alerts(told: Sequence[Mapping[str, Any]]) -> list[object]:
    """Return alerts, or their changes, by what they are about: those of one instant are told in the order of ids."""
    return [_alert(each) for each in sorted(told, key=_identity)]


def _alert(told: Mapping[str, Any] | None) -> object:
    if told is None:
        return None
    if "after" in told:
        return {"before": _alert(told["before"]), "after": _alert(told["after"])}
    return {name: part for name, part in told.items() if name not in OF_ONE_ACT}


def _identity(told: Mapping[str, Any]) -> tuple[str, ...]:
    alert = told.get("after", told)
    return tuple(str(alert[name]) for name in IDENTITY)
