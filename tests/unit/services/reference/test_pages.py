"""The reference leaves nothing out, and every link in it leads to a heading that is there."""

from collections.abc import Iterator

import pytest

from tests.unit.protocols.everything import everything
from workflow.domain.chart import STATES, TRIGGERS
from workflow.knowledge.contradictions import CONTRADICTIONS
from workflow.knowledge.reminders import BY_ID
from workflow.knowledge.risk_tables import SCHEMES, SITES
from workflow.knowledge.rules_of_no_protocol import RULES_OF_NO_PROTOCOL
from workflow.knowledge.statements import STATEMENTS
from workflow.knowledge.strategies import STRATEGIES
from workflow.knowledge.table_6 import TABLE_6
from workflow.protocols.drawing.wording import condition_words, threshold_words
from workflow.protocols.files.parse import parse_protocol
from workflow.protocols.library import shipped
from workflow.protocols.model import Protocol, Protocols
from workflow.services.read_reference import pages, shipped_examples
from workflow.services.reference.blocks import (
    Block,
    Diagram,
    Drawing,
    Heading,
    Link,
    Listing,
    Page,
    Paragraph,
    Table,
    Words,
    anchor_of,
    plain,
    spans,
)
from workflow.services.reference.contents import reference
from workflow.services.reference.markdown import markdown

PAGES = pages(shipped())


def words_of(block: Block) -> Iterator[Words]:
    """Yield every piece of running text of a block."""
    match block:
        case Paragraph():
            yield block.words
        case Listing():
            yield from block.items
        case Table():
            yield from (cell for row in block.rows for cell in row)
        case Heading() | Drawing() | Diagram():
            return


def rows_of(page: Page) -> list[str]:
    """Return every row of every table of a page as plain text."""
    tables = (block for block in page.blocks if isinstance(block, Table))
    return [" | ".join(map(plain, row)) for table in tables for row in table.rows]


def anchors(page: Page) -> list[str]:
    return [block.anchor for block in page.blocks if isinstance(block, Heading)]


def test_every_link_leads_to_a_heading_that_is_there() -> None:
    links = [
        (page.name, span)
        for page in PAGES.values()
        for block in page.blocks
        for words in words_of(block)
        for span in spans(words)
        if isinstance(span, Link)
    ]

    assert len(links) > len(PAGES)
    for name, link in links:
        assert link.page in PAGES, (name, link)
        assert link.anchor is None or link.anchor in anchors(PAGES[link.page]), (name, link)


def test_no_two_headings_of_a_page_have_one_anchor() -> None:
    for page in PAGES.values():
        assert len(anchors(page)) == len(set(anchors(page))), page.name


def test_every_table_has_a_cell_for_every_head() -> None:
    for page in PAGES.values():
        for block in page.blocks:
            if isinstance(block, Table):
                assert {len(row) for row in block.rows} == {len(block.heads)}, (page.name, block.title)


def test_every_page_is_reached_from_the_first() -> None:
    reached, waiting = set(), {"index"}
    while waiting:
        name = waiting.pop()
        reached.add(name)
        found = (span for block in PAGES[name].blocks for words in words_of(block) for span in spans(words))
        waiting |= {span.page for span in found if isinstance(span, Link)} - reached

    assert reached == PAGES.keys()


def test_every_protocol_version_has_a_page_with_all_its_windows_and_examples() -> None:
    newest = {protocol.id: protocol for protocol in shipped().versions}
    for protocol in shipped().versions:
        is_newest = protocol is newest[protocol.id]
        page = PAGES[f"protocol-{protocol.id}" if is_newest else f"protocol-{protocol.ref}"]
        rows, headings = rows_of(page), [block.text for block in page.blocks if isinstance(block, Heading)]
        for window in protocol.windows:
            numbers = "; ".join((*(threshold_words(window) or ("no day stated",)), *condition_words(window)))
            assert any(row.startswith(f"{window.rule} | {window.label}") and numbers in row for row in rows)
        for example in shipped_examples()[protocol.sha256]:
            assert example.name in headings
        drawn = f"![Timing windows of {protocol.title}, version {protocol.version}]" in markdown(page)
        assert drawn == bool(protocol.windows)
        text = " ".join(plain(words) for block in page.blocks for words in words_of(block))
        assert all(gap in text for gap in protocol.not_stated)


