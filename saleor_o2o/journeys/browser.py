"""A real browser with a telephone's screen, for the journeys and tests that look at pages.

The system's Chromium is driven; none is downloaded. Pictures of what was seen are kept below the data folder.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, Request, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: CSS pixels of a telephone's screen.
WIDTH, HEIGHT = 390, 844
#: Milliseconds that a page may take on a crowded machine.
PATIENCE = 45_000
#: Milliseconds between two looks whether a page is still.
STEP = 50
#: Whether something slides or fades; what goes round for ever, or slowly along a line, does not count.
MOVING = """() => document.readyState !== 'complete' || document.getAnimations().some(
    (one) => one.playState === 'running' && one.effect.getComputedTiming().endTime <= 1000)"""


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
    """A page on a telephone's screen; ``complaints`` are errors of its scripts and what its policy forbade.

    ``asked``: requests of the page that have no answer yet.
    """

    page: Page
    base_url: str
    pictures: Path
    complaints: list[str] = field(default_factory=list)
    asked: set[Request] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type == "error" else None
        )
        self.page.on("request", lambda request: self.asked.add(request))
        for done in ("requestfinished", "requestfailed"):
            self.page.on(done, lambda request: self.asked.discard(request))

    def open(self, path: str) -> None:
        """Go to an address below ``/h5`` and wait until it has what it asked for."""
        self.page.goto(f"{self.base_url}/h5{path}")
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is asked for any more and what moves has moved, twice in a row.

        Raises TimeoutError. Playwright's own waiting for an idle network takes half a second more at each page, and
        does not wait at all where a page of the same document was opened.
        """
        deadline = time.monotonic() + PATIENCE / 1000
        still = 0
        while still < 2:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.page.url}: {[one.url for one in self.asked]}")
            self.page.wait_for_timeout(STEP)
            still = 0 if self.asked or self.page.evaluate(MOVING) else still + 1

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
            yield Phone(context.new_page(), base_url, pictures)
        finally:
            browser.close()
