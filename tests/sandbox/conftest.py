"""A sandbox in its own process, a shop and a merchant. Nothing here touches Django."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_socket import enable_socket
from sandbox_support import Merchant, Shop, number, serve

from sandbox.client import SandboxClient
from sandbox.process import running


@pytest.fixture(scope="session")
def sandbox_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture(scope="session")
def sandbox_url(sandbox_directory: Path) -> Iterator[str]:
    enable_socket()
    with running(sandbox_directory, clock_ratio=600) as url:
        yield url


@pytest.fixture
def control(sandbox_url: str) -> Iterator[SandboxClient]:
    with SandboxClient(sandbox_url) as client:
        client.reset()
        client.set_clock(ratio=600)
        client.options(key_mode="public_key", refund_interval=False, refund_delay=30)
        yield client
        client.clear_faults()


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    stop = serve(shop)
    yield shop
    stop()


@pytest.fixture
def merchant(sandbox_url: str, sandbox_directory: Path, control: SandboxClient, shop: Shop) -> Merchant:
    return Merchant(sandbox_directory / "wechat_pay", sandbox_url, shop.url)


@pytest.fixture
def paid(merchant: Merchant, control: SandboxClient, shop: Shop) -> str:
    """The number of an order of 39.90 yuan that is paid, its notification taken off the queue."""
    out_trade_no = number("PAID")
    assert merchant.prepay(out_trade_no)[0] == 200
    control.pay(out_trade_no)
    shop.next()
    return out_trade_no
