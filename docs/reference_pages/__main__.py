"""`make reference`: writes docs/reference anew and says what changed."""

from docs.reference_pages.files import write


def main() -> None:
    """Write the reference; a second run changes nothing."""
    changed = write()
    print("\n".join(changed) or "docs/reference is as the tables and the protocols say.")


if __name__ == "__main__":
    main()
