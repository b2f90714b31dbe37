"""The units of systemd set only what the program reads, start what it knows, and may do no more than they need."""

import re
import shlex

import pytest

from tests.architecture.tree import ROOT
from tests.docker.known_variables import option_variables, options_of, settings_variables
from tests.docker.unit_files import FOLDER, PROGRAM, Unit, examples_in, read_unit, services
from workflow.settings import Settings

# Where the installer puts docker/drill.sh.
NIGHTLY = "/opt/coursewatch/current/docker/drill.sh"
INSTALLER = (ROOT / "docker" / "bundle" / "install.sh").read_text(encoding="utf-8")
SERVICES = pytest.mark.parametrize("unit", services(), ids=lambda unit: unit.name)
HARDENED = {
    "User": ["coursewatch"],
    "NoNewPrivileges": ["yes"],
    "CapabilityBoundingSet": [""],
    "AmbientCapabilities": [""],
    "ProtectSystem": ["strict"],
    "ProtectHome": ["yes"],
    "PrivateTmp": ["yes"],
    "PrivateDevices": ["yes"],
    "RestrictNamespaces": ["yes"],
    "RestrictAddressFamilies": ["AF_INET AF_INET6 AF_UNIX"],
    "SystemCallArchitectures": ["native"],
    "SystemCallFilter": ["@system-service", "~@privileged @resources"],
    "UMask": ["0077"],
}


def test_there_is_a_unit_for_each_process_and_each_errand() -> None:
    assert {file.name for file in FOLDER.iterdir()} == {
        *(f"coursewatch-{name}.service" for name in ("api@", "scheduler@", "migrate", "backup")),
        *("coursewatch-backup.timer", "coursewatch.target", "coursewatch.env", "migrate.env", "mail.conf"),
        *("coursewatch-admin", "haproxy.cfg"),
    }


@SERVICES
def test_a_unit_sets_only_variables_that_the_program_reads(unit: Unit) -> None:
    assert set(unit.environment()) - set(settings_variables()) == set()


@pytest.mark.parametrize("name", ["coursewatch.env", "migrate.env"])
def test_every_example_of_an_environment_file_can_be_read(name: str) -> None:
    examples = examples_in(FOLDER / name)

    assert set(examples) - {*settings_variables(), *option_variables(), "SSL_CERT_FILE"} == set()
    Settings.from_environment(examples)


def test_an_environment_file_sets_nothing_that_would_win_over_a_unit() -> None:
    set_by_units = {name for unit in services() for name in unit.environment()}

    assert set_by_units & set(examples_in(FOLDER / "coursewatch.env")) == set()
    assert set_by_units & set(examples_in(FOLDER / "migrate.env")) == set()


def test_the_mail_of_the_schedulers_is_wholly_set_by_its_drop_in() -> None:
    mail = read_unit(FOLDER / "mail.conf").environment()

    settings = Settings.from_environment({**mail, "COURSEWATCH_PUBLIC_URL": "https://coursewatch.hospital.example"})

    assert settings.smtp is not None


@SERVICES
def test_a_unit_starts_a_command_that_exists(unit: Unit) -> None:
    (start,) = unit.values("ExecStart")
    words = shlex.split(start)

    if unit.name == "coursewatch-backup.service":
        assert words == [NIGHTLY, "/var/lib/coursewatch-backup", "30"]
        script = (ROOT / "docker" / "drill.sh").read_text(encoding="utf-8")
        assert [options_of(called.split()) for called in re.findall(r'"\$program" (db [a-z]+)', script)]
        return
    assert words[0] == PROGRAM
    named = [word for word in words[1:] if re.fullmatch(r"[a-z]+", word)]
    assert {word for word in words if word.startswith("--")} - options_of(named) == set()


@SERVICES
def test_a_unit_has_no_right_that_it_does_not_need(unit: Unit) -> None:
    assert {setting: unit.values(setting) for setting in HARDENED} == HARDENED
    assert unit.values("MemoryMax")


@SERVICES
def test_every_secret_of_a_unit_is_a_credential_from_a_file_that_the_installer_makes(unit: Unit) -> None:
    loaded = dict(credential.split(":", 1) for credential in unit.values("LoadCredential"))
    named = {value.removeprefix("%d/") for value in unit.environment().values() if value.startswith("%d/")}

    assert named == set(loaded) == {"chain.secret", "database.password"}
    for file in (*loaded.values(), *unit.values("EnvironmentFile")):
        folder, _, name = file.rpartition("/")
        assert folder == "/etc/coursewatch"
        assert re.search(rf"[/ ]{re.escape(name)}\b", INSTALLER), f"install.sh makes no {file}"


@pytest.mark.parametrize("name", ["coursewatch-api@.service", "coursewatch-scheduler@.service"])
def test_a_process_has_the_time_to_end_that_it_takes(name: str) -> None:
    unit = read_unit(FOLDER / name)
    settings = Settings.from_environment(examples_in(FOLDER / "coursewatch.env"))
    (stop,) = unit.values("TimeoutStopSec")

    assert int(stop) > settings.drain_seconds + settings.statement_timeout_seconds
    assert unit.values("Restart") == ["on-failure"]


def test_no_backup_goes_but_by_the_script_that_has_tried_a_newer_one() -> None:
    unit = read_unit(FOLDER / "coursewatch-backup.service")

    assert [setting for setting in unit.sections["Service"] if setting.startswith("Exec")] == ["ExecStart"]
    assert unit.values("StateDirectory")[-1] == "coursewatch-backup"
    assert "COURSEWATCH_DRILL_INTO" in examples_in(FOLDER / "migrate.env")


def test_what_works_as_the_owner_reads_its_environment_last() -> None:
    for name in ("coursewatch-migrate.service", "coursewatch-backup.service"):
        unit = read_unit(FOLDER / name)
        assert [file.rpartition("/")[2] for file in unit.values("EnvironmentFile")] == [
            "coursewatch.env",
            "migrate.env",
        ]
        assert "database.password:/etc/coursewatch/owner.password" in unit.values("LoadCredential")
