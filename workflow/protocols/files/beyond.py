"""What no protocol says and no reader survives: keys of a thousand parts, numbers of a thousand digits."""

import re
from decimal import Decimal

MOST_PARTS = 1000
LONGEST_NUMBER = 40
LARGEST_EXPONENT = 99
# Parts of a dotted key, each with its dot; only where a part begins, so that no letter is read twice.
_PARTS = re.compile(r"(?<![\w\"'-])(?:(?:[\w-]+|\"[^\"\n]*\"|'[^'\n]*')[ \t]*\.[ \t]*)++")
_DIGITS = re.compile(r"[0-9][0-9_]{999,}")


class BeyondError(ValueError):
    """Something too long to be read, at a place in the text (counted from 0)."""

    def __init__(self, place: int, message: str, allowed: str) -> None:
        self.place = place
        self.message = message
        self.allowed = allowed
        super().__init__(message)


class _NumberError(ValueError):
    def __init__(self, written: str) -> None:
        self.written = written
        super().__init__("a number is too long, or too large")


def refuse_endless_keys(text: str) -> None:
    """Raise BeyondError for a dotted key of more parts than any table is deep: reading it would take all memory."""
    for parts in _PARTS.finditer(text):
        if parts[0].count(".") >= MOST_PARTS:
            raise BeyondError(parts.start(), f"a key of {MOST_PARTS} parts and more", "keys as in data.element")


def read_number(written: str) -> Decimal:
    """Return a number with a point or an exponent, digit by digit; raises ValueError beyond what anybody measures."""
    if len(written) > LONGEST_NUMBER:
        raise _NumberError(written)
    try:
        number = Decimal(written)
    except ArithmeticError:
        raise _NumberError(written) from None
    if number.is_finite() and abs(number.adjusted()) > LARGEST_EXPONENT:
        raise _NumberError(written)
    return number


def beyond(text: str, fault: ValueError) -> BeyondError:
    """Return where in a text the number stands that could not be read."""
    digits = _DIGITS.search(text)
    written = fault.written if isinstance(fault, _NumberError) else digits[0] if digits else ""
    return BeyondError(
        max(text.find(written), 0),
        "a number that cannot be read",
        f"a number of {LONGEST_NUMBER} characters at most, its exponent between -{LARGEST_EXPONENT} and "
        f"{LARGEST_EXPONENT}",
    )
