"""A protocol's windows drawn as SVG: one axis a window, every number also in words, no script, no style, no request."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from textwrap import wrap

from workflow.protocols.drawing.wording import anchor_words, condition_words, expects_words, threshold_words
from workflow.protocols.model import Protocol, WindowRule
from workflow.protocols.thresholds import Threshold, thresholds

MARGIN = 16
LINE_HEIGHT = 20
AXIS_HEIGHT = 42
BAR_HEIGHT = 14
# How near two numbers may stand, in user units.
NEAREST_NUMBERS = 26
# Room right of the last number, as a share of the whole axis, so that what comes after it is seen.
ROOM_AFTER = 1.25
# Colours apart in lightness as well, since not everybody tells them apart by hue; the words below say the same.
FILLS = {"early": "#d9dde3", "on-time": "#7fb38a", "late": "#d9a441", "critical": "#b3402a"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How wide a picture is, in user units, and how many letters fit beside its margins at this size of type.

    `name` keeps the ids of two pictures of one protocol apart on one page.
    """

    name: str
    width: int
    longest_line: int


WIDE = Layout(name="", width=720, longest_line=88)
# On a phone's screen nothing is made smaller than it can be read.
NARROW = Layout(name="-narrow", width=336, longest_line=40)


def timeline_svg(protocol: Protocol, layout: Layout = WIDE) -> str:
    """Return one SVG picture of a protocol's windows, days or months to the right, with title and description.

    Classes (`window-early`, `window-on-time`, `window-late`, `window-critical`, `window-text`, `window-axis`) let a
    style sheet recolour it; it carries presentation attributes only, so it needs no inline style.
    """
    rows: list[str] = []
    height = 0
    for window in protocol.windows:
        row, row_height = _row(window, layout)
        rows += [f'<g transform="translate(0 {height})">', *row, "</g>"]
        height += row_height
    name = escape(f"{protocol.id}-{protocol.version}".replace(".", "-") + layout.name)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {layout.width} {height or LINE_HEIGHT}" role="img" '
        f'aria-labelledby="{name}-title {name}-description" font-family="sans-serif" font-size="13">'
    )
    title = escape(f"Timing windows of {protocol.title}, version {protocol.version}")
    spoken = (
        f'<title id="{name}-title">{title}</title>',
        f'<desc id="{name}-description">{escape(_description(protocol))}</desc>',
    )
    return "\n".join([opening, *spoken, *rows, "</svg>\n"])


def _description(protocol: Protocol) -> str:
    said = [f"{window.rule} {window.label}: {_story(window)}; {_in_words(window)}." for window in protocol.windows]
    return " ".join(said) or "This protocol states no timing window."


def _story(window: WindowRule) -> str:
    return f"from {anchor_words(window)} to {expects_words(window)}"


def _in_words(window: WindowRule) -> str:
    numbers = threshold_words(window) or ("the sources state no day",)
    return "; ".join((*numbers, *condition_words(window)))


def _row(window: WindowRule, layout: Layout) -> tuple[list[str], int]:
    """Return one window's drawing and its height: name, what it waits for, axis where there are numbers, words."""
    drawn = []
    y = 0
    for line in wrap(f"{window.rule}  {window.label}", layout.longest_line):
        y += LINE_HEIGHT
        drawn.append(_text(MARGIN, y, line, 'font-weight="bold"'))
    for line in wrap(_story(window), layout.longest_line):
        y += LINE_HEIGHT
        drawn.append(_text(MARGIN, y, line))
    stated = thresholds(window)
    if stated:
        drawn += _drawn_axis(stated, y + BAR_HEIGHT + LINE_HEIGHT // 2, layout)
        y += AXIS_HEIGHT
    for line in wrap(_in_words(window), layout.longest_line):
        y += LINE_HEIGHT
        drawn.append(_text(MARGIN, y, line))
    return drawn, y + LINE_HEIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    """Where days stand on an axis that ends at day `end`, drawn at height `y` in a picture of this width."""

    end: float
    y: int
    width: int

    def x(self, days: float) -> float:
        return MARGIN + (self.width - 2 * MARGIN) * days / self.end


def _drawn_axis(stated: tuple[Threshold, ...], y: int, layout: Layout) -> Iterator[str]:
    end = max(_days(threshold) for threshold in stated) * ROOM_AFTER or 1.0
    axis = _Axis(end=end, y=y, width=layout.width)
    yield from _bars(stated, axis)
    right = layout.width - MARGIN
    yield f'<line class="window-axis" x1="{MARGIN}" y1="{y}" x2="{right}" y2="{y}" stroke="currentColor"/>'
    numbers = {0.0: "0"} | {_days(threshold): str(threshold.number) for threshold in stated}
    last = -layout.width * 1.0
    for days in sorted(numbers):
        x = axis.x(days)
        yield (
            f'<line class="window-axis" x1="{x:.1f}" y1="{y - BAR_HEIGHT}" x2="{x:.1f}" y2="{y + 4}" '
            'stroke="currentColor"/>'
        )
        if x - last >= NEAREST_NUMBERS:
            yield _text(x, y + 18, numbers[days], 'text-anchor="middle"')
            last = x


def _bars(stated: tuple[Threshold, ...], axis: _Axis) -> Iterator[str]:
    """Yield the stretches early, on time, late and critical; what the rule does not state is not coloured."""
    at = {threshold.name: _days(threshold) for threshold in stated}
    earliest, latest, critical = at.get("earliest"), at.get("latest"), at.get("critical")
    if earliest is not None:
        yield _bar("early", 0, earliest, axis)
    if latest is not None:
        yield _bar("on-time", earliest or 0, latest, axis)
        yield _bar("late", latest, axis.end if critical is None else critical, axis)
    if critical is not None:
        yield _bar("critical", critical, axis.end, axis)


def _bar(kind: str, first: float, last: float, axis: _Axis) -> str:
    left, right = axis.x(first), axis.x(last)
    return (
        f'<rect class="window-{kind}" x="{left:.1f}" y="{axis.y - BAR_HEIGHT}" width="{right - left:.1f}" '
        f'height="{BAR_HEIGHT}" fill="{FILLS[kind]}"/>'
    )


def _text(x: float, y: int, words: str, more: str = "") -> str:
    return f'<text class="window-text" x="{x:.1f}" y="{y}" fill="currentColor" {more}>{escape(words)}</text>'


def _days(threshold: Threshold) -> float:
    """Return how far right a threshold stands: its days, or the fewest days that its months can have."""
    return threshold.days[0]
