"""The pages of the stories: prose by hand, and between markers what the scripts tell."""

import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from docs.stories.telling import Ward

FOLDER = Path(__file__).parent
_TOLD = re.compile(r"<!-- told: (?P<name>[a-z0-9-]+) -->\n(?P<text>.*?)<!-- end -->\n", flags=re.DOTALL)


class PageDiffersError(Exception):
    """A page has other markers than its script tells blocks; the message names them."""


def pages() -> list[Path]:
    """Return the page of each story, in their order."""
    return sorted(FOLDER.glob("[0-9][0-9]-*.md"))


def tell(page: Path, ward: Ward) -> dict[str, str]:
    """Tell the story of a page, 01-it-happens.md by scripts/s01_it_happens.py; return its blocks by name."""
    module = import_module(f"docs.stories.scripts.s{page.stem.replace('-', '_')}")
    module.tell(ward)
    return ward.told


def blocks(text: str) -> dict[str, str]:
    """Return what stands between the markers of a page, by name."""
    return {found["name"]: found["text"].strip("\n") + "\n" for found in _TOLD.finditer(text)}


def with_blocks(text: str, told: Mapping[str, str]) -> str:
    """Return a page with its blocks replaced; raises PageDiffersError where markers and blocks differ."""
    places = [found["name"] for found in _TOLD.finditer(text)]
    if sorted(places) != sorted(told):
        missing, unknown = set(told) - set(places), set(places) - set(told)
        raise PageDiffersError(f"not on the page: {sorted(missing)}; not told by the script: {sorted(unknown)}")

    def replaced(found: re.Match[str]) -> str:
        return f"<!-- told: {found['name']} -->\n\n{told[found['name']]}\n<!-- end -->\n"

    return _TOLD.sub(replaced, text)
