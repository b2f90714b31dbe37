"""Finds the machine's Chromium, or installs it where that takes no question, and starts it for a test."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "google-chrome", "chromium-browser", "google-chrome-stable")
INSTALL = ("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "chromium")
# Headless, without what a container lacks (a sandbox, a graphics card), and without any request of the browser's own.
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoBrowserError(RuntimeError):
    """The page tests need Chromium: on Debian or Ubuntu, as root, run `apt-get install -y chromium`."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def installed_chromium() -> Path | None:
    """Return the path of the first browser on the search path that Playwright can drive, if any."""
    return next((Path(found) for name in NAMES if (found := shutil.which(name))), None)


def may_install() -> bool:
    """Say whether this process may install packages: root, on a system with apt."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install_chromium() -> None:
    """Install Chromium with apt; raises CalledProcessError where apt cannot, its reasons on stderr."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (("apt-get", "update", "--quiet"), INSTALL):
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let one test process of this user install, while the others wait for it."""
    with (Path(tempfile.gettempdir()) / f"coursewatch-chromium-{os.geteuid()}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def chromium() -> Path:
    """Return the path of Chromium, installed first where it is absent; raises NoBrowserError where it cannot be."""
    found = installed_chromium()
    if found is None and may_install():
        with one_at_a_time():
            if installed_chromium() is None:
                install_chromium()
        found = installed_chromium()
    if found is None:
        raise NoBrowserError
    return found


@contextmanager
def started_browser() -> Iterator[Browser]:
    """Run Chromium for as long as the block lasts; Playwright downloads nothing."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()
