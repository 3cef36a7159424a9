"""Journey ``channel``: a micro-shop from its application to its first sale, and who earns what of it."""

from __future__ import annotations

import io
import json
import secrets
from decimal import Decimal
from typing import Any

from PIL import Image, ImageDraw

from saleor_o2o.journeys.approvals import approve, try_to_approve
from saleor_o2o.journeys.world import Differs, World
from saleor_o2o.kernel.documents import id_check
from saleor_o2o.kernel.money import format_yuan

from . import buying

APPLY = """mutation($input: ShopApplyInput!, $photo: Upload!) { shopApply(input: $input, photos: [$photo]) {
  application { number status statusText branch } errors { field message code } } }"""
PROGRESS = """query($number: String!, $mobile: String!) { shopApplication(number: $number, mobile: $mobile) {
  status statusText decision } }"""
FIND = """query($search: String!) { salesChannels(search: $search) { code status name unitName owner } }"""
VISIT = """mutation($code: String!, $findings: String!) { channelVisitRecord(
  code: $code, kind: OPENING, result: RECOMMEND, findings: $findings) {
  channel { status } errors { message code } } }"""
SUBMIT = """mutation($code: String!, $note: String) { channelSubmit(code: $code, note: $note) {
  requestNumber channel { status } errors { message code } } }"""
EXAM = """mutation($code: String!, $course: String!, $score: Int!) { channelExamRecord(
  code: $code, course: $course, score: $score) { passed missing errors { message code } } }"""
UPDATE = """mutation($code: String!, $input: ChannelUpdateInput!) { channelUpdate(code: $code, input: $input) {
  channel { code } errors { message code } } }"""
MOVE = """mutation($code: String!, $move: ChannelMoveEnum!) { channelMove(code: $code, move: $move) {
  channel { status } errors { message hint code } } }"""
SHOP = """query($code: String!) { shopByCode(code: $code) { name url offers {
  variantId productName variantName price listPrice } } }"""
PRICE = """mutation($code: String!, $goods: [ShopGoodsInput!]!) { shopGoodsUpdate(code: $code, goods: $goods) {
  shop { offers { variantId price } } errors { message code } } }"""
ENTER = """mutation($code: String!) { shopEnter(shopCode: $code) {
  binding { shopCode shopName } errors { message } } }"""
FIGURES = """query($codes: [String!]!, $day: Date!) { channelFigures(codes: $codes, firstDay: $day, lastDay: $day) {
  visits customers orders gmv } }"""
EXPLAIN = """query($order: ID!) { commissionExplain(orderId: $order) { total lines { name paid
  result { steps parts { rankLabel name amount steps } } } } }"""
LIAISON, CHIEF, COUNTY = "liaison_jiefangbei", "branch_jiefangbei", "county_yuzhong_merchants"


def play(world: World) -> None:
    """Apply, visit, submit, approve, train, sign, sell, explain."""
    number, mobile = _apply(world)
    code = _open(world, number, mobile)
    shop, offer = _dress(world, code)
    order, total = _sell(world, code, offer)
    _look_back(world, code, order, total)
    world.step(f"「{shop}」的第一单完成")


def _apply(world: World) -> tuple[str, str]:
    branch = world.ask("query { salesChannels(type: OUTLET, first: 1) { unitCode unitName } }", who=LIAISON)
    unit = branch["salesChannels"][0]["unitCode"].rsplit("-", 1)[0]
    serial = secrets.randbelow(10**8)
    first17 = f"509901{1975 + serial % 20}0{1 + serial % 9}1{serial % 10}{serial % 1000:03d}"
    mobile = f"1380{serial % 10**7:07d}"
    form = {
        "name": "田小邻", "idNumber": first17 + id_check(first17), "mobile": mobile, "community": "棉花街社区",
        "branchCode": unit, "premises": "棉花街示例路 6 号", "consent": True,
    }  # fmt: skip
    refused = _send(world, {**form, "idNumber": first17 + "0" * 3})
    world.expect("证件号错误时的提示", [one["code"] for one in refused["errors"]], ["ID_NUMBER_INVALID"])
    made = _send(world, form)
    world.expect("申请的错误", made["errors"], [])
    world.expect(
        "再交一次同一份申请", _send(world, form)["application"]["number"], made["application"]["number"]
    )
    number = str(made["application"]["number"])
    branch_name = made["application"]["branch"]
    world.step(f"田小邻在手机上申请开店，{branch_name}受理，申请编号 {number}；交了两次仍是一份")
    return number, mobile


