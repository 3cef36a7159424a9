"""Journey ``vehicle-reminder``: what cars need is told once: in WeChat to who follows, by a text message to others."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from plugins.members.journeys.login import SIGN_IN, Shopper
from saleor_o2o.journeys.office import words_of
from saleor_o2o.journeys.world import World
from saleor_o2o.kernel.clock import now, today

from .buy import NAME, Neighbour
from .desk import Desk
from .follow import ACCOUNT, a_code, act

SAVE = """mutation($input: MemberVehicleInput!) { memberVehicleSave(input: $input) {
  vehicle { id maskedPlate } errors { message code } } }"""
SNOOZE = """mutation($id: ID!) { memberVehicleSave(id: $id, input: {remind: false}) {
  vehicle { remind } errors { message code } } }"""
DONE = """mutation($id: ID!) { memberVehicleDone(id: $id, what: INSPECTION) {
  vehicle { inspectionDue } errors { message code } } }"""
DELETE = "mutation($id: ID!) { memberRecordDelete(id: $id, kind: VEHICLE) { errors { message } } }"
MEMBER = "{ myMember { number } }"


def play(world: World) -> None:
    """Two neighbours with cars: one follows the account, one does not. The days are moved in the database."""
    desk, follower = Desk(world, "admin"), Neighbour(world)
    act(world, "server", url=f"{world.base_url}/hooks/official_account/{ACCOUNT}", push_mode="aes")
    code = world.wait_for("生成二维码", lambda: a_code(world, desk))
    follower.does("scan", content=code["url"])
    follower.log_in(f"{world.base_url}/h5/vehicles")
    other = Shopper(world, "小驾")
    agreement = world.ask("{ memberAgreement }")["memberAgreement"]
    made = other.ask(SIGN_IN, mobile=other.mobile, code=other.code(), agreement=agreement, name="小驾")
    world.expect("注册", made["errors"], [])
    other.token = made["token"]
    _days_pass(follower.ask(MEMBER)["number"])

    inspection = today() + timedelta(days=25)
    cars = [
        _car(world, one, inspectionDue=inspection.isoformat(), registeredOn="2021-03-01")
        for one in (follower, other)
    ]
    late = _car(world, other, insuranceDue=(today() + timedelta(days=5)).isoformat(), remind=False)
    world.step(
        f"{NAME}（关注了公众号）和小驾（没有关注）各登记一辆车，年检 25 天后到期；小驾另一辆关掉了提醒"
    )

    heard = len(follower.heard())
    _job()
    message = world.wait_for("公众号消息", lambda: _told(follower, heard))
    world.expect("写明到期日", f"{inspection:%Y-%m-%d}" in message["text"], True)
    text = world.wait_for("短信", lambda: _texts(world, other))[0]
    world.expect("短信写明到期日", f"{inspection:%Y-%m-%d}" in text and "还有 25 天" in text, True)
    world.expect("车牌是掩码", cars[1]["maskedPlate"] in text, True)
    world.step(f"到点提醒：{NAME}收到公众号“{message['title']}”，小驾收到短信：{text}")

    for _again in range(3):
        _job()
    _days_pass(_number(other), _number(follower))
    _job()
    _still(world, follower, heard, other, "CONFIRM")
    world.step("任务又跑几遍、又过一天：谁也没有再收到，关掉提醒的那辆车一直没有响")

    shown = words_of(desk.page("/admin/o2o_members/vehicle/", q=other.mobile))
    world.expect("员工看到", cars[1]["maskedPlate"] in shown and "还有 25 天" in shown, True)
    done = other.ask(DONE, id=cars[1]["id"])
    world.expect("登记办好", done["errors"], [])
    _days_pass(_number(other))
    _job()
    _still(world, follower, heard, other, "RESET_PASSWORD")
    world.step(f"小驾办好年检，点“已办理”：下次到期 {done['vehicle']['inspectionDue']}，不再提醒")

    world.expect("打开再关掉", other.ask(SNOOZE, id=late["id"])["vehicle"]["remind"], False)
    world.expect("卖了车", follower.ask(DELETE, id=cars[0]["id"])["errors"], [])
    desk.http.close()


def _car(world: World, person: Any, **told: Any) -> dict[str, Any]:
    plate = f"渝A{secrets.randbelow(100000):05d}"
    saved = person.ask(SAVE, input={"plate": plate, **told})
    world.expect("登记车辆", saved["errors"], [])
    found: dict[str, Any] = saved["vehicle"]
    return found


def _job() -> None:
    """What beat starts every hour of the day, as at ten in the morning."""
    from plugins.members.services.reminding import remind

    remind(at=now().replace(hour=10))


def _days_pass(*numbers: str) -> None:
    """What was told today was told yesterday."""
    from plugins.members.models import VehicleReminder

    rows = VehicleReminder.objects.filter(vehicle__member__number__in=numbers)
    rows.update(at=now() - timedelta(days=1))


def _number(person: Any) -> str:
    return str(person.ask(MEMBER)["number"])


def _told(follower: Neighbour, since: int) -> dict[str, Any] | None:
    return next((one for one in follower.heard()[since:] if "车" in str(one.get("title", ""))), None)


def _texts(world: World, person: Shopper) -> list[str]:
    return [one["text"] for one in world.sandbox.texts(person.mobile) if "您的车" in one["text"]]


def _still(world: World, follower: Neighbour, since: int, other: Shopper, purpose: str) -> None:
    """Nothing more came: a code asked for now is on the telephone after all that might have been sent before."""
    world.expect("验证码照常收到", len(other.code(purpose)), 6)
    told = [one for one in follower.heard()[since:] if "车" in str(one.get("title", ""))]
    world.expect("公众号消息", len(told), 1)
    world.expect("短信", len(_texts(world, other)), 1)
