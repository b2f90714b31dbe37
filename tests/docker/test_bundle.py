"""install.sh, on a bundle of one small wheel: what it refuses, where a release goes, and what it leaves alone."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.packaging import read_lock
from tests.architecture.tree import ROOT

SCRIPTS = sorted((ROOT / "docker" / "bundle").glob("*.sh"))
THIS_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
NAMES_NO_PLACE = [
    *SCRIPTS,
    *(file for file in (ROOT / "docker" / "systemd").iterdir() if file.is_file()),
    ROOT / "docs" / "operations.md",
    ROOT / "docs" / "operations" / "closed-network.md",
]
PLACE = re.compile(r"https?://([A-Za-z0-9.-]+)")
OF_NOBODY = re.compile(r"127\.0\.0\.1|localhost|([a-z-]+\.)*hospital\.example")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Return the folder of an unpacked bundle of version 1.0, with a wheel that has the command and nothing else."""
    folder = tmp_path / "coursewatch-1.0"
    (folder / "dist" / "wheelhouse").mkdir(parents=True)
    shutil.copy(ROOT / "docker" / "bundle" / "install.sh", folder)
    for name in ("systemd", "monitoring"):
        shutil.copytree(ROOT / "docker" / name, folder / "docker" / name)
    shutil.copy(ROOT / "docker" / "drill.sh", folder / "docker")
    (folder / "docs").mkdir()
    (folder / "README.md").write_text("read me\n", encoding="utf-8")
    wheel = folder / "dist" / "coursewatch-1.0-py3-none-any.whl"
    info = "coursewatch-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("told.py", "def main():\n    print('told')\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: coursewatch\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/entry_points.txt", "[console_scripts]\ncoursewatch = told:main\n")
        archive.writestr(f"{info}/RECORD", f"told.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (folder / "dist" / "coursewatch.lock").write_text(f"coursewatch==1.0 --hash=sha256:{digest}\n", encoding="utf-8")
    (folder / "requirements.lock").write_text("", encoding="utf-8")
    (folder / "MANIFEST").write_text(f"version=1.0\nrevision=abc\npythons=2.7 {THIS_PYTHON}\n", encoding="utf-8")
    sum_up(folder)
    return folder


def sum_up(folder: Path) -> None:
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  ./{file.relative_to(folder)}\n" for file in files]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def installed(bundle: Path, prefix: Path) -> subprocess.CompletedProcess[str]:
    """Run install.sh on a machine whose pip knows an index that nobody answers for."""
    return subprocess.run(
        [bundle / "install.sh", "--prefix", prefix, "--python", sys.executable],
        env={**os.environ, "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_release_goes_beside_the_one_before_it_and_data_stay(bundle: Path, tmp_path: Path) -> None:
    prefix = tmp_path / "opt"
    (prefix / "releases" / "0.9").mkdir(parents=True)
    (prefix / "current").symlink_to("releases/0.9")
    (prefix / "coursewatch-data").mkdir()
    (prefix / "coursewatch-data" / "coursewatch.sqlite3").write_text("facts", encoding="utf-8")

    done = installed(bundle, prefix)

    assert done.returncode == 0, done.stderr
    assert (prefix / "current").readlink() == Path("releases/1.0")
    assert subprocess.check_output([prefix / "current" / "bin" / "coursewatch"], text=True) == "told\n"
    assert (prefix / "releases" / "0.9").is_dir()
    assert (prefix / "coursewatch-data" / "coursewatch.sqlite3").read_text(encoding="utf-8") == "facts"
    assert f"ln -s releases/0.9 {prefix}/.current" in done.stdout
    unit = (prefix / "current" / "systemd" / "coursewatch-api@.service").read_text(encoding="utf-8")
    assert f"ExecStart={prefix}/current/bin/coursewatch api" in unit
    night = (prefix / "current" / "systemd" / "coursewatch-backup.service").read_text(encoding="utf-8")
    assert f"ExecStart={prefix}/current/docker/drill.sh " in night
    assert os.access(prefix / "current" / "docker" / "drill.sh", os.X_OK)
    watching = {file.name for file in (ROOT / "docker" / "monitoring").iterdir()}
    assert {file.name for file in (prefix / "current" / "docker" / "monitoring").iterdir()} == watching

    assert "is there already" in installed(bundle, prefix).stdout

    (bundle / "dist" / "coursewatch.lock").write_text("coursewatch==1.0 --hash=sha256:0\n", encoding="utf-8")
    sum_up(bundle)
    assert "holds another build of 1.0" in installed(bundle, prefix).stderr


def test_a_file_that_was_changed_on_the_way_stops_everything(bundle: Path, tmp_path: Path) -> None:
    with (bundle / "requirements.lock").open("a", encoding="utf-8") as lock:
        lock.write("more==1.0\n")

    refused = installed(bundle, tmp_path / "opt")

    assert refused.returncode == 1
    assert "a file is not what SHA256SUMS says" in refused.stderr
    assert not (tmp_path / "opt").exists()


def test_a_python_without_wheels_is_refused_with_the_way_out(bundle: Path, tmp_path: Path) -> None:
    (bundle / "MANIFEST").write_text("version=1.0\nrevision=abc\npythons=2.7\n", encoding="utf-8")
    sum_up(bundle)

    refused = installed(bundle, tmp_path / "opt")

    assert refused.returncode == 1
    assert "not one that this bundle has wheels for: 2.7" in refused.stderr
    assert "BUNDLE_PYTHONS" in refused.stderr
    assert not (tmp_path / "opt").exists()


def test_an_option_that_there_is_not_is_named(bundle: Path) -> None:
    for words, named in ((["--bogus"], "--bogus"), (["--systemd", "now"], "now"), (["--prefix"], "--prefix")):
        refused = subprocess.run([bundle / "install.sh", *words], capture_output=True, text=True, check=False)

        assert refused.returncode == 2, refused.stderr
        assert refused.stderr.startswith(f"install.sh: {named} "), refused.stderr
        assert refused.stderr.rstrip().endswith("upgrade.")


def test_without_being_told_otherwise_a_bundle_serves_the_pythons_of_the_systems_that_the_page_names() -> None:
    script = (ROOT / "docker" / "bundle" / "make.sh").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "operations" / "closed-network.md").read_text(encoding="utf-8")
    default = re.findall(r"^pythons=\$\{BUNDLE_PYTHONS:-([0-9. ]+)\}$", script, re.MULTILINE)

    assert default == ["3.11 3.12 3.13"]
    assert f"| `BUNDLE_PYTHONS` | `{default[0]}` |" in page


def test_one_lock_serves_every_python_of_a_bundle() -> None:
    markers = [str(pin.requirement.marker) for pin in read_lock(ROOT / "requirements.lock") if pin.requirement.marker]

    # pip reads them for the Python that it runs on, whichever it downloads for.
    assert [marker for marker in markers if "python_version" in marker or "python_full_version" in marker] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_can_be_read_by_its_shell_and_run(script: Path) -> None:
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    assert os.access(script, os.X_OK)


@pytest.mark.parametrize("file", NAMES_NO_PLACE, ids=lambda file: file.name)
def test_nothing_names_a_host_but_those_of_nobody(file: Path) -> None:
    hosts = PLACE.findall(file.read_text(encoding="utf-8"))

    assert [host for host in hosts if not OF_NOBODY.fullmatch(host)] == []
