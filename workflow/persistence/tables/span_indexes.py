"""The indexes by which lists find, among all that was ever known, the few rows that stood at a pair of clocks."""

from collections.abc import Mapping

from sqlalchemy import Index, text

# Most states and windows last some weeks and are known open for as long. Of those that last no longer than this, the
# ones that stood on a day end within so many days of it: a short range of an index instead of half the history.
BRIEF_DAYS = 60

Condition = Mapping[str, str]
_VALID = {
    "postgresql": f"(valid_to - valid_from) {{}} {BRIEF_DAYS}",
    "sqlite": f"(julianday(valid_to) - julianday(valid_from)) {{}} {BRIEF_DAYS}",
}
_KNOWN = {
    "postgresql": f"(known_to - known_from) {{}} interval '{BRIEF_DAYS} days'",
    "sqlite": f"(julianday(known_to) - julianday(known_from)) {{}} {BRIEF_DAYS}",
}


def _where(fixed: str, lasting: Condition, than: str) -> Condition:
    return {dialect: f"{fixed} AND {length.format(than)}" for dialect, length in lasting.items()}


STANDING = "known_to IS NULL AND valid_to IS NULL"
CRITICAL_BEFORE_LATEST = "critical_from IS NOT NULL AND (latest_on IS NULL OR latest_on > critical_from)"
# What ended, by the time that it was true; what was known open until its end was recorded, by the time it was known.
ENDED_BRIEF = _where("valid_to IS NOT NULL", _VALID, "<=")
ENDED_LONG = _where("valid_to IS NOT NULL", _VALID, ">")
REPLACED_BRIEF = _where("valid_to IS NULL AND known_to IS NOT NULL", _KNOWN, "<=")
REPLACED_LONG = _where("valid_to IS NULL AND known_to IS NOT NULL", _KNOWN, ">")
_BY_VALIDITY = ("valid_to", "valid_from", "known_from", "known_to")
# SQLite looks into the row for a column that only the condition names; so an index carries those columns too.
_BY_KNOWLEDGE = ("known_to", "known_from", "valid_from", "valid_to")
PARTS: Mapping[str, tuple[Condition, tuple[str, ...]]] = {
    "ended_brief": (ENDED_BRIEF, _BY_VALIDITY),
    "ended_long": (ENDED_LONG, _BY_VALIDITY),
    "replaced_brief": (REPLACED_BRIEF, _BY_KNOWLEDGE),
    "replaced_long": (REPLACED_LONG, _BY_KNOWLEDGE),
}


def span_indexes(table: str, *carried: str) -> tuple[Index, ...]:
    """Return the indexes of a table of spans over its past; `carried` columns save the look into the row."""
    return tuple(
        Index(
            f"ix_{table}_{name}",
            *columns,
            *carried,
            postgresql_where=text(where["postgresql"]),
            sqlite_where=text(where["sqlite"]),
        )
        for name, (where, columns) in PARTS.items()
    )
