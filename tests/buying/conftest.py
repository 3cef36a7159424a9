"""A shop, a sandbox in its own process, and a line on which its notifications arrive."""

from __future__ import annotations

import queue
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker
from pytest_socket import enable_socket
from saleor.order.models import Order

from plugins.wechat_pay.seeds import configure_from_sandbox
from saleor_o2o.cashier.models import PaymentAttempt
from sandbox.client import SandboxClient
from sandbox.process import running
from tests.stock.world import World, make_world
from tests.wiping import wipe

sys.path.insert(0, str(Path(__file__).parent.parent / "sandbox"))

from sandbox_support import Heard, Shop, serve


@pytest.fixture
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The shop of the stock tests: one product, ten in stock; commits are real and wiped afterwards."""
    with django_db_blocker.unblock():
        wipe()  # also what an earlier module may have left
        yield make_world()
        wipe()


@pytest.fixture(scope="session")
def sandbox_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("buying-sandbox")


@pytest.fixture(scope="session")
def sandbox_url(sandbox_directory: Path) -> Iterator[str]:
    enable_socket()
    with running(sandbox_directory, clock_ratio=600) as url:
        yield url


@pytest.fixture(scope="session")
def line() -> Iterator[Shop]:
    """Where the sandbox's notifications arrive; the test hands them on, when and as often as it likes."""
    shop = Shop()
    stop = serve(shop)
    yield shop
    stop()


@dataclass
class WechatPay:
    """The sandbox as a test uses it."""

    control: SandboxClient
    line: Shop

    def number(self, order: Order) -> str:
        """The newest trade number of an order."""
        return PaymentAttempt.objects.filter(intent__order=order).latest("pk").number

    def pay(self, order: Order) -> str:
        """The payer pays on the phone; the notification waits on the line."""
        number = self.number(order)
        self.control.pay(number)
        return number

    def hear(self, seconds: float = 5.0) -> Heard:
        """Take the next notification off the line."""
        return self.line.next(seconds)

    def deliver(self, heard: Heard, body: str | None = None, **changes: str) -> int:
        """Hand a notification to the platform's real hook; the status it answers."""
        headers = {
            name.title(): value
            for name, value in heard.headers.items()
            if name.lower().startswith("wechatpay")
        }
        headers.update({name.replace("_", "-"): value for name, value in changes.items()})
        response = Client().post(
            "/hooks/wechat_pay/notify",
            (body or heard.body).encode(),
            content_type="application/json",
            headers=headers,
        )
        return response.status_code


@pytest.fixture
def wechat(
    world: World, sandbox_url: str, sandbox_directory: Path, line: Shop, settings: object
) -> Iterator[WechatPay]:
    """WeChat Pay configured with the sandbox's merchant."""
    configure_from_sandbox(sandbox_directory / "wechat_pay", sandbox_url, notify_url=line.url)
    with SandboxClient(sandbox_url) as control:
        control.reset()
        control.rotate("none")
        control.options(
            key_mode="public_key",
            refund_interval=False,
            refund_delay=3600,
            sharing_delay=30,
            password_above=100_000,
        )
        control.set_clock(ratio=600)
        while True:
            try:
                line.heard.get_nowait()
            except queue.Empty:
                break
        yield WechatPay(control, line)
        control.clear_faults()
