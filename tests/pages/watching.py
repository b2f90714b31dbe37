"""Watches what a page says to nobody: complaints on the console, failed requests, requests that leave the server."""

from dataclasses import dataclass, field

from playwright.sync_api import Page


@dataclass(slots=True)
class Watched:
    """What happened while a page was open."""

    address: str
    complaints: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)

    @property
    def elsewhere(self) -> list[str]:
        """The requests that went to another place than our own server."""
        return [url for url in self.requested if not url.startswith((self.address, "data:"))]


def watched(page: Page, address: str) -> Watched:
    """Start watching a page; what it does from now on is kept."""
    seen = Watched(address)
    page.on("console", lambda message: seen.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("requestfailed", lambda request: seen.complaints.append(f"failed: {request.url}"))
    page.on("request", lambda request: seen.requested.append(request.url))
    return seen
