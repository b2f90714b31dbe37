"""The page for a hospital's IT lists every setting with its default, and leads nowhere that is not there."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.docker.known_variables import options_of, settings_variables
from workflow.persistence.migrations.server_release import OLDEST_POSTGRESQL
from workflow.settings import PREFIX, Settings

PAGE = ROOT / "docs" / "operations.md"
CLOSED_NETWORK = ROOT / "docs" / "operations" / "closed-network.md"
PAGES = pytest.mark.parametrize("page", [PAGE, CLOSED_NETWORK], ids=lambda page: page.name)
ROW = re.compile(r"^\| `(COURSEWATCH_[A-Z_]+)` \| (?:`([^`]*)`|none) \| \S.* \|$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:]*)(?:#([a-z0-9-]+))?\)")
GROUPS = {"db", "key", "site", "protocol"}
NAMED_OTHERWISE = {"SMTP_URL": "smtp"}


def shown(value: object) -> str:
    """Return how the page writes a default; nothing where there is none."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value in (None, ()) else str(value)


def default_of(variable: str) -> str:
    name = variable.removeprefix(PREFIX)
    field = NAMED_OTHERWISE.get(name, name.lower())
    known = {found.name for found in fields(Settings)}
    return shown(getattr(Settings.from_environment({}), field if field in known else f"{field}_seconds"))


def test_the_page_lists_every_setting_with_its_default() -> None:
    listed = dict(ROW.findall(PAGE.read_text(encoding="utf-8")))

    assert listed == {variable: default_of(variable) for variable in settings_variables()}


@PAGES
def test_a_link_leads_to_a_page_and_a_heading_that_are_there(page: Path) -> None:
    for target, heading in LINK.findall(page.read_text(encoding="utf-8")):
        file = (page.parent / target).resolve() if target else page
        assert file.is_file(), target
        if heading:
            titles = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}, target


@PAGES
def test_a_command_that_a_page_shows_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    called = re.findall(r"(?:bin/|`)coursewatch(?:-admin(?: --owner)?)? ([a-z]+(?: [a-z]+)?)(?= |`|\n)", text)

    assert called
    for words in called:
        first, *rest = words.split()
        options_of([first, *rest] if first in GROUPS else [first])


def test_the_oldest_server_that_the_page_names_is_the_oldest_that_is_taken() -> None:
    assert f"**PostgreSQL** {OLDEST_POSTGRESQL} or later" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["backup", "upgrading", "watching", "closed-network"])
def test_a_page_with_commands_leads_to_how_they_are_called(name: str) -> None:
    page = ROOT / "docs" / "operations" / f"{name}.md"

    assert "(../operations.md#how-a-command-is-called)" in page.read_text(encoding="utf-8")


def test_backups_live_as_long_as_every_page_and_script_says() -> None:
    nightly = (ROOT / "docker/systemd/coursewatch-backup.service").read_text(encoding="utf-8")
    script = (ROOT / "docker/drill.sh").read_text(encoding="utf-8")

    assert "/drill.sh /var/lib/coursewatch-backup 30\n" in nightly
    assert "days=${2:-30}" in script
    for page in (PAGE, CLOSED_NETWORK):
        assert "older than thirty days" in page.read_text(encoding="utf-8")


def test_every_variable_of_a_bundle_is_told_and_read() -> None:
    told = set(re.findall(r"^\| `(BUNDLE_[A-Z]+)` \|", CLOSED_NETWORK.read_text(encoding="utf-8"), re.MULTILINE))
    read = set(re.findall(r"\$\{(BUNDLE_[A-Z]+):-", (ROOT / "docker/bundle/make.sh").read_text(encoding="utf-8")))

    assert told == read