def test_what_an_example_has_no_window_of_is_told_with_the_day() -> None:
    page = PAGES["protocol-cog-aall01p2"]
    text = " ".join(plain(words) for block in page.blocks for words in words_of(block))

    assert "No window of TR-010-BLOCK_3. No window of TR-009 since 2025-05-05." in text


def test_every_contradiction_is_told_with_finding_and_reading() -> None:
    text = markdown(PAGES["contradictions"]).replace("\\", "").replace("\n  ", " ")

    assert set(anchors(PAGES["contradictions"])) == {one.lower() for one in CONTRADICTIONS}
    for contradiction in CONTRADICTIONS.values():
        assert f"* Finding: {contradiction.finding}" in text
        assert f"* Read as: {contradiction.resolution}" in text


def test_every_cell_of_every_scheme_stands_with_its_group() -> None:
    rows = rows_of(PAGES["risk-schemes"])

    for scheme in SCHEMES:
        for timing, phenotype in scheme.grid:
            for site in SITES:
                cell = scheme.cell(timing, site, phenotype)
                begun = f"{timing.replace('_', ' ')} | {phenotype} | "
                fits = (row for row in rows if row.startswith(begun) and f"| {cell.group} |" in row)
                assert any("; ".join(cell.sources) in row and cell.note in row for row in fits)
    assert {row.id for row in TABLE_6} <= {row.partition(" ")[0] for row in rows}


def test_every_row_of_the_decision_table_stands_with_its_decision() -> None:
    rows = rows_of(PAGES["strategies"])
    wanted = [row for table in STRATEGIES.values() for row in (*table.rows, table.after_failure) if row]

    for row in wanted:
        assert any(told.startswith(f"{row.id} |") and f"| {row.decision} |" in told for told in rows), row.id
    for statement in STATEMENTS:
        assert any(told.startswith(f"{statement.id} |") and statement.text in told for told in rows)


def test_every_reminder_stands_with_its_first_day() -> None:
    rows = {row.partition(" ")[0]: row for row in rows_of(PAGES["reminders"])}

    assert rows.keys() == BY_ID.keys()
    assert "latest_on − 3 days, or the last working day before" in rows["RM-02"]
    assert "critical_from | critical | every 3 days" in rows["RM-05"]


def test_the_chart_tells_every_state_and_where_every_fact_is_possible() -> None:
    rows = rows_of(PAGES["chart"])

    assert STATES.keys() | set(TRIGGERS) <= {row.partition(" ")[0] for row in rows}
    assert any(row.startswith("died | every living state | deceased") for row in rows)
    assert any(row.startswith("response_assessed | reinduction.recovery | mrd_check") for row in rows)


def test_rules_of_the_timing_table_come_first_and_those_without_a_clock_of_their_own_last() -> None:
    headings = [one for one in anchors(PAGES["timing-rules"]) if one != "rows-that-no-protocol-uses"]
    kinds = [2 if one.upper() in CONTRADICTIONS else 0 if one.startswith("tr-") else 1 for one in headings]

    assert kinds == sorted(kinds)
    assert set(kinds) == {0, 1, 2}
    assert headings[0] == "tr-001"


def test_rows_that_no_protocol_uses_stand_with_their_reason() -> None:
    page = PAGES["timing-rules"]

    assert anchors(page)[-1] == "rows-that-no-protocol-uses"
    told = [f"{row} | {why}" for row, why in RULES_OF_NO_PROTOCOL.items()]
    assert rows_of(page)[-len(told) :] == told
    assert {row.lower() for row in RULES_OF_NO_PROTOCOL}.isdisjoint(anchors(page))


def test_the_limits_of_the_timing_classes_are_a_link_away_from_where_classes_decide() -> None:
    for name, rules in (
        ("strategies", ["TR-034", "TR-035", "TR-036", "TR-037", "TR-038"]),
        ("risk-schemes", ["TR-034", "TR-035"]),
    ):
        found = {
            span.anchor
            for block in PAGES[name].blocks
            for words in words_of(block)
            for span in spans(words)
            if isinstance(span, Link) and span.page == "timing-rules"
        }
        assert {rule.lower() for rule in rules} <= found


