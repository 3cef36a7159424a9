"""The ticket counter in a real browser: a sale by the keyboard alone, in nine keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as known
from django.test import Client
from playwright.sync_api import Page, sync_playwright
from pytest_socket import enable_socket
from saleor.account.models import User

from plugins.ticketing.coach.access import PAPER_PRINT, PAPER_STOCK, PAPER_VIEW
from plugins.ticketing.coach.models import Station
from plugins.ticketing.coach.services.papers import give, take_in
from plugins.ticketing.kernel.access import ORDER_VIEW, REFUND, SELL
from saleor_o2o.embedded.paths import var_dir
from saleor_o2o.journeys.browser import find_chromium, must_have_browser
from sandbox.client import SandboxClient
from tests.counter_sales.conftest import SELLING, Counter, counter, world  # noqa: F401 - fixtures
from tests.orgs import again, person

from .keyboard import COUNTER, at_the_counter, change_at_the_counter, dearer_at_the_counter
from .sandboxes import A, coach_address, coach_folder, control
from .test_over_http import take_over

__all__ = ["coach_address", "coach_folder", "control"]
CHROMIUM = find_chromium()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None and not must_have_browser(),
        reason="没有找到 Chromium：浏览器测试未运行（安装 chromium，或用 O2O_CHROMIUM 指定）",
    ),
]


@pytest.fixture
def session(counter: Counter, control: SandboxClient) -> str:  # noqa: F811 - the fixture
    """Somebody who sells at B111, next to the station, with paper; the cookie of his browser."""
    take_over()
    Station.objects.filter(code="CQ-LTS").update(unit=counter.org["B111"], by_height=True)
    rights = (*SELLING, SELL, ORDER_VIEW, REFUND, PAPER_VIEW, PAPER_PRINT)
    clerk: User = again(person(counter.org["B111"], "seller", rights, limits={"cash": "2000.00"}))
    keeper = again(person(counter.org["B111"], "keeper", (PAPER_VIEW, PAPER_STOCK)))
    give(keeper, take_in(keeper, counter.org["B111"], "YU", 1, 100).pk, clerk, 100)
    client = Client()
    client.force_login(clerk)
    assert client.get(COUNTER).status_code == 200  # and what is slow the first time is behind us
    return str(client.cookies[known.SESSION_COOKIE_NAME].value)


@pytest.fixture
def screen(session: str, live_server: Any) -> Iterator[Page]:
    """His page. The ORM is not asked while the browser is there."""
    enable_socket()
    with sync_playwright() as driver:
        options = ["--no-sandbox", "--no-proxy-server", "--disable-dev-shm-usage"]
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=options)
        context = browser.new_context(
            viewport={"width": 1366, "height": 768}, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        context.add_cookies([{"name": known.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        yield context.new_page()
        browser.close()


def test_a_sale_by_the_keyboard_alone(screen: Page, live_server: Any) -> None:
    pictures = var_dir() / "screenshots" / "coach-counter"
    try:
        at_the_counter(screen, live_server.url, pictures)
    except Exception:
        screen.screenshot(path=pictures / "where-it-ended.png")
        raise


def test_a_change_by_the_keyboard_alone(screen: Page, live_server: Any) -> None:
    pictures = var_dir() / "screenshots" / "coach-counter"
    try:
        change_at_the_counter(screen, live_server.url, pictures)
    except Exception:
        screen.screenshot(path=pictures / "where-it-ended.png")
        raise


def test_nobody_agrees_to_a_dearer_price_by_the_key_that_sells(
    screen: Page, live_server: Any, control: SandboxClient
) -> None:
    pictures = var_dir() / "screenshots" / "coach-counter"

    def sold_out() -> None:
        control.fault("lock", "sold_out", system=A, times=None)

    try:
        dearer_at_the_counter(screen, live_server.url, pictures, sold_out)
    except Exception:
        screen.screenshot(path=pictures / "where-it-ended.png")
        raise
