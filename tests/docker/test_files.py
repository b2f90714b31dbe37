"""The image's and compose's files are well-formed, closed, and agree with the program and with each other."""

import re
import subprocess
import sys
import tomllib
from ipaddress import IPv4Network, ip_address
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from api.bodies import LARGEST_BODY_BYTES
from tests.architecture.tree import PACKAGES, ROOT
from tests.docker.known_variables import option_variables, options_of, settings_variables
from workflow.persistence.engine import CONNECTIONS
from workflow.settings import PREFIX, Settings

DOCKER = ROOT / "docker"
COMPOSE = DOCKER / "compose.yaml"
COMPOSED = (COMPOSE, DOCKER / "compose.backup.yaml")
PROXY = (DOCKER / "proxy" / "haproxy.cfg").read_text(encoding="utf-8")
DOCKERFILE = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
TEXTS = [file.read_text(encoding="utf-8") for file in COMPOSED]
NIGHTLY = (DOCKER / "drill.sh").read_text(encoding="utf-8")
TOP: dict[str, Any] = yaml.safe_load(TEXTS[0])
SERVICES: dict[str, dict[str, Any]] = {
    name: found for text in TEXTS for name, found in yaml.safe_load(text)["services"].items()
}
OWNERS = ("migrate", "backup")
PROGRAM = (*OWNERS, "api-1", "api-2", "scheduler-1", "scheduler-2")
RESTARTS = {"migrate": "on-failure:5", "backup": "no"}
# Every variable that compose puts into a value, with what stands there where it is not set.
SUBSTITUTED = re.compile(r"\$\{([A-Z_]+)(?::-([^}]*))?\}")
PYTHON_OF_DEBIAN = {"trixie": "3.13"}
SCRIPTS = sorted(path for path in DOCKER.rglob("*.sh") if "bundle" not in path.parts)
# Read into another script, never run by themselves.
SOURCED = {"engine.sh", "running.sh", "failures.sh"}
PATIENCE_SECONDS = 60

service = pytest.mark.parametrize("name", SERVICES)


def tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of the tools that are installed beside this Python."""
    command = [str(Path(sys.executable).with_name(name)), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)


def project() -> dict[str, Any]:
    return dict(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"])


def with_defaults(value: str) -> str:
    """Return a value as compose reads it where nobody has set anything."""
    return SUBSTITUTED.sub(lambda found: found[2] or "", value)


def environment(name: str) -> dict[str, str]:
    return dict(SERVICES[name].get("environment", {}))


def examples() -> dict[str, str]:
    """Return every setting of env.example, those that are commented out too."""
    text = (DOCKER / "env.example").read_text(encoding="utf-8")
    return dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE))


def seconds(duration: str) -> float:
    return float(duration.removesuffix("s"))


def in_proxy(pattern: str) -> str:
    found = re.search(pattern, PROXY)
    assert found, pattern
    return found[1]


@pytest.mark.parametrize("file", sorted(DOCKER.rglob("*Dockerfile")), ids=lambda file: file.name)
def test_hadolint_has_nothing_to_say_about_an_image(file: Path) -> None:
    told = tool("hadolint", str(file))

    assert (told.returncode, told.stdout) == (0, "")


def test_the_compose_files_are_what_their_schema_asks_for() -> None:
    told = tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", *map(str, DOCKER.glob("compose*.yaml")))

    assert told.returncode == 0, told.stdout


@service
def test_a_service_has_no_right_that_it_does_not_need(name: str) -> None:
    found = SERVICES[name]

    assert found["read_only"] is True
    assert found["cap_drop"] == ["ALL"]
    assert found["security_opt"] == ["no-new-privileges"]
    assert int(found["user"].split(":")[0]) > 0
    assert not {"privileged", "cap_add", "pid", "ipc", "network_mode", "devices"} & found.keys()


@service
def test_a_service_can_take_no_more_than_its_share(name: str) -> None:
    found = SERVICES[name]

    assert {"mem_limit", "cpus", "pids_limit"} <= found.keys()
    assert found["ulimits"].keys() >= {"nofile", "nproc"}
    assert found["logging"]["options"].keys() == {"max-size", "max-file"}


@service
def test_a_service_comes_back_by_itself_unless_it_is_there_to_end(name: str) -> None:
    assert SERVICES[name]["restart"] == RESTARTS.get(name, "always")


@service
def test_nobody_is_tied_to_another_so_that_each_can_be_made_anew(name: str) -> None:
    assert "depends_on" not in SERVICES[name]


@service
def test_no_secret_stands_in_an_environment(name: str) -> None:
    for variable, value in environment(name).items():
        if re.search(r"PASSWORD|SECRET|KEY|TOKEN", variable):
            assert re.fullmatch(r"/run/secrets/[a-z_.]+", value), variable
            assert value.removeprefix("/run/secrets/") in SERVICES[name]["secrets"]
        assert not re.search(r"//[^/@]*:[^/@]*@", value), variable


@service
def test_an_image_is_of_a_version_that_somebody_chose(name: str) -> None:
    image = with_defaults(SERVICES[name]["image"])
    tag = image.rpartition("/")[2].partition(":")[2]

    assert tag
    assert "latest" not in tag


def test_the_image_is_that_of_this_release() -> None:
    version = project()["version"]

    assert with_defaults(SERVICES["api-1"]["image"]) == f"localhost/coursewatch:{version}"
    assert examples()["COURSEWATCH_IMAGE"] == f"localhost/coursewatch:{version}"


def test_the_python_of_the_image_is_one_that_the_program_is_made_for() -> None:
    (base,) = set(re.findall(r"^ARG BASE=\S+/debian:([a-z]+)-slim$", DOCKERFILE, re.MULTILINE))
    python = PYTHON_OF_DEBIAN[base]
    found = project()

    assert f"Programming Language :: Python :: {python}" in found["classifiers"]
    floor = found["requires-python"].removeprefix(">=")
    assert tuple(map(int, floor.split("."))) <= tuple(map(int, python.split(".")))


def test_the_build_sees_the_packages_and_nothing_that_was_made_here() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()

    assert lines[1] == "*"
    let_in = {line[1:] for line in lines if line.startswith("!")}
    assert let_in == {
        *PACKAGES,
        "LICENSE",
        "README.md",
        "pyproject.toml",
        "requirements.lock",
        "dist",
        "dist/wheelhouse",
    }


def test_every_variable_of_the_program_is_one_that_it_reads() -> None:
    own = {*settings_variables(), *option_variables()} | set(re.findall(rf"\$\{{({PREFIX}[A-Z_]+):", NIGHTLY))
    files = [file.read_text(encoding="utf-8") for file in DOCKER.glob("compose*.yaml")]
    read_by_compose = {variable for text in files for variable, _default in SUBSTITUTED.findall(text)}
    set_in_image = set(re.findall(rf"\b({PREFIX}[A-Z_]+)=", DOCKERFILE))
    in_compose = {variable for name in PROGRAM for variable in environment(name)}

    assert in_compose | set_in_image <= own
    assert set(examples()) <= own | read_by_compose
    assert read_by_compose <= set(examples())


@pytest.mark.parametrize("name", PROGRAM)
def test_what_a_process_is_given_can_be_read(name: str) -> None:
    given = examples() | {key: with_defaults(value) for key, value in environment(name).items()}

    settings = Settings.from_environment(given)

    assert settings.database.startswith("postgresql+psycopg://")
    assert settings.smtp is not None


def test_only_migration_and_backup_work_as_the_owner() -> None:
    users = {name: re.findall(r"//(\w+)@", environment(name)["COURSEWATCH_DATABASE"]) for name in PROGRAM}

    assert users == {name: ["coursewatch_owner" if name in OWNERS else "coursewatch_app"] for name in PROGRAM}
    assert not [name for name in PROGRAM if "database_superuser_password" in SERVICES[name]["secrets"]]


def test_every_secret_is_made_for_a_first_start() -> None:
    makes = (DOCKER / "make-secrets.sh").read_text(encoding="utf-8")

    for name in TOP["secrets"]:
        assert re.search(rf"\b{re.escape(name)}\b", makes), name


def test_nobody_but_the_proxy_is_reached_from_outside() -> None:
    networks = TOP["networks"]
    closed = {name for name, network in networks.items() if network.get("internal")}

    assert [name for name, found in SERVICES.items() if "ports" in found] == ["proxy"]
    assert closed == {"back", "inside"}
    assert SERVICES["database"]["networks"] == ["back"]
    assert [name for name, found in SERVICES.items() if "inside" in found["networks"]] == ["api-1", "api-2", "proxy"]


@pytest.mark.parametrize("name", ["api-1", "api-2"])
def test_the_api_trusts_the_containers_beside_the_proxy_and_not_this_machine(name: str) -> None:
    (network,) = TOP["networks"]["inside"]["ipam"]["config"]
    subnet, given = (IPv4Network(with_defaults(network[key])) for key in ("subnet", "ip_range"))
    gateway = ip_address(with_defaults(network["gateway"]))

    assert environment(name)["COURSEWATCH_TRUSTED_PROXIES"] == network["ip_range"]
    assert given.subnet_of(subnet)
    assert gateway in subnet
    assert gateway not in given


@pytest.mark.parametrize("name", ["api-1", "api-2"])
def test_a_draining_process_is_left_by_the_proxy_before_it_ends(name: str) -> None:
    drain = float(environment(name)["COURSEWATCH_DRAIN"])
    every, failures = (float(in_proxy(rf"default-server check .*\b{word} (\d+)")) for word in ("inter", "fall"))

    assert (failures + 1) * every < drain
    # As much again for what is under way, and time to close.
    assert drain + 10 < seconds(SERVICES[name]["stop_grace_period"])


def test_the_proxy_lets_in_as_much_as_the_api_takes() -> None:
    assert int(in_proxy(r"req\.body_size gt (\d+)")) == LARGEST_BODY_BYTES


def test_the_proxy_knows_every_api_and_asks_each_whether_it_is_ready() -> None:
    apis = [name for name in SERVICES if name.startswith("api-")]

    for backend in PROXY.split("\nbackend ")[1:]:
        assert re.findall(r"^    server (\S+) \1:8000$", backend, re.MULTILINE) == apis
    assert "uri /health/ready " in PROXY
    assert re.findall(r"path /(\S+) } { srv_is_up\(ready/\1\) }", PROXY) == apis


def test_the_database_has_a_connection_for_every_process() -> None:
    command = " ".join(SERVICES["database"]["command"])
    (allowed,) = re.findall(r"max_connections=(\d+)", command)

    # One pool to read and one to write in each process, and some for those who look after it.
    assert 2 * CONNECTIONS * len(PROGRAM) < int(allowed)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.relative_to(DOCKER)))
def test_a_script_can_be_read_by_its_shell_and_run(script: Path) -> None:
    read = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True, check=False)

    assert (read.returncode, read.stderr) == (0, "")
    assert script.read_text(encoding="utf-8").startswith("#!")
    assert script.name in SOURCED or script.stat().st_mode & 0o111


def test_what_the_page_names_is_there() -> None:
    page = (ROOT / "docs" / "operations" / "containers.md").read_text(encoding="utf-8")
    made_there = ("docker/secrets", "docker/backups", "docker/compose.override.yaml", "docker/.env")
    named = {name.rstrip(".") for name in re.findall(r"\bdocker/[a-z._-]+(?:/[a-z._-]+)*", page)}

    assert [name for name in named if not (ROOT / name).exists() and not name.startswith(made_there)] == []
    for group, command in re.findall(r"(?:exec|[a-z_]+-1_1|`) coursewatch (key|site|db) ([a-z]+)", page):
        assert options_of([group, command])
    assert set(re.findall(rf"\b{PREFIX}[A-Z_]+", page)) <= set(settings_variables())