@pytest.mark.parametrize("protocol", shipped().versions, ids=lambda protocol: protocol.ref)
def test_every_hard_minimum_cap_and_individual_decision_stands_among_the_gates(protocol: Protocol) -> None:
    newest = protocol is shipped().named(protocol.id)
    page = PAGES[f"protocol-{protocol.id}" if newest else f"protocol-{protocol.ref}"]
    told = [
        plain(row[0])
        for block in page.blocks
        if isinstance(block, Table)
        if block.title == "Gates"
        for row in block.rows
    ]
    minima = [window.rule for window in protocol.windows if window.hard_min_days is not None]
    decision = [protocol.individual_decision.rule] if protocol.individual_decision else []

    assert told == [*minima, *(cap.rule for cap in protocol.caps), *decision]


def test_a_rule_is_told_once_for_all_protocols_that_say_the_same() -> None:
    page = PAGES["timing-rules"]

    assert {"tr-001", "tr-034", "tr-037", "op-001", "op-002"} <= set(anchors(page))
    for protocol in shipped().versions:
        for rules in (protocol.windows, protocol.caps, protocol.stated):
            assert {anchor_of(rule.rule) for rule in rules} <= set(anchors(page))
    said = [row.rpartition(" | ")[0] for row in rows_of(page)]
    assert len(said) == len(set(said))


def test_a_protocol_shows_every_part_of_the_grammar() -> None:
    told = reference(Protocols((everything(),)), {})
    text = "\n".join(rows_of(told["protocol-everything"]))

    for words in (
        "CYCLE_1, CYCLE_2 … as many as are given",
        "the beginning of an attempt | R1 or CYCLE_1 | everybody",
        "R1 | CYCLE | S3 or S4 (ALL_REZ_BFM_95)",
        "TR-043 | At most 5 starts of CYCLE in a life",
        "TR-006 | For S4 (ALL_REZ_BFM_95) a decision to continue",
        "CD19 on the blasts | nothing on file answers it: people do",
        "CYCLE | a drug | 0.80 mg/m2, days 1, 8, 15 (the start is day 1) | under 45 kg",
        "END_BLOCK_1 | not stated | 0.0001 of the cells; at or above is positive | 0.01 %",
        "TR-057 | Infused over 24 hours or over 36",
        "TR-041 | No start of CYCLE under 14 d after the end of CYCLE; only for S4 (ALL_REZ_BFM_95); days of",
        "in force from | 2025-01-31",
    ):
        assert words in text
    assert "TR-043 | " not in text.replace("TR-043 | At most", "")
    assert "* a cap was added" in markdown(told["protocol-everything"])
    assert "Worked examples" not in markdown(told["protocol-everything"])
    assert "At most 5 starts of CYCLE" in "\n".join(rows_of(told["timing-rules"]))


def test_a_draft_and_a_withdrawn_version_say_so_and_take_no_released_ones_place() -> None:
    released = everything()
    draft = parse_protocol(released.body.replace('version = "2"', 'version = "10"'), "protocol.toml")
    gone = parse_protocol(released.body.replace('version = "2"', 'version = "1"'), "protocol.toml")
    versions = Protocols((released, draft, gone), withdrawn=[gone.sha256], drafts={draft.sha256: ("approver",)})

    told = reference(versions, {})

    assert "name in facts | everything@2" in "\n".join(rows_of(told["protocol-everything"]))
    assert "release | draft, to be signed by its approver" in rows_of(told["protocol-everything@10"])
    withdrawn = "offered no more; kept for the courses that follow it"
    assert f"release | {withdrawn}" in rows_of(told["protocol-everything@1"])
    assert f"[everything@1](protocol-everything@1.md): {withdrawn}" in markdown(told["protocols"])


def test_who_signed_a_version_stands_beside_its_release() -> None:
    protocol = everything()
    signed = {protocol.sha256: "head_of_study as its author on 2025-06-30 at 09:00 UTC"}
    draft = Protocols((protocol,), drafts={protocol.sha256: ("approver",)})

    half = reference(draft, {}, signed)["protocol-everything"]
    whole = reference(Protocols((protocol,)), {}, signed)["protocol-everything"]

    said = f"signed by {signed[protocol.sha256]}"
    assert f"release | draft, to be signed by its approver; {said}" in rows_of(half)
    assert f"release | released; {said}" in rows_of(whole)
    assert not any(
        row.startswith("release") for row in rows_of(reference(Protocols((protocol,)), {})["protocol-everything"])
    )
