"""Journey ``dispatch``: a paid order finds its branch and one pair of hands, whatever people and the map do."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from saleor_o2o.journeys.world import World

from .buying import Bought, buy

HOME, NEXT_DOOR = "解放碑支局", "朝天门支局"
#: The demo's 高德 puts it into the area of 解放碑支局.
STREET = "民权路 7 号"
COURIER, CLERK, MANAGER = "courier_jiefangbei", "clerk_jiefangbei", "branch_jiefangbei"
NEIGHBOUR, CHIEF, COUNTY, STRANGER = (
    "courier_chaotianmen",
    "branch_chaotianmen",
    "county_yuzhong_dispatch",
    "branch_gaosuntang",
)
_TASK = """number subOrderNumber state stage stateText stageText unit { code name } offeredTo { name } holderName why
  late basis receiver { name phone address mapUrl whole } goods { name left } actions"""
QUEUE = f"query($view: DispatchView!) {{ dispatchQueue(view: $view, first: 50) {{ items {{ {_TASK} }} endCursor }} }}"
ONE = f"""query($number: String!) {{ dispatchTask(number: $number) {{ task {{ {_TASK} }}
  history {{ deed text actor }} }} }}"""
CHOICES = """query($number: String!) { dispatchChoices(number: $number) {
  people { employeeNo name open } units { unit { code name } direct } } }"""
BOARD = "{ dispatchBoard { code name late toGrab manager county taken done } }"
ASSIGN = """mutation($numbers: [String!]!, $person: String!) { dispatchAssign(numbers: $numbers, person: $person) {
  given { number problem } errors { message } } }"""
CANCEL = "mutation($id: ID!) { orderCancel(id: $id) { order { status } orderErrors { message } } }"
TIMELINE = "query($id: ID!) { orderTimeline(id: $id) { kindLabel text } }"
RESULT = f"task {{ {_TASK} }} errors {{ code message hint }}"


def play(world: World) -> None:
    """By polygon, two hands, the neighbour, the ladder, a cancelled one, and an address that nobody finds."""
    _by_area_and_two_hands(world)
    _to_the_neighbour(world)
    _nobody_answers(world)
    _cancelled(world)
    _map_is_down(world)
    _nobody_finds_it(world)
    _fetched(world)
    _leave_no_cart()


def _by_area_and_two_hands(world: World) -> None:
    order = buy(world, STREET)
    task = _task_of(world, order, COUNTY)
    world.expect("派到", (task["unit"]["name"], task["basis"], task["state"]), (HOME, "AREA", "WAITING"))
    world.step(f"顾客住{STREET}，付款后按服务范围派到{HOME}：{task['why']}，{task['stageText']}待抢")
    seen = _one(world, task["number"], COURIER)["receiver"]
    world.expect("抢单前看不到完整地址", (seen["whole"], STREET in seen["address"]), (False, False))
    world.expect("别的区县看不到", _task(world, task["number"], STRANGER), None)
    for who in (COURIER, CLERK):
        world.token(who)
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda who: _do(world, "dispatchGrab", task["number"], who), (COURIER, CLERK)))
    won = [one for one in done if not one["errors"]]
    lost = [one for one in done if one["errors"]]
    world.expect("两人同时抢，抢到几人", (len(won), len(lost)), (1, 1))
    world.expect("没抢到的得到什么", lost[0]["errors"][0]["code"], "TAKEN")
    world.step(
        f"投递员和营业员同时点“抢单”：{won[0]['task']['holderName']}抢到；另一人看到“{lost[0]['errors'][0]['message']}”"
    )
    holder = COURIER if won[0] is done[0] else CLERK
    mine = _one(world, task["number"], holder)["receiver"]
    world.expect("承办人看到完整地址", (mine["whole"], STREET in mine["address"]), (True, True))
    world.expect("有地图导航", (mine["mapUrl"] or "").startswith("https://uri.amap.com/navigation"), True)
    world.step("承办人现在看得到门牌号、电话和地图导航，别人只看到街道")
    sent = _do(world, "dispatchSend", task["number"], holder)
    world.expect("发出的错误", sent["errors"], [])
    world.expect("任务", sent["task"]["state"], "DONE")
    story = [one["text"] for one in world.ask(TIMELINE, {"id": order.id}, who="clerk")["orderTimeline"]]
    world.expect("订单时间线里的派单", sum(1 for text in story if text.startswith("派单 ")), 3)
    world.step("承办人点“全部发出”：订单变为已发货，任务完成；时间线里三条派单记录")


def _to_the_neighbour(world: World) -> None:
    order = buy(world, STREET)
    number = _task_of(world, order, MANAGER)["number"]
    units = world.ask(CHOICES, {"number": number}, who=MANAGER)["dispatchChoices"]["units"]
    target = next(one for one in units if one["unit"]["name"] == NEXT_DOOR)
    world.expect("邻近支局须接受", target["direct"], False)
    moved = _move(world, number, target["unit"]["code"], MANAGER)
    world.expect("转派", (moved["errors"], moved["task"]["state"]), ([], "OFFERED"))
    refused = _do(world, "dispatchAccept", number, MANAGER)
    world.expect("自己不能替对方接受", refused["errors"][0]["code"], "PERMISSION_DENIED")
    taken = _do(world, "dispatchAccept", number, CHIEF)
    world.expect("接受", (taken["errors"], taken["task"]["unit"]["name"]), ([], NEXT_DOOR))
    world.expect("原支局看不到了", _task(world, number, MANAGER), None)
    world.step(f"支局长人手不足，转派{NEXT_DOOR}；对方支局长接受，任务进入对方待抢，原支局不再看到")
    world.expect("抢单", _do(world, "dispatchGrab", number, NEIGHBOUR)["errors"], [])
    back = _do(world, "dispatchRefuse", number, NEIGHBOUR, reason="TOO_BIG", text="三轮车装不下")
    world.expect("退单", (back["errors"], back["task"]["stage"]), ([], "MANAGER"))
    person = world.ask(CHOICES, {"number": number}, who=CHIEF)["dispatchChoices"]["people"][0]
    given = world.ask(ASSIGN, {"numbers": [number], "person": person["employeeNo"]}, who=CHIEF)[
        "dispatchAssign"
    ]
    world.expect("指派", (given["errors"], given["given"][0]["problem"]), ([], None))
    world.step(f"对方投递员抢到又退单（超大超重，三轮车装不下），支局长指派给在办最少的{person['name']}")


def _nobody_answers(world: World) -> None:
    order = buy(world, STREET)
    number = _task_of(world, order, COURIER)["number"]
    stages = []
    for _step in range(3):
        _let_time_pass(number)
        _let_time_pass(number, only_sweep=True)  # once more: nothing changes
        stages.append(_one(world, number, COUNTY)["stage"])
    world.expect("逐级升级", stages, ["MANAGER", "COUNTY", "AREA"])
    row = next(one for one in world.ask(BOARD, who=COUNTY)["dispatchBoard"] if one["name"] == HOME)
    world.expect("看板上超时", row["late"] >= 1, True)
    history = world.ask(ONE, {"number": number}, who=COUNTY)["dispatchTask"]["history"]
    world.expect("升级几次", [one["deed"] for one in history].count("超时升级"), 3)
    world.step("没人接单：先升级到支局长，再到区县调度，再到片区中心；每级只升一次，看板标红")
    moved = _move(world, number, _code_of(world, number, NEXT_DOOR), COUNTY)
    world.expect("区县直接改派", (moved["errors"], moved["task"]["state"]), ([], "WAITING"))
    world.expect("改派到", (moved["task"]["unit"]["name"], moved["task"]["late"]), (NEXT_DOOR, False))
    world.step(f"区县调度直接改派{NEXT_DOOR}，不必等对方接受，重新计时")
    up = _do(world, "dispatchRefuse", number, CHIEF, reason="NO_HANDS", text="今天全员培训")
    world.expect("支局退回", (up["errors"], up["task"]), ([], None))
    top = _one(world, number, COUNTY)
    world.expect("到区县", (top["stage"], "今天全员培训" in top["why"]), ("COUNTY", True))
    world.step(f"{NEXT_DOOR}退回区县并写明原因：{top['why']}")


def _cancelled(world: World) -> None:
    order = buy(world, STREET)
    number = _task_of(world, order, COURIER)["number"]
    world.expect("抢单", _do(world, "dispatchGrab", number, COURIER)["errors"], [])
    done = world.ask(CANCEL, {"id": order.id}, who="clerk")["orderCancel"]
    world.expect("取消订单的错误", done["orderErrors"], [])
    world.wait_for("任务关闭", lambda: _one(world, number, COURIER)["state"] == "CLOSED")
    refused = _do(world, "dispatchSend", number, COURIER)
    world.expect("关闭后不能发出", refused["errors"][0]["code"], "WRONG_STATE")
    world.step("客服取消了正在办理的订单：任务立即关闭，地址不再显示，也不能再发出")


def _map_is_down(world: World) -> None:
    # nobody has asked for it before; within 300 m of the monument, so never across the river in another county
    street = f"解放碑 {secrets.randbelow(10**8) + 1} 号"
    world.sandbox.fault("geocode", "http_500", times=None, system="map")
    order = buy(world, street)
    number = _task_of(world, order, COUNTY, located=False)["number"]
    world.expect("地图故障时", _one(world, number, COUNTY)["state"], "LOCATING")
    world.step("地图服务故障：任务在区县显示“定位中”，下单和付款不受影响")
    world.sandbox.clear_faults()
    _try_again_soon(number)
    world.wait_for("定位", lambda: _one(world, number, COUNTY)["state"] != "LOCATING", seconds=180)
    task = _one(world, number, COUNTY)
    world.step(f"地图恢复后自动再问：派到{task['unit']['name']}（{task['why']}）")


def _nobody_finds_it(world: World) -> None:
    order = buy(world, f"查无此处巷 {secrets.randbelow(10**6) + 1} 号")
    number = _task_of(world, order, COUNTY, located=False)["number"]
    world.wait_for("派给区县", lambda: _one(world, number, COUNTY)["state"] == "WAITING")
    task = _one(world, number, COUNTY)
    world.expect("派给区县", (task["unit"]["name"], task["stage"]), ("渝中", "COUNTY"))
    world.step(f"地图找不到的地址归区县调度，原因写明：{task['why']}")


def _fetched(world: World) -> None:
    from ..models import DispatchTask

    order = buy(world, STREET, method="网点自提")
    listed = world.ask(QUEUE, {"view": "OPEN"}, who=COUNTY)["dispatchQueue"]["items"]
    world.expect("自提不派单", order.part in [one["subOrderNumber"] for one in listed], False)
    world.expect("自提没有任务", DispatchTask.objects.filter(sub_order__number=order.part).exists(), False)
    world.step("网点自提的订单不派单")


# -- what people do ------------------------------------------------------------------------------


def _do(
    world: World, name: str, number: str, who: str, *, reason: str = "", text: str = ""
) -> dict[str, Any]:
    if reason:
        document = (
            f"mutation($number: String!, $reason: DispatchReason!, $text: String) {{ "
            f"{name}(number: $number, reason: $reason, text: $text) {{ {RESULT} }} }}"
        )
        answer = world.ask(document, {"number": number, "reason": reason, "text": text}, who=who)
    else:
        document = f"mutation($number: String!) {{ {name}(number: $number) {{ {RESULT} }} }}"
        answer = world.ask(document, {"number": number}, who=who)
    return dict(answer[name])


def _move(world: World, number: str, code: str, who: str) -> dict[str, Any]:
    document = (
        "mutation($number: String!, $unit: String!) { dispatchTransfer(number: $number, unit: $unit, reason: NO_HANDS) "
        f"{{ {RESULT} }} }}"
    )
    return dict(world.ask(document, {"number": number, "unit": code}, who=who)["dispatchTransfer"])


def _code_of(world: World, number: str, name: str) -> str:
    units = world.ask(CHOICES, {"number": number}, who=COUNTY)["dispatchChoices"]["units"]
    return str(next(one["unit"]["code"] for one in units if one["unit"]["name"] == name))


def _task(world: World, number: str, who: str) -> Any:
    found = world.ask(ONE, {"number": number}, who=who)["dispatchTask"]
    return found["task"] if found is not None else None


def _one(world: World, number: str, who: str) -> dict[str, Any]:
    return dict(_task(world, number, who))


def _task_of(world: World, order: Bought, who: str, *, located: bool = True) -> dict[str, Any]:
    """The order's task, as soon as somebody of the staff has it in sight (and the map has answered, if it will)."""

    def look() -> Any:
        from ..models import DispatchTask

        rows = DispatchTask.objects.filter(sub_order__number=order.part).values_list("number", flat=True)
        number = rows.first()
        task = _task(world, number, who) if number else None
        return None if located and task is not None and task["state"] == "LOCATING" else task

    return dict(world.wait_for("派单", look))


# -- what the clock does (in the platform's own database) instead of waiting ---------------------------------


def _let_time_pass(number: str, *, only_sweep: bool = False) -> None:
    from saleor_o2o.kernel.clock import now

    from ..models import DispatchTask
    from ..services.escalating import sweep

    if not only_sweep:
        DispatchTask.objects.filter(number=number).update(due_at=now() - timedelta(seconds=1))
    sweep()


def _try_again_soon(number: str) -> None:
    """The next minute's sweep asks the map again."""
    from saleor_o2o.kernel.clock import now

    from ..models import DispatchTask

    DispatchTask.objects.filter(number=number).update(next_try_at=now())


def _leave_no_cart() -> None:
    """The next journey's cart of this shopper is a new one: stock hands out the one that is still open."""
    from saleor.checkout.models import Checkout

    Checkout.objects.filter(user__email="shopper1@example.com").delete()
