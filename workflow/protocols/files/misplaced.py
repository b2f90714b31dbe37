"""Keys of the whole file that stand below a table, to which TOML then counts them."""

from collections.abc import Iterable, Iterator, Mapping

from pydantic import BaseModel

from workflow.protocols.files.problems import Flaw, KeyPath


def misplaced(path: KeyPath, model: type[BaseModel]) -> Flaw | None:
    """Return the flaw of a key at this path that is one of the whole file; None where it is not."""
    table, name = path[:-1], path[-1]
    if not table or not isinstance(name, str) or name not in model.model_fields:
        return None
    inside = [part for part in table if isinstance(part, str)]
    of_several = isinstance(table[-1], int)
    header = f"[[{'.'.join(inside)}]]" if of_several else f"[{'.'.join(inside)}]"
    return Flaw(
        at=path,
        message=f"stands under {header}; move it above the first [table]",
        allowed=f"{name} above the first [table]: {model.model_fields[name].description}",
    )


def taken_for_free_keys(
    missing: Iterable[str], raw: Mapping[str, object], free: Iterable[str], model: type[BaseModel]
) -> Iterator[tuple[str, Flaw]]:
    """Yield each missing key of the whole file that a table with keys of its author's own (`free`) has taken."""
    tables = [name for name in free if isinstance(raw.get(name), dict)]
    for name in missing:
        for table in tables:
            keys = raw[table]
            flaw = misplaced((table, name), model) if isinstance(keys, dict) and name in keys else None
            if flaw is not None:
                yield name, flaw