def _send(world: World, form: dict[str, Any]) -> Any:
    picture = io.BytesIO()
    image = Image.new("RGB", (640, 480), (222, 229, 222))
    ImageDraw.Draw(image).rectangle((120, 160, 520, 440), fill=(0, 133, 74))
    image.save(picture, "JPEG")
    answer = world.http.post(
        "/graphql/",
        data={
            "operations": json.dumps({"query": APPLY, "variables": {"input": form, "photo": None}}),
            "map": json.dumps({"photo": ["variables.photo"]}),
        },
        files={"photo": ("premises.jpg", picture.getvalue(), "image/jpeg")},
    ).json()
    if "errors" in answer:
        raise Differs(f"接口报错：{answer['errors']}")
    return answer["data"]["shopApply"]


def _open(world: World, number: str, mobile: str) -> str:
    [channel] = world.ask(FIND, {"search": number}, who=LIAISON)["salesChannels"]
    code = str(channel["code"])
    world.step(f"店主联络员看到申请（店主 {channel['owner']}），上门走访")
    early = world.ask(SUBMIT, {"code": code}, who=CHIEF)["channelSubmit"]
    world.expect("没走访就提交", [one["code"] for one in early["errors"]], ["VISIT_MISSING"])
    visited = world.ask(VISIT, {"code": code, "findings": "临街门面，小区 600 户，有冰柜"}, who=LIAISON)
    world.expect("走访的错误", visited["channelVisitRecord"]["errors"], [])

    submitted = world.ask(SUBMIT, {"code": code, "note": "建议开店"}, who=CHIEF)["channelSubmit"]
    world.expect("提交的错误", submitted["errors"], [])
    request = submitted["requestNumber"]
    world.step(f"支局长提交审批：{request}")
    own = try_to_approve(world, request, who=CHIEF, note="同意开店")
    world.expect("提交人自己审批被拒绝", bool(own), True)
    approve(world, request, who=COUNTY, note="同意开店")
    stand = world.ask(PROGRESS, {"number": number, "mobile": mobile})["shopApplication"]
    world.expect("申请进度", (stand["status"], stand["decision"]), ("TRAINING", "同意开店"))
    world.step("区县主任同意（支局长自己批被拒绝），店铺按模板生成，店主去培训")

    early = world.ask(MOVE, {"code": code, "move": "BEGIN_TRIAL"}, who=CHIEF)["channelMove"]
    world.expect("没培训就试营", [one["code"] for one in early["errors"]], ["TRAINING_MISSING"])
    failed = world.ask(EXAM, {"code": code, "course": "shop-basics", "score": 65}, who=LIAISON)
    world.expect("65 分", failed["channelExamRecord"]["passed"], False)
    for course, score in (("shop-basics", 92), ("shop-compliance", 88)):
        exam = world.ask(EXAM, {"code": code, "course": course, "score": score}, who=LIAISON)
        world.expect("考试合格", exam["channelExamRecord"]["passed"], True)
    world.step("店主第一次考 65 分不合格，补考 92 分、88 分，两门必修课合格")

    early = world.ask(MOVE, {"code": code, "move": "BEGIN_TRIAL"}, who=CHIEF)["channelMove"]
    world.expect("没签协议就试营", [one["code"] for one in early["errors"]], ["AGREEMENT_MISSING"])
    paper = {"agreementNo": f"XY-{code}", "agreementFrom": "2026-01-01", "agreementTo": "2028-12-31"}
    signed = world.ask(UPDATE, {"code": code, "input": paper}, who=CHIEF)["channelUpdate"]
    world.expect("登记协议的错误", signed["errors"], [])
    for move in ("BEGIN_TRIAL", "CONFIRM"):
        moved = world.ask(MOVE, {"code": code, "move": move}, who=CHIEF)["channelMove"]
        world.expect("状态变更的错误", moved["errors"], [])
    world.expect("渠道状态", moved["channel"]["status"], "ACTIVE")
    world.step("登记合作协议，试营、转正：店铺正常营业")
    return code


