"""How a source is written, so that no number stands without the place it comes from."""

import re
from collections.abc import Iterator, Sequence

from workflow.protocols.files.problems import Flaw, KeyPath

# The rule's own number in the table of timing rules may stand among the citations.
_RULE = re.compile(r"[A-Z]{2}-\d{3}")
WRITTEN = 'KEY, place; several apart by ";", as in "000, ALL-REZ BFM 90 paragraph; TR-001"'


def citation_keys(source: str) -> tuple[str, ...]:
    """Return the citation keys of a source written `KEY, place; KEY, place; TR-001`."""
    return tuple(key for key, _place in _citations(source))


def source_flaws(source: str, at: KeyPath, declared: Sequence[str]) -> Iterator[Flaw]:
    """Yield what is wrong with a source: no citation, a citation without a place, a key that is not declared."""
    cited = list(_citations(source))
    if not cited:
        yield Flaw(at=at, message="names no citation, only a rule", allowed=WRITTEN)
    for key, place in cited:
        if key not in declared:
            message = f'"{key}" is not declared under [citations]'
            yield Flaw(at=at, message=message, allowed=f"{', '.join(declared)}; written {WRITTEN}")
        elif not place:
            yield Flaw(at=at, message=f'"{key}" stands without a place', allowed=WRITTEN)


def _citations(source: str) -> Iterator[tuple[str, str]]:
    for part in source.split(";"):
        key, _, place = part.partition(",")
        if not _RULE.fullmatch(key.strip()):
            yield key.strip(), place.strip()
