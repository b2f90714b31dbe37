"""Rows of the decision table, as both the page of the schemes and that of the strategies show them."""

from collections.abc import Iterable

from workflow.knowledge.decision_table import Row
from workflow.services.reference.blocks import Code, Table, Words
from workflow.services.reference.cells import SITE_WORDS, STATUS_WORDS, contradictions

_MRD_WORDS = {
    "any": "any",
    "positive": "positive",
    "negative": "negative",
    "between": "between the printed cut-offs",
    "unknown": "not known",
}


def decision_rows(title: str, rows: Iterable[Row]) -> Table:
    """Return rows of the decision table; the first that fits decides."""
    heads = ("row", "for whom", "MRD", "decision", "in words", "how sure", "source", "contradictions")
    return Table(title, heads, tuple(_row(row) for row in rows))


def _row(row: Row) -> tuple[Words, ...]:
    flag = f" Flag: {row.flag}." if row.flag else ""
    return (
        row.id,
        _for_whom(row),
        _MRD_WORDS[row.mrd],
        Code(row.decision),
        row.text + flag,
        STATUS_WORDS[row.status],
        row.source,
        contradictions(row.contradictions),
    )


def _for_whom(row: Row) -> str:
    said = (
        row.group or "",
        " or ".join(row.timing).replace("_", " "),
        f"phenotype {row.phenotype}" if row.phenotype else "",
        " or ".join(SITE_WORDS.get(site, site) for site in row.sites),
    )
    return ", ".join(part for part in said if part) or "everybody"
