"""A reseller's hook that hangs, lies or leads inside harms nobody else."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import httpx
import pytest
from pytest_socket import enable_socket

from plugins.ticketing.distribution.downstream import addresses
from plugins.ticketing.distribution.downstream.choices import NoticeKind
from plugins.ticketing.distribution.downstream.models import Reseller, ResellerNotice
from plugins.ticketing.distribution.downstream.services import sending
from plugins.ticketing.distribution.downstream.services.accounts import make_reseller
from plugins.ticketing.distribution.downstream.services.keys import make_key
from saleor_o2o.kernel.clock import now, today

from .agency import Agency


def _notices(reseller: Reseller, count: int, hook: str) -> None:
    Reseller.objects.filter(pk=reseller.pk).update(hook=hook)
    for place in range(count):
        ResellerNotice.objects.create(
            reseller=reseller, number=f"N{reseller.pk}-{place}", kind=NoticeKind.PRODUCT, subject=f"product:{place}",
            body={}, next_at=now() - timedelta(hours=1),
        )  # fmt: skip


def _another(agency: Agency) -> Reseller:
    """A second one, and no notices of before."""
    ResellerNotice.objects.all().delete()
    other = make_reseller(
        agency.manager, agency.reseller.unit, "other", name="别家", contract="HT-2", first_day=today(),
        last_day=today() + timedelta(days=9),
    )  # fmt: skip
    make_key(agency.manager, other.pk)
    return other


def test_a_hook_that_fails_is_not_tried_again_and_again_before_the_others(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: eighty notices for one whose hook is away, one for another
    other = _another(agency)
    _notices(agency.reseller, 80, "https://away.example.com/hook")
    _notices(other, 1, "https://there.example.com/hook")
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["host"])
        if request.headers["host"] == "away.example.com":
            raise httpx.ReadTimeout("away", request=request)
        return httpx.Response(200, json={"code": "0"})

    monkeypatch.setattr(
        addresses.socket, "getaddrinfo", lambda *_told, **_more: [(2, 1, 6, "", ("93.184.215.14", 443))]
    )

    # when
    sent = sending.send_due(transport=httpx.MockTransport(answer))

    # then
    assert sent == 1
    assert sorted(asked) == ["away.example.com", "there.example.com"]


def test_only_the_code_0_is_a_yes(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    ResellerNotice.objects.all().delete()
    _notices(agency.reseller, 1, "https://there.example.com/hook")
    monkeypatch.setattr(
        addresses.socket, "getaddrinfo", lambda *_told, **_more: [(2, 1, 6, "", ("93.184.215.14", 443))]
    )
    said = httpx.MockTransport(lambda _request: httpx.Response(200, json={"code": "500", "retry": "0"}))

    # when, then
    [pk] = sending.due()
    assert sending.send(pk, said) == "waiting"


@contextmanager
def _dripping() -> Iterator[int]:
    """Somebody who takes a notice and answers a byte every tenth of a second."""
    enable_socket()
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        link, _peer = server.accept()
        with link:
            link.sendall(b"HTTP/1.1 200 OK\r\n")
            until = time.monotonic() + 8  # no test hangs where nobody cuts it off
            while not over.wait(0.1) and time.monotonic() < until:
                try:
                    link.sendall(b"x")
                except OSError:
                    return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        over.set()
        thread.join()
        server.close()


def test_a_hook_that_drips_is_cut_off(agency: Agency, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    ResellerNotice.objects.all().delete()
    monkeypatch.setattr(sending, "ALTOGETHER", 1.0, raising=False)
    with _dripping() as port:
        settings.SANDBOX_URL = f"http://127.0.0.1:{port}"
        _notices(agency.reseller, 1, f"{settings.SANDBOX_URL}/hook")

        # when
        begin = time.monotonic()
        [pk] = sending.due()
        state = sending.send(pk)

    # then
    assert state == "waiting" and time.monotonic() - begin < 4
    assert ResellerNotice.objects.get().answer == "TimeoutError"


@pytest.mark.parametrize("inside", ["224.0.0.1", "ff02::1", "fec0::1", "64:ff9b::7f00:1", "64:ff9b::a00:1"])
def test_no_address_leads_inside(inside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(
        addresses.socket, "getaddrinfo",
        lambda *_told, **_more: [(10 if ip_address(inside).version == 6 else 2, 1, 6, "", (inside, 443))],
    )  # fmt: skip

    # when, then
    with pytest.raises(addresses.ResaleError):
        addresses.target_of("https://inward.example.com/hook")


@contextmanager
def _slow_resolver(monkeypatch: pytest.MonkeyPatch, *slow: str) -> Iterator[list[str]]:
    """Names that nobody answers for, until the test is over; who was asked for."""
    over = threading.Event()
    asked: list[str] = []

    def look(host: str, *_told: Any, **_more: Any) -> list[Any]:
        asked.append(host)
        if host in slow:
            over.wait(8)  # no test hangs where nobody stops waiting
            raise socket.gaierror("nobody answers")
        return [(2, 1, 6, "", ("93.184.215.14", 443))]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", look)
    before = threading.active_count()
    try:
        yield asked
    finally:
        over.set()
        until = time.monotonic() + 5
        while threading.active_count() > before and time.monotonic() < until:
            time.sleep(0.01)


def test_a_name_for_which_nobody_answers_holds_the_others_up_for_a_moment(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    other = _another(agency)
    _notices(agency.reseller, 3, "https://slow.example.com/hook")
    _notices(other, 1, "https://there.example.com/hook")
    monkeypatch.setattr(addresses, "LOOK_UP", 0.2, raising=False)
    said = httpx.MockTransport(lambda _request: httpx.Response(200, json={"code": "0"}))

    # when
    with _slow_resolver(monkeypatch, "slow.example.com") as asked:
        begin = time.monotonic()
        sent = sending.send_due(transport=said)
        took = time.monotonic() - begin

    # then: the other one is told, the slow name was asked for once
    assert (sent, sorted(asked)) == (1, ["slow.example.com", "there.example.com"])
    assert took < 4
    assert ResellerNotice.objects.get(number=f"N{agency.reseller.pk}-0").answer == "域名解析失败"


def test_questions_that_nobody_answers_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    # given a resolver that is down, and questions that wait for it
    monkeypatch.setattr(addresses, "LOOK_UP", 0.05, raising=False)
    names = [f"slow{at}.example.com" for at in range(20)]
    with _slow_resolver(monkeypatch, *names) as asked:
        # when
        for name in names:
            with pytest.raises(OSError, match=r"."):
                addresses.target_of(f"https://{name}/hook")
        # then only so many are on their way
        assert len(asked) == addresses.AT_ONCE
    # and when it is there again, names are found again
    monkeypatch.setattr(
        addresses.socket, "getaddrinfo", lambda *_told, **_more: [(2, 1, 6, "", ("93.184.215.14", 443))]
    )
    assert addresses.target_of("https://there.example.com/hook").host == "there.example.com"
