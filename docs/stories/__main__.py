"""`make stories`: tells every story, prints it, and writes what it told into its page."""

import os
import sys
from pathlib import Path

from api.logs import configure_logs
from docs.stories.pages import pages, tell, with_blocks
from docs.stories.telling import opened_ward


def main() -> None:
    """Tell the stories whose numbers are given, or all."""
    wanted = tuple(sys.argv[1:])
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        configure_logs(nowhere)
        tell_all(wanted)


def tell_all(wanted: tuple[str, ...]) -> None:
    """Tell the stories whose page begins so, or all."""
    for page in pages():
        if wanted and not page.name.startswith(wanted):
            continue
        with opened_ward() as ward:
            told = tell(page, ward)
        text = page.read_text(encoding="utf-8")
        print(f"{text.splitlines()[0]}\n")
        print("\n".join(told.values()))
        page.write_text(with_blocks(text, told), encoding="utf-8")


if __name__ == "__main__":
    main()
