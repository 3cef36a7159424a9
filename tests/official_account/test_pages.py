"""The pages: who may open them, what is refused keeps what was typed, nothing is shown that must not be."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from saleor.account.models import User

from plugins.official_account.models import (
    Account,
    AccountDay,
    Consent,
    Crawl,
    Fan,
    Material,
    Menu,
    MenuState,
    MessageTemplate,
    Occasion,
    Push,
    Reply,
    SceneCode,
    SceneState,
    Sending,
    Tag,
    TalkMessage,
)
from plugins.official_account.services import publishing, scenes
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.clock import now
from sandbox.client import SandboxClient
from tests.orgs import person

from .line import Line

pytestmark = pytest.mark.django_db

OURS = [model for model in admin.site._registry if model._meta.app_label == "o2o_official_account"]


def at(name: str, *args: Any) -> str:
    return reverse(f"admin:o2o_official_account_{name}", args=args)


@pytest.fixture
def browser() -> Callable[[User], Client]:
    def opened(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return opened


@pytest.fixture
def desk(browser: Callable[[User], Client], editor: User) -> Client:
    return browser(editor)


def text_of(response: Any) -> str:
    return " ".join(strip_tags(response.content.decode()).split())


@pytest.mark.timeout(600)  # every page there is
def test_every_page_opens_and_tells_no_secret(
    line: Line, account: Account, org: dict[str, OrgUnit], desk: Client, editor: User
) -> None:
    # given: a row of every kind
    Reply.objects.create(account=account, trigger="default", text="没有听懂")
    Menu.objects.create(
        account=account, name="默认菜单", buttons=[{"type": "view", "name": "商城", "url": "https://x/"}]
    )
    code = scenes.make_code(editor, account.pk, org["O1111"], name="柜台")
    scenes.drive(code.pk)
    line.does("scan", content=SceneCode.objects.get().url)
    line.does("write", text="有机大米")
    template = MessageTemplate.objects.create(
        account=account, occasion="paid", template_id="SandboxTemplatePaid", fields={"thing2": "goods"}
    )
    Sending.objects.create(account=account, fan=Fan.objects.get(), template=template, key="paid:1")
    Material.objects.create(account=account, name="海报")
    AccountDay.objects.create(account=account, day="2026-01-02")
    Consent.objects.create(fan=Fan.objects.get(), template_id="SandboxNoticeReady")
    Tag.objects.create(account=account, remote_id=101, name="老客户")
    Crawl.objects.create(account=account)
    body: Any = {"text": "有货"}
    TalkMessage.objects.create(fan=Fan.objects.get(), key="k1", body=body, heard_at=now())
    secrets = (account.secret, account.token, account.aes_key, "oSandboxPerson")

    for model in OURS:
        row = model._default_manager.latest("pk")
        name = model._meta.model_name
        for address in (at(f"{name}_changelist"), at(f"{name}_change", row.pk)):
            # when
            response = desk.get(address)

            # then
            assert response.status_code == 200, address
            assert [one for one in secrets if one in response.content.decode()] == [], address
    assert "有机大米" in text_of(desk.get(at("push_changelist"), {"understood": "no"}))
    assert "有机大米" not in text_of(desk.get(at("push_changelist"), {"understood": "yes"}))


def test_words_of_people_are_for_those_who_edit_answers(
    line: Line, account: Account, org: dict[str, OrgUnit], browser: Callable[[User], Client]
) -> None:
    # given
    line.does("follow")
    line.does("write", text="我叫王小二")
    looker = browser(person(org["CQ"], "looker", ["official_account.view"]))

    # when
    listed = looker.get(at("push_changelist"))
    shown = looker.get(at("push_change", Push.objects.latest("pk").pk))

    # then
    for page in (listed, shown):
        assert page.status_code == 200
        assert "王小二" not in page.content.decode() and "需要编辑权限" in page.content.decode()


@pytest.mark.parametrize(
    ("who", "listed", "row", "forms"),
    [("abroad", 200, 404, 404), ("looker", 200, 200, 403), ("nobody", 403, 403, 404)],
)
def test_who_may_open_what(
    account: Account, org: dict[str, OrgUnit], abroad: User, browser: Callable[[User], Client],
    who: str, listed: int, row: int, forms: int,
) -> None:  # fmt: skip
    # given
    users = {
        "abroad": abroad,
        "looker": person(org["CQ"], "looker", ["official_account.view"]),
        "nobody": person(org["CQ"], "nobody", ["order.view"]),
    }
    client = browser(users[who])
    menu = Menu.objects.create(account=account, name="菜单", buttons=[])
    reply = Reply.objects.create(account=account, trigger="default", text="没有听懂")
    before = list(Account.objects.values()), list(Menu.objects.values()), list(Reply.objects.values())

    # then
    assert client.get(at("account_changelist")).status_code == listed
    assert client.get(at("account_change", account.pk)).status_code == row
    for name, pk in (
        ("account_edit", account.pk), ("account_secrets", account.pk), ("account_test", account.pk),
        ("account_state", account.pk), ("menu_edit", menu.pk), ("menu_publish", menu.pk), ("menu_withdraw", menu.pk),
        ("reply_edit", reply.pk), ("reply_remove", reply.pk),
    ):  # fmt: skip
        for answer in (client.get(at(name, pk)), client.post(at(name, pk), {"do": "1"})):
            assert answer.status_code in (forms, 403, 404), name
    assert before == (
        list(Account.objects.values()),
        list(Menu.objects.values()),
        list(Reply.objects.values()),
    )


def test_account_is_added_and_a_mistake_keeps_what_was_typed(org: dict[str, OrgUnit], desk: Client) -> None:
    # given
    typed = {
        "code": "area1", "name": "渝中邮政", "type": "service", "unit": org["A1"].pk, "appid": "wx12",
        "secret": "0123456789abcdef" * 2, "base_url": "https://api.weixin.qq.com", "push_mode": "aes",
    }  # fmt: skip

    # when
    wrong = desk.post(at("account_add_account"), typed)
    right = desk.post(at("account_add_account"), {**typed, "appid": "wx0123456789abcdef"})

    # then: but never a secret
    assert wrong.status_code == 200 and "AppID 以 wx 开头，共 18 位" in wrong.content.decode()
    assert "渝中邮政" in wrong.content.decode() and typed["secret"] not in wrong.content.decode()
    assert right.status_code == 302
    assert Account.objects.get().unit == org["A1"]


def test_rule_is_written_changed_removed(account: Account, desk: Client) -> None:
    # given
    typed = {
        "account": account.pk, "trigger": "contains", "words": "网点\n邮局，附近", "form": "text", "text": "最近的网点",
        "is_active": "on",
    }  # fmt: skip

    # when
    assert desk.post(at("reply_add_rule"), typed).status_code == 302
    made = Reply.objects.get()
    again = desk.post(at("reply_add_rule"), typed)
    edited = desk.post(at("reply_edit", made.pk), {**typed, "words": "网点", "text": "改了"})

    # then
    assert made.words == ["网点", "邮局", "附近"]
    assert again.status_code == 200 and "“网点”已经在规则" in again.content.decode()
    assert edited.status_code == 302
    assert list(Reply.objects.values_list("words", "text")) == [(["网点"], "改了")]
    assert desk.post(at("reply_remove", made.pk), {"do": "1"}).status_code == 302
    assert Reply.objects.count() == 0


def test_menu_is_written_shown_and_published(
    line: Line, account: Account, desk: Client, control: SandboxClient
) -> None:
    # given
    buttons = [
        {"name": "我的服务", "sub_button": [{"type": "click", "name": "怎么找网点", "key": "NEAREST"}]}
    ]
    typed = {"account": account.pk, "kind": "ordinary", "name": "默认", "buttons": json.dumps(buttons)}

    # when
    assert desk.post(at("menu_add_menu"), typed).status_code == 302
    menu = Menu.objects.get()
    long = [{"name": "便民缴费大厅", "type": "view", "url": "https://x/"}]
    wrong = desk.post(at("menu_edit", menu.pk), {**typed, "revision": 1, "buttons": json.dumps(long)})
    nonsense = desk.post(at("menu_edit", menu.pk), {**typed, "revision": 1, "buttons": "{not json"})
    page = desk.get(at("menu_publish", menu.pk))
    assert desk.post(at("menu_publish", menu.pk), {"do": "1"}).status_code == 302
    publishing.drive(menu.pk)

    # then: what was typed is still in the editor; a KEY that nobody answers is told before publishing
    assert (
        wrong.status_code == 200 and "按钮“便民缴费大厅”太长：18 字节，最多 16 字节" in wrong.content.decode()
    )
    assert wrong.context_data["menu"]["buttons"] == long
    assert nonsense.status_code == 200 and "菜单里还没有按钮" in nonsense.content.decode()
    assert "还没有自动回复的 KEY：NEAREST" in page.content.decode()
    assert Menu.objects.get().state == MenuState.PUBLISHED
    assert control.call("GET", "/official_account/menu")["button"] == buttons


def test_code_is_made_printed_and_ended(
    line: Line, account: Account, org: dict[str, OrgUnit], desk: Client, control: SandboxClient
) -> None:
    # given
    typed = {"unit": org["O1111"].pk, "name": "一网点柜台", "days": 0, "welcome": "欢迎"}

    # when
    assert desk.post(at("scenecode_add_code"), typed).status_code == 302
    code = SceneCode.objects.get()
    assert desk.get(at("scenecode_png", code.pk)).status_code == 404
    scenes.drive(code.pk)
    picture, poster = desk.get(at("scenecode_png", code.pk)), desk.get(at("scenecode_poster", code.pk))

    # then
    assert picture["Content-Type"] == "image/png" and picture.content.startswith(b"\x89PNG")
    assert (
        "一网点柜台.png" in picture["Content-Disposition"]
        or "filename*=utf-8" in picture["Content-Disposition"]
    )
    assert (
        poster.status_code == 200
        and "<svg" in poster.content.decode()
        and "一网点柜台" in poster.content.decode()
    )
    assert desk.post(at("scenecode_end", code.pk), {"do": "1"}).status_code == 302
    assert SceneCode.objects.get().state == SceneState.ENDED


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"days": 31}, "30"),
        ({"days": "x"}, "整数"),
        ({"name": ""}, "这个字段是必填项"),
        ({"unit": "0"}, "选择"),
    ],
)
def test_a_code_is_refused_in_words(
    account: Account, org: dict[str, OrgUnit], desk: Client, change: dict[str, Any], words: str
) -> None:
    # given
    typed = {"unit": org["O1111"].pk, "name": "柜台", "days": 0}

    # when
    response = desk.post(at("scenecode_add_code"), {**typed, **change})

    # then
    assert response.status_code == 200 and words in response.content.decode()
    assert SceneCode.objects.count() == 0


def test_a_branch_makes_codes_of_its_own_and_of_nobody_else(
    account: Account, org: dict[str, OrgUnit], browser: Callable[[User], Client]
) -> None:
    # given: a branch manager, who does not see the city's account
    client = browser(person(org["B111"], "manager", ["wechat_code.view", "wechat_code.make"]))

    # when
    own = client.post(at("scenecode_add_code"), {"unit": org["O1111"].pk, "name": "自己的", "days": 0})
    foreign = client.post(at("scenecode_add_code"), {"unit": org["O1211"].pk, "name": "别人的", "days": 0})

    # then
    assert (own.status_code, foreign.status_code) == (302, 200)
    made = SceneCode.objects.get()  # of the nearest account, which is the area's
    assert (made.name, made.account.unit, made.unit) == ("自己的", org["A1"], org["O1111"])


def test_template_is_entered_and_a_mistake_kept(account: Account, desk: Client) -> None:
    # given
    typed = {
        "account": account.pk, "occasion": "paid", "kind": "template", "template_id": "SandboxTemplatePaid",
        "keywords": "thing2=goods", "is_active": "on",
    }  # fmt: skip

    # when
    wrong = desk.post(at("messagetemplate_add_template"), {**typed, "keywords": "thing2=secret"})
    right = desk.post(at("messagetemplate_add_template"), typed)
    edited = desk.post(
        at("messagetemplate_edit", MessageTemplate.objects.get().pk), {**typed, "keywords": "thing2=number"}
    )

    # then
    assert wrong.status_code == 200 and "“thing2=secret”不对" in wrong.content.decode()
    assert (right.status_code, edited.status_code) == (302, 302)
    assert MessageTemplate.objects.get().fields == {"thing2": "number"}


def test_an_account_tells_of_what_it_says_nothing(account: Account, desk: Client) -> None:
    # given a template in use for buses that go after all, and one of paid orders that was stopped
    for occasion, active in (("coach_resumed", True), ("paid", False)):
        MessageTemplate.objects.create(
            account=account, occasion=occasion, template_id="SandboxTemplateX", is_active=active
        )

    # when
    page = text_of(desk.get(at("account_change", account.pk)))

    # then the stopped one is named with all that have none
    assert "没有在用模板的场合 付款成功、可以自提、已发货" in page
    assert "汽车恢复开行" not in page

    # and where nothing is missing it says so
    MessageTemplate.objects.all().delete()
    MessageTemplate.objects.bulk_create(
        MessageTemplate(account=account, occasion=value, template_id="SandboxTemplateX")
        for value in Occasion.values
    )
    assert "没有，全部已配置" in text_of(desk.get(at("account_change", account.pk)))
