"""The picture of a protocol's windows says everything in words too, and needs neither script nor style nor request."""

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from tests.unit.protocols.texts import SOUND
from workflow.protocols.drawing.timeline import NARROW, WIDE, Layout, timeline_svg
from workflow.protocols.drawing.wording import threshold_words
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.library import shipped
from workflow.protocols.model import Protocol

SVG = "{http://www.w3.org/2000/svg}"
PROTOCOLS = shipped().versions


def drawn(protocol: Protocol, layout: Layout = WIDE) -> ET.Element:
    return ET.fromstring(timeline_svg(protocol, layout))  # noqa: S314 -- our own text


def words(picture: ET.Element) -> list[str]:
    return [text.text or "" for text in picture.iter(f"{SVG}text")]


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.ref)
def test_a_reader_who_sees_nothing_hears_every_window(protocol: Protocol) -> None:
    picture = drawn(protocol)
    title, description = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")

    assert title is not None
    assert description is not None
    assert picture.get("role") == "img"
    assert picture.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text == f"Timing windows of {protocol.title}, version {protocol.version}"
    for window in protocol.windows:
        assert f"{window.rule} {window.label}: from {window.anchor}" in (description.text or "")
        assert "; ".join(threshold_words(window) or ("the sources state no day",)) in (description.text or "")


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.ref)
def test_it_asks_for_nothing_and_runs_nothing(protocol: Protocol) -> None:
    svg = timeline_svg(protocol)

    assert not re.search(r"<(script|style|image|use|a|foreignObject)\b", svg)
    assert not re.search(r"\s(style|href|xlink:href|on\w+)=", svg)
    assert "url(" not in svg
    assert svg.count("http") == 1  # the name of the language itself


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.ref)
def test_everything_drawn_lies_inside_the_picture(protocol: Protocol, layout: Layout) -> None:
    picture = drawn(protocol, layout)
    height = float((picture.get("viewBox") or "").split()[3])
    rows = [float((group.get("transform") or "").split()[1].rstrip(")")) for group in picture.iter(f"{SVG}g")]

    assert rows == sorted(rows)
    for group, top in zip(picture.iter(f"{SVG}g"), rows, strict=True):
        for part in group:
            assert 0 <= float(part.get("x") or part.get("x1") or "nan") <= layout.width
            assert len(part.text or "") <= layout.longest_line
            assert top <= top + float(part.get("y") or part.get("y1") or "nan") <= height


def test_the_narrow_picture_says_and_shows_the_same_and_may_stand_on_one_page_with_the_wide_one() -> None:
    protocol = shipped().named("all-rez-bfm-90")
    assert protocol is not None
    wide, narrow = drawn(protocol), drawn(protocol, NARROW)
    ids = [{part.get("id") for part in picture.iter() if part.get("id")} for picture in (wide, narrow)]

    assert " ".join(words(narrow)).split() == " ".join(words(wide)).split()
    assert [bar.get("class") for bar in wide.iter(f"{SVG}rect")] == [
        bar.get("class") for bar in narrow.iter(f"{SVG}rect")
    ]
    assert narrow.findtext(f"{SVG}title") == wide.findtext(f"{SVG}title")
    assert ids[0].isdisjoint(ids[1])


def test_the_block_interval_shows_early_on_time_late_and_critical_to_scale() -> None:
    protocol = shipped().named("all-rez-bfm-90")
    assert protocol is not None
    row = next(drawn(protocol).iter(f"{SVG}g"))
    bars = {str(bar.get("class")): float(bar.get("width") or 0) for bar in row.iter(f"{SVG}rect")}

    assert list(bars) == ["window-early", "window-on-time", "window-late", "window-critical"]
    assert bars["window-early"] / bars["window-on-time"] == pytest.approx(14 / 7, abs=0.01)
    assert bars["window-late"] / bars["window-on-time"] == pytest.approx(5 / 7, abs=0.01)
    numbers = [text.text for text in row.iter(f"{SVG}text") if text.get("text-anchor") == "middle"]
    assert numbers == ["0", "14", "21", "26"]


def test_what_is_not_stated_is_not_coloured() -> None:
    protocol = shipped().named("all-rez-bfm-90")
    assert protocol is not None
    rows = dict(zip([window.rule for window in protocol.windows], drawn(protocol).iter(f"{SVG}g"), strict=True))

    assert list(rows["TR-007"].iter(f"{SVG}rect")) == []
    assert list(rows["TR-019"].iter(f"{SVG}line")) == []
    assert "the sources state no day" in words(rows["TR-019"])


def test_a_hostile_label_stays_text() -> None:
    protocol = parse_protocol(SOUND, "protocol.toml")
    hostile = replace(protocol.windows[0], label='<script>alert("1")</script> & more')

    picture = drawn(replace(protocol, windows=(hostile,), title="<b>"))

    assert 'TR-001  <script>alert("1")</script> & more' in words(picture)
    assert list(picture.iter(f"{SVG}script")) == []


def test_numbers_too_near_each_other_are_not_written_over_each_other() -> None:
    protocol = parse_protocol(SOUND, "protocol.toml")
    near = replace(protocol.windows[0], earliest_days=299, target_days=300, latest_days=300, critical_days=301)
    picture = drawn(replace(protocol, windows=(near,)))
    places = [float(text.get("x") or 0) for text in picture.iter(f"{SVG}text") if text.get("text-anchor") == "middle"]

    assert all(right - left >= 26 for left, right in pairwise(places))
    assert "301 d: critical from" in " ".join(words(picture))


def test_a_protocol_without_windows_is_a_picture_that_says_so() -> None:
    protocol = replace(parse_protocol(SOUND, "protocol.toml"), windows=())

    description = drawn(protocol).find(f"{SVG}desc")

    assert description is not None
    assert description.text == "This protocol states no timing window."
