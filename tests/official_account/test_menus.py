"""Menus: what WeChat does not take is said before; published, replaced, taken back by a task that tells the result."""

from __future__ import annotations

from typing import Any

import pytest
from saleor.account.models import User

from plugins.official_account.errors import Code, OfficialAccountError
from plugins.official_account.menu_rules import cut_names, width_of
from plugins.official_account.models import Account, Menu, MenuKind, MenuState
from plugins.official_account.services import menus, publishing
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import NotAllowed
from saleor_o2o.kernel.states import IllegalMove, history
from sandbox.client import SandboxClient

from .line import Line

pytestmark = pytest.mark.django_db

VIEW = {"type": "view", "name": "邮政商城", "url": "https://example.com/"}


def save(user: User, account: Account, buttons: Any = None, **values: Any) -> Menu:
    return menus.save_menu(user, account.pk, {"buttons": [VIEW] if buttons is None else buttons, **values})


def publish(user: User, menu: Menu) -> Menu:
    menus.ask_publish(user, menu.pk)
    publishing.drive(menu.pk)
    return Menu.objects.get(pk=menu.pk)


def seen(control: SandboxClient) -> list[str]:
    return [one["name"] for one in control.call("GET", "/official_account/menu")["button"]]


@pytest.mark.parametrize(
    ("buttons", "code", "words"),
    [
        ([], Code.MENU_EMPTY, "菜单里还没有按钮"),
        ("nonsense", Code.MENU_EMPTY, "菜单里还没有按钮"),
        ([VIEW] * 4, Code.MENU_TOO_MANY, "一级按钮最多 3 个"),
        ([{"name": "更多", "sub_button": [VIEW] * 6}], Code.MENU_TOO_MANY, "“更多”下面最多 5 个按钮"),
        (
            [{**VIEW, "name": "便民缴费大厅"}],
            Code.MENU_TOO_LONG,
            "按钮“便民缴费大厅”太长：18 字节，最多 16 字节（手机上显示 4 个汉字）",
        ),
        (
            [{"name": "更多", "sub_button": [{**VIEW, "name": "长" * 21}]}],
            Code.MENU_TOO_LONG,
            f"按钮“{'长' * 21}”太长：63 字节，最多 60 字节（手机上显示 7 个汉字）",
        ),
        ([{**VIEW, "name": " "}], Code.MENU_INVALID, "有按钮还没有填写名称"),
        ([{"name": "甲"}], Code.MENU_INVALID, "请为“甲”选择点击后做什么"),
        ([{"name": "甲", "type": "explode"}], Code.MENU_INVALID, "请为“甲”选择点击后做什么"),
        ([{"name": "甲", "type": "click"}], Code.MENU_INVALID, "“甲”还缺少KEY"),
        (
            [{"name": "甲", "type": "click", "key": "K" * 129}],
            Code.MENU_TOO_LONG,
            "“甲”的KEY有 129 字节，最多 128 字节",
        ),
        ([{**VIEW, "url": "example.com"}], Code.MENU_INVALID, "“邮政商城”的网址不完整"),
        (
            [{**VIEW, "url": "https://x/" + "a" * 1020}],
            Code.MENU_TOO_LONG,
            "“邮政商城”的网址有 1030 字节，最多 1024 字节",
        ),
        (
            [{"name": "甲", "type": "miniprogram", "appid": "wx1", "url": "https://x/"}],
            Code.MENU_INVALID,
            "“甲”还缺少小程序页面",
        ),
        ([{"name": "甲", "sub_button": ["x"]}], Code.MENU_INVALID, "菜单的格式不对"),
    ],
)
def test_what_wechat_does_not_take_is_said_in_words(
    account: Account, editor: User, buttons: Any, code: Code, words: str
) -> None:
    # when
    with pytest.raises(OfficialAccountError) as refusal:
        save(editor, account, buttons)

    # then
    assert (refusal.value.code, refusal.value.message) == (code, words)
    assert Menu.objects.count() == 0


def test_names_that_a_telephone_cuts_are_told() -> None:
    # then
    assert (width_of("邮政商城"), width_of("AB邮"), width_of("")) == (4.0, 2.0, 0)
    buttons = [
        {**VIEW, "name": "邮政商城啊"},
        {"name": "我的", "sub_button": [{**VIEW, "name": "我的全部历史订单"}]},
    ]
    assert cut_names(buttons) == ["邮政商城啊", "我的全部历史订单"]


def test_published_and_seen_on_the_telephone(
    line: Line, account: Account, editor: User, control: SandboxClient
) -> None:
    # given
    menu = save(editor, account)

    # when
    menu = publish(editor, menu)

    # then
    assert (menu.state, menu.published_revision, menu.published_by) == (MenuState.PUBLISHED, 1, editor)
    assert seen(control) == ["邮政商城"]
    assert [move.target for move in history(menu)] == ["publishing", "published"]

    # when: changed, the followers see the old one until it is published again
    menu = menus.save_menu(
        editor, account.pk, {"buttons": [{**VIEW, "name": "商城"}]}, menu.pk, revision=menu.revision
    )
    assert (seen(control), menu.revision, menu.published_revision) == (["邮政商城"], 2, 1)
    publish(editor, menu)
    assert seen(control) == ["商城"]

    # when
    menus.ask_withdraw(editor, menu.pk)
    publishing.drive(menu.pk)

    # then
    assert (seen(control), Menu.objects.get().state) == ([], MenuState.DRAFT)


