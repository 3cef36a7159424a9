"""Journey ``member-campaign``: a segment and its count, a campaign approved by another, and who gets the message."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from openpyxl import load_workbook

from plugins.members.journeys.login import SIGN_IN, Shopper
from plugins.official_account.journeys.buy import PERSON, Neighbour
from plugins.official_account.journeys.follow import ACCOUNT, act
from saleor_o2o.journeys.approvals import approve
from saleor_o2o.journeys.office import Office, number_on, words_of
from saleor_o2o.journeys.world import World
from saleor_o2o.kernel.clock import now

SEGMENTS = "/admin/o2o_member_operations/segment/"
CAMPAIGNS = "/admin/o2o_member_operations/campaign/"
EXPORTS = "/admin/o2o_member_operations/memberexport/"
RULES = "/admin/o2o_member_operations/contactrule/add/"
MEMBERS = "/admin/o2o_members/member/"
MANAGER, OPERATIONS, ADMIN = "branch_jiefangbei", "clerk", "admin"
SAY = """mutation($input: MemberProfileInput!) { memberProfileUpdate(input: $input) {
  member { number } errors { message } } }"""
HOME = "mutation($code: String!) { memberHomeSet(unitCode: $code) { errors { message } } }"
UNIT = 'query { orgUnits(search: "解放碑支局", first: 1) { edges { node { code } } } }'
TEXT = "{称呼}，小区满 59 元免运费，本周日截止"


class Desk(Office):
    """Somebody of the staff in a browser."""

    def post(self, address: str, **told: Any) -> str:
        """Send a page's form; what comes back."""
        return str(self.send(address, **told).text)


def play(world: World) -> None:
    """Four neighbours; one is reached twice at most once, one never agreed, one is on the blacklist."""
    place = f"旅程小区{secrets.token_hex(3)}"
    anna, ben, silent, black = (_neighbour(world, name, place, marketing) for name, marketing in _PEOPLE)
    world.step(f"四位邻居注册为会员，住在{place}；三位同意接收营销信息，一位没有")

    manager, admin = Desk(world, MANAGER), Desk(world, ADMIN)
    asked = {"name": place, "match": "all", "communities": place, "is_active": "on"}
    nothing = manager.post(f"{SEGMENTS}new/", look="1", name=place, match="all", is_active="on")
    world.expect("没有条件", "请至少填写一个条件" in nothing, True)
    seen = manager.post(f"{SEGMENTS}new/", look="1", **asked)
    world.expect("保存之前看到人数", "4 人" in seen, True)
    world.expect("号码是掩码", anna.mobile in seen, False)
    manager.post(f"{SEGMENTS}new/", do="1", **asked)
    segment = manager.key_of(SEGMENTS, place)
    world.step("主管建分群：没填条件被提醒；填了小区，保存之前看到 4 人，号码是掩码")

    with _awake(admin):
        first = _campaign(world, manager, segment, "第一次")
        _approve(world, manager, first)
        for one in (anna, ben, black):
            world.wait_for(f"{one.name}收到", partial(_has, world, one), seconds=120)
        world.expect("没有同意的", _got(world, silent), [])
        world.step(
            f"活动 {first} 由主管提交、运营审批：三位收到短信，开头是各自的称呼，没有同意的那位没有收到"
        )

        black_key = admin.key_of(MEMBERS, black.mobile)
        told = admin.post(
            f"{MEMBERS}{black_key}/blacklist/",
            do="1",
            reason="多次恶意退货，核实无误",
            deeds=["login", "marketing"],
        )
        world.expect("列入黑名单", "限制" in told and "多次恶意退货" in told, True)
        alone = admin.post(f"{MEMBERS}{black_key}/restore/", do="1", reason="我改主意了")
        world.expect("自己解除", "不能自己解除" in alone, True)
        world.step("客服把一位列入黑名单：不能登录、不收营销信息；列入的人自己解除不了")
        late = _neighbour(world, "迟到", place, True)
        second = _campaign(world, manager, segment, "第二次")
        _approve(world, manager, second)
        world.wait_for("新来的收到", lambda: len(_got(world, late)) == 1, seconds=120)
        key = manager.key_of(CAMPAIGNS, second)
        result = world.wait_for(
            "活动完成", lambda: _done(manager.page(f"{CAMPAIGNS}{key}/change/")), seconds=120
        )
        world.expect("超过频次的", "超过频次，未发" in result, True)
        for one, most in ((anna, 1), (ben, 1), (silent, 0), (black, 1)):
            world.expect(f"{one.name}的短信", len(_got(world, one)), most)
        world.step("同一天的第二个活动：只有新来的邻居收到；收过的超过频次，黑名单的和没同意的都没有再发")

    own = manager.page(f"{CAMPAIGNS}{key}/change/")
    world.expect(
        "结果", all(word in own for word in ("目标人数", "没有同意接收营销信息", "7 天内购买")), True
    )
    world.step("活动页上看到结果：发出、超过频次、不符合条件的原因，7 天内购买的人数")
    _list(world, admin, segment, anna)
    _by_wechat(world, manager, admin, place, segment)


