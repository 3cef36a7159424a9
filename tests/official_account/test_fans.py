"""Who follows, in whatever order the news arrives; by which code they came first; whose customers they become."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from saleor.account.models import User

from plugins.channels.models import CustomerBinding
from plugins.official_account.models import Account, Fan, SceneCode, SceneDay, SceneState
from plugins.official_account.services import following, syncing
from plugins.official_account.wire import Said
from plugins.org_hierarchy.models import OrgUnit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.models import EventRecord
from sandbox.client import SandboxClient
from tests.channels.shops import channel

from .line import Line

pytestmark = pytest.mark.django_db

OPENID = "oSandboxPersonChenYujiang001"


def said(event: str, at: int, key: str = "") -> Said:
    return Said("gh", OPENID, at, "event", event, key, "", "", {})


def code(account: Account, unit: OrgUnit, scene: str, **more: Any) -> SceneCode:
    return SceneCode.objects.create(
        account=account,
        unit=unit,
        name=scene,
        scene=scene,
        state=SceneState.ACTIVE,
        url=f"http://q/{scene}",
        **more,
    )


@pytest.mark.parametrize(
    "order", list(permutations([("subscribe", 10), ("unsubscribe", 20), ("subscribe", 30)]))
)
def test_what_happened_last_counts_in_whatever_order_it_is_told(
    account: Account, order: tuple[tuple[str, int], ...]
) -> None:
    # when
    for event, at in order:
        following.apply(account, said(event, at))

    # then
    fan = Fan.objects.get()
    assert fan.is_following is True
    assert (fan.followed_at.timestamp(), fan.last_followed_at.timestamp(), fan.left_at.timestamp()) == (
        10,
        30,
        20,
    )


@pytest.mark.parametrize("order", list(permutations([("subscribe", 10), ("unsubscribe", 20)])))
def test_who_left_last_is_gone(account: Account, order: tuple[tuple[str, int], ...]) -> None:
    # when
    for event, at in order:
        following.apply(account, said(event, at))

    # then
    assert Fan.objects.get().is_following is False


def test_who_writes_follows_though_nobody_told_us(account: Account) -> None:
    # given: he followed before the platform was there
    def wrote(at: int) -> Said:
        return Said("gh", OPENID, at, "text", "", "", "1", "在吗", {})

    # when
    following.apply(account, wrote(10))

    # then: and what he wrote before he left does not bring him back
    assert Fan.objects.get().is_following is True
    following.apply(account, said("unsubscribe", 20))
    following.apply(account, wrote(15))
    assert Fan.objects.get().is_following is False


@pytest.mark.parametrize("event", ["scan", "click", "view"])
def test_who_scans_or_taps_follows_though_nobody_told_us(account: Account, event: str) -> None:
    # given: he followed before the platform was there; when
    following.apply(account, said(event, 10))

    # then: and a tap from before he left does not bring him back
    assert Fan.objects.get().is_following is True
    following.apply(account, said("unsubscribe", 20))
    following.apply(account, said(event, 15))
    assert Fan.objects.get().is_following is False


@pytest.mark.parametrize("event", ["templatesendjobfinish", "subscribe_msg_popup_event"])
def test_news_of_messages_make_nobody_a_follower(account: Account, event: str) -> None:
    # when
    following.apply(account, said(event, 10))

    # then
    assert Fan.objects.get().is_following is False


def test_the_first_code_stays_and_each_is_counted(account: Account, org: dict[str, OrgUnit]) -> None:
    # given
    first, second = code(account, org["O1111"], "s1"), code(account, org["O1112"], "s2")

    # when: follows by the first, scans the second, leaves, comes back by the second
    following.apply(account, said("subscribe", 10, "qrscene_s1"))
    following.apply(account, said("scan", 20, "s2"))
    following.apply(account, said("unsubscribe", 30))
    following.apply(account, said("subscribe", 40, "qrscene_s2"))

    # then: a second follow is nobody's new follower
    assert Fan.objects.get().first_code == first
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.scans, first.follows, second.scans, second.follows) == (1, 1, 2, 0)
    assert list(SceneDay.objects.order_by("code_id").values_list("scans", "follows")) == [(1, 1), (2, 0)]


@pytest.mark.parametrize(
    "change", [{"state": SceneState.ENDED}, {"expires_at": now()}, {"state": SceneState.MAKING}]
)
def test_codes_that_do_not_count(account: Account, org: dict[str, OrgUnit], change: dict[str, Any]) -> None:
    # given
    made = code(account, org["O1111"], "s1")
    SceneCode.objects.update(**change)

    # when
    following.apply(account, said("subscribe", 10, "qrscene_s1"))

    # then
    made.refresh_from_db()
    assert (Fan.objects.get().first_code, made.scans) == (None, 0)


def test_a_code_of_another_account_says_nothing(
    account: Account, org: dict[str, OrgUnit], sandbox_folder: Any, sandbox_address: str
) -> None:
    # given
    from plugins.official_account.seeds import accounts_from_sandbox

    other = accounts_from_sandbox(sandbox_folder / "official_account", sandbox_address)[1]
    code(other, org["O1111"], "s1")

    # when
    following.apply(account, said("subscribe", 10, "qrscene_s1"))

    # then
    assert Fan.objects.get().first_code is None


def test_a_member_becomes_the_shops_customer(account: Account, org: dict[str, OrgUnit]) -> None:
    # given: somebody who is a member already
    shop = channel(org["B111"])
    member = User.objects.create_user("member@example.com", "pass-word")
    following.apply(account, said("subscribe", 5))
    Fan.objects.update(user=member)
    code(account, org["B111"], "s1", channel=shop)

    # when
    following.apply(account, said("scan", 10, "s1"))

    # then
    assert list(CustomerBinding.objects.values_list("customer", "channel")) == [(member.pk, shop.pk)]
    told = EventRecord.objects.get(name="channels.code_scanned").payload
    assert (told["customer_id"], told["channel_id"]) == (member.pk, shop.pk)


def test_greeting_of_the_code_and_statistics_over_the_line(
    line: Line, account: Account, org: dict[str, OrgUnit], editor: User, control: SandboxClient
) -> None:
    # given: a code made at WeChat
    from plugins.official_account.services import scenes

    made = scenes.make_code(editor, account.pk, org["O1111"], name="柜台", welcome="欢迎来到一网点")
    scenes.drive(made.pk)
    made.refresh_from_db()

    # when
    line.does("scan", content=made.url)
    line.does("scan", content=made.url)

    # then: greeted when following, and again as a follower
    assert line.said() == ["欢迎来到一网点"] * 2
    fan = Fan.objects.get()
    assert (fan.first_code, fan.is_following) == (made, True)
    made.refresh_from_db()
    assert (made.scans, made.follows) == (2, 1)


def test_wechat_tells_of_new_followers_once(line: Line, account: Account, control: SandboxClient) -> None:
    # given
    line.does("follow")

    # when
    first, second = syncing.sync_due(), syncing.sync_due()

    # then
    fan = Fan.objects.get()
    assert (first, second) == (1, 0)
    assert fan.unionid.startswith("u") and fan.unionid_index and fan.way == "ADD_SCENE_SEARCH"


def test_silence_leaves_a_follower_for_the_next_round(
    line: Line, account: Account, control: SandboxClient
) -> None:
    # given
    line.does("follow")
    control.fault("user_info", "http_500", system="official_account")

    # when
    assert syncing.sync_due() == 0

    # then
    assert Fan.objects.get().synced_at is None
    assert syncing.sync_due() == 1
