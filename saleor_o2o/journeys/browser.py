"""A real browser with a telephone's screen, for the journeys and tests that look at pages.

The system's Chromium is driven; none is downloaded. Pictures of what was seen are kept below the data folder.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: CSS pixels of a telephone's screen.
WIDTH, HEIGHT = 390, 844
#: Milliseconds that a page may take on a crowded machine.
PATIENCE = 45_000


def find_chromium() -> str | None:
    """The program that `O2O_CHROMIUM` names, or the first one found; None where there is none."""
    named = os.environ.get("O2O_CHROMIUM", "")
    if named:
        return named
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def must_have_browser() -> bool:
    """Whether leaving the browser out is a failure, as where everything is checked (`O2O_BROWSER=required`)."""
    return os.environ.get("O2O_BROWSER", "") == "required"


@dataclass
class Phone:
    """A page on a telephone's screen; ``complaints`` are errors of its scripts and what its policy forbade."""

    page: Page
    base_url: str
    pictures: Path
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Go to an address below ``/h5`` and wait until it has what it asked for."""
        self.page.goto(f"{self.base_url}/h5{path}")
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is asked for any more and what moves has moved."""
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_timeout(300)

    def picture(self, name: str) -> None:
        """Keep what is on the screen."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.pictures / f"{name}.png")


@contextmanager
def phone(chromium: str, base_url: str, pictures: Path, agent: str | None = None) -> Iterator[Phone]:
    """A fresh browser that speaks Chinese and has never been here; `agent`: what it says that it is."""
    with sync_playwright() as driver:
        # the sandbox of Chromium needs rights that a container seldom has; it opens our own pages only
        options = ["--no-sandbox", "--no-proxy-server", "--disable-dev-shm-usage"]
        browser = driver.chromium.launch(executable_path=chromium, args=options)
        try:
            context = browser.new_context(
                viewport={"width": WIDTH, "height": HEIGHT},
                device_scale_factor=2,
                is_mobile=True,
                has_touch=True,
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
                user_agent=agent,
            )
            context.set_default_timeout(PATIENCE)
            found = Phone(context.new_page(), base_url, pictures)
            found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
            found.page.on(
                "console", lambda said: found.complaints.append(said.text) if said.type == "error" else None
            )
            yield found
        finally:
            browser.close()