def _dress(world: World, code: str) -> tuple[str, dict[str, Any]]:
    shop = world.ask(SHOP, {"code": code})["shopByCode"]
    offer = next((one for one in shop["offers"] if buying.available(world, one["variantId"]) > 1), None)
    if offer is None:
        raise Differs("模板里的商品都没有库存")
    listed = Decimal(str(offer["listPrice"]))
    dear = (listed * 2).quantize(Decimal("0.01"))
    goods = [{"variantId": offer["variantId"], "price": str(dear)}]
    refused = world.ask(PRICE, {"code": code, "goods": goods}, who=CHIEF)["shopGoodsUpdate"]
    world.expect("超出价格区间", [one["code"] for one in refused["errors"]], ["PRICE_OUT_OF_BAND"])
    own = (listed * Decimal("1.05")).quantize(Decimal("0.01"))
    goods = [{"variantId": offer["variantId"], "price": str(own)}]
    changed = world.ask(PRICE, {"code": code, "goods": goods}, who=CHIEF)["shopGoodsUpdate"]
    world.expect("改价的错误", changed["errors"], [])
    page = world.http.get(f"/channels/s/{code}")
    world.expect("店铺页", (page.status_code, f"¥{own}" in page.text), (200, True))
    text = f"「{shop['name']}」上架 {len(shop['offers'])} 种商品，{offer['productName']}"
    world.step(
        f"{text} 定价 {format_yuan(own)}（平台价 {format_yuan(listed)}，翻倍被拒绝），二维码 {shop['url']}"
    )
    return str(shop["name"]), {**offer, "price": own}


def _sell(world: World, code: str, offer: dict[str, Any]) -> tuple[buying.Placed, Decimal]:
    entered = world.ask(ENTER, {"code": code}, who="shopper2")["shopEnter"]
    world.expect("进店的错误", entered["errors"], [])
    bound = entered["binding"]["shopCode"]
    told = "绑定为本店客户" if bound == code else "已是别家的客户，保护期内不改绑"
    world.step(f"王小渝扫二维码进店：{told}")
    order = buying.place(world, offer["variantId"], 2, code, who="shopper2")
    goods = order.total - order.freight
    world.expect("按店主售价计价", goods, offer["price"] * 2)
    world.step(
        f"下单 2 件：商品 {format_yuan(goods)}，运费 {format_yuan(order.freight)}，订单 {order.number}"
    )
    buying.pay(world, order)
    world.step(f"微信支付 {format_yuan(order.total)} 到账")
    return order, goods


def _look_back(world: World, code: str, order: buying.Placed, goods: Decimal) -> None:
    day = order.day
    [seen] = world.ask(FIGURES, {"codes": [code], "day": day}, who=CHIEF)["channelFigures"]
    world.expect("渠道订单与销售额", (seen["orders"], Decimal(str(seen["gmv"]))), (1, order.total))
    hidden = world.ask(FIGURES, {"codes": [code], "day": day}, who="branch_gaosuntang")["channelFigures"]
    world.expect("别的支局看不到", hidden, [])
    world.step(
        f"支局看到本店：访问 {seen['visits']} 次，订单 1 笔，销售额 {format_yuan(order.total)}；外区支局看不到"
    )
    explained = world.ask(EXPLAIN, {"order": order.id}, who=COUNTY)["commissionExplain"]
    total = Decimal(str(explained["total"]))
    world.step(f"佣金合计 {format_yuan(total)}：")
    for line in explained["lines"]:
        world.say(f"      {line['name']}，实付 {format_yuan(Decimal(str(line['paid'])))}")
        for text in line["result"]["steps"]:
            world.say(f"        {text}")
        parts = line["result"]["parts"]
        for part in parts:
            world.say(
                f"        {part['rankLabel']} {part['name']}：{format_yuan(Decimal(str(part['amount'])))}"
            )
    world.expect("佣金的基数是商品实付", sum(Decimal(str(one["paid"])) for one in explained["lines"]), goods)
    paid_out = sum(
        Decimal(str(part["amount"])) for one in explained["lines"] for part in one["result"]["parts"]
    )
    world.expect("各级之和", paid_out, total)
