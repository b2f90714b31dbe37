"""A notice says what it may say, in the ward's words: dates and days after, a question and never an order."""

import re
from html.parser import HTMLParser

import pytest

from tests.facts import a_running_block
from tests.unit.rules.notices import ALERT_ID, EVIDENCE, NOTICE_ID, STARTED_ON, TITLE, briefing_of, span_of
from workflow.domain.messages import INTENDED_USE, MailContent
from workflow.domain.windows import BLOCK_INTERVAL, DECISION, MRD_RESULT
from workflow.knowledge.reminders import BY_ID
from workflow.rules.letters import one_line
from workflow.rules.wording import anchor_in_words, days_after, link_to, message_of, since_in_words

LINK = f"https://cw.example/alerts/{ALERT_ID}"
CONTENTS: tuple[MailContent, ...] = ("link", "full")
# "Decide and document: start, defer until, or stop" leaves the choice; "start" at the head of a sentence does not.
ORDER = re.compile(r"(?:^|[.;:!?]\s+|please |must |now |should )start\b(?!, defer until, or stop)", re.IGNORECASE)
WARDS_COUNT = re.compile(r"\bdays? \d", re.IGNORECASE)


def words_of(html: str) -> str:
    class Reader(HTMLParser):
        said = ""

        def handle_data(self, data: str) -> None:
            self.said += f"{data} "

    reader = Reader()
    reader.feed(html.partition("</head>")[2])
    return " ".join(reader.said.split())


def test_a_critical_notice_in_full() -> None:
    message = message_of(briefing_of(span=span_of(29), step=1, episode=2), "full")
    assert message.subject == "Critical notice RM-05 at berlin (notice 2)"
    assert message.kind == "Critical notice RM-05: Next block critically late"
    assert (message.notice_id, message.alert_id, message.link) == (NOTICE_ID, ALERT_ID, LINK)
    assert message.text == (
        "Next block critically late\n"
        "Critical notice RM-05, berlin\n"
        "\n"
        "The next block is critically late. Decide and document: start, defer until, or stop.\n"
        "\n"
        "Patient: ALL-0007\n"
        "Window: Next block\n"
        "Since: 2024-02-03, 26 days after the start of R1 (2024-01-08)\n"
        "Arithmetic: 2024-02-03 − 2024-01-08 = 26 d\n"
        "This notice: 2024-02-06, 29 days after the start of R1 (2024-01-08)\n"
        "Arithmetic: 2024-02-06 − 2024-01-08 = 29 d\n"
        "Source: 000, ALL-REZ BFM 90 paragraph: more than 25 days (RM-05)\n"
        f"000: {TITLE}\n"
        "\n"
        f"{EVIDENCE}\n"
        "\n"
        "Open the alert:\n"
        f"{LINK}\n"
        "\n"
        f"Alert: {ALERT_ID}\n"
        "Notice: number 2 of this alert: it is not resolved yet\n"
        "Raised: 2 times: it had ended, and was raised anew\n"
        "\n"
        f"{INTENDED_USE}\n"
    )


def test_a_critical_notice_as_a_link() -> None:
    message = message_of(briefing_of(span=span_of()), "link")
    assert message.subject == "Critical notice RM-05 at berlin"
    assert message.text == (
        "Critical notice RM-05\n"
        "berlin\n"
        "\n"
        "An alert waits for you. This message names no patient and says nothing clinical; "
        "sign in to Coursewatch to read what it is about.\n"
        "\n"
        "Open the alert:\n"
        f"{LINK}\n"
        "\n"
        f"Alert: {ALERT_ID}\n"
        "\n"
        f"{INTENDED_USE}\n"
    )


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("reminder", BY_ID)
def test_no_notice_orders_a_start_or_counts_days_as_a_ward_does(reminder: str, content: MailContent) -> None:
    message = message_of(briefing_of(reminder, span=span_of(evidence=None)), content)
    for said in (message.subject, message.text, words_of(message.html), message.kind):
        assert not ORDER.search(said)
        assert not WARDS_COUNT.search(said)
        assert "worse survival" not in said
    assert message.text.endswith(f"{INTENDED_USE}\n")
    assert words_of(message.html).endswith(INTENDED_USE)


def test_a_notice_of_a_row_that_another_release_knows_says_so() -> None:
    message = message_of(briefing_of("RM-77", span=None), "full")
    assert "Alert of another release" in message.text
    assert "This release does not know the row; look at the window." in message.text


def test_the_checks_on_words_see_what_they_are_for() -> None:
    assert ORDER.search("The block is late. Start R2 today.")
    assert ORDER.search("You must start now.")
    assert not ORDER.search("Decide and document: start, defer until, or stop.")
    assert WARDS_COUNT.search("The block is due on day 22.")


@pytest.mark.parametrize(
    ("reminder", "evidence", "quoted"),
    [
        ("RM-05", EVIDENCE, True),
        ("RM-04", EVIDENCE, True),
        ("RM-02", EVIDENCE, False),
        ("CW-01", EVIDENCE, False),
        ("RM-05", None, False),
        ("RM-04", None, False),
    ],
)
def test_survival_is_spoken_of_for_a_late_first_interval_and_nowhere_else(
    reminder: str, evidence: str | None, *, quoted: bool
) -> None:
    briefing = briefing_of(reminder, span=span_of(evidence=evidence))
    message = message_of(briefing, "full")
    assert ("worse survival" in message.text, "worse survival" in message.html) == (quoted, quoted)
    assert "survival" not in message_of(briefing, "link").text


def test_text_and_html_say_the_same() -> None:
    for content in CONTENTS:
        message = message_of(briefing_of(span=span_of(29), step=2, episode=3), content)
        said = words_of(message.html)
        for line in filter(None, message.text.splitlines()):
            assert [part for part in line.rstrip(":").split(": ", 1) if part not in said] == []


def test_an_alert_without_a_window_has_no_dates() -> None:
    message = message_of(briefing_of("CW-02", span=None), "full")
    assert "Patient: ALL-0007\nSource: operational" in message.text
    assert not re.search(r"\d{4}-\d{2}-\d{2}", message.text)


def test_a_window_that_does_not_say_what_it_counts_from_names_the_date() -> None:
    message = message_of(briefing_of(span=span_of(counted_from=None)), "full")
    assert "Since: 2024-02-03, 26 days after 2024-01-08\n" in message.text


def test_a_missing_decision_is_told_since_the_last_result_and_without_a_sum_of_nothing() -> None:
    span = span_of(0, label="Consolidation decision", counted_from="the last result came in", evidence=None)
    text = message_of(briefing_of("CW-03", span=span, threshold_days=0), "full").text
    assert "Since: the last result came in, 2024-01-08\nSource: operational" in text
    assert "Arithmetic" not in text


def test_a_decision_that_is_told_of_later_has_the_sum_of_that_day_alone() -> None:
    span = span_of(2, label="Consolidation decision", counted_from="the last result came in", evidence=None)
    text = message_of(briefing_of("CW-03", span=span, threshold_days=0), "full").text
    assert "This notice: 2024-01-10, 2 days after the last result came in (2024-01-08)\n" in text
    assert re.findall(r"^Arithmetic: (.*)$", text, re.MULTILINE) == ["2024-01-10 − 2024-01-08 = 2 d"]


def test_a_day_at_its_anchor_is_told_without_a_distance() -> None:
    assert since_in_words(STARTED_ON, STARTED_ON, None) == "2024-01-08"
    assert since_in_words(STARTED_ON, STARTED_ON, "the start of R1") == "the start of R1, 2024-01-08"


def test_a_key_is_explained_once_and_only_where_the_reminders_source_names_it() -> None:
    for reminder, times in (("RM-02", 1), ("RM-04", 1), ("RM-05", 1), ("CW-01", 0), ("CW-03", 0)):
        message = message_of(briefing_of(reminder, span=span_of()), "full")
        assert (message.text.count(f"000: {TITLE}"), message.html.count(TITLE)) == (times, times), reminder
        assert "002" not in message.text
        assert TITLE not in message_of(briefing_of(reminder, span=span_of()), "link").text


def test_only_a_block_and_a_decision_have_an_anchor_in_words() -> None:
    state = a_running_block("2025-01-20", "R2").state
    window = next(known for known in state.windows if known.rule == BLOCK_INTERVAL)
    assert anchor_in_words(state, BLOCK_INTERVAL, window.anchor) == "the start of R2"
    assert anchor_in_words(state, BLOCK_INTERVAL, window.anchor + 1) is None
    assert anchor_in_words(state, DECISION, window.anchor) == "the last result came in"
    assert anchor_in_words(state, MRD_RESULT, window.anchor) is None


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "the same day as X"),
        (1, "1 day after X"),
        (22, "22 days after X"),
        (-1, "1 day before X"),
        (-3, "3 days before X"),
    ],
)
def test_days_are_told_as_a_distance(days: int, words: str) -> None:
    assert days_after(days, "X") == words


def test_html_is_escaped_and_asks_for_nothing_from_elsewhere() -> None:
    hostile = "<script>alert('x')</script>&\"<img src=https://evil.example/x>"
    message = message_of(briefing_of(span=span_of(label=hostile), pseudonym=hostile, site=hostile), "full")
    assert "<script" not in message.html
    assert "<img" not in message.html
    assert hostile in words_of(message.html)
    assert re.findall(r"(?:src|url|@import|<link)\b", message.html.replace("img src=", "")) == []
    assert set(re.findall(r'href="([^"]*)"', message.html)) == {LINK}


def test_a_link_holds_the_id_and_nothing_breaks_out_of_it() -> None:
    assert link_to("a/b?c#d", "https://cw.example/ward/") == "https://cw.example/ward/alerts/a%2Fb%3Fc%23d"


def test_what_cannot_be_seen_is_left_out_of_a_line() -> None:
    assert one_line("a\r\nBcc:\u2028b\x85c\x00\tDüsseldorf  1") == "a Bcc: b c Düsseldorf 1"