_PEOPLE = (("安安", True), ("本本", True), ("默默", False), ("小黑", True))


def _neighbour(world: World, name: str, place: str, marketing: bool) -> Shopper:
    one = Shopper(world, name)
    agreement = world.ask("{ memberAgreement }")["memberAgreement"]
    made = one.ask(
        SIGN_IN, mobile=one.mobile, code=one.code(), agreement=agreement, name=name, device=one.device
    )
    world.expect(f"{name}注册", made["errors"], [])
    one.token = made["token"]
    said = one.ask(SAY, input={"communityName": place, "marketing": marketing})
    world.expect(f"{name}的资料", said["errors"], [])
    [unit] = world.ask(UNIT, who=MANAGER)["orgUnits"]["edges"]
    world.expect(f"{name}的归属", one.ask(HOME, code=unit["node"]["code"])["errors"], [])
    return one


@contextmanager
def _awake(desk: Desk, per_day: int = 1) -> Iterator[None]:
    """One a day, and no quiet hours while the journey is played; then the night is quiet again."""
    _rule(desk, "03:00", "03:00", per_day)
    try:
        yield
    finally:
        _rule(desk, "21:00", "09:00")


def _rule(desk: Desk, quiet_from: str, quiet_until: str, per_day: int = 1) -> None:
    moment = now() - timedelta(seconds=1)
    desk.post(
        RULES, per_day=f"{per_day}", per_month="99" if per_day > 1 else "4", quiet_from=quiet_from,
        quiet_until=quiet_until, note="流程演示",
        valid_from_0=f"{moment:%Y-%m-%d}", valid_from_1=f"{moment:%H:%M:%S}",
    )  # fmt: skip


