"""What a message may tell, whatever stands in a course: a link tells nothing of it, a subject never names a patient."""

import re
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rules.notices import briefing_of
from workflow.knowledge.reminders import BY_ID
from workflow.rules.wording import Briefing, Span, message_of

SPANS = st.builds(
    Span,
    label=st.text(),
    anchor_on=st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    days=st.integers(-400, 4000),
    counted_from=st.none() | st.text(),
    evidence=st.none() | st.text(),
)
# With a sign that no message has of its own.
PSEUDONYMS = st.text(st.characters(min_codepoint=33, max_codepoint=0x24F, exclude_categories=["C", "Z"])).map(
    "¶{}".format
)
SITES = st.text(max_size=80)


@st.composite
def briefings(draw: st.DrawFn) -> Briefing:
    return briefing_of(
        draw(st.sampled_from(sorted(BY_ID))),
        span=draw(st.none() | SPANS),
        threshold_days=draw(st.integers(-100, 1000)),
        step=draw(st.integers(0, 9)),
        episode=draw(st.integers(1, 9)),
        pseudonym=draw(PSEUDONYMS),
        site="berlin",
    )


@given(briefings(), SPANS, PSEUDONYMS, st.integers(-100, 1000))
def test_a_link_depends_on_nothing_clinical(briefing: Briefing, span: Span, pseudonym: str, days: int) -> None:
    another = briefing_of(
        briefing.reminder.id,
        span=span,
        threshold_days=days,
        step=briefing.notice.step,
        episode=briefing.notice.episode,
        pseudonym=pseudonym,
    )
    assert message_of(briefing, "link") == message_of(another, "link")


@given(briefings())
def test_a_link_holds_no_pseudonym_no_date_and_no_catalogues_sentence(briefing: Briefing) -> None:
    message = message_of(briefing, "link")
    said = f"{message.subject}\n{message.text}\n{message.html}"
    assert briefing.pseudonym not in said
    assert not re.search(r"\d{4}-\d{2}-\d{2}\b(?!-)", said)
    assert briefing.reminder.sentence not in said
    assert briefing.reminder.title not in said


@given(briefings())
def test_subject_and_kind_are_the_same_with_either_content(briefing: Briefing) -> None:
    link, full = message_of(briefing, "link"), message_of(briefing, "full")
    assert (link.subject, link.kind, link.link) == (full.subject, full.kind, full.link)
    assert briefing.pseudonym not in f"{full.subject} {full.kind} {full!r}"


@given(SITES, SPANS)
def test_any_name_of_a_site_fits_a_header_and_a_line(site: str, span: Span) -> None:
    message = message_of(briefing_of(span=span, site=site), "full")
    assert message.subject.isprintable()
    assert message.kind.isprintable()


@given(SPANS)
def test_the_arithmetic_of_a_full_message_can_be_checked_by_hand(span: Span) -> None:
    text = message_of(briefing_of(span=span), "full").text
    lines = re.findall(r"^Arithmetic: (\S+) − (\S+) = (-?\d+) d$", text, re.MULTILINE)
    told_on = span.anchor_on + timedelta(days=span.days)
    assert lines
    for later, earlier, days in lines:
        assert date.fromisoformat(earlier) + timedelta(days=int(days)) == date.fromisoformat(later)
    assert str(told_on) in text