def test_personalised_menus_for_some(
    line: Line, account: Account, editor: User, control: SandboxClient
) -> None:
    # given: nothing to stand on yet
    personal = save(editor, account, kind=MenuKind.PERSONAL, platform="2", name="安卓")
    with pytest.raises(OfficialAccountError) as refusal:
        menus.ask_publish(editor, personal.pk)
    assert refusal.value.code == Code.MENU_NO_DEFAULT
    publish(editor, save(editor, account, [{**VIEW, "name": "默认"}]))

    # when: published twice, which WeChat only makes anew
    first = publish(editor, personal)
    second = publish(editor, personal)

    # then
    assert (first.state, second.state, seen(control)) == ("published", "published", ["邮政商城"])
    assert first.remote_id != second.remote_id
    calls = control.call("GET", "/official_account/calls")["calls"]
    assert sum(one["operation"] == "menu_delete_personal" and one["errcode"] == 0 for one in calls) == 1

    # when: the default menu goes, and the others with it
    ordinary = Menu.objects.get(kind=MenuKind.ORDINARY)
    menus.ask_withdraw(editor, ordinary.pk)
    publishing.drive(ordinary.pk)

    # then
    assert seen(control) == []
    assert set(Menu.objects.values_list("state", "published_revision")) == {("draft", 0)}


def test_a_lost_answer_leaves_no_second_menu(
    line: Line, account: Account, editor: User, control: SandboxClient
) -> None:
    # given: WeChat makes the personalised menu, its answer is lost
    publish(editor, save(editor, account))
    personal = save(editor, account, kind=MenuKind.PERSONAL, platform="2", name="安卓")
    control.fault("menu_personal", "answer_lost", system="official_account")
    menu = publish(editor, personal)
    assert (menu.state, menu.attempts) == (MenuState.PUBLISHING, 1)

    # when: the sweep asks again
    Menu.objects.filter(pk=menu.pk).update(next_at=now())
    assert publishing.drive_due() == 1

    # then: one menu, and ours to delete
    menu = Menu.objects.get(pk=menu.pk)
    assert menu.state == MenuState.PUBLISHED
    calls = control.call("GET", "/official_account/calls", operation="menu_delete_personal")["calls"]
    assert [one["errcode"] for one in calls] == [0]


def test_refusal_and_long_silence_are_told(
    line: Line, account: Account, editor: User, control: SandboxClient
) -> None:
    # given
    menu = save(editor, account)
    control.fault("menu_create", "error", system="official_account", code="48001")

    # when
    menu = publish(editor, menu)

    # then
    assert (menu.state, menu.result) == (
        "failed", "这个公众号没有此接口的权限（48001）。请先在微信公众平台完成认证",
    )  # fmt: skip

    # when: tried again, and no answer ever
    control.fault("menu_create", "http_500", system="official_account", times=None)
    menu = publish(editor, menu)
    for _try in range(publishing.MAX_ATTEMPTS):
        Menu.objects.update(next_at=now())
        publishing.drive_due()

    # then
    menu = Menu.objects.get()
    assert (menu.state, menu.result) == ("failed", "暂时连不上微信（HTTP_500）。请过几分钟再试")
    assert (menu.published_revision, seen(control)) == (0, [])


def test_nobody_overwrites_whom_he_has_not_read(account: Account, editor: User) -> None:
    # given
    menu = save(editor, account)
    menus.save_menu(editor, account.pk, {"buttons": [VIEW], "name": "甲改"}, menu.pk, revision=1)

    # when
    with pytest.raises(OfficialAccountError) as refusal:
        menus.save_menu(editor, account.pk, {"buttons": [VIEW], "name": "乙改"}, menu.pk, revision=1)

    # then
    assert (refusal.value.code, refusal.value.message) == (Code.MENU_BUSY, "您编辑时，这个菜单已被别人修改")
    assert Menu.objects.get().name == "甲改"


def test_a_menu_on_its_way_is_left_alone(account: Account, editor: User) -> None:
    # given
    menu = save(editor, account)
    menus.ask_publish(editor, menu.pk)

    # then
    with pytest.raises(OfficialAccountError) as refusal:
        menus.save_menu(editor, account.pk, {"buttons": [VIEW]}, menu.pk)
    assert refusal.value.code == Code.MENU_BUSY
    with pytest.raises(IllegalMove):
        menus.ask_publish(editor, menu.pk)


def test_one_ordinary_menu_and_three_hosts(account: Account, editor: User) -> None:
    # given
    save(editor, account)

    # then
    with pytest.raises(OfficialAccountError, match="已经有默认菜单"):
        save(editor, account)
    buttons = [{**VIEW, "url": f"https://{host}.example.com/"} for host in ("a", "b", "c")]
    save(editor, account, buttons, kind=MenuKind.PERSONAL, platform="1")
    with pytest.raises(OfficialAccountError, match="最多跳转到 3 个域名"):
        save(editor, account, kind=MenuKind.PERSONAL, platform="2")
    with pytest.raises(OfficialAccountError, match="要说明给谁看"):
        save(editor, account, buttons, kind=MenuKind.PERSONAL)


def test_others_may_not(account: Account, abroad: User, editor: User) -> None:
    # given
    menu = save(editor, account)

    # then
    for act in (
        lambda: save(abroad, account),
        lambda: menus.save_menu(abroad, account.pk, {"buttons": [VIEW]}, menu.pk),
        lambda: menus.ask_publish(abroad, menu.pk),
        lambda: menus.ask_withdraw(abroad, menu.pk),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert list(Menu.objects.values_list("revision", "state")) == [(1, "draft")]
