"""Keys, sites, protocols and the database by command: data on stdout, talk on stderr, one line an error."""

import json
from pathlib import Path

import pytest

from tests.databases import Urls
from tests.integration.cli.running import at_home, coursewatch
from workflow import bootstrap
from workflow.cli.talk import PIPED_WIDTH
from workflow.domain.roles import Role
from workflow.protocols.library import shipped
from workflow.services.authenticate import authenticate
from workflow.settings import Settings

WRONG_PROTOCOLS = Path(__file__).parents[2] / "data" / "protocols"
SUPERSEDED = Path(__file__).parents[3] / "workflow" / "protocols" / "superseded"


def test_help_names_every_command() -> None:
    finished = coursewatch("--help")
    assert finished.code == 0
    for command in ("serve", "api", "import", "classify", "worklist", "protocol", "key", "site", "db"):
        assert f" {command} " in finished.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["grow"],
        ["import"],
        ["import", "no-such-file.csv"],
        ["worklist", "--as-of", "30.06.2026"],
        ["worklist", "--as-of", "2026-02-30"],
        ["worklist", "--status", "angry"],
        ["key", "create", "ward.nurse"],
        ["key", "create", "ward.nurse", "--role", "surgeon"],
        ["site", "set", "berlin", "--working-days", "Monday"],
        ["site", "set", "berlin", "--unset", "name"],
        ["site", "set", "berlin", "--unset", "notices-at", "--notices-at", "08:15"],
        ["protocol", "check", "no-such-folder"],
        ["serve", "--port", "100000"],
        ["worklist", "--database", "oracle://host/name"],
        ["worklist", "--database", "no url"],
    ],
)
def test_wrong_usage_ends_with_2_and_says_why(new_home: Path, arguments: list[str]) -> None:
    finished = coursewatch(*arguments)
    assert finished.code == 2
    assert finished.out == ""
    assert finished.err
    assert "Traceback" not in finished.err


