"""The stories of docs/stories, told on both databases: each page shows exactly what the program answers."""

from pathlib import Path

import pytest

from docs.stories.pages import PageDiffersError, blocks, pages, tell, with_blocks
from docs.stories.telling import StoryGoesWrongError, opened_ward

PAGES = pages()
SCRIPTS = {script.stem for script in (PAGES[0].parent / "scripts").glob("s*.py")}
PAGE = "# A page\n\n<!-- told: one -->\n\nearlier\n\n<!-- end -->\n\nProse.\n"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_shows_what_the_program_answers(page: Path, database_url: str) -> None:
    with opened_ward(database_url) as ward:
        told = tell(page, ward)

    assert blocks(page.read_text(encoding="utf-8")) == told


def test_a_page_is_not_changed_by_being_written_anew() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert with_blocks(text, blocks(text)) == text


def test_there_are_sixteen_stories_each_with_a_script_and_a_line_in_the_contents() -> None:
    contents = (PAGES[0].parent / "README.md").read_text(encoding="utf-8")

    assert len(PAGES) == 16
    assert {f"s{page.stem.replace('-', '_')}" for page in PAGES} == SCRIPTS
    assert [page.name for page in PAGES if f"]({page.name})" not in contents] == []


def test_a_block_takes_the_place_of_the_old_one_and_leaves_the_prose() -> None:
    assert with_blocks(PAGE, {"one": "later\n"}) == PAGE.replace("earlier", "later")


@pytest.mark.parametrize("told", [{}, {"two": "later\n"}, {"one": "later\n", "two": "later\n"}])
def test_a_page_and_a_script_that_name_other_blocks_are_not_written(told: dict[str, str]) -> None:
    with pytest.raises(PageDiffersError):
        with_blocks(PAGE, told)


def test_a_story_stops_where_the_program_answers_otherwise(database_url: str) -> None:
    with opened_ward(database_url) as ward:
        nurse = ward.person("nurse.amsel", "nurse", "berlin")
        with pytest.raises(StoryGoesWrongError, match="422 instead of 201"):
            nurse.records(nurse.registers("ALL-0000", "berlin"), "block_started", "2025-01-02")


def test_a_story_never_goes_back_in_time(database_url: str) -> None:
    with opened_ward(database_url) as ward, pytest.raises(StoryGoesWrongError, match="goes back"):
        ward.now("2024-12-31 23:59")
