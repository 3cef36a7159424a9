"""One token for all workers: fetched once, renewed once, kept as long as WeChat says; refusals are not hammered."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache

from plugins.official_account import tokens
from plugins.official_account.client import call
from plugins.official_account.errors import WechatRefused, WechatSilent
from plugins.official_account.models import Account
from plugins.official_account.services.accounts import test_account as try_account
from sandbox.client import SandboxClient
from tests.threads import kinds, meeting, together

# the token lives in the cache: threads need no row that was committed
pytestmark = pytest.mark.django_db

THREADS = 8


def ask(account: Account) -> dict[str, Any]:
    return call(account, lambda api: api.get("getcallbackip"))


def fetched(control: SandboxClient) -> int:
    return len(control.call("GET", "/official_account/calls", operation="token")["calls"])


def test_token_is_fetched_once_and_kept_encrypted(account: Account, control: SandboxClient) -> None:
    # when
    first, second = ask(account), ask(account)

    # then
    assert (first, second) == ({"ip_list": ["127.0.0.1"]}, {"ip_list": ["127.0.0.1"]})
    assert fetched(control) == 1
    kept = cache.get(f"o2o-official-account-{account.pk}-token")
    assert kept and tokens.current_token(account) not in kept


def test_token_is_given_up_before_wechat_ends_it(
    account: Account, control: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    kept: dict[str, float] = {}
    monkeypatch.setattr(
        tokens.cache, "set", lambda key, value, seconds: kept.update({key.rsplit("-", 1)[-1]: seconds})
    )

    # when
    tokens.renewed_token(account, "")

    # then: two hours less five minutes
    assert kept == {"token": 6900}


@pytest.mark.parametrize("start", ["no token", "an ended one"])
def test_many_workers_fetch_one_token(account: Account, control: SandboxClient, start: str) -> None:
    # given
    if start == "an ended one":
        ask(account)
        control.call("POST", "/official_account/tokens/end")
    before = fetched(control)

    # when
    answers = together(*[lambda: ask(account)] * THREADS)

    # then
    assert answers == [{"ip_list": ["127.0.0.1"]}] * THREADS
    assert fetched(control) - before == 1


def test_without_the_lock_they_fight(
    account: Account, control: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the negative control
    monkeypatch.setattr(tokens, "_take", lambda account, what: "mine")
    whole, meet = tokens.fetch_token, meeting(THREADS)

    def after_all_looked(account: Account) -> Any:
        meet()
        return whole(account)

    monkeypatch.setattr(tokens, "fetch_token", after_all_looked)

    # when
    together(*[lambda: tokens.current_token(account)] * THREADS)

    # then
    assert fetched(control) > 1


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_lasting_rejection_is_told_after_one_renewal(
    account: Account, control: SandboxClient, code: int
) -> None:
    # given: whatever token is used, WeChat rejects it
    control.fault("callback_ip", "error", system="official_account", times=None, code=str(code))

    # when
    with pytest.raises(WechatRefused) as refusal:
        ask(account)

    # then: asked twice, with two tokens, and no third time
    assert refusal.value.errcode == code
    calls = control.call("GET", "/official_account/calls")["calls"]
    assert [one["operation"] for one in calls] == ["callback_ip", "token", "callback_ip", "token"]


def test_an_expired_token_is_renewed(account: Account, control: SandboxClient) -> None:
    # given
    ask(account)
    control.set_clock(offset_seconds=7300)

    # when
    answer = ask(account)

    # then
    assert answer == {"ip_list": ["127.0.0.1"]}
    codes = [one["errcode"] for one in control.call("GET", "/official_account/calls")["calls"]]
    assert codes == [0, 0, 42001, 0, 0]


def test_other_refusals_are_not_tried_again(account: Account, control: SandboxClient) -> None:
    # given
    control.fault("callback_ip", "error", system="official_account", times=None, code="48001")

    # when
    with pytest.raises(WechatRefused) as refusal:
        ask(account)

    # then
    assert refusal.value.message == "这个公众号没有此接口的权限（48001）"
    assert refusal.value.hint == "请先在微信公众平台完成认证"
    assert len(control.call("GET", "/official_account/calls", operation="callback_ip")["calls"]) == 1


@pytest.mark.parametrize(
    ("kind", "params", "detail"),
    [
        ("http_500", {}, "HTTP_500"),
        ("http_429", {}, "HTTP_429"),
        ("not_json", {}, "NOT_JSON"),
        ("error", {"code": "-1"}, "BUSY_-1"),
        ("answer_lost", {}, "HTTP_502"),
    ],
)
def test_no_usable_answer_is_unknown(
    account: Account, control: SandboxClient, kind: str, params: dict[str, Any], detail: str
) -> None:
    for where in ("callback_ip", "token"):
        # given
        cache.clear()
        control.clear_faults()
        control.fault(where, kind, system="official_account", times=1, **params)

        # when
        with pytest.raises(WechatSilent) as silence:
            ask(account)

        # then
        assert silence.value.detail == detail, where


def test_silence_ends_after_the_timeout(
    account: Account, control: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    from plugins.official_account import client

    monkeypatch.setattr(client, "TIMEOUT", (1, 0.3))
    control.fault("callback_ip", "timeout", system="official_account", delay=1.5)

    # when
    with pytest.raises(WechatSilent) as silence:
        ask(account)

    # then
    assert silence.value.detail == "TIMEOUT"


def test_nobody_there(account: Account, control: SandboxClient) -> None:
    # given: port 9 answers nobody
    account.base_url = "http://127.0.0.1:9"

    # when
    with pytest.raises(WechatSilent) as silence:
        ask(account)

    # then: nothing of the address, which holds the secret
    assert silence.value.detail == "UNREACHABLE"
    assert account.secret not in repr(silence.value) + str(silence.value.__context__)


def test_a_wrong_secret_is_asked_about_once_by_all(account: Account, control: SandboxClient) -> None:
    # given
    account.secret = "0" * 32

    # when
    found = together(*[lambda: ask(account)] * THREADS)

    # then: those who waited fail with the one who asked
    assert kinds(found) == ["WechatRefused"] * THREADS
    assert {one.errcode for one in found} == {40125}
    assert fetched(control) == 1
    assert len(control.call("GET", "/official_account/calls")["calls"]) == 1


def test_connection_is_tested_in_words(account: Account, control: SandboxClient) -> None:
    # when
    good = try_account(account)
    cache.clear()
    account.secret = "0" * 32
    bad = try_account(account)

    # then
    assert good == (True, "连接正常，AppID 和 AppSecret 有效")
    assert bad == (False, "AppSecret 不正确（40125）：请到微信公众平台重置后在此更换")
    assert Account.objects.get(pk=account.pk).test_result == bad[1]
