"""Reading a share of cells as a source prints it, exactly, so that a misprint of ten is seen (C22)."""

import re
from collections.abc import Callable
from decimal import Decimal

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
# Also 0,01 as some countries write it; a number is taken whole or not at all.
_NUMBER = r"(?<![\d.,])\d+(?:[.,]\d+)?"
# 0.01 %; 1e-4; 10-4, 10^-4, 10⁻⁴ and 3 × 10⁻⁴ (a review in plain text prints its powers as 10-4); 1 in 10 000.
_AMOUNT = re.compile(
    rf"""
    (?P<percent>{_NUMBER})\s*(?:%|percent\b)
    | (?P<mantissa>{_NUMBER})[eE]-(?P<e>\d+)
    | (?:(?P<times>{_NUMBER})\s*[x×*]\s*)? \b10\s*(?:\^?\s*[-−–](?P<power>\d+) | ⁻(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹]+))
    | (?<![\d.,])1\s*(?:in|/|:)\s*(?P<cells>\d[\d\s,]*)
    """,
    re.VERBOSE,
)


def printed_amounts(text: str) -> tuple[tuple[str, Decimal], ...]:
    """Return each amount in a text with the share of cells it names; a number without a unit is none."""
    return tuple((found.group().strip(), _share(found)) for found in _AMOUNT.finditer(text))


def _share(found: re.Match[str]) -> Decimal:
    return next(share(found) for name, share in _SHARES if found[name] is not None)


def _of_cells(found: re.Match[str]) -> Decimal:
    return Decimal(1) / Decimal("".join(found["cells"].replace(",", " ").split()))


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


_SHARES: tuple[tuple[str, Callable[[re.Match[str]], Decimal]], ...] = (
    ("percent", lambda found: _number(found["percent"]).scaleb(-2)),
    ("mantissa", lambda found: _number(found["mantissa"]).scaleb(-int(found["e"]))),
    ("power", lambda found: _number(found["times"] or "1").scaleb(-int(found["power"]))),
    ("raised", lambda found: _number(found["times"] or "1").scaleb(-int(found["raised"].translate(_SUPERSCRIPTS)))),
    ("cells", _of_cells),
)
