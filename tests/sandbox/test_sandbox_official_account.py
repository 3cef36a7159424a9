"""The pretended official accounts by themselves: tokens, menus, codes, pushes thrice, and what a telephone shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from sandbox.client import SandboxClient, SandboxRefused
from sandbox.official_account.sealing import seal, signature, unseal


class Platform:
    """Something that answers pushes as it is told."""

    def __init__(self, account: dict[str, str]) -> None:
        self.account, self.answers, self.heard = account, [], []
        self.slow = 0.0
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._say(parse_qs(urlsplit(self.path).query)["echostr"][0])

            def do_POST(self) -> None:
                asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                platform.heard.append((asked, body))
                self._say(platform.answers.pop(0) if platform.answers else "success")

            def _say(self, text: str) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                return None

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def account(sandbox_url: str, sandbox_directory: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads(
        (sandbox_directory / "official_account" / "accounts.json").read_text()
    )[0]
    return found


@pytest.fixture
def platform(control: SandboxClient, account: dict[str, str]) -> Iterator[Platform]:
    made = Platform(account)
    control.call("POST", "/official_account/server", {"url": made.url})
    yield made
    made.server.shutdown()


@pytest.fixture
def api(sandbox_url: str, control: SandboxClient, account: dict[str, str]) -> Iterator[Any]:
    http = httpx.Client(base_url=f"{sandbox_url}/official_account/cgi-bin", trust_env=False)

    def ask(path: str, body: Any = None, **asked: str) -> dict[str, Any]:
        method = "GET" if body is None else "POST"
        return http.request(method, path, params=asked, json=body).json()

    yield ask
    http.close()


def token(api: Any, account: dict[str, str]) -> str:
    asked = {"grant_type": "client_credential", "appid": account["appid"], "secret": account["secret"]}
    return str(api("/token", **asked)["access_token"])


def test_a_new_token_ends_the_old_one(api: Any, account: dict[str, str], control: SandboxClient) -> None:
    # given
    old = token(api, account)
    assert api("/getcallbackip", access_token=old) == {"ip_list": ["127.0.0.1"]}

    # when
    new = token(api, account)

    # then
    assert api("/getcallbackip", access_token=old)["errcode"] == 40001
    assert api("/getcallbackip", access_token=new)["ip_list"]
    control.set_clock(offset_seconds=7201)
    assert api("/getcallbackip", access_token=new)["errcode"] == 42001
    control.set_clock(offset_seconds=0)


def test_who_is_refused_a_token(api: Any, account: dict[str, str]) -> None:
    # given
    right = {"grant_type": "client_credential", "appid": account["appid"], "secret": account["secret"]}

    # then
    assert api("/token", **{**right, "grant_type": "x"})["errcode"] == 40002
    assert api("/token", **{**right, "appid": "wx0"})["errcode"] == 40013
    assert api("/token", **{**right, "secret": "0"})["errcode"] == 40125
    assert api("/getcallbackip")["errcode"] == 41001
    assert api("/getcallbackip", access_token="made up")["errcode"] == 40001


@pytest.mark.parametrize(
    ("menu", "errcode"),
    [
        ({"button": []}, 40016),
        ({"button": [{"name": "长" * 6, "type": "view", "url": "http://x/"}]}, 40018),
        ({"button": [{"name": "甲", "type": "dance"}]}, 40017),
        ({"button": [{"name": "甲", "type": "click", "key": ""}]}, 40019),
        ({"button": [{"name": "甲", "type": "view", "url": "nowhere"}]}, 40055),
        ({"button": [{"name": "甲", "sub_button": [{"name": "乙", "type": "view", "url": "http://x/"}]}]}, 0),
    ],
)
def test_menus_are_checked(api: Any, account: dict[str, str], menu: dict[str, Any], errcode: int) -> None:
    # then
    assert api("/menu/create", menu, access_token=token(api, account))["errcode"] == errcode


def test_private_rules_of_menus_are_refused(api: Any, account: dict[str, str]) -> None:
    # given
    told = token(api, account)
    button = {"button": [{"name": "甲", "type": "view", "url": "http://x/"}]}

    # then
    assert (
        api("/menu/addconditional", {**button, "matchrule": {"sex": "1"}}, access_token=told)["errcode"]
        == 65320
    )
    rule = {**button, "matchrule": {"client_platform_type": "2"}}
    assert api("/menu/addconditional", rule, access_token=told)["errcode"] == 65303
    assert api("/menu/get", access_token=told)["errcode"] == 46003


def test_the_same_scene_is_the_same_code(api: Any, account: dict[str, str]) -> None:
    # given
    asked = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "s1"}}}
    told = token(api, account)

    # when
    first, second = (api("/qrcode/create", asked, access_token=told) for _ in range(2))

    # then
    assert first["url"] == second["url"] and first["errcode"] == 0
    assert api("/qrcode/create", {"action_name": "QR"}, access_token=told)["errcode"] == 40053


def test_pushes_are_sealed_and_the_answer_is_shown(
    control: SandboxClient, platform: Platform, account: dict[str, str]
) -> None:
    # given
    inner = "<xml><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好 😀]]></Content></xml>"
    sealed = seal(account["aes_key"], inner, account["appid"])
    told = signature(account["token"], "1", "n", sealed)
    platform.answers.append(
        f"<xml><Encrypt>{sealed}</Encrypt><MsgSignature>{told}</MsgSignature><TimeStamp>1</TimeStamp><Nonce>n</Nonce></xml>"
    )

    # when
    control.call("POST", "/official_account/follow", {})

    # then
    [(asked, body)] = platform.heard
    sent = body.split("<![CDATA[")[-1].split("]]>")[0]
    assert asked["msg_signature"] == signature(account["token"], asked["timestamp"], asked["nonce"], sent)
    assert "<![CDATA[subscribe]]>" in unseal(account["aes_key"], sent, account["appid"])
    messages = control.call("GET", "/official_account/messages")["messages"]
    assert [(one["side"], one["text"]) for one in messages] == [
        ("note", "您已关注该公众号"),
        ("account", "你好 😀"),
    ]


def test_a_broken_answer_is_what_people_see_at_wechat(control: SandboxClient, platform: Platform) -> None:
    # given
    platform.answers += ["<html>oops</html>"]

    # when
    control.call("POST", "/official_account/follow", {})

    # then
    shown = control.call("GET", "/official_account/messages")["messages"][-1]
    assert (shown["side"], shown["text"]) == ("note", "该公众号提供的服务出现故障，请稍后再试")


def test_nobody_there_is_tried_three_times(control: SandboxClient, platform: Platform) -> None:
    # given
    platform.server.shutdown()
    platform.server.server_close()

    # when
    control.call("POST", "/official_account/follow", {})

    # then
    [push] = control.call("GET", "/official_account/pushes")["pushes"]
    assert (push["state"], [one["status"] for one in push["tries"]]) == ("failed", [None] * 3)


def test_what_a_person_cannot_do(control: SandboxClient, platform: Platform) -> None:
    # then
    for path, body, code in (
        ("write", {"text": "x"}, "NOT_FOLLOWING"),
        ("tap", {}, "NOT_FOLLOWING"),
        ("scan", {"content": "http://weixin.qq.com/q/none"}, "NO_SUCH_CODE"),
        ("follow", {"person": "nobody"}, "NO_SUCH_PERSON"),
        ("server", {"url": "http://127.0.0.1:9/"}, "TOKEN_FAILED"),
    ):
        with pytest.raises(SandboxRefused) as refusal:
            control.call("POST", f"/official_account/{path}", body)
        assert refusal.value.code == code


def test_the_telephone_follows_taps_and_writes(
    control: SandboxClient, platform: Platform, sandbox_url: str, api: Any, account: dict[str, str]
) -> None:
    # given: a menu, and an answer with a link and with markup that must stay words
    button = {"name": "更多", "sub_button": [{"name": "这个名字显示不完", "type": "click", "key": "K"}]}
    api("/menu/create", {"button": [button]}, access_token=token(api, account))
    platform.answers += [
        "success",
        '<xml><MsgType>text</MsgType><Content><![CDATA[<a href="https://x/?a=1">去</a><script>]]></Content></xml>',
    ]

    # when
    with httpx.Client(base_url=sandbox_url, follow_redirects=True, trust_env=False) as phone:
        page = "/phone/wechat/chongqing"
        phone.post(f"{page}/do", data={"act": "follow"})
        tapped = phone.post(f"{page}/do", data={"act": "tap", "button": "0.0"})
        listed = phone.get("/phone/wechat")
        left = phone.post(f"{page}/do", data={"act": "leave"})
        wrong = phone.post(f"{page}/do", data={"act": "tap", "button": "9"})

    # then
    assert '<a href="https://x/?a=1" target="_blank" rel="noreferrer">去</a>&lt;script&gt;' in tapped.text
    assert "这个名字显示不…" in tapped.text and "点击菜单“这个名字显示不完”" in tapped.text
    assert "重庆邮政便民服务" in listed.text
    assert "关注公众号" in left.text
    assert wrong.status_code == 200 and "请先关注公众号" in wrong.text
