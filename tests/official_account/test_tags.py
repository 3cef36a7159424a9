"""The list of followers read in pages, tags mirrored and put on fifty a call, remarks, menus by a tag's name."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.official_account.errors import OfficialAccountError, WechatRefused, WechatSilent
from plugins.official_account.models import Account, Crawl, Fan, FanTag, Menu, Tag, openid_index
from plugins.official_account.services import crawling, menus, syncing, tags
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from sandbox.client import SandboxClient
from tests.orgs import person

from .line import Line

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(org: dict[str, OrgUnit]) -> User:
    """Who looks after the followers of the city."""
    return person(org["CQ"], "keeper", ["wechat_fan.view", "wechat_fan.edit"])


def calls(control: SandboxClient, operation: str) -> list[int]:
    found = control.call("GET", "/official_account/calls", operation=operation)["calls"]
    return [one["errcode"] for one in reversed(found)]


def read(keeper: User, account: Account) -> Crawl:
    made = crawling.begin(keeper, account.pk)
    crawling.drive(made.pk)
    return Crawl.objects.get(pk=made.pk)


def strangers(account: Account, control: SandboxClient, count: int) -> list[Fan]:
    """Followers whom the sandbox and we know."""
    control.call("POST", "/official_account/followers", {"count": count})
    found = []
    for number in range(count):
        openid = f"oStranger{number:019d}"
        found.append(Fan(account=account, openid=openid, openid_index=openid_index(openid)))
    return Fan.objects.bulk_create(found)


def a_tag(keeper: User, account: Account, name: str = "老客户") -> Tag:
    tags.create_tag(keeper, account.pk, name)
    return Tag.objects.get(name=name)


def test_the_whole_list_is_read_and_who_left_is_found(
    line: Line, account: Account, control: SandboxClient, keeper: User
) -> None:
    # given: two pages of strangers; one who follows by our books and has left while we were away; one who has just come
    line.does("follow")
    control.call("POST", "/official_account/followers", {"count": 150})
    gone = Fan.objects.create(
        account=account, openid="oGoneAway0001", openid_index=openid_index("oGoneAway0001")
    )

    # when
    found = read(keeper, account)

    # then
    assert (found.state, found.total, found.seen, found.added, found.gone, found.cursor) == (
        "done", 151, 151, 150, 1, "",
    )  # fmt: skip
    gone.refresh_from_db()
    assert gone.is_following is False and gone.left_at is not None
    assert Fan.objects.filter(is_following=True).count() == 151
    # and again: nothing changes
    assert [getattr(read(keeper, account), name) for name in ("added", "gone")] == [0, 0]


def test_what_a_push_said_meanwhile_counts(line: Line, account: Account, keeper: User) -> None:
    # given: the reading has begun; then somebody comes, and somebody goes, of whom the list says otherwise
    row = crawling.begin(keeper, account.pk)
    came = Fan.objects.create(
        account=account,
        openid="oJustCame00001",
        openid_index=openid_index("oJustCame00001"),
        last_followed_at=now(),
    )
    Fan.objects.create(
        account=account, openid="oJustLeft00001", openid_index=openid_index("oJustLeft00001"), is_following=False,
        left_at=now(),
    )  # fmt: skip
    found = Crawl.objects.select_related("account").get(pk=row.pk)

    # when
    crawling._read(found, {"total": 1, "data": {"openid": ["oJustLeft00001"]}, "next_openid": ""})

    # then
    assert dict(Fan.objects.values_list("openid_index", "is_following")) == {
        came.openid_index: True, openid_index("oJustLeft00001"): False,
    }  # fmt: skip


def test_an_interrupted_reading_goes_on_where_it_was(
    account: Account, control: SandboxClient, keeper: User
) -> None:
    # given: the second page is not answered
    control.call("POST", "/official_account/followers", {"count": 250})
    row = crawling.begin(keeper, account.pk)
    taken = crawling._taken(row.pk)
    assert taken is not None
    from plugins.official_account.client import call

    assert crawling._read(taken, call(account, lambda api: api.user.get_followers(None)))
    control.fault("user_list", "http_500", system="official_account")
    crawling.drive(row.pk)
    waiting = Crawl.objects.get(pk=row.pk)
    assert (waiting.state, waiting.seen, waiting.attempts) == ("running", 100, 1)
    with pytest.raises(OfficialAccountError) as busy:
        crawling.begin(keeper, account.pk)
    assert busy.value.code.value == "CRAWL_RUNNING"

    # when
    Crawl.objects.update(next_at=now())
    assert crawling.drive_due() == 1

    # then
    found = Crawl.objects.get(pk=row.pk)
    assert (found.state, found.seen, found.added) == ("done", 250, 250)
    assert Fan.objects.count() == 250


def test_a_refused_reading_is_told_and_can_go_on(
    account: Account, control: SandboxClient, keeper: User, abroad: User
) -> None:
    # given
    control.fault("user_list", "error", system="official_account", code="48001")
    found = read(keeper, account)
    assert (found.state, found.result.startswith("这个公众号没有此接口的权限（48001）")) == ("failed", True)

    # then
    for act in (lambda: crawling.begin(abroad, account.pk), lambda: crawling.resume(abroad, found.pk)):
        with pytest.raises(NotAllowed):
            act()
    crawling.resume(keeper, found.pk)
    crawling.drive(found.pk)
    assert Crawl.objects.get(pk=found.pk).state == "done"


def test_followers_are_asked_for_a_hundred_a_call(
    account: Account, control: SandboxClient, keeper: User
) -> None:
    # given
    tag = a_tag(keeper, account)
    fans = strangers(account, control, 120)
    tags.mark(keeper, tag.pk, [fans[0].pk], on=True)
    tags.drive(tag.pk)
    tags.set_remark(keeper, fans[1], "王阿姨 🌸")
    FanTag.objects.all().delete()
    Fan.objects.update(remark="")

    # when
    done = syncing.sync_due()

    # then: since when, tags, remark
    assert (done, calls(control, "user_batch"), syncing.sync_due()) == (120, [0, 0], 0)
    assert Fan.objects.filter(followed_at__isnull=True).count() == 0
    assert list(FanTag.objects.values_list("fan", "tag", "state")) == [(fans[0].pk, tag.pk, "on")]
    assert Fan.objects.get(pk=fans[1].pk).remark == "王阿姨 🌸"


def test_tags_are_wechats(account: Account, control: SandboxClient, keeper: User, abroad: User) -> None:
    # given
    made = a_tag(keeper, account)
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["星标组", "老客户"]

    # when: renamed, the answer lost; the truth is read back
    control.fault("tag_update", "answer_lost", system="official_account")
    with pytest.raises(WechatSilent):
        tags.rename_tag(keeper, made.pk, "常客")
    tags.sync_tags(account)

    # then
    assert Tag.objects.get(pk=made.pk).name == "常客"
    with pytest.raises(WechatRefused) as twice:
        tags.create_tag(keeper, account.pk, "常客")
    assert twice.value.errcode == 45157
    for name in ("", "一二三四五六七八九十一", "x" * 31):
        with pytest.raises(OfficialAccountError) as refusal:
            tags.create_tag(keeper, account.pk, name)
        assert refusal.value.field == "name"
    for act in (
        lambda: tags.create_tag(abroad, account.pk, "别人"),
        lambda: tags.rename_tag(abroad, made.pk, "别人"),
        lambda: tags.delete_tag(abroad, made.pk),
    ):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(OfficialAccountError):
        tags.rename_tag(keeper, Tag.objects.get(remote_id=2).pk, "别名")
    tags.delete_tag(keeper, made.pk)
    assert list(Tag.objects.values_list("remote_id", flat=True)) == [2]


def test_tags_are_put_on_and_taken_off_fifty_a_call(
    account: Account, control: SandboxClient, keeper: User, abroad: User
) -> None:
    # given
    tag, fans = a_tag(keeper, account), strangers(account, control, 120)
    keys = [fan.pk for fan in fans]

    # when
    assert tags.mark(abroad, tag.pk, keys, on=True) == 0
    assert tags.mark(keeper, tag.pk, keys, on=True) == 120
    tags.drive(tag.pk)
    tags.sync_tags(account)

    # then
    assert calls(control, "tag_put") == [0, 0, 0]
    assert (FanTag.objects.filter(state="on").count(), Tag.objects.get(pk=tag.pk).people) == (120, 120)
    assert tags.mark(keeper, tag.pk, keys, on=True) == 0
    assert tags.mark(keeper, tag.pk, keys[:60], on=False) == 60
    tags.drive(tag.pk)
    assert (FanTag.objects.count(), calls(control, "tag_take")) == (60, [0, 0])


def test_one_who_cannot_be_tagged_does_not_keep_the_others(
    account: Account, control: SandboxClient, keeper: User
) -> None:
    # given: the second has left, unknown to us
    tag, fans = a_tag(keeper, account), strangers(account, control, 2)
    fan = Fan.objects.create(
        account=account, openid="oGoneAway0001", openid_index=openid_index("oGoneAway0001")
    )

    # when
    tags.mark(keeper, tag.pk, [fans[0].pk, fan.pk, fans[1].pk], on=True)
    tags.drive(tag.pk)

    # then
    assert dict(FanTag.objects.values_list("fan", "state")) == {
        fans[0].pk: "on", fans[1].pk: "on", fan.pk: "refused",
    }  # fmt: skip
    assert FanTag.objects.get(fan=fan).result == "这个人不是本公众号的粉丝（49003）"


def test_silence_is_tried_again_and_then_told(account: Account, control: SandboxClient, keeper: User) -> None:
    # given
    tag, fans = a_tag(keeper, account), strangers(account, control, 1)
    control.fault("tag_put", "answer_lost", system="official_account")
    tags.mark(keeper, tag.pk, [fans[0].pk], on=True)
    tags.drive(tag.pk)
    assert FanTag.objects.get().state == "putting"

    # when
    assert tags.drive_due() == 1

    # then
    assert FanTag.objects.get().state == "on"
    control.fault("tag_take", "http_500", system="official_account", times=None)
    tags.mark(keeper, tag.pk, [fans[0].pk], on=False)
    for _number in range(6):
        tags.drive_due()
    assert FanTag.objects.get().state == "refused"


def test_remarks_are_for_whoever_looks_after_followers(
    account: Account, control: SandboxClient, keeper: User, abroad: User, org: dict[str, OrgUnit]
) -> None:
    # given
    [fan] = strangers(account, control, 1)

    # then
    with pytest.raises(OutOfScope):
        tags.set_remark(abroad, fan, "别人")
    with pytest.raises(NotAllowed):
        tags.set_remark(person(org["CQ"], "looker", ["wechat_fan.view"]), fan, "别人")
    with pytest.raises(OfficialAccountError) as refusal:
        tags.set_remark(keeper, fan, "字" * 31)
    assert (refusal.value.field, Fan.objects.get().remark) == ("remark", "")


def test_a_menu_is_chosen_by_the_tags_name(
    line: Line, account: Account, control: SandboxClient, editor: User, keeper: User
) -> None:
    # given
    tag = a_tag(keeper, account)
    buttons = [{"type": "view", "name": "老客户", "url": "https://x.cn/"}]
    values = {"kind": "personal", "name": "老客户", "buttons": buttons, "tag_id": tag.remote_id}

    # when
    made = menus.save_menu(editor, account.pk, values)
    with pytest.raises(OfficialAccountError) as unknown:
        menus.save_menu(editor, account.pk, {**values, "tag_id": 999})
    with pytest.raises(OfficialAccountError) as used:
        tags.delete_tag(keeper, tag.pk)

    # then
    assert (unknown.value.field, used.value.code.value) == ("tag_id", "TAG_USED")
    browser = Client()
    browser.force_login(editor, backend="django.contrib.auth.backends.ModelBackend")
    page = browser.get(reverse("admin:o2o_official_account_menu_change", args=[made.pk]))
    assert "标签“老客户”" in page.content.decode()
    form = browser.get(reverse("admin:o2o_official_account_menu_edit", args=[made.pk]))
    assert f'<option value="{tag.remote_id}" selected>老客户</option>' in form.content.decode()
    assert Menu.objects.count() == 1


def test_pages_of_tags_and_readings(
    account: Account, control: SandboxClient, keeper: User, abroad: User
) -> None:
    # given
    browser, stranger = Client(), Client()
    browser.force_login(keeper, backend="django.contrib.auth.backends.ModelBackend")
    stranger.force_login(abroad, backend="django.contrib.auth.backends.ModelBackend")
    fans = strangers(account, control, 3)

    def at(name: str, *args: Any) -> str:
        return reverse(f"admin:o2o_official_account_{name}", args=args)

    # when
    added = browser.post(at("tag_add_tag"), {"account": account.pk, "name": "老客户"})
    tag = Tag.objects.get(name="老客户")
    looked = browser.post(at("tag_mark", tag.pk), {"on": "on", "member": "", "do": "count"})
    before = FanTag.objects.count()
    marked = browser.post(at("tag_mark", tag.pk), {"on": "on", "member": "", "do": "yes"})
    tags.drive(tag.pk)
    edited = browser.post(at("fan_edit", fans[0].pk), {"remark": "王阿姨"})
    tags.drive(tag.pk)
    begun = browser.post(at("crawl_begin"), {"account": account.pk})
    synced = browser.post(at("tag_sync"), {"account": account.pk})

    # then: the number of people is shown before anything is done
    assert looked.status_code == 200 and "3 人" in looked.content.decode() and before == 0
    assert [page.status_code for page in (added, marked, edited, begun, synced)] == [302] * 5
    assert (FanTag.objects.filter(state="on").count(), Fan.objects.get(pk=fans[0].pk).remark) == (2, "王阿姨")
    for name, pk in (("tag_change", tag.pk), ("tag_mark", tag.pk), ("fan_edit", fans[0].pk),
                     ("crawl_change", Crawl.objects.get().pk)):  # fmt: skip
        assert browser.get(at(name, pk)).status_code == 200, name
        assert stranger.get(at(name, pk)).status_code in (403, 404), name
    assert browser.get(at("fan_changelist"), {"tag": tag.pk}).status_code == 200
    assert browser.get(at("fan_changelist"), {"tag": "x"}).status_code == 200
