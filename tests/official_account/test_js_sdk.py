"""Pages inside WeChat are signed as WeChat's browser checks it; only pages of ours; one ticket for all workers."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache

from plugins.official_account import pages
from plugins.official_account.models import Account
from plugins.official_account.tokens import current_ticket
from saleor_o2o.kernel.clock import frozen, now
from sandbox.client import SandboxClient
from tests.channels.shops import ask, post
from tests.threads import together

pytestmark = pytest.mark.django_db

CONFIG = """query($url: String!, $account: String) { wechatJsConfig(url: $url, account: $account) {
  appId timestamp nonceStr signature } }"""


def config_of(control: SandboxClient, told: dict[str, Any], url: str) -> str:
    return str(control.call("POST", "/official_account/jssdk", {**told, "url": url})["errMsg"])


def fetches(control: SandboxClient) -> int:
    return len(control.call("GET", "/official_account/calls", operation="ticket")["calls"])


def test_a_page_is_signed_as_wechat_checks_it(
    account: Account, control: SandboxClient, settings: Any
) -> None:
    # given
    page = f"{settings.PUBLIC_URL}/h5/shop?code=1&x=重庆"

    # when
    told = ask(CONFIG, {"url": f"{page}#/cart"})["wechatJsConfig"]

    # then
    assert told["appId"] == account.appid
    assert config_of(control, told, page) == "config:ok"
    assert config_of(control, told, f"{page}&y=2") == "config:invalid signature"
    ask(CONFIG, {"url": page, "account": "chongqing"})
    assert fetches(control) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.com/",
        "//evil",
        "javascript:alert(1)",
        "",
        "http://127.0.0.1:8000@evil/",
        "x" * 2000,
    ],
)
def test_other_pages_are_not_signed(account: Account, control: SandboxClient, url: str) -> None:
    # when
    answer = post(CONFIG, {"url": url})

    # then
    assert answer["data"]["wechatJsConfig"] is None
    assert answer["errors"][0]["extensions"]["code"] == "FOREIGN_PAGE"
    assert fetches(control) == 0


def test_unknown_and_retired_accounts(account: Account, control: SandboxClient, settings: Any) -> None:
    # given
    Account.objects.filter(pk=account.pk).update(state="retired")

    # then
    for code in ("chongqing", "nobody"):
        answer = post(CONFIG, {"url": settings.PUBLIC_URL, "account": code})
        assert answer["errors"][0]["message"] == "公众号不存在或已停用"


def test_many_workers_fetch_one_ticket(account: Account, control: SandboxClient) -> None:
    # when
    tickets = together(*[lambda: current_ticket(account)] * 8)

    # then
    assert len(set(tickets)) == 1 and fetches(control) == 1
    assert tickets[0] not in cache.get(f"o2o-official-account-{account.pk}-ticket")


def test_an_ended_token_does_not_end_the_page(
    account: Account, control: SandboxClient, settings: Any
) -> None:
    # given
    control.call("POST", "/official_account/tokens/end")

    # then: the token is renewed on the way
    assert ask(CONFIG, {"url": settings.PUBLIC_URL})["wechatJsConfig"]["signature"]


def test_silence_is_told_in_words(account: Account, control: SandboxClient, settings: Any) -> None:
    # given
    control.fault("ticket", "http_500", system="official_account")

    # when
    answer = post(CONFIG, {"url": settings.PUBLIC_URL})

    # then
    assert answer["errors"][0]["message"] == "暂时连不上微信（HTTP_500）"


def test_nobody_asks_without_end(
    account: Account, control: SandboxClient, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(pages, "PER_MINUTE", 2)

    # when
    with frozen(now()):  # within one minute of the clock
        answers = [post(CONFIG, {"url": settings.PUBLIC_URL}) for _ in range(3)]

    # then
    assert ["errors" in answer for answer in answers] == [False, False, True]
    assert answers[2]["errors"][0]["message"] == "操作太频繁"
