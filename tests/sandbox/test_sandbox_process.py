"""The program as a whole: restart, stop, the pages of the front door."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import httpx
from pytest_socket import enable_socket
from sandbox_support import Merchant, Shop, number

from sandbox.client import SandboxClient
from sandbox.process import running


def test_restart_keeps_money_and_sends_what_was_waiting(tmp_path: Path, shop: Shop) -> None:
    # given
    enable_socket()
    paid, waiting = number(), number()
    with running(tmp_path, clock_ratio=1) as url, SandboxClient(url) as control:
        merchant = Merchant(tmp_path / "wechat_pay", url, shop.url)
        for out_trade_no in (paid, waiting):
            merchant.prepay(out_trade_no)
        control.fault("notify", "late", delay=3, out_trade_no=paid)
        control.pay(paid)
        assert shop.quiet(0.3)

    # when
    with running(tmp_path, clock_ratio=1) as url, SandboxClient(url) as control:
        merchant = Merchant(tmp_path / "wechat_pay", url, shop.url)
        states = [merchant.query(out_trade_no)[1]["trade_state"] for out_trade_no in (paid, waiting)]
        event = merchant.open(shop.next(8))

    # then
    assert states == ["SUCCESS", "NOTPAY"]
    assert event is not None
    assert event["resource"]["out_trade_no"] == paid


def test_it_stops_at_once_although_a_call_hangs(tmp_path: Path, shop: Shop) -> None:
    # given
    enable_socket()
    with running(tmp_path) as url, SandboxClient(url) as control:
        merchant = Merchant(tmp_path / "wechat_pay", url, shop.url)
        merchant.client._core._timeout = (3, 0.2)
        control.fault("prepay", "timeout", delay=600)
        try:
            merchant.prepay(number())
        except OSError:
            began = time.monotonic()

    # then
    assert time.monotonic() - began < 9


def test_front_door(sandbox_url: str) -> None:
    # when
    with httpx.Client(base_url=sandbox_url, trust_env=False) as http:
        pages = {path: http.get(path) for path in ("/", "/healthz", "/phone/", "/static/panel.js", "/_sim/")}

    # then
    assert {path: page.status_code for path, page in pages.items()} == dict.fromkeys(pages, 200)
    assert "打开付款人的手机" in pages["/"].text
    assert pages["/healthz"].json() == {"status": "ok"}
    assert pages["/_sim/"].json()["systems"]["wechat_pay"]["options"]["key_mode"] == "public_key"


def test_it_knows_nothing_of_the_platform() -> None:
    # given
    program = "import sys, sandbox.app; print(sorted({name.split('.')[0] for name in sys.modules}))"

    # when
    names = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    # then
    assert not any(f"'{name}'" in names for name in ("django", "saleor", "saleor_o2o", "plugins"))
