"""Journey ``member-login``: a code, a member, a password, another mobile, a lock-out; and a gateway with its moods."""

from __future__ import annotations

import re
import secrets
from typing import Any

from saleor_o2o.journeys.world import World

ERRORS = "errors { field message hint code retryAfter }"
SEND = f"""mutation($mobile: String, $purpose: MemberCodePurpose!, $device: MemberDeviceInput) {{
  memberCodeSend(mobile: $mobile, purpose: $purpose, device: $device) {{ ticket againAfter {ERRORS} }} }}"""
STATUS = "query($ticket: UUID!) { memberCodeStatus(ticket: $ticket) }"
SIGN_IN = f"""mutation($mobile: String!, $code: String!, $agreement: String, $name: String, $device: MemberDeviceInput)
  {{ memberSignIn(mobile: $mobile, code: $code, agreement: $agreement, name: $name, device: $device) {{
    token created member {{ number name mobile }} {ERRORS} }} }}"""
PASSWORD = f"""mutation($login: String!, $password: String!) {{
  memberPasswordSignIn(login: $login, password: $password) {{ token {ERRORS} }} }}"""
SET = f"""mutation($password: String!, $code: String) {{
  memberPasswordSet(password: $password, code: $code) {{ {ERRORS} }} }}"""
RESET = f"""mutation($mobile: String!, $code: String!, $password: String!) {{
  memberPasswordReset(mobile: $mobile, code: $code, password: $password) {{ {ERRORS} }} }}"""
MINE = "{ myMember { number mobile hasPassword } }"


class Shopper:
    """Somebody with a new number, and what the phone shows."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.mobile = f"199{secrets.randbelow(10**8):08d}"
        self.key = secrets.token_hex(8)
        self.token = ""

    @property
    def device(self) -> dict[str, str]:
        return {"key": self.key, "name": f"{self.name}的手机"}

    def ask(self, query: str, **told: Any) -> Any:
        """One operation as this person; its answer."""
        headers = {"Authorization": f"JWT {self.token}"} if self.token else {}
        body = {"query": query, "variables": told}
        answer = self.world.http.post("/graphql/", json=body, headers=headers).json()
        self.world.expect("接口", answer.get("errors"), None)
        return next(iter(answer["data"].values()))

    def code(self, purpose: str = "SIGN_IN", mobile: str | None = None) -> str:
        """Ask for a code and read it off the phone."""
        before = len(self.world.sandbox.texts(mobile or self.mobile))
        asked = self.ask(SEND, mobile=mobile or self.mobile, purpose=purpose, device=self.device)
        self.world.expect("获取验证码", asked["errors"], [])
        to = mobile or self.mobile
        self.world.wait_for("收到短信", lambda: len(self.world.sandbox.texts(to)) > before)
        [digits] = re.findall(r"\b\d{6}\b", self.world.sandbox.texts(to)[0]["text"])
        return str(digits)


def play(world: World) -> None:
    """Somebody becomes a member and gets to know the doors."""
    shopper, secret = Shopper(world, "小渝"), secrets.token_hex(6)
    agreement = world.ask("{ memberAgreement }")["memberAgreement"]
    code = shopper.code()
    world.step(f"向 {shopper.mobile[:3]}****{shopper.mobile[-4:]} 发出验证码，手机收到短信")
    again = shopper.ask(SEND, mobile=shopper.mobile, purpose="SIGN_IN", device=shopper.device)
    world.expect("一分钟内再要", [one["code"] for one in again["errors"]], ["TOO_OFTEN"])
    world.step(f"一分钟内再要一条：{again['errors'][0]['message']}，{again['errors'][0]['hint']}")

    wrong = shopper.ask(SIGN_IN, mobile=shopper.mobile, code=f"{(int(code) + 1) % 10**6:06d}")
    world.expect("错的验证码", [one["code"] for one in wrong["errors"]], ["CODE_WRONG"])
    unasked = shopper.ask(SIGN_IN, mobile=shopper.mobile, code=code)
    world.expect("没有同意协议", [one["code"] for one in unasked["errors"]], ["AGREEMENT_REQUIRED"])
    made = shopper.ask(
        SIGN_IN, mobile=shopper.mobile, code=code, agreement=agreement, name="小渝🌶️", device=shopper.device
    )
    world.expect("注册", (made["created"], made["errors"]), (True, []))
    world.step(
        f"输错一次、漏勾协议一次，同一个验证码仍可用：注册为会员 {made['member']['number']}，{made['member']['name']}"
    )
    shopper.token = ""
    used = shopper.ask(SIGN_IN, mobile=shopper.mobile, code=code)
    world.expect("用过的验证码", [one["code"] for one in used["errors"]], ["CODE_WRONG"])
    world.step("同一个验证码再用一次：不正确或已过期")

    shopper.token = made["token"]
    set_by = shopper.code("CONFIRM")
    world.expect("设置密码", shopper.ask(SET, password=secret, code=set_by)["errors"], [])
    shopper.token = ""
    for login in (shopper.mobile, made["member"]["number"].lower()):
        world.expect("密码登录", shopper.ask(PASSWORD, login=login, password=secret)["errors"], [])
    world.step("凭本人验证码设置密码，之后手机号、会员号都能登录")

    for _ in range(5):
        shopper.ask(PASSWORD, login=shopper.mobile, password=secret[::-1])
    locked = shopper.ask(PASSWORD, login=made["member"]["number"], password=secret)
    world.expect("锁定", [one["code"] for one in locked["errors"]], ["LOCKED_OUT"])
    world.step(f"输错五次，换个名字也进不去：{locked['errors'][0]['message']}")
    reset = shopper.code("RESET_PASSWORD")
    world.expect(
        "重设", shopper.ask(RESET, mobile=shopper.mobile, code=reset, password=f"{secret}-2")["errors"], []
    )
    entered = shopper.ask(PASSWORD, login=shopper.mobile, password=f"{secret}-2")
    world.expect("重设后登录", entered["errors"], [])
    shopper.token = made["token"]
    refused = world.http.post(
        "/graphql/", json={"query": "{ me { id } }"}, headers={"Authorization": f"JWT {shopper.token}"}
    ).json()
    world.expect("原来的登录", "errors" in refused, True)
    world.step("用验证码重设密码：锁定解除，别处的登录立即失效")
    _gateway(world)


def _gateway(world: World) -> None:
    """No answer, and a refusal."""
    other = Shopper(world, "小江")
    world.sandbox.fault("send", "answer_lost", system="sms", out_trade_no=other.mobile)
    other.code()
    asked = world.sandbox.texts(other.mobile)
    world.expect("只发了一条", len(asked), 1)
    world.step("短信平台没有回音：按原编号查询，没有重发，顾客只收到一条")
    stopped = Shopper(world, "停机")
    stopped.mobile = "13800000000"
    answer = stopped.ask(SEND, mobile=stopped.mobile, purpose="SIGN_IN", device=stopped.device)
    if answer["errors"]:  # somebody else played this minute
        world.expect("停机的号码", answer["errors"][0]["code"], "TOO_OFTEN")
        return
    world.wait_for("平台拒收", lambda: stopped.ask(STATUS, ticket=answer["ticket"]) == "FAILED")
    world.step("停机的号码：短信平台拒收，顾客看到没有发出，可以换号码或到网点")
