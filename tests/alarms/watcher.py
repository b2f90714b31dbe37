"""A real Prometheus that looks at an installation every second, and says which alerts fire."""

import json
import socket
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from urllib.request import urlopen

from tests.alarms.rules import quickened
from workflow.clock import monotonic

LOOK_EVERY_SECONDS = 1.0
ENDS_WITHIN_SECONDS = 30.0
CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [alerts.yaml]
scrape_configs:
{jobs}
"""
JOB = "  - {{job_name: {name}, static_configs: [{{targets: [{targets}]}}]}}"


class NeverFiredError(AssertionError):
    """An alert did not do in time what it should."""


@dataclass(frozen=True, slots=True)
class Watcher:
    """Prometheus at work."""

    address: str

    def firing(self) -> set[str]:
        """Return the names of the alerts that fire now."""
        with urlopen(f"{self.address}/api/v1/alerts", timeout=5) as answer:  # noqa: S310 -- loopback
            alerts = json.load(answer)["data"]["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}

    def wait(self, reached: Callable[[set[str]], bool], within: float, what: str) -> float:
        """Return after how many seconds it was so; raises NeverFiredError."""
        began = monotonic()
        while monotonic() - began < within:
            if reached(self.firing()):
                return monotonic() - began
            Event().wait(LOOK_EVERY_SECONDS)
        raise NeverFiredError(f"{what} not within {within:.0f} s; firing: {', '.join(sorted(self.firing())) or 'none'}")


@contextmanager
def watching(folder: Path, targets: Mapping[str, Iterable[str]]) -> Iterator[Watcher]:
    """Let Prometheus look at these targets, by the name of their job, until the block ends."""
    port = free_port()
    jobs = "\n".join(JOB.format(name=name, targets=", ".join(map(json.dumps, at))) for name, at in targets.items())
    (folder / "prometheus.yml").write_text(CONFIG.format(jobs=jobs), encoding="utf-8")
    (folder / "alerts.yaml").write_text(quickened(), encoding="utf-8")
    log = (folder / "prometheus.log").open("w", encoding="utf-8")
    process = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'metrics'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=warn",
        ],
        stdout=log,
        stderr=log,
    )
    watcher = Watcher(f"http://127.0.0.1:{port}")
    try:
        answers(f"{watcher.address}/-/ready")
        yield watcher
    finally:
        process.terminate()
        process.wait(ENDS_WITHIN_SECONDS)
        log.close()


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def answers(url: str, within: float = 90.0) -> None:
    """Wait until something answers there; raises NeverFiredError."""
    began = monotonic()
    while monotonic() - began < within:
        try:
            urlopen(url, timeout=5).close()  # noqa: S310 -- loopback
        except OSError:
            Event().wait(0.3)
        else:
            return
    raise NeverFiredError(f"{url} does not answer within {within:.0f} s")
