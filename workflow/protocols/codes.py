"""How the codes of elements and the names of versions are made up."""

import re

_NUMBERED = re.compile(r"(.+)_([1-9]\d{0,2})")
_LEADING_ZEROS = re.compile(r"_0+(?=\d)")


def family_of(code: str) -> str | None:
    """Return the code of the numbered element that CYCLE_3 may be one of, CYCLE; None for a code without a number."""
    numbered = _NUMBERED.fullmatch(code)
    return numbered[1] if numbered else None


def number_of(code: str) -> int | None:
    """Return which of its kind an element is, 3 for CYCLE_3; None for a code without a number."""
    numbered = _NUMBERED.fullmatch(code)
    return int(numbered[2]) if numbered else None


def plainly(code: str) -> str:
    """Return a code without what people write differently by accident: case, blanks, zeros before a number."""
    return _LEADING_ZEROS.sub("_", "".join(code.split()).casefold())


def id_of(name: str) -> str:
    """Return the id of the protocol that is called by it or by `id@version`."""
    return name.partition("@")[0]
