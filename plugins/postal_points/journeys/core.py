"""Journey ``postal-points``: told before he registered, counted once, told twice, taken back."""

from __future__ import annotations

from typing import Any

from plugins.members.journeys.login import SIGN_IN, Shopper
from saleor_o2o.journeys.world import World

UNIT = "query($search: String!) { orgUnits(search: $search, first: 1) { edges { node { code name } } } }"
MINE = "{ myLoyalty { standing { points owed } lines { kind title amount place note } } }"


def play(world: World) -> None:
    """Somebody saves at a counter, becomes a member later, and thinks better of it."""
    place = _unit(world)
    person = Shopper(world, "周大姐")

    told = _tell(world, "businesses", service="savings", amount="30000.00", unit=place, mobile=person.mobile)
    number = told["number"]
    world.expect("还不是会员", (told["status"], told["answer"]["status"]), (200, "waiting"))
    promised = int(told["answer"]["points"])
    world.step(f"柜台存入 30000 元，业务系统报来编号 {number}：还不是会员，{promised} 分等她注册")

    agreement = world.ask("{ memberAgreement }")["memberAgreement"]
    entered = person.ask(SIGN_IN, mobile=person.mobile, code=person.code(), agreement=agreement)
    world.expect("注册", (entered["errors"], entered["created"]), ([], True))
    person.token = entered["token"]
    world.wait_for("补记积分", lambda: _mine(person)["standing"]["points"] == promised)
    line = _mine(person)["lines"][0]
    world.expect("明细", (line["title"], line["amount"]), ("邮政业务", promised))
    world.step(f"她用这个手机号注册，{promised} 分自动补记；明细写着：{line['note']}，{line['place']}")

    again = world.sandbox.call("POST", "/postal_core/send", {"id": told["id"]})
    world.sandbox.fault("notify", "duplicate", system="postal_core", copies=3)
    parcel = _tell(world, "businesses", service="parcel", amount="12.50", unit=place, mobile=person.mobile)
    world.expect("重报", again["answer"]["status"], "counted")
    world.expect("寄递", parcel["answer"]["points"], 12)
    have = promised + 12
    world.expect("各计一次", _mine(person)["standing"]["points"], have)
    world.step(f"同一编号重报、三份同时到，都只计一次；寄递 12.50 元得 12 分，共 {have} 分")

    back = [_tell(world, "reversals", service="savings", number=number) for _time in range(2)]
    world.expect("冲正", [one["answer"]["status"] for one in back], ["reversed", "reversed"])
    world.expect("收回", _mine(person)["standing"], {"points": 12, "owed": 0})
    wrong = _tell(world, "businesses", service="parcel", number=parcel["number"], amount="99", unit=place,
                  mobile=person.mobile)  # fmt: skip
    world.expect("同号不同额", (wrong["status"], wrong["answer"]["code"]), (409, "KEY_REUSED"))
    world.step(
        f"业务系统冲正，{promised} 分收回，再冲一次不变；同一编号报成另一金额：{wrong['answer']['message']}"
    )

    world.sandbox.fault("notify", "bad_signature", system="postal_core")
    forged = _tell(world, "businesses", service="parcel", amount="50", unit=place, mobile=person.mobile)
    world.expect("签名不对", forged["status"], 401)
    world.expect("不计分", _mine(person)["standing"]["points"], 12)
    world.step("签名不对的一条被拒绝，积分没有动")


def _tell(world: World, what: str, **told: str) -> dict[str, Any]:
    return world.sandbox.call("POST", f"/postal_core/{what}", told)


def _mine(person: Shopper) -> Any:
    return person.ask(MINE)


def _unit(world: World) -> str:
    found = world.ask(UNIT, {"search": "解放碑支局"}, who="branch_jiefangbei")["orgUnits"]["edges"]
    return str(found[0]["node"]["code"])
