"""Journey ``member-own``: addresses and a home branch, a family, a real name, and an account that is kept after all."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Any

from saleor_o2o.journeys.world import World
from saleor_o2o.kernel.documents import id_check

from .login import ERRORS, SIGN_IN, Shopper

PROFILE = f"""mutation($input: MemberProfileInput!) {{ memberProfileUpdate(input: $input) {{
  member {{ name homeUnit profile {{ communityName homeBasis marketing }} }} {ERRORS} }} }}"""
ADDRESS = f"""mutation($input: MemberAddressInput!) {{ memberAddressSave(input: $input) {{
  address {{ text unitCode unitName servingText isDefault }} {ERRORS} }} }}"""
PASSENGER = f"""mutation($input: MemberPassengerInput!) {{ memberPassengerSave(input: $input) {{
  passenger {{ name kind maskedNumber birth verified }} {ERRORS} }} }}"""
VEHICLE = f"""mutation($input: MemberVehicleInput!) {{ memberVehicleSave(input: $input) {{
  vehicle {{ maskedPlate newEnergy inspectionDue }} {ERRORS} }} }}"""
REAL = f"""mutation($name: String!, $id: String!) {{
  memberRealNameSubmit(name: $name, idNumber: $id, agreed: true) {{ {ERRORS} }} }}"""
MINE = "{ myMember { name homeUnitCode profile { realName realNameHint birthday } } }"
CLOSE = f"mutation($code: String!) {{ memberClosingAsk(code: $code) {{ closing {{ dueAt }} {ERRORS} }} }}"
KEEP = f"mutation {{ memberClosingWithdraw {{ closing {{ dueAt }} {ERRORS} }} }}"


def play(world: World) -> None:
    """Somebody new makes himself at home."""
    shopper = Shopper(world, "小渝")
    agreement = world.ask("{ memberAgreement }")["memberAgreement"]
    made = shopper.ask(SIGN_IN, mobile=shopper.mobile, code=shopper.code(), agreement=agreement, name="小渝")
    world.expect("注册", made["errors"], [])
    shopper.token = made["token"]

    told = {
        "name": "小渝", "mobile": shopper.mobile, "district": "渝中区", "detail": "中山四路 1 号", "door": "3 栋 501",
    }  # fmt: skip
    saved = shopper.ask(ADDRESS, input=told)
    world.expect("地址", saved["errors"], [])
    world.expect("第一个是默认", saved["address"]["isDefault"], True)
    served = saved["address"]["unitCode"]
    world.expect("有支局服务", bool(served), True)
    world.expect("归属跟着地址", shopper.ask(MINE)["homeUnitCode"], served)
    world.step(
        f"存一个地址：{saved['address']['servingText']}；归属机构随之确定（{saved['address']['unitName']}）"
    )
    wrong = shopper.ask(ADDRESS, input={**told, "district": "没有区"})
    world.expect("没有的区县", [one["code"] for one in wrong["errors"]], ["ADDRESS_INVALID"])
    world.step(f"区县写错：{wrong['errors'][0]['message']}，{wrong['errors'][0]['hint']}")

    done = shopper.ask(PROFILE, input={"gender": "FEMALE", "birthday": "1990-05-12", "marketing": True})
    world.expect("资料", done["errors"], [])
    world.step("填性别、生日，同意接收营销信息")
    _family(world, shopper)
    _real_name(world, shopper)
    _closing(world, shopper)


def _number(birth: date, male: bool) -> str:
    head = f"500103{birth:%Y%m%d}{secrets.randbelow(100):02d}{1 if male else 2}"
    return head + id_check(head)


def _family(world: World, shopper: Shopper) -> None:
    child = _number(date.today() - timedelta(days=8 * 366), male=True)
    refused = shopper.ask(PASSENGER, input={"name": "小小渝", "number": child, "kind": "ADULT"})
    world.expect("孩子不是成人", [one["code"] for one in refused["errors"]], ["INVALID"])
    saved = shopper.ask(PASSENGER, input={"name": "小小渝", "number": child, "kind": "CHILD"})
    world.expect("孩子", saved["errors"], [])
    why, shown = refused["errors"][0]["message"], saved["passenger"]["maskedNumber"]
    world.step(f"存一位儿童旅客：按成人登记被拒（{why}），按儿童登记，证件显示 {shown}")
    car = shopper.ask(VEHICLE, input={"plate": "渝ad 12345", "inspectionDue": "2027-06-30"})
    world.expect("新能源", (car["errors"], car["vehicle"]["newEnergy"]), ([], True))
    world.step(f"存一辆新能源车：{car['vehicle']['maskedPlate']}，记下年检到期日")


def _real_name(world: World, shopper: Shopper) -> None:
    number = _number(date(1990, 5, 12), male=False)
    world.sandbox.fault("ask", "answer_lost", system="realname")
    world.expect("提交实名", shopper.ask(REAL, name="王小渝", id=number)["errors"], [])

    def passed() -> bool:
        return bool(shopper.ask(MINE)["profile"]["realName"] == "PASSED")

    world.wait_for("实名通过", passed, seconds=180)
    mine = shopper.ask(MINE)
    world.expect("姓名以核验为准", (mine["name"], mine["profile"]["birthday"]), ("王小渝", "1990-05-12"))
    asked: list[dict[str, Any]] = world.sandbox.call("GET", "/realname/checks")["checks"]
    world.expect("只核了一次", [one["copies"] for one in asked if one["id_number"] == number], [1])
    world.step("实名核验没有回音：按原编号查到结果，没有重问；姓名、生日以核验为准")
    kept = shopper.ask(PROFILE, input={"name": "别名"})
    world.expect("姓名不能自己改", [one["code"] for one in kept["errors"]], ["INVALID"])
    world.step(f"再改姓名：{kept['errors'][0]['message']}")


def _closing(world: World, shopper: Shopper) -> None:
    code = shopper.code("CONFIRM")
    asked = shopper.ask(CLOSE, code=code)
    world.expect("申请注销", asked["errors"], [])
    world.step(f"凭验证码申请注销，{asked['closing']['dueAt'][:10]} 生效，期间可以撤回")
    world.expect("撤回", shopper.ask(KEEP), {"closing": {"dueAt": None}, "errors": []})
    world.step("想想还是留下：撤回注销，一切照旧")
