"""Journey ``after-sale``: goods go back against a refusal, pieces before they are sent, by silence, above a limit.

The buyer acts over the API, the staff on the pages of the back office, WeChat in the sandbox. Nothing is read or moved
in the database: the clock of silence is shortened by a rule, as the city would.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from saleor_o2o.journeys.approvals import approve
from saleor_o2o.journeys.office import number_on
from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.money import format_yuan

from . import buyer
from .desk import Desk

CLERK, CHIEF, COUNTY, CITY, RULES = (
    "clerk_jiefangbei", "branch_jiefangbei", "county_yuzhong_service", "service", "clerk",
)  # fmt: skip
OUTLETS = "query { salesChannels(type: OUTLET, first: 1) { code unitName } }"
PRICE = Decimal("19.90")


def play(world: World) -> None:
    """A ruling against a refusal; pieces before shipping; silence; a sum above the limit whose refund fails first."""
    [outlet] = world.ask(OUTLETS, who="liaison_jiefangbei")["salesChannels"]
    goods = buyer.find(world, "涪陵榨菜", 12)
    chief = Desk(world, CHIEF)
    with buyer.refunds_wait(world):
        # two clocks of a minute run beside the rest: of silence, and between two refunds of a trade at WeChat
        quiet, order = _ask_and_wait(world, goods, outlet["code"])
        failed = _above_the_limit(world)
        _ruled(world, chief, goods, outlet)
        _unsent(world, chief, goods, outlet["code"])
        _paid_at_last(world, *failed)
        _silence(world, quiet, order)


def _ruled(world: World, chief: Desk, goods: str, outlet: dict[str, str]) -> None:
    """Refused by the branch, handled by the county, ruled on by the city; then the goods and the money."""
    order = buyer.buy(world, goods, 3, outlet["code"])
    world.step(
        f"顾客在{outlet['unitName']}的店里买了 3 份榨菜，微信付 {format_yuan(order.total)}，订单 {order.own_number}"
    )
    Desk(world, CLERK).ship(order.own_number)
    buyer.receive(world, order)
    shelf, _held = buyer.stock(world, goods)
    world.step("营业员发货，顾客确认收货；售后期开始计时")

    number = buyer.ask_for(world, order, "RETURN", "QUALITY", "两袋漏气", 2, photos=2)
    wish = buyer.seen(world, number)
    world.expect("申请金额", Decimal(str(wish["amount"])), 2 * PRICE)
    world.expect("凭证", [one["width"] for one in wish["evidence"]], [1280, 1280])
    world.step(f"顾客申请退货 2 份并传了 2 张照片（点了两次仍是一张售后单 {number}），{wish['stateText']}")

    page = chief.sale(number)
    why = chief.refused(page, "refuse", why="")
    chief.act(page, "refuse", why="外包装完好，不影响食用")
    refused = buyer.wait_for_state(world, number, "REFUSED")
    world.step(f"支局长不写原因不能拒绝（{why}）；写明后拒绝，顾客看到：{refused['answer']}")

    case = _arbitrate(world, chief, number)
    ruling = Desk(world, CITY)
    complaint = ruling.complaint(case)
    ruling.act(complaint, "for_buyer", text="漏气属于质量问题，支持退货")
    ruled = buyer.wait_for_state(world, number, "TO_RETURN")
    world.expect("裁决", (ruled["complaint"]["state"], ruled["complaint"]["forBuyer"]), ("DONE", True))
    world.expect("退货运费", ruled["bearer"], "SELLER")
    world.step(f"市中心裁决支持买家；货还在顾客手里，先退货：寄到“{ruled['returnTo']}”")

    sent = {"number": number, "carrier": "中国邮政", "waybill": "ems 1234567890cq"}
    done = world.ask(buyer.SEND_BACK, sent, who=buyer.WHO)["afterSaleShipBack"]
    world.expect("寄回的错误", done["errors"], [])
    world.expect("看到运单号", buyer.seen(world, number)["waybill"], "EMS1234567890CQ")
    fields = chief.fields(page)
    [damaged] = [name for name in fields if name.startswith("damaged_")]
    chief.act(page, "inspect", **{damaged: "1"})
    refund = buyer.arrives(world, order, 2 * PRICE)
    done = buyer.wait_for_state(world, number, "DONE")
    world.expect("同意金额", Decimal(str(done["agreed"])), 2 * PRICE)
    world.expect("完好的一份回到货架", buyer.stock(world, goods)[0], shelf + 1)
    left = buyer.offer(world, order)["lines"][0]
    world.expect("余下可退", (left["quantity"], Decimal(str(left["amount"]))), (1, PRICE))
    world.step(f"支局验货：2 份中 1 份损坏不回库；退款 {format_yuan(2 * PRICE)} 由微信退回（{refund}）")
    _tell(world, order)


def _arbitrate(world: World, chief: Desk, number: str) -> str:
    variables = {"key": f"arbitrate-{number}", "number": number, "text": "袋子漏气，内容物已变质"}
    asked = buyer.with_photos(world, buyer.ARBITRATE, variables, 1)["afterSaleArbitrate"]
    world.expect("申请仲裁的错误", asked["errors"], [])
    case = str(asked["complaint"]["number"])
    county = Desk(world, COUNTY)
    page = county.complaint(case)
    county.act(page, "accept")
    chief.act(chief.complaint(case), "answer", text="出库前已检查，未见漏气")
    refusal = county.refused(page, "for_seller", text="不支持")
    county.act(page, "escalate")
    world.step(f"顾客申请仲裁 {case}；区县受理，支局申诉；区县不能判买家输（{refusal}），提交市中心")
    return case


def _unsent(world: World, chief: Desk, goods: str, source: str) -> None:
    """Two of three pieces go back before anything is sent; the third still goes out."""
    order = buyer.buy(world, goods, 3, source)
    _shelf, held = buyer.stock(world, goods)
    number = buyer.ask_for(world, order, "REFUND", "WRONG_ORDER", "多拍了两份", 2)
    chief.act(chief.sale(number), "agree")
    world.expect("释放的占用", buyer.stock(world, goods)[1], held - 2)
    buyer.arrives(world, order, 2 * PRICE)
    buyer.wait_for_state(world, number, "DONE")
    Desk(world, CLERK).ship(order.own_number)
    world.expect("只发出余下的一份", buyer.stock(world, goods)[1], held - 3)
    world.step(
        f"另一单 3 份没发货时退 2 份：支局同意，{format_yuan(2 * PRICE)} 到账，占用的库存放开；余下 1 份照常发出"
    )


def _ask_and_wait(world: World, goods: str, source: str) -> tuple[str, buyer.Bought]:
    """A wish that nobody will answer, under a rule of one minute that is ended at once."""
    rules = Desk(world, RULES)
    listed = "/admin/o2o_after_sale/clockrule/"
    begins = now().astimezone()
    rules.submit(
        f"{listed}add/", clock="answer", line="", minutes="1", auto_limit="200.00", note="演练：一分钟",
        valid_from_0=f"{begins:%Y-%m-%d}", valid_from_1=f"{begins:%H:%M:%S}",
    )  # fmt: skip
    added = rules.newest(listed)
    try:
        order = buyer.buy(world, goods, 1, source)
        number = buyer.ask_for(world, order, "REFUND", "CHANGED_MIND", "不想要了")
    finally:
        ends = now().astimezone() + timedelta(seconds=1)
        rules.submit(added, valid_to_0=f"{ends:%Y-%m-%d}", valid_to_1=f"{ends:%H:%M:%S}")
    world.step(f"市里把“商家处理”的时限改成一分钟，顾客申请售后 {number}，时限随即改回；没有人去看它")
    return number, order


def _silence(world: World, number: str, order: buyer.Bought) -> None:
    buyer.wait_for_state(world, number, "REFUNDING", seconds=180)
    buyer.arrives(world, order, order.total)
    done = buyer.wait_for_state(world, number, "DONE")
    world.expect("连运费一起退回", Decimal(str(done["agreed"])), order.total)
    world.step(f"一分钟过去，到点的任务替商家同意：整单 {format_yuan(order.total)}（含运费）退回")


def _above_the_limit(world: World) -> tuple[buyer.Bought, str, str]:
    """Agreed above the limit and approved; WeChat gives the refund up, and it is sent again under another number."""
    dear = buyer.find(world, "城口老腊肉", 6)
    order = buyer.buy(world, dear, 6)
    number = buyer.ask_for(world, order, "REFUND", "NOT_SHIPPED", "等了一周")
    desk = Desk(world, CITY)
    page = desk.sale(number)
    told = desk.act(page, "agree", why="核实无误")
    if order.total <= 500:
        raise Differs("这一单没有超过客服的上限")
    request = number_on(told, "SP")
    world.expect("等待审批", buyer.seen(world, number)["state"], "APPROVING")
    approve(world, request, who=RULES, note="金额属实")
    world.step(f"{format_yuan(order.total)} 超过客服的上限：同意后成为审批 {request}，运营同意才退款")

    first = buyer.arrives(world, order, order.total, closed=True)
    world.wait_for(
        "退款失败待处理", lambda: buyer.seen(world, number)["state"] == "REFUND_FAILED", seconds=120
    )
    desk.act(page, "retry")
    world.step(f"微信把这笔退款关闭了（{first}）；客服点“再次退款”，微信要求两笔间隔一分钟")
    return order, number, first


def _paid_at_last(world: World, order: buyer.Bought, number: str, first: str) -> None:
    """The second one arrives, and nothing more."""
    second = buyer.arrives(world, order, order.total, nth=2)
    buyer.wait_for_state(world, number, "DONE")
    world.expect("两笔退款各有各的单号", first != second, True)
    world.step(f"换了单号的第二笔退款（{second}）到账，没有多退")


def _tell(world: World, order: buyer.Bought) -> None:
    story = world.ask(buyer.STORY, {"number": order.own_number}, who=buyer.WHO)["myOrder"]["timeline"]
    for entry in story:
        if entry["kindLabel"] in ("售后", "投诉"):
            world.say(f"      {entry['kindLabel']}：{entry['text']}")
