"""A real browser before a live server, for the few things that only a browser shows."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
REQUIRED = os.environ.get("REQUIRE_BROWSER") == "1"
NARROW, WIDE = 360, 1360
PATIENCE = 120_000  # milliseconds: a busy machine is slow, not wrong

try:
    from playwright.sync_api import Browser, Page, sync_playwright
except ImportError:  # a machine for the rest of the suite only
    sync_playwright = None  # type: ignore[assignment]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here; it needs Chromium."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def at() -> datetime:
    """The instant is the real one: the browser looks at its own clock."""
    return timezone.now()


@pytest.fixture
def chromium(monkeypatch: pytest.MonkeyPatch) -> Iterator["Browser"]:
    """Chromium without a window; its absence is a failure where REQUIRE_BROWSER=1."""
    missing = "Playwright" if sync_playwright is None else ""
    missing = missing or ("" if CHROMIUM.exists() else str(CHROMIUM))
    if missing:
        (pytest.fail if REQUIRED else pytest.skip)(f"{missing} is not installed")
    # Playwright keeps an event loop in this thread, beside which Django would refuse the database.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as engine:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
        browser = engine.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield browser
        browser.close()


class Visitor:
    """One person at a browser window; remembers everything the browser complained about."""

    def __init__(self, browser: Any, home: str, width: int, *, script: bool) -> None:
        self.home = home
        self.context = browser.new_context(
            viewport={"width": width, "height": 900},
            locale="en-US",
            java_script_enabled=script,
        )
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: Any) -> None:
        if message.type == "error" and "favicon" not in str(message.location):
            self.complaints.append(message.text)

    def go(self, path: str) -> "Page":
        """Open an address of the exchange."""
        self.page.goto(f"{self.home}{path}")
        return self.page

    def sign_in(self, email: str) -> None:
        """Sign in through the form."""
        self.go("/accounts/login/")
        self.page.fill("input[name=login]", email)
        self.page.fill("input[name=password]", "correct horse battery")
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(lambda url: "/login/" not in url)

    @property
    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        root = "document.documentElement"
        return int(self.page.evaluate(f"{root}.scrollWidth - {root}.clientWidth"))


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(chromium: "Browser", live_server: Any) -> Iterator[Visit]:
    """Open windows; nothing may have been complained about when they close."""
    opened: list[Visitor] = []

    def open_window(width: int = WIDE, *, script: bool = True) -> Visitor:
        visitor = Visitor(chromium, live_server.url, width, script=script)
        opened.append(visitor)
        return visitor

    yield open_window
    complaints = [text for visitor in opened for text in visitor.complaints]
    for visitor in opened:
        visitor.context.close()
    assert complaints == []


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield
