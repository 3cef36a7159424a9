"""Journey ``follow``: an outlet's code → follow → greeting → menu → position → keyword; WeChat repeats itself."""

from __future__ import annotations

import re
from typing import Any

from saleor_o2o.journeys.world import Differs, World

from .desk import PAGES, Desk

ACCOUNT = "chongqing"
PERSON = "oSandboxPersonLiChunlan00002"
#: 解放碑
HERE = {"lng": 106.577, "lat": 29.557, "label": "解放碑"}


def play(world: World) -> None:
    """A neighbour follows at the counter, asks, taps, writes; the manager sees by which code she came."""
    desk = Desk(world, "admin")
    hook = f"{world.base_url}/hooks/official_account/{ACCOUNT}"
    saved = act(world, "server", url=hook, push_mode="aes")
    world.expect("服务器配置", saved["server"], hook)
    world.step("在微信公众平台填好服务器地址：微信发来校验串，平台验签后原样回答，安全模式启用")

    code = world.wait_for("生成二维码", lambda: a_code(world, desk))
    before = figures(desk, code["pk"])
    act(world, "leave")
    told = len(talk(world))
    scanned = act(world, "scan", content=code["url"])
    world.expect("扫码进入的公众号", scanned["account"], ACCOUNT)
    greeting = said(world, told)
    world.expect("欢迎语", greeting, [f"欢迎光临{code['name']}！有事直接在这里留言，我们会尽快回复。"])
    world.step(f"李春兰在柜台扫“{code['name']}”的二维码关注，马上收到这个网点自己的欢迎语")

    after = world.wait_for("统计到账", lambda: changed(desk, code["pk"], before))
    world.expect("扫码次数", after[0] - before[0], 1)
    again = act(world, "pushes/send", id=scanned["push"], copies=5)["tries"]
    world.expect("重复推送的应答", {one["status"] for one in again}, {200})
    world.expect("重复推送后的扫码次数", figures(desk, code["pk"]), after)
    world.step("微信把同一个关注事件又推送了五遍：应答一样，扫码次数不变")

    world.sandbox.call("POST", "/official_account/tokens/end")
    menu = desk.first("menu", account__id__exact=desk.account(ACCOUNT))
    desk.submit(f"{PAGES}menu/{menu}/publish/")
    names = world.wait_for("菜单出现在手机上", lambda: [one["name"] for one in buttons(world)])
    world.expect("菜单", names, ["便民服务", "邮政商城", "我的"])
    world.step("访问凭证刚好失效：自动换新一次，菜单照样发布，手机下方出现“便民服务 · 邮政商城 · 我的”")

    told = len(talk(world))
    act(world, "tap", top=0, below=1)
    world.expect(
        "点菜单的回复", said(world, told), ["请点左下角“+”，选择“位置”发送给我们，马上告诉您最近的邮政网点。"]
    )
    told = len(talk(world))
    act(world, "position", **HERE)
    [nearest] = said(world, told)
    world.expect("最近网点", nearest.startswith("离您最近的邮政网点："), True)
    first = nearest.split("\n\n")[1].split("\n")[0]
    world.step(f"点“怎么找网点”，再发送解放碑的位置：{first}，附营业状态和导航")

    told = len(talk(world))
    for text in ("请问脐橙多少钱", " 人工 ", "你们有没有土特产"):
        act(world, "write", text=text)
    answers = said(world, told)
    world.expect("图文回复", answers[0], "奉节脐橙，产地直发")
    world.expect("关键词回复", answers[1], "客服电话 11185，每天 8:00 至 22:00。")
    world.expect("没有听懂", answers[2].startswith("没有听懂您的意思"), True)
    world.wait_for("没听懂的话进入列表", lambda: "你们有没有土特产" in desk.look("push/", understood="no"))
    world.step("问脐橙得到图文，问人工得到电话；没听懂的那句进了编辑的“没有命中关键词”列表")

    world.sandbox.fault("notify", "bad_signature", system="official_account")
    told = len(talk(world))
    act(world, "write", text="人工")
    world.expect("伪造的推送", said(world, told), [])
    world.step("有人伪造微信的推送：验签不过，拒收并留证")

    act(world, "leave")
    world.wait_for("取消关注", lambda: is_gone(desk))
    world.step("李春兰取消关注：粉丝变为已取消，首次来源仍记在这个网点名下")


def act(world: World, what: str, **body: Any) -> dict[str, Any]:
    """The neighbour does something with her telephone."""
    told = {"account": ACCOUNT, "person": PERSON, **body}
    return world.sandbox.call("POST", f"/official_account/{what}", told)


def talk(world: World) -> list[dict[str, Any]]:
    """What was said between her and the account."""
    found: list[dict[str, Any]] = world.sandbox.call(
        "GET", "/official_account/messages", account=ACCOUNT, person=PERSON
    )["messages"]
    return found


def said(world: World, since: int) -> list[str]:
    """What the account has said since."""
    later = [one for one in talk(world)[since:] if one["side"] == "account"]
    return [one.get("title") or one["text"] for one in later]


def buttons(world: World) -> list[dict[str, Any]]:
    """The menu on her telephone."""
    found: list[dict[str, Any]] = world.sandbox.call(
        "GET", "/official_account/menu", account=ACCOUNT, person=PERSON
    )["button"]
    return found


def a_code(world: World, desk: Desk) -> dict[str, Any] | None:
    """An outlet's code that WeChat has made: its content, name and key here."""
    accounts = world.sandbox.call("GET", "/official_account/accounts")["accounts"]
    appid = next(one["appid"] for one in accounts if one["code"] == ACCOUNT)
    made = [
        one for one in world.sandbox.call("GET", "/official_account/codes")["codes"] if one["appid"] == appid
    ]
    if not made:
        return None
    pk = desk.first("scenecode", state__exact="active", account__id__exact=desk.account(ACCOUNT))
    page = desk.look(f"scenecode/{pk}/change/")
    scene = re.search(r"场景值 (\S+)", page)
    name = re.search(r"名称 (\S+)", page)
    if scene is None or name is None:
        raise Differs("二维码页面没有名称和场景值")
    url = next((one["url"] for one in made if one["scene"] == scene[1]), None)
    return {"pk": pk, "url": url, "name": name[1]} if url else None


def figures(desk: Desk, pk: int) -> tuple[int, int]:
    """Scans and new followers of a code, as its page says."""
    page = desk.look(f"scenecode/{pk}/change/")
    scans, follows = re.search(r"扫码次数 (\d+)", page), re.search(r"新关注 (\d+)", page)
    if scans is None or follows is None:
        raise Differs("二维码页面没有数字")
    return int(scans[1]), int(follows[1])


def changed(desk: Desk, pk: int, before: tuple[int, int]) -> tuple[int, int] | None:
    """The figures, once they are others."""
    found = figures(desk, pk)
    return found if found != before else None


def is_gone(desk: Desk) -> bool:
    """Whether the newest follower's page says that she has left."""
    return "取消关注 20" in desk.look(
        f"fan/{desk.first('fan', account__id__exact=desk.account(ACCOUNT))}/change/"
    )
