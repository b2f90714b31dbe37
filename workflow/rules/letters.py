"""A letter is put together once and written twice, as text and as HTML, so that the two never say different things."""

from dataclasses import dataclass
from html import escape

from workflow.domain.alerts import Severity

# Ink and wash of each severity as on the pages: in light, in dark. Contrast is above 4.5 : 1 on either ground.
_INKS: dict[Severity, tuple[str, str]] = {
    "info": ("#3c5a45", "#a8d3b4"),
    "task": ("#1d5a8c", "#93c6f2"),
    "warning": ("#8a4b00", "#f5bd6a"),
    "critical": ("#9d1c1c", "#ff9d94"),
}
# What many readers of mail leave out (a style sheet) is said again at each element; dark is an addition.
_SHEET = """\
@media (prefers-color-scheme: dark) {
  .ground { background: #10191c !important; }
  .sheet { background: #18252a !important; color: #e8eff1 !important; border-color: #33454c !important; }
  .edge { border-top-color: DARK !important; }
  .what { color: DARK !important; }
  .soft { color: #a9bac0 !important; }
  .line { border-color: #33454c !important; }
  .link { color: #86cbe2 !important; }
}"""
_FONT = "font-family: system-ui, -apple-system, 'Segoe UI', 'Noto Sans', Arial, sans-serif"
_SOFT = "color: #51646b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a message says: a heading, what is to be done, named lines, a quotation, one link, lines about itself."""

    severity: Severity
    heading: str
    about: str
    request: str
    lines: tuple[tuple[str, str], ...]
    quotation: str
    link: str
    link_name: str
    own_lines: tuple[tuple[str, str], ...]
    closing: str


def one_line(text: str) -> str:
    """Return a text without line breaks or anything else that cannot be seen."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def as_text(letter: Letter) -> str:
    """Return the letter as plain text, a thought a paragraph."""
    parts = [
        f"{letter.heading}\n{letter.about}",
        letter.request,
        _named(letter.lines),
        letter.quotation,
        f"{letter.link_name}:\n{letter.link}",
        _named(letter.own_lines),
        letter.closing,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def as_html(letter: Letter) -> str:
    """Return the letter as one HTML document: no script, no picture, nothing from elsewhere; every word escaped."""
    ink, dark_ink = _INKS[letter.severity]
    return f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(letter.heading)}</title>
<style>
:root {{ color-scheme: light dark; }}
{_SHEET.replace("DARK", dark_ink)}
</style>
</head>
<body class="ground" style="margin: 0; padding: 24px 12px; background: #f6f8f8;">
<div class="sheet edge" style="max-width: 560px; margin: 0 auto; padding: 24px 28px; {_FONT}; font-size: 16px; \
line-height: 1.5; color: #16262b; background: #ffffff; border: 1px solid #d5dee1; border-top: 5px solid {ink}; \
border-radius: 8px; overflow-wrap: anywhere;">
<h1 class="what" style="margin: 0; font-size: 21px; line-height: 1.3; color: {ink};">{escape(letter.heading)}</h1>
<p class="soft" style="margin: 2px 0 0; {_SOFT};">{escape(letter.about)}</p>
{_paragraph(letter.request)}{_table(letter.lines)}{_paragraph(letter.quotation)}<p style="margin: 20px 0;">
<a class="link" href="{escape(letter.link)}" style="font-weight: 600; color: #0b5a73;">\
{escape(letter.link_name)}</a><br>
<span class="soft" style="font-size: 14px; {_SOFT};">{escape(letter.link)}</span></p>
{_table(letter.own_lines, soft=True)}<p class="soft line" style="margin: 20px 0 0; padding-top: 14px; \
border-top: 1px solid #d5dee1; font-size: 14px; {_SOFT};">{escape(letter.closing)}</p>
</div>
</body>
</html>
"""


def _named(lines: tuple[tuple[str, str], ...]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in lines)


def _paragraph(text: str) -> str:
    return f'<p style="margin: 16px 0 0;">{escape(text)}</p>\n' if text else ""


def _table(lines: tuple[tuple[str, str], ...], *, soft: bool = False) -> str:
    if not lines:
        return ""
    size = "14px" if soft else "16px"
    cell = "padding: 4px 0; vertical-align: top; text-align: left;"
    value_class = ' class="soft"' if soft else ""
    value_ink = f" {_SOFT};" if soft else ""
    rows = "".join(
        f'<tr><th class="soft" scope="row" style="{cell} padding-right: 16px; font-weight: 400; white-space: nowrap; '
        f'{_SOFT};">{escape(name)}</th><td{value_class} style="{cell}{value_ink}">{escape(value)}</td></tr>\n'
        for name, value in lines
    )
    return f'<table style="margin: 14px 0 0; border-collapse: collapse; font-size: {size};">\n{rows}</table>\n'
