"""A state of a patient with its days: what rules tell and lists are read from."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSpan:
    """The patient was in `state` from `valid_from` up to, not including, `valid_to` (None: still).

    All that while `site_id` treated them, and the course of this number (None before the first relapse) had pinned
    `protocol` (id@version).
    """

    course: int | None
    state: str
    site_id: str | None
    protocol: str | None
    valid_from: date
    valid_to: date | None
