"""Talks: who waits, what may be sent and until when, each message once, refusals and silence told in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from pytest_django.plugin import DjangoDbBlocker
from saleor.account.models import User

from plugins.official_account.errors import OfficialAccountError
from plugins.official_account.models import Account, Fan, Reply, SceneCode, TalkMessage, openid_index
from plugins.official_account.seeds import accounts_from_sandbox
from plugins.official_account.services import talking
from plugins.official_account.todo import todo
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from sandbox.client import SandboxClient
from tests.orgs import person, small_org
from tests.threads import meeting, together
from tests.wiping import wipe

from .line import Line

CHEN = "oSandboxPersonChenYujiang001"
TALK = ("wechat_talk.view", "wechat_talk.answer")


@pytest.fixture
def clerk(org: dict[str, OrgUnit]) -> User:
    """Customer service of the city."""
    return person(org["CQ"], "clerk", TALK)


@pytest.fixture
def fan(line: Line, account: Account) -> Fan:
    """A neighbour who follows and has asked something."""
    line.does("follow")
    line.does("write", text="快递什么时候到？")
    return Fan.objects.get()


def answer(user: User, fan: Fan, text: str = "明天上午送到", key: str = "k1") -> TalkMessage:
    return talking.say(user, fan.pk, "text", {"text": text}, key)


def told(message: TalkMessage) -> tuple[str, str]:
    row = TalkMessage.objects.get(pk=message.pk)
    return row.state, row.result


def calls(control: SandboxClient) -> list[int]:
    found = control.call("GET", "/official_account/calls", operation="custom_send")["calls"]
    return [one["errcode"] for one in reversed(found)]


@pytest.mark.django_db
def test_asked_answered_and_no_longer_waiting(line: Line, fan: Fan, clerk: User) -> None:
    # given
    assert fan.waiting_since is not None
    [waits] = todo(clerk)
    assert (waits.title, waits.note) == ("公众号来信待回复 1 人", "重庆邮政便民服务")

    # when: the form is sent twice
    first, second = answer(clerk, fan), answer(clerk, fan, "改了字也一样")
    talking.drive(first.pk)
    talking.drive(first.pk)

    # then
    assert first.pk == second.pk
    assert (told(first), calls(line.control)) == (("sent", ""), [0])
    assert line.said()[-1] == "明天上午送到"
    fan.refresh_from_db()
    assert (fan.waiting_since, fan.answers_used) == (None, 1)
    assert todo(clerk) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rule", "waits"),
    [
        ({"trigger": "exact", "words": ["人工"], "text": "请稍候"}, False),
        ({"trigger": "exact", "words": ["人工"], "text": "请稍候", "calls_staff": True}, True),
        ({"trigger": "default", "text": "没有听懂"}, True),
        ({"trigger": "exact", "words": ["人工"], "form": "kefu"}, False),
    ],
)
def test_who_waits_for_a_person(line: Line, account: Account, rule: dict[str, Any], waits: bool) -> None:
    # given
    Reply.objects.create(account=account, **rule)
    line.does("follow")

    # when
    line.does("write", text="人工")

    # then: a rule of its own is enough, unless it calls somebody; WeChat's own service takes over at WeChat
    assert (Fan.objects.get().waiting_since is not None) is waits
    if rule.get("form") == "kefu":
        assert line.messages()[-1] | {"id": 0, "at": 0} == {
            "id": 0, "at": 0, "side": "note", "kind": "note", "text": "已转接客服，请稍候",
        }  # fmt: skip


@pytest.mark.django_db
def test_a_word_that_comes_late_does_not_wait_again(line: Line, fan: Fan, clerk: User) -> None:
    # given: answered; then a word that was written before arrives
    talking.drive(answer(clerk, fan).pk)
    fan.refresh_from_db()
    earlier = int(fan.answered_at.timestamp()) - 60

    # when
    from plugins.official_account.wire import Said

    talking.heard(fan, Said("gh", CHEN, earlier, "text", "", "", "9", "早先的", {}), None)

    # then
    assert (fan.waiting_since, fan.answers_used) == (None, 1)


@pytest.mark.django_db
def test_the_window_is_told_and_kept(line: Line, fan: Fan, clerk: User) -> None:
    # given: five answers are all that WeChat allows
    for number in range(5):
        talking.drive(answer(clerk, fan, f"第{number}条", f"k{number}").pk)

    # then
    with pytest.raises(OfficialAccountError) as used:
        answer(clerk, fan, "第六条", "k6")
    assert used.value.code.value == "ANSWERS_USED"
    line.does("write", text="谢谢")
    assert answer(clerk, fan, "不客气", "k7").pk
    Fan.objects.update(said_at=now() - timedelta(hours=48))
    with pytest.raises(OfficialAccountError) as closed:
        answer(clerk, fan, "再见", "k8")
    assert closed.value.code.value == "WINDOW_CLOSED"
    Fan.objects.update(said_at=now(), is_following=False)
    with pytest.raises(OfficialAccountError) as gone:
        answer(clerk, fan, "再见", "k9")
    assert gone.value.code.value == "NOT_FOLLOWING"
    assert TalkMessage.objects.count() == 6


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "words", "used"),
    [
        ("45015", "对方最近 48 小时没有来信，不能再发（45015）。请等对方再次来信", 0),
        ("45047", "对方来信后已发满 5 条，不能再发（45047）。请等对方再次来信", 5),
    ],
)
def test_wechats_refusal_is_told(line: Line, fan: Fan, clerk: User, code: str, words: str, used: int) -> None:
    # given
    made = answer(clerk, fan)
    line.control.fault("custom_send", "error", system="official_account", code=code)

    # when
    talking.drive(made.pk)

    # then: it waits still, what was not sent does not count, and nobody tries again
    assert told(made) == ("refused", words)
    fan.refresh_from_db()
    assert (fan.answers_used, fan.waiting_since is None) == (used, False)
    assert talking.drive_due() == 0


@pytest.mark.django_db
def test_a_message_that_waited_too_long_is_not_sent(line: Line, fan: Fan, clerk: User) -> None:
    # given
    made = answer(clerk, fan)
    Fan.objects.update(said_at=now() - timedelta(hours=48))

    # when
    talking.drive(made.pk)

    # then
    assert told(made) == ("refused", "对方来信已超过 48 小时，没有发出")
    assert calls(line.control) == []


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["answer_lost", "http_500", "not_json"])
def test_silence_is_never_sent_again(line: Line, fan: Fan, clerk: User, fault: str) -> None:
    # given
    made = answer(clerk, fan)
    line.control.fault("custom_send", fault, system="official_account")

    # when
    talking.drive(made.pk)
    TalkMessage.objects.update(next_at=now())
    talking.drive_due()

    # then: the clerk is told that it may have arrived
    state, words = told(made)
    assert state == "lost" and words.endswith("对方可能已经收到")
    assert len(calls(line.control)) == 1


@pytest.mark.django_db
def test_what_wechat_has_not_taken_is_sent_later(line: Line, fan: Fan, clerk: User) -> None:
    # given: busy, then no token, then nobody there
    made = answer(clerk, fan)
    line.control.fault("custom_send", "error", system="official_account", code="-1")
    talking.drive(made.pk)
    assert told(made) == ("waiting", "暂时连不上微信（BUSY_-1）。请过几分钟再试")

    # when
    line.control.call("POST", "/official_account/tokens/end")
    line.control.fault("token", "http_500", system="official_account")
    TalkMessage.objects.update(next_at=now())
    talking.drive(made.pk)
    assert told(made)[0] == "waiting"
    from django.core.cache import cache

    cache.clear()
    TalkMessage.objects.update(next_at=now())
    assert talking.drive_due() == 1

    # then
    assert told(made) == ("sent", "")
    assert line.said() == ["明天上午送到"]


@pytest.mark.django_db
def test_a_sender_that_died_is_not_sent_again(line: Line, fan: Fan, clerk: User) -> None:
    # given: begun, and nobody is there any more
    made = answer(clerk, fan)
    assert talking._taken(made.pk) is not None
    assert talking.drive_due() == 0  # it may be at it still

    # when
    TalkMessage.objects.update(next_at=now())
    talking.drive_due()

    # then
    assert told(made) == ("lost", "发送中断，对方可能已经收到")
    assert calls(line.control) == []


@pytest.mark.django_db
def test_a_lasting_busy_is_given_up(line: Line, fan: Fan, clerk: User) -> None:
    # given
    made = answer(clerk, fan)
    line.control.fault("custom_send", "error", system="official_account", code="-1", times=None)

    # when
    for _number in range(7):
        TalkMessage.objects.update(next_at=now())
        talking.drive_due()

    # then
    assert told(made)[0] == "refused"
    assert len(calls(line.control)) == 5
    assert Fan.objects.get().answers_used == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("form", "values", "field"),
    [
        ("text", {"text": " \x07"}, "text"),
        ("text", {"text": "字" * 683}, "text"),
        ("image", {"material": 0}, "material"),
        ("news", {"title": ""}, "title"),
        ("news", {"title": "标题", "link_url": "javascript:x"}, "link_url"),
        ("news", {"title": "标题", "link_url": "https://a.cn/", "picture_url": "x"}, "picture_url"),
        ("poem", {}, "form"),
    ],
)
def test_what_cannot_be_sent_is_refused(
    line: Line, fan: Fan, clerk: User, form: str, values: dict[str, Any], field: str
) -> None:
    # when
    with pytest.raises(OfficialAccountError) as refusal:
        talking.say(clerk, fan.pk, form, values, "k1")

    # then
    assert refusal.value.field == field
    assert (TalkMessage.objects.count(), Fan.objects.get().answers_used) == (0, 0)


@pytest.mark.django_db
def test_who_may_answer_whom(line: Line, account: Account, fan: Fan, org: dict[str, OrgUnit]) -> None:
    # given: she came by a code of this county
    code = SceneCode.objects.create(account=account, unit=org["O1111"], name="柜台", scene="s1")
    Fan.objects.update(first_code=code)
    looker = person(org["CQ"], "looker", ["wechat_talk.view"])
    county, abroad = person(org["C11"], "county", TALK), person(org["C12"], "abroad", TALK)

    # then
    with pytest.raises(NotAllowed):
        answer(looker, fan)
    for stranger in (abroad, person(org["CQ"], "editor2", ["official_account.view"])):
        with pytest.raises(OutOfScope):
            answer(stranger, fan)
        with pytest.raises(OutOfScope):
            talking.dismiss(stranger, fan.pk)
    assert TalkMessage.objects.count() == 0 and Fan.objects.get().waiting_since is not None
    assert answer(county, fan).pk
    talking.dismiss(county, fan.pk)
    assert Fan.objects.get().waiting_since is None


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", strip_tags(response.content.decode()))


def at(name: str, *args: Any) -> str:
    return reverse(f"admin:o2o_official_account_{name}", args=args)


@pytest.mark.django_db
def test_the_page_of_a_talk(
    line: Line, account: Account, fan: Fan, clerk: User, org: dict[str, OrgUnit]
) -> None:
    # given
    Reply.objects.create(account=account, trigger="default", text="已收到，稍后回复")
    line.does("write", text="在吗")
    browser = Client()
    browser.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    page = at("talk_talk", fan.pk)

    # when: a mistake, the right thing, the same form again
    wrong = browser.post(page, {"form": "text", "text": "字" * 683, "key": "a"})
    right = browser.post(page, {"form": "text", "text": "明天到", "key": "a"})
    again = browser.post(page, {"form": "text", "text": "明天到", "key": "a"})
    talking.drive(TalkMessage.objects.get().pk)
    shown, listed = browser.get(page), browser.get(at("talk_changelist"))

    # then
    assert wrong.status_code == 200 and "文字有 2049 字节" in wrong.content.decode()
    assert "字" * 683 in wrong.content.decode()
    assert (right.status_code, again.status_code, TalkMessage.objects.count()) == (302, 302, 1)
    words = text_of(shown)
    for expected in (
        "快递什么时候到？",
        "在吗",
        "已收到，稍后回复",
        "自动回复",
        "明天到",
        "clerk · 已发送",
        "4 条",
    ):
        assert expected in words, expected
    assert CHEN not in shown.content.decode() + listed.content.decode()
    assert "还有" in text_of(listed)


@pytest.mark.django_db
def test_the_page_says_why_nothing_can_be_sent(line: Line, fan: Fan, clerk: User) -> None:
    # given
    browser = Client()
    browser.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    Fan.objects.update(said_at=now() - timedelta(hours=49))

    # when: the window closed while the answer was being typed
    page = browser.post(at("talk_talk", fan.pk), {"form": "text", "text": "一段写好的话", "key": "a"})

    # then
    assert page.status_code == 200
    assert "现在不能发消息：已超过 48 小时" in text_of(page) and "一段写好的话" in page.content.decode()
    assert "发送图文" not in page.content.decode()
    assert TalkMessage.objects.count() == 0


@pytest.mark.django_db
def test_a_talks_page_costs_the_same_however_long(
    line: Line, fan: Fan, clerk: User, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    # given
    from plugins.official_account.conversation import lines_of

    for number in range(4):
        line.does("write", text=f"第{number}句")

    her = Fan.objects.get()

    # then
    with django_assert_max_num_queries(3):
        assert len(lines_of(her)) == 6


@pytest.fixture
def alone(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, sandbox_folder: Path, sandbox_address: str
) -> Iterator[tuple[Fan, User]]:
    with django_db_blocker.unblock():
        wipe()
        org = small_org()
        account = accounts_from_sandbox(sandbox_folder / "official_account", sandbox_address)[0]
        fan = Fan.objects.create(
            account=account, openid=CHEN, openid_index=openid_index(CHEN), said_at=now(), answers_used=3
        )
        yield fan, person(org["CQ"], "clerk", TALK)
        wipe()


def race(alone: tuple[Fan, User]) -> int:
    fan, clerk = alone
    together(*[lambda number=number: answer(clerk, fan, "好", f"k{number}") for number in range(6)])
    return TalkMessage.objects.count()


def test_six_clerks_and_two_messages_left(alone: tuple[Fan, User], monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(talking, "_start", lambda _pk: None)

    # then
    assert (race(alone), Fan.objects.get().answers_used) == (2, 5)


def test_without_the_lock_there_would_be_more(
    alone: tuple[Fan, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: the negative control
    monkeypatch.setattr(talking, "_start", lambda _pk: None)
    monkeypatch.setattr(talking, "lock_rows", lambda rows: list(rows))
    whole, meet = talking._check_window, meeting(6)

    def all_look_first(fan: Fan) -> Any:
        found = whole(fan)
        meet()
        return found

    monkeypatch.setattr(talking, "_check_window", all_look_first)

    # then
    assert race(alone) > 2