def _list(world: World, desk: Desk, segment: str, one: Shopper) -> None:
    """A list of the segment: approved by another, taken once, masked."""
    reason = f"寄送贺卡{secrets.token_hex(3)}"
    desk.post(f"{EXPORTS}new/", do="1", segment=segment, reason=reason)
    # the newest of whoever asks stands first
    key = max(re.findall(rf"{EXPORTS}(\d+)/change/", desk.page(EXPORTS)), key=int)
    page = f"{EXPORTS}{key}/"
    world.expect("批准之前", "不能下载" in desk.post(f"{page}take/"), True)
    _agree(world, desk.page(f"{page}change/"))
    taken = desk.send(f"{page}take/")
    book = load_workbook(BytesIO(taken.content))
    rows = [[str(cell) for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    world.expect("名单上的人", len(rows) - 2, 5)
    world.expect("第一行写明用途和审计号", reason in rows[0][0] and "审计号" in rows[0][0], True)
    world.expect("号码是掩码", one.mobile in str(rows), False)
    world.expect("再下载一次", "已经下载过" in desk.post(f"{page}take/"), True)
    world.step("要一份名单：另一人批准才能下载，只能一次，号码是掩码，文件第一行写明谁、何时、为什么")


def _by_wechat(world: World, manager: Desk, admin: Desk, place: str, segment: str) -> None:
    """A follower reads it in WeChat and taps it; a neighbour who does not follow gets a text message."""
    act(
        world,
        "server",
        url=f"{world.base_url}/hooks/official_account/{ACCOUNT}",
        push_mode="aes",
        person=PERSON,
    )
    person = Neighbour(world)
    person.does("follow")
    person.log_in(f"{world.base_url}/h5/")
    said = person.ask(SAY, input={"communityName": place, "marketing": True})
    world.expect("粉丝的资料", said["errors"], [])
    [unit] = world.ask(UNIT, who=MANAGER)["orgUnits"]["edges"]
    world.expect("粉丝的归属", person.ask(HOME, code=unit["node"]["code"])["errors"], [])
    late = _neighbour(world, "晚晚", place, True)
    before = len(person.heard())
    with _awake(admin, per_day=9):
        number = _campaign(
            world, manager, segment, "公众号", way="wechat", page="/h5/coupons", falls_back="on"
        )
        _approve(world, manager, number)
        told = world.wait_for("微信里收到", lambda: _news(person, before), seconds=120)
        world.wait_for("没关注的收到短信", partial(_has, world, late), seconds=120)
        led = world.http.get(urlsplit(told["url"]).path, follow_redirects=False)
        world.expect("点开到", (led.status_code, led.headers["location"]), (302, "/h5/coupons"))
        key = manager.key_of(CAMPAIGNS, number)
        page = manager.page(f"{CAMPAIGNS}{key}/change/")
        world.expect("只收到一条", len(_all_news(person, before)), 1)
        world.expect("点开的人", re.findall(r"点开 (\d+)", words_of(page)), ["1"])
    world.step("公众号活动：粉丝在微信里收到一条，点开到领券页，活动页记下 1 人点开；没关注的邻居改收短信")


def _all_news(person: Neighbour, since: int) -> list[dict[str, Any]]:
    return [one for one in person.heard()[since:] if one.get("title") == "会员活动通知"]


def _news(person: Neighbour, since: int) -> dict[str, Any] | None:
    return next(iter(_all_news(person, since)), None)


def _campaign(world: World, desk: Desk, segment: str, name: str, **more: str) -> str:
    """A campaign, submitted; its number."""
    name = f"{name}{secrets.token_hex(3)}"
    told = {"name": name, "segment": segment, "way": "sms", "text": TEXT, **more}
    looked = desk.post(f"{CAMPAIGNS}new/", look="1", **told)
    if told["way"] == "sms":
        world.expect("预览", "完整短信" in looked and "条计费" in looked, True)
    desk.post(f"{CAMPAIGNS}new/", do="1", **told)
    key = desk.key_of(CAMPAIGNS, name)
    sent = desk.post(f"{CAMPAIGNS}{key}/submit/", do="1", note="请审批")
    world.expect("提交", "待审批" in sent, True)
    return number_on(sent, "YX")


def _approve(world: World, desk: Desk, number: str) -> None:
    """By another than who submitted."""
    _agree(world, desk.page(desk.address_of(CAMPAIGNS, number)))


def _agree(world: World, page: str) -> None:
    approve(world, number_on(page, "SP"), who=OPERATIONS, note="内容没有问题")


def _got(world: World, one: Shopper) -> list[str]:
    """The campaign's messages on somebody's phone."""
    return [text["text"] for text in world.sandbox.texts(one.mobile) if f"{one.name}，小区满" in text["text"]]


def _has(world: World, one: Shopper) -> bool:
    """True when exactly one message is there."""
    return len(_got(world, one)) == 1


def _done(page: str) -> str:
    return page if "已完成" in page else ""
