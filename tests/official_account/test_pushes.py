"""What people do at an account: kept, answered in the same breath, acted upon once; what is not WeChat's is refused."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from plugins.official_account.models import Account, Fan, Push, PushState, Reply
from plugins.official_account.services import receiving
from saleor_o2o.kernel.models import AuditEntry
from sandbox.official_account.sealing import seal, signature

from .line import Line

pytestmark = pytest.mark.django_db

HOOK = "/hooks/official_account/chongqing"
OPENID = "oSandboxPersonChenYujiang001"


def rule(account: Account, trigger: str, text: str, *words: str, **more: Any) -> Reply:
    return Reply.objects.create(account=account, trigger=trigger, text=text, words=list(words), **more)


def signed(account: Account, *, age: int = 0, **more: str) -> dict[str, str]:
    stamp, nonce = str(int(time.time()) - age), "nonce"
    return {
        "timestamp": stamp, "nonce": nonce, "signature": signature(account.token, stamp, nonce), **more,
    }  # fmt: skip


def xml(account: Account, content: str = "你好", number: str = "1", **more: str) -> str:
    values = {
        "ToUserName": account.original_id, "FromUserName": OPENID,
        "CreateTime": str(int(time.time())), "MsgType": "text",
        "Content": content, "MsgId": number, **more,
    }  # fmt: skip
    return (
        "<xml>" + "".join(f"<{name}><![CDATA[{text}]]></{name}>" for name, text in values.items()) + "</xml>"
    )


def post(asked: dict[str, str], body: str | bytes) -> Any:
    return Client().post(f"{HOOK}?{urlencode(asked)}", body, content_type="text/xml")


def sealed_post(account: Account, inner: str, **changes: str) -> Any:
    told = seal(account.aes_key, inner, account.appid)
    asked = signed(account)
    asked |= {
        "encrypt_type": "aes",
        "msg_signature": signature(account.token, asked["timestamp"], "nonce", told),
    }
    return post({**asked, **changes}, f"<xml><ToUserName>x</ToUserName><Encrypt>{told}</Encrypt></xml>")


# -- the console's greeting ----------------------------------------------------------------


def test_console_is_greeted_back(line: Line, account: Account) -> None:
    # then: the fixture has saved the address at the sandbox, which checks it
    [(path, _body, status, text)] = line.heard
    assert path.startswith(f"{HOOK}?") and status == 200
    assert f"echostr={text}" in path
    assert Account.objects.get(pk=account.pk).seen_at is not None


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"signature": "0" * 40}, 403),
        ({"signature": ""}, 403),
        ({"nonce": "other"}, 403),
        ({"timestamp": "soon"}, 403),
    ],
)
def test_nobody_else_is_greeted(account: Account, changes: dict[str, str], status: int) -> None:
    # when
    answer = Client().get(HOOK, {**signed(account), "echostr": "42", **changes})

    # then
    assert (answer.status_code, answer.content) == (status, b"")


def test_an_old_greeting_opens_nothing(account: Account) -> None:
    # when / then
    assert Client().get(HOOK, {**signed(account, age=301), "echostr": "42"}).status_code == 403
    assert Client().get(HOOK, {**signed(account, age=200), "echostr": "42"}).content == b"42"


def test_unknown_and_retired_accounts_are_not_there(account: Account) -> None:
    # given
    Account.objects.filter(pk=account.pk).update(state="retired")

    # then
    for hook in (HOOK, "/hooks/official_account/nobody"):
        assert Client().get(hook, signed(account)).status_code == 404
        assert Client().post(hook, "x", content_type="text/xml").status_code == 404


# -- answers --------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["aes", "both", "plain"])
def test_follow_keyword_default_in_every_mode(line: Line, account: Account, mode: str) -> None:
    # given
    Account.objects.filter(pk=account.pk).update(push_mode=mode)
    line.does("server", url=f"{line.url}{HOOK}", push_mode=mode)
    rule(account, "subscribe", "欢迎关注")
    rule(account, "exact", "客服电话 11185", "人工")
    rule(account, "default", "没有听懂")

    # when
    line.does("follow")
    line.does("write", text=" 人工 ")
    line.does("write", text="今天天气 ]]> 怎么样 😀")

    # then
    assert line.said() == ["欢迎关注", "客服电话 11185", "没有听懂"]
    assert [push.state for push in Push.objects.order_by("pk")] == [PushState.DONE] * 3
    assert list(Reply.objects.order_by("pk").values_list("hits", flat=True)) == [1, 1, 1]


def test_exact_before_contained_longer_before_shorter(line: Line, account: Account) -> None:
    # given
    rule(account, "contains", "短", "时间")
    rule(account, "contains", "长", "营业时间")
    rule(account, "exact", "准", "营业时间是几点")
    rule(account, "contains", "停用", "几点", is_active=False)
    line.does("follow")

    # when
    for text in ("营业时间是几点", "请问营业时间？", "时间", "ＡＢＣ时间", "几点"):
        line.does("write", text=text)

    # then: nothing for what nobody knows, where there is no default
    assert line.said() == ["准", "长", "短", "短"]


def test_forms_of_answers(line: Line, account: Account) -> None:
    # given
    rule(account, "exact", "", "图", form="image", media_id="MEDIA-1")
    rule(
        account, "exact", "", "文", form="news", title="奉节脐橙 ]]> & <新>", summary="摘要", link_url="https://example.com/?a=1&b=2"
    )  # fmt: skip
    line.does("follow")

    # when
    line.does("write", text="图")
    line.does("write", text="文")

    # then
    image, news = [one for one in line.messages() if one["side"] == "account"]
    assert (image["kind"], image["media_id"]) == ("image", "MEDIA-1")
    assert (news["kind"], news["title"], news["url"]) == (
        "news", "奉节脐橙 ]]＞ & <新>", "https://example.com/?a=1&b=2",
    )  # fmt: skip


# -- repetitions ------------------------------------------------------------------------------


def test_a_push_again_gets_the_same_answer_and_changes_nothing(line: Line, account: Account) -> None:
    # given
    rule(account, "subscribe", "欢迎")
    greeting = line.does("follow")["push"]
    first = rule(account, "exact", "第一次", "问")
    asked = line.does("write", text="问")["push"]
    Reply.objects.filter(pk=first.pk).update(text="改过了")

    # when: WeChat asks again, after the rule was changed
    again = [line.does("pushes/send", id=number, copies=2)["tries"] for number in (greeting, asked)]

    # then
    assert [["第一次" in one["text"] for one in tries] for tries in again[1:]] == [[True, True]]
    assert all("欢迎" in one["text"] for one in again[0])
    assert list(Push.objects.order_by("pk").values_list("times_seen", "state")) == [(3, "done"), (3, "done")]
    assert Reply.objects.get(pk=first.pk).hits == 1
    assert Fan.objects.count() == 1


def test_events_of_one_second_are_told_apart(line: Line, account: Account) -> None:
    # given: no MsgId, so sender, time, event and key tell
    rule(account, "click", "甲的回答", "A")
    rule(account, "click", "乙的回答", "B")
    stamp = str(int(time.time()))

    # when
    for key in ("A", "B", "A"):
        sealed_post(
            account, xml(account, MsgType="event", Event="CLICK", EventKey=key, MsgId="", CreateTime=stamp)
        )

    # then
    assert list(Push.objects.order_by("pk").values_list("times_seen", flat=True)) == [2, 1]


# -- what goes wrong ---------------------------------------------------------------------------


def test_an_answer_that_cannot_be_decided_costs_nobody_anything(
    line: Line, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    def broken(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(receiving, "answer_to", broken)

    # when
    line.does("follow")

    # then: WeChat is content, the fan is known
    assert line.heard[-1][2:] == (200, "success")
    assert Fan.objects.get().is_following is True
    assert line.said() == []


def test_failed_work_is_tried_again_by_the_sweep_and_given_up_at_last(
    line: Line, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    from plugins.official_account.services import following

    whole = following.apply
    monkeypatch.setattr(following, "apply", lambda *_: 1 / 0)
    line.does("follow")
    push = Push.objects.get()
    assert (push.state, push.attempts, push.last_error) == ("received", 1, "ZeroDivisionError")

    # when
    Push.objects.update(next_at=push.received_at)
    monkeypatch.setattr(following, "apply", whole)
    assert receiving.process_due() == 1

    # then
    assert (Push.objects.get().state, Fan.objects.get().is_following) == ("done", True)

    # when: another one fails for good
    monkeypatch.setattr(following, "apply", lambda *_: 1 / 0)
    line.does("write", text="x")
    for _try in range(receiving.MAX_ATTEMPTS):
        Push.objects.filter(state="received").update(next_at=push.received_at)
        receiving.process_due()

    # then
    dead = Push.objects.latest("pk")
    assert (dead.state, dead.attempts) == ("dead", receiving.MAX_ATTEMPTS)
    assert AuditEntry.objects.filter(action="official_account.push_given_up").count() == 1


def test_what_is_not_wechats_is_refused_and_kept(account: Account) -> None:
    # given
    genuine = xml(account)
    other = account.aes_key[::-1][1:] + "A"

    # when
    found = {
        "plain in AES mode": post(signed(account), genuine).status_code,
        "forged": post({**signed(account), "signature": "0" * 40}, genuine).status_code,
        "old": post(signed(account, age=400), genuine).status_code,
        "other message signature": sealed_post(account, genuine, msg_signature="0" * 40).status_code,
        "not xml": sealed_post(account, "hello").status_code,
        "other account": sealed_post(account, xml(account, ToUserName="gh_000000000000")).status_code,
        "no sender": sealed_post(account, "<xml><MsgType>text</MsgType></xml>").status_code,
        "bomb": post(
            signed(account), '<!DOCTYPE x [<!ENTITY a "aa">]><xml><Encrypt>&a;</Encrypt></xml>'
        ).status_code,
        "empty": post(signed(account), b"").status_code,
        "too long": post(signed(account), b"<xml>" + b"x" * 70_000).status_code,
        "bytes": post(signed(account), b"\xff\xfe\x00").status_code,
    }
    account.aes_key = other
    found["other key"] = sealed_post(account, genuine).status_code

    # then
    assert found == {
        "plain in AES mode": 403, "forged": 403, "old": 403, "other message signature": 403, "not xml": 400,
        "other account": 403, "no sender": 400, "bomb": 400, "empty": 400, "too long": 413, "bytes": 400,
        "other key": 403,
    }  # fmt: skip
    assert set(Push.objects.values_list("state", flat=True)) == {"refused"}
    assert Fan.objects.count() == 0
    assert (
        AuditEntry.objects.filter(action="official_account.push_refused").count()
        == Push.objects.count()
        == 11
    )


def test_refused_pushes_do_not_fill_the_disk(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(receiving, "REFUSED_KEPT", 3)

    # when
    answers = [post(signed(account), b"x").status_code for _ in range(5)]

    # then
    assert answers == [400] * 5
    assert Push.objects.count() <= 3 + 1  # the minute may turn meanwhile


def test_stored_words_and_openids_are_encrypted(line: Line, account: Account) -> None:
    # given
    from django.db import connection

    rule(account, "default", "好的，王先生")
    line.does("follow")

    # when
    line.does("write", text="我的电话 13812340000")

    # then
    with connection.cursor() as cursor:
        cursor.execute("SELECT p::text FROM o2o_official_account_push p")
        rows = cursor.fetchall()
        cursor.execute("SELECT f::text FROM o2o_official_account_fan f")
        text = " ".join(row[0] for row in [*rows, *cursor.fetchall()])
    assert [word for word in ("13812340000", "王先生", OPENID) if word in text] == []


def test_what_people_wrote_is_forgotten(line: Line, account: Account) -> None:
    # given
    from datetime import timedelta

    line.does("follow")
    line.does("write", text="旧的")
    old = Push.objects.latest("pk")
    Push.objects.filter(pk=old.pk).update(received_at=old.received_at - timedelta(days=91))

    # when
    gone = receiving.forget_old()

    # then
    assert (gone, Push.objects.count()) == (1, 1)


def test_an_answer_costs_the_same_however_many_rules(
    account: Account, django_assert_num_queries: Any
) -> None:
    # given
    rule(account, "contains", "好", "甲")
    sealed_post(account, xml(account, "甲", "1"))

    def cost(number: str) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert sealed_post(account, xml(account, "甲", number)).status_code == 200
        return len(queries)

    # when
    few = cost("2")
    for number in range(40):
        rule(account, "contains", "多", f"词{number}")

    # then
    assert cost("3") == few <= 12