def test_a_wrong_setting_is_named(new_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSEWATCH_TIME_ZONE", "Mars/Olympus")
    finished = coursewatch("worklist")
    assert finished.code == 2
    assert "COURSEWATCH_TIME_ZONE must be an IANA time zone" in finished.err


@pytest.mark.parametrize("arguments", [["worklist"], ["key", "list"], ["site", "list"], ["api"]])
def test_a_database_without_our_tables_is_refused_with_the_way_out(
    tmp_path: Path, empty_urls: Urls, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    at_home(tmp_path, empty_urls, monkeypatch)
    finished = coursewatch(*arguments)
    assert finished.code == 1
    assert "coursewatch db upgrade" in finished.err
    assert len(finished.err.splitlines()) == 1


@pytest.mark.parametrize("empty_urls", ["postgresql"], indirect=True)
def test_db_upgrade_as_the_app_role_says_whose_it_is(
    tmp_path: Path, empty_urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_home(tmp_path, empty_urls, monkeypatch)
    finished = coursewatch("db", "upgrade")
    assert finished.code == 1
    assert finished.err.startswith(
        "coursewatch: permission denied by the database: run `coursewatch db upgrade` as the"
    )
    assert len(finished.err.splitlines()) == 1


def test_db_upgrade_makes_the_tables_once(tmp_path: Path, empty_urls: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    at_home(tmp_path, empty_urls, monkeypatch)
    first = coursewatch("db", "upgrade", "--database", empty_urls.owner)
    again = coursewatch("db", "upgrade", "--database", empty_urls.owner)
    assert (first.code, again.code) == (0, 0)
    assert "already" not in first.err
    assert "already" in again.err
    assert coursewatch("worklist").code == 0


def test_db_upgrade_says_where_the_app_role_does_not_exist(
    tmp_path: Path, empty_urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_home(tmp_path, empty_urls, monkeypatch)
    monkeypatch.setenv("COURSEWATCH_APP_ROLE", "nobody_yet")
    lines = coursewatch("db", "upgrade", "--database", empty_urls.owner).err.splitlines()
    said = (
        "The role nobody_yet does not exist, so it was granted nothing: CREATE ROLE nobody_yet LOGIN, then run "
        "`coursewatch db upgrade` again; or name another in COURSEWATCH_APP_ROLE."
    )
    assert lines[1:] == ([said] if empty_urls.owner.startswith("postgresql") else [])
    monkeypatch.delenv("COURSEWATCH_APP_ROLE")
    assert len(coursewatch("db", "upgrade", "--database", empty_urls.owner).err.splitlines()) == 1


def test_a_key_is_printed_alone_and_once(home: Settings) -> None:
    made = coursewatch("key", "create", "treating_doctor", "--role", "clinician", "--site", "berlin")
    key = made.out.strip()
    assert made.code == 0
    assert key.startswith("cw_")
    assert "Site berlin is not known yet" in made.err
    listed = coursewatch("key", "list")
    assert "treating_doctor" in listed.out
    assert "clinician at berlin" in listed.out
    assert key.split("_", 2)[2] not in listed.out
    house = bootstrap.build(home)
    actor = authenticate(house, key)
    house.close()
    assert actor is not None
    assert (actor.name, actor.highest_role, actor.sites) == ("treating_doctor", Role.CLINICIAN, frozenset({"berlin"}))


def test_a_second_key_of_the_same_person_adds_its_role(home: Settings) -> None:
    first = coursewatch("key", "create", "data_manager", "--role", "nurse", "--site", "berlin").out.strip()
    second = coursewatch("key", "create", "data_manager", "--role", "coordinator")
    assert "all of them, this one too, now reach coordinator at all sites" in second.err
    house = bootstrap.build(home)
    actor = authenticate(house, first)
    house.close()
    assert actor is not None
    assert actor.role_everywhere is Role.COORDINATOR


def test_a_revoked_key_opens_nothing(home: Settings) -> None:
    key = coursewatch("key", "create", "viewer", "--role", "viewer").out.strip()
    key_id = key.split("_")[1]
    assert coursewatch("key", "revoke", key_id).code == 0
    house = bootstrap.build(home)
    actor = authenticate(house, key)
    house.close()
    assert actor is None
    again = coursewatch("key", "revoke", key_id)
    assert again.code == 1
    assert "coursewatch key list" in again.err


@pytest.mark.parametrize("name", ["local", "  ", "a" * 81])
def test_a_key_needs_a_name_of_its_own(home: Settings, name: str) -> None:
    finished = coursewatch("key", "create", name, "--role", "viewer")
    assert finished.code == 1
    assert finished.err.startswith("coursewatch: name: name ")


def test_a_site_is_set_part_by_part(home: Settings) -> None:
    made = coursewatch("site", "set", "berlin", "--name", "Berlin", "--time-zone", "Europe/Berlin")
    more = coursewatch(
        *("site", "set", "berlin", "--working-days", "1,2,3", "--holiday", "2026-12-25", "--contact", "ward@berlin"),
        *("--silent-after-days", "5", "--notices-at", "08:15", "--mrd-result-days", "14"),
    )
    assert made.err == "Site berlin was made.\n"
    assert more.err.startswith(
        "Site berlin was set.\nNo mail goes out by these settings: COURSEWATCH_SMTP_URL is not set"
    )
    (site,) = json.loads(coursewatch("site", "list", "--json").out)["items"]
    assert site == {
        "id": "berlin",
        "name": "Berlin",
        "time_zone": "Europe/Berlin",
        "working_days": [1, 2, 3],
        "holidays": ["2026-12-25"],
        "contacts": ["ward@berlin"],
        "silent_after_days": 5,
        "notices_at": "08:15",
        "mrd_result_days": 14,
    }
    assert "Europe/Berlin" in coursewatch("site", "list").out


def test_a_setting_is_taken_back_by_its_name(home: Settings) -> None:
    coursewatch("site", "set", "berlin", "--notices-at", "08:15", "--mrd-result-days", "14")
    finished = coursewatch("site", "set", "berlin", "--unset", "mrd-result-days", "--unset", "notices-at")
    assert finished.err == "Site berlin was set.\n"
    (site,) = json.loads(coursewatch("site", "list", "--json").out)["items"]
    assert (site["notices_at"], site["mrd_result_days"]) == (None, None)


def test_all_contacts_of_a_site_are_taken_back_at_once(home: Settings) -> None:
    coursewatch("site", "set", "berlin", "--contact", "ward@berlin", "--contact", "log")
    finished = coursewatch("site", "set", "berlin", "--unset", "contact")
    assert finished.err == "Site berlin was set.\n"
    (site,) = json.loads(coursewatch("site", "list", "--json").out)["items"]
    assert site["contacts"] == []


def test_a_contact_by_mail_warns_only_where_no_mail_goes_out(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    coursewatch("site", "set", "berlin", "--time-zone", "Europe/Berlin")
    assert coursewatch("site", "set", "berlin", "--contact", "log").err == "Site berlin was set.\n"
    monkeypatch.setenv("COURSEWATCH_SMTP_URL", "smtp://mail.hospital.example")
    monkeypatch.setenv("COURSEWATCH_MAIL_FROM", "coursewatch@hospital.example")
    monkeypatch.setenv("COURSEWATCH_PUBLIC_URL", "https://cw.example")
    assert coursewatch("site", "set", "berlin", "--contact", "ward@berlin").err == "Site berlin was set.\n"


def test_a_new_site_without_a_time_zone_asks_whether_its_id_is_a_typo(home: Settings) -> None:
    first = coursewatch("site", "set", "berlin")
    assert first.err == (
        "Site berlin was made.\nSite berlin is new, with the time zone UTC; --time-zone sets another.\n"
    )
    coursewatch("site", "set", "hamburg", "--time-zone", "Europe/Berlin")
    typo = coursewatch("site", "set", "berlni", "--name", "Berlin")
    assert typo.err.endswith("There were already: berlin, hamburg; is berlni a typo?\n")
    assert coursewatch("site", "set", "berlni", "--name", "Berlin").err == "Site berlni was set.\n"


def test_a_time_zone_that_does_not_exist_is_refused(home: Settings) -> None:
    finished = coursewatch("site", "set", "berlin", "--time-zone", "Europe/Atlantis")
    assert finished.code == 1
    assert "time_zone must be an IANA time zone, like Europe/Berlin" in finished.err


def test_protocols_are_listed_and_shown_without_a_database(new_home: Path) -> None:
    listed = coursewatch("protocol", "list")
    for protocol in shipped().versions:
        assert protocol.id in listed.out
        shown = coursewatch("protocol", "show", protocol.id)
        assert protocol.title in shown.out
        for rules in (protocol.windows, protocol.caps, protocol.stated):
            assert [rule.rule for rule in rules if rule.rule not in shown.out] == []
        assert coursewatch("protocol", "show", protocol.ref, "--toml").out.strip() == protocol.body.strip()
    assert not list(new_home.iterdir())


def test_an_unknown_protocol_is_answered_with_those_there_are(new_home: Path) -> None:
    finished = coursewatch("protocol", "show", "all-rez-bfm-1066")
    assert finished.code == 1
    assert "known: all-rez-bfm-2002, all-rez-bfm-90" in finished.err


def test_the_protocols_of_this_release_are_sound() -> None:
    finished = coursewatch("protocol", "check")
    assert (finished.code, finished.out) == (0, "")
    assert "examples hold" in finished.err


def test_a_folder_of_several_protocols_is_checked_as_a_whole() -> None:
    sound = coursewatch("protocol", "check", SUPERSEDED)
    assert (sound.code, sound.out, sound.err) == (0, "", "All are sound, and their examples hold.\n")

    wrong = coursewatch("protocol", "check", WRONG_PROTOCOLS)
    assert wrong.code == 1
    for folder in WRONG_PROTOCOLS.iterdir():
        assert f"{folder}/" in wrong.out


@pytest.mark.parametrize("folder", sorted(WRONG_PROTOCOLS.iterdir()), ids=lambda path: path.name)
def test_a_wrong_protocol_is_refused_naming_file_and_line(folder: Path) -> None:
    finished = coursewatch("protocol", "check", folder)
    assert finished.code == 1
    assert all(".toml:" in line for line in finished.out.splitlines())
    assert "found." in finished.err


def test_a_fault_inside_is_one_line_without_what_it_was_about(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_settings: Settings) -> None:
        raise KeyError("ALL-0007 died")

    monkeypatch.setattr(bootstrap, "build", broken)
    finished = coursewatch("worklist")
    assert finished.code == 1
    assert len(finished.err.splitlines()) == 1
    assert "KeyError at " in finished.err
    assert "ALL-0007" not in finished.err


def test_what_is_piped_is_not_cut(home: Settings) -> None:
    long_name = "N" * (PIPED_WIDTH // 4)
    coursewatch("site", "set", "berlin", "--name", long_name[:80])
    assert long_name[:80] in coursewatch("site", "list").out


@pytest.mark.parametrize("arguments", [["worklist"], ["key", "list"], ["key", "create", "a", "--role", "admin"]])
def test_a_look_from_another_folder_makes_no_empty_installation(new_home: Path, arguments: list[str]) -> None:
    finished = coursewatch(*arguments)
    assert finished.code == 1
    assert "there is no database" in finished.err
    assert "COURSEWATCH_DATABASE" in finished.err
    assert list(new_home.iterdir()) == []
