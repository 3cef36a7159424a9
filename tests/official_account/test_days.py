"""Days: taps of each button, an account's day by our books beside WeChat's, and the page of it."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from openpyxl import load_workbook
from saleor.account.models import User

from plugins.official_account.errors import WechatSilent
from plugins.official_account.models import Account, AccountDay, ClickDay, Fan, Menu, Push, Reply
from plugins.official_account.services import counting
from plugins.official_account.wire import Said
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.clock import frozen, now, today
from saleor_o2o.kernel.models import AuditEntry
from sandbox.client import SandboxClient
from tests.orgs import person

from .line import Line

pytestmark = pytest.mark.django_db

BUTTONS = [
    {"name": "服务", "sub_button": [{"type": "click", "name": "找网点", "key": "NEAREST"}]},
    {"name": "商城", "type": "view", "url": "https://shop.cn/"},
]


@pytest.fixture
def menu(account: Account) -> Menu:
    from plugins.official_account.client import call

    call(account, lambda api: api.menu.create({"button": BUTTONS}))
    return Menu.objects.create(account=account, name="默认菜单", buttons=BUTTONS)


def test_taps_are_counted_by_button_and_day(line: Line, account: Account, menu: Menu) -> None:
    # given: two people, for of one second WeChat cannot tell two taps of one person apart
    people = ("oSandboxPersonChenYujiang001", "oSandboxPersonLiChunlan00002")

    # when: WeChat repeats the last one
    for one in people:
        line.does("follow", person=one)
        line.does("tap", top=0, below=0, person=one)
    told = line.does("tap", top=1)
    line.does("pushes/send", id=told["push"], copies=2)

    # then
    found = ClickDay.objects.order_by("event").values_list("day", "event", "target", "clicks")
    assert list(found) == [(today(), "click", "NEAREST", 2), (today(), "view", "https://shop.cn/", 1)]


def test_a_tap_counts_for_the_day_it_was_made(account: Account) -> None:
    # given: a push of yesterday that comes today
    from django.db import transaction

    sent = int((now() - timedelta(days=1)).timestamp())
    said = Said("gh", "oPerson000001", sent, "event", "click", "NEAREST", "", "", {})

    # when
    with transaction.atomic():
        counting.count_tap(account, said)

    # then
    assert ClickDay.objects.get().day == today() - timedelta(days=1)


def account_day(account: Account) -> AccountDay:
    """Yesterday."""
    return AccountDay.objects.get(account=account, day=today() - timedelta(days=1))


def test_days_that_are_over_are_written_once_beside_wechats(
    line: Line, account: Account, control: SandboxClient
) -> None:
    # given: somebody came, asked and left, as of yesterday; the sandbox's clock is a day ahead of what it noted
    Reply.objects.create(account=account, trigger="exact", words=["人工"], text="请稍候")
    line.does("follow")
    line.does("write", text="人工")
    line.does("write", text="在吗")
    day = timedelta(days=1)
    Fan.objects.update(followed_at=now() - day, last_followed_at=now() - day)
    for push in Push.objects.all():
        Push.objects.filter(pk=push.pk).update(received_at=push.received_at - day)
    control.fault("user_cumulate", "http_500", system="official_account")

    # when: WeChat is silent at first
    with pytest.raises(WechatSilent):
        counting.close_days_of(account.pk)
    first = account_day(account)
    assert (first.new, first.total, first.messages, first.answered, first.wechat_total) == (1, 1, 2, 1, None)
    counting.close_days_of(account.pk)

    # then: it reckons nobody yesterday, for there she came today; what differs is said
    found = account_day(account)
    assert (found.wechat_total, found.wechat_new, found.differs) == (0, 0, -1)
    assert AccountDay.objects.filter(account=account).count() == 7
    calls = len(control.call("GET", "/official_account/calls", operation="user_cumulate")["calls"])
    counting.close_days_of(account.pk)  # all is known: nobody is asked
    assert len(control.call("GET", "/official_account/calls", operation="user_cumulate")["calls"]) == calls


def test_without_the_right_to_ask_ours_are_written(account: Account, control: SandboxClient) -> None:
    # given
    control.fault("user_cumulate", "error", system="official_account", code="48001")

    # when
    assert counting.close_days() == 2  # accounts

    # then
    assert set(AccountDay.objects.filter(account=account).values_list("wechat_total", flat=True)) == {None}


def test_the_figures_are_the_sandboxs_own(line: Line, account: Account, control: SandboxClient) -> None:
    # given: three came, one left, one came back; what they wrote and was answered
    Reply.objects.create(account=account, trigger="exact", words=["人工"], text="请稍候")
    people = [f"oSandboxPerson{name}" for name in ("ChenYujiang001", "LiChunlan00002", "WangDayong0003")]
    for one in people:
        line.does("follow", person=one)
    line.does("leave", person=people[1])
    line.does("write", text="人工", person=people[0])
    line.does("write", text="在吗", person=people[2])

    # when: it is tomorrow, here and there
    control.set_clock(offset_seconds=86_400)
    with frozen(now() + timedelta(days=1)):
        counting.close_days_of(account.pk)
        found = account_day(account)

    # then: to the one, ours and WeChat's
    assert (found.new, found.gone, found.total) == (3, 1, 2)
    assert (found.wechat_new, found.wechat_gone, found.wechat_total, found.differs) == (3, 1, 2, 0)
    assert (found.messages, found.answered, found.written) == (2, 1, 0)


def test_the_report_is_a_workbook_for_whoever_may_take_it_out(
    account: Account, editor: User, org: dict[str, OrgUnit]
) -> None:
    # given
    day = today() - timedelta(days=1)
    told = {"new": 3, "gone": 1, "total": 7, "messages": 5, "answered": 4, "written": 2}
    AccountDay.objects.create(account=account, day=day, **told, wechat_new=4, wechat_gone=1, wechat_total=9)

    # when
    taken = page_of(editor, format="xlsx")
    book = load_workbook(io.BytesIO(b"".join(taken.streaming_content)))
    looker = person(org["CQ"], "looker", ["official_account.view"])

    # then
    assert book.sheetnames == ["公众号现在", "按日（昨天及以前）", "菜单点击"]
    rows = list(book["按日（昨天及以前）"].iter_rows(values_only=True))
    assert "公众号报表" in rows[0][0] and editor.email in rows[0][0]
    assert [str(cell) for cell in rows[2]] == [
        f"{day}", account.name, "3", "4", "1", "1", "7", "9", "2", "5", "4", "2"
    ]  # fmt: skip
    assert page_of(looker).status_code == 200 and "导出 Excel" not in page_of(looker).content.decode()
    assert page_of(looker, format="xlsx").status_code == 403
    assert AuditEntry.objects.filter(action="backoffice.export.made").count() == 1


def page_of(user: User, **asked: Any) -> Any:
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser.get(reverse("admin:o2o_official_account_accountday_report"), asked)


def test_the_page_shows_what_is_in_reach(
    line: Line, account: Account, menu: Menu, editor: User, abroad: User, org: dict[str, OrgUnit]
) -> None:
    # given
    line.does("follow")
    line.does("tap", top=0, below=0)
    AccountDay.objects.create(
        account=account,
        day=today() - timedelta(days=1),
        new=3,
        gone=1,
        total=7,
        messages=5,
        wechat_new=4,
        wechat_total=9,
    )

    # when
    shown, other = page_of(editor), page_of(abroad)

    # then
    words = " ".join(strip_tags(shown.content.decode()).split())
    for expected in ("公众号报表", "微信统计 4", "找网点", "NEAREST", "重庆邮政便民服务", "菜单点击"):
        assert expected in words, expected
    assert other.status_code == 200 and "重庆邮政便民服务" not in other.content.decode()
    assert page_of(person(org["CQ"], "nobody", ["order.view"])).status_code == 403
    for asked in ({"first": "x", "last": "9999-99-99"}, {"unit": "没有"}, {"first": "2000-01-01"}):
        assert page_of(editor, **asked).status_code == 200


def test_the_page_costs_the_same_for_more_days(
    line: Line, account: Account, menu: Menu, editor: User, django_assert_max_num_queries: Any
) -> None:
    # given
    from plugins.official_account.admin.days import _figures

    for back in range(1, 30):
        AccountDay.objects.create(account=account, day=today() - timedelta(days=back))
        ClickDay.objects.create(
            account=account,
            day=today() - timedelta(days=back),
            event="click",
            digest="a",
            target="A",
            clicks=back,
        )

    # then
    with django_assert_max_num_queries(5):
        _figures([account], today() - timedelta(days=29), today())
