"""Presents worklist rows: what a person on a ward reads first, in words and dates, never by colour alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from api.pages.words import ANCHOR_WORDS, awaited_in_words, days_in_words, state_in_words
from workflow.domain.calendar import days_between
from workflow.domain.windows import BLOCK_INTERVAL, Window
from workflow.persistence.worklist import WorklistRow
from workflow.protocols.model import Protocols
from workflow.protocols.operations import protocol_of

# Gravest first; the words are the contract's statuses, `silent` for a patient of whom nothing was recorded for long.
STANDINGS: Mapping[str, str] = {
    "critical": "Critical",
    "late": "Late",
    "due": "Due",
    "unknown": "Silent",
    "open": "Open",
    "upcoming": "Upcoming",
}
# A shape beside the word, so that a glance across the room and a black-and-white print tell them apart.
MARKS: Mapping[str, str] = {"critical": "▲", "late": "◆", "due": "●", "unknown": "?", "open": "○", "upcoming": "·"}
# The reminder's wording: a text never says "start", since the ward may have a reason not to.
DECIDE = "Decide and document: start, defer until, or stop."


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row as it is read."""

    standing: str
    word: str
    mark: str
    pseudonym: str
    site: str
    state: str
    window: str
    rule: str | None
    elapsed: str
    beyond: str
    ask: str
    next_threshold: str
    contact: str
    is_silent: bool
    owner: str


def lines(rows: Iterable[tuple[WorklistRow, date]], protocols: Protocols) -> list[Line]:
    """Return rows with the gravest first, otherwise in the order they came (longest overdue first)."""
    order = list(STANDINGS)
    return sorted((line(row, day, protocols) for row, day in rows), key=lambda shown: order.index(shown.standing))


def line(row: WorklistRow, as_of: date, protocols: Protocols) -> Line:
    """Return one row as of its day."""
    standing = standing_of(row)
    window = row.window
    return Line(
        standing=standing,
        word=STANDINGS[standing],
        mark=MARKS[standing],
        pseudonym=row.pseudonym,
        site=row.site_id,
        state=state_in_words(row.state),
        window=window.label if window else "No open window",
        rule=window.rule if window else None,
        elapsed=_elapsed(window, as_of, protocols) if window else "",
        beyond=_beyond(window, as_of) if window else "",
        ask=_ask(window, standing) if window else "",
        next_threshold=_next(window, as_of) if window else "",
        contact=_contact(row, as_of),
        is_silent=row.unknown,
        owner=_owner(row),
    )


def standing_of(row: WorklistRow) -> str:
    """Return the one word a row stands under: late and critical before due, silence only where nothing else is said."""
    if row.status in {"critical", "late"}:
        return row.status
    if row.due:
        return "due"
    if row.unknown or row.status is None:
        return "unknown"
    return row.status if row.status in STANDINGS else "open"


def counted(shown: Iterable[Line]) -> list[tuple[str, str, int]]:
    """Return (standing, word, how many) for every standing that occurs, gravest first."""
    standings = [found.standing for found in shown]
    return [(name, word, standings.count(name)) for name, word in STANDINGS.items() if name in standings]


def _elapsed(window: Window, as_of: date, protocols: Protocols) -> str:
    protocol = protocol_of(window.protocol, protocols)
    rule = protocol.window_rule(window.rule) if protocol else None
    anchor = ANCHOR_WORDS.get(rule.anchor, rule.anchor.replace("_", " ")) if rule else "anchor"
    return f"{days_in_words(window.days(as_of))} after the {anchor} of {window.anchor_on}"


def _beyond(window: Window, as_of: date) -> str:
    if window.paused_on is not None:
        return f"Therapy is interrupted since {window.paused_on}: no latest day until it goes on."
    past = window.days_past_latest(as_of)
    if window.latest_on is None or past is None:
        return "The protocol states no latest day."
    if past:
        return f"{days_in_words(past)} past the latest day, {window.latest_on}."
    ahead = days_between(as_of, window.latest_on)
    return f"Latest day {window.latest_on}, {'today' if ahead == 0 else f'in {days_in_words(ahead)}'}."


def _ask(window: Window, standing: str) -> str:
    if window.rule == BLOCK_INTERVAL and standing in {"critical", "late", "due"}:
        return DECIDE
    return f"Awaited: {awaited_in_words(window.expects)}."


def _next(window: Window, as_of: date) -> str:
    threshold = window.next_threshold(as_of)
    if threshold is None:
        return ""
    meanings = (
        ("earliest day", window.earliest_on),
        ("latest day", window.latest_on),
        ("critical", window.critical_from),
        ("review of the deferral", window.review_on),
        ("target day", window.target_on),
    )
    return f"{next(meaning for meaning, day in meanings if day == threshold)} {threshold}"


def _contact(row: WorklistRow, as_of: date) -> str:
    if not row.unknown:
        return f"Last contact {row.last_contact_on}" if row.last_contact_on else "No contact recorded"
    if row.last_contact_on is None:
        return "Nothing recorded yet: ask how the patient is."
    days = days_in_words(days_between(row.last_contact_on, as_of))
    return f"Nothing recorded for {days}, since {row.last_contact_on}: ask how the patient is."


def _owner(row: WorklistRow) -> str:
    if row.owner is None:
        return "No owner"
    return f"{row.owner}, deputy {row.deputy}" if row.deputy else row.owner
