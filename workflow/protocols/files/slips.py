"""What to write instead of what is no TOML: the slips of people who write it seldom, each by what gives it away."""

import re
from collections.abc import Callable
from datetime import date

TOML = "a text in TOML 1.0"
# Also one that does not end on its line.
_TEXTS = re.compile(r'"(?:\\.|[^"\\])*(?:"|$)|\'[^\']*(?:\'|$)')
# Quotes of print, double and single, and those of French and German books.
_CURLY = re.compile("[\u2018-\u201f\u00ab\u00bb\u2039\u203a]")
_DECIMAL_COMMA = re.compile(r"=\s*(-?\d+),(\d+)(?![\w.])")
_DAY_FIRST = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_SLASHES = re.compile(r"(?<![\d/])\d{1,2}/\d{1,2}/\d{4}(?!\d)")
_KEY = re.compile(r"([A-Za-z0-9_-]+)\s*=")
_DATE = "a date as year-month-day without quotes, as in 2025-01-31"
_LONGEST_QUOTED = 40

# By the beginning of what the reader of TOML says, where that alone tells what is wrong.
_BY_COMPLAINT = {
    "Invalid date or datetime": "a date that exists; check day and month",
    "Illegal character '\\n'": "a text that ends in a straight quote on its own line; "
    'one of several lines stands between """ and """',
    "Cannot overwrite": "each key once in its table",
    "Cannot declare": "each [table] once; of several the name stands in double brackets, as in [[windows]]",
    "Invalid initial character for a key part": "a table in braces that is on one line and has no comma before its }",
    "Unescaped": "\\\\ for each \\ of a text in double quotes",
    "Unclosed array": "a list whose entries stand apart by commas and which ends in ]",
    "Unclosed inline table": "a table in braces whose keys stand apart by commas and which ends in }",
    "Expected '='": "key = value",
    "Expected newline": "one key = value on a line; a number without its unit, a text in quotes",
}


def what_to_write(line: str, column: int, said: str) -> str:
    """Return what to write in a line that is no TOML; `column` (from 1) is where `said` found it."""
    bare = _TEXTS.sub(lambda text: " " * len(text[0]), line)
    rest = line[column - 1 :].lstrip()
    for slip in _SLIPS:
        found = slip(bare, rest, said)
        if found:
            return found
    return next((told for complaint, told in _BY_COMPLAINT.items() if said.startswith(complaint)), TOML)


def _curly_quotes(bare: str, _rest: str, _said: str) -> str | None:
    return 'straight quotes around a text: "…"' if _CURLY.search(bare) else None


def _date(bare: str, _rest: str, _said: str) -> str | None:
    if day_first := _DAY_FIRST.search(bare):
        return _as_iso(day_first[3], day_first[2], day_first[1])
    if _SLASHES.search(bare):
        return _DATE
    year_first = _YEAR_FIRST.search(bare)
    if year_first and (year_first[2] != "-" or len(year_first[3] + year_first[4]) < len("0101")):
        return _as_iso(year_first[1], year_first[3], year_first[4])
    return None


def _as_iso(year: str, month: str, day: str) -> str:
    try:
        return f"a date as year-month-day: {date(int(year), int(month), int(day))}"
    except ValueError:
        return _DATE


def _decimal_comma(bare: str, _rest: str, _said: str) -> str | None:
    comma = _DECIMAL_COMMA.search(bare)
    return f"a number with a point: {comma[1]}.{comma[2]}" if comma else None


def _missing_comma(_bare: str, rest: str, said: str) -> str | None:
    key = _KEY.match(rest)
    if said.startswith("Unclosed array") and (key or rest.startswith("[")):
        return "] at the end of the list before this line"
    if said.startswith("Unclosed array") and rest:
        return "a comma before this entry: the entries of a list stand apart by commas"
    if said.startswith("Unclosed inline table") and key:
        return f"a comma before {key[1]}: the keys in braces stand apart by commas"
    return None


def _value(_bare: str, rest: str, said: str) -> str | None:
    if not said.startswith("Invalid value"):
        return None
    word = re.split(r"[,}\]#]", rest)[0].strip()
    if not word:
        return "a value after the ="
    if word.casefold() in {"true", "false"}:
        return f"{word.casefold()}, in small letters"
    if re.match(r"-?\.\d", word):
        return f"a digit before the point: {word.replace('.', '0.', 1)}"
    return f'a text in quotes: "{word[:_LONGEST_QUOTED].strip()}"' if word[0].isalpha() else None


def _colon(_bare: str, rest: str, said: str) -> str | None:
    return "= between key and value" if said.startswith("Expected '='") and rest.startswith(":") else None


_SLIPS: tuple[Callable[[str, str, str], str | None], ...] = (
    _curly_quotes,
    _date,
    _decimal_comma,
    _missing_comma,
    _value,
    _colon,
)
