"""Points at a counter: the member's code, the unit that pays, a mistake taken back; who may and who may not."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.loyalty.kinds import Book, BurnState, Side
from plugins.loyalty.models import Burn, EarnRule, Entry, Line
from plugins.loyalty.services.burning import ask_burn, confirm_burn, give_up_waiting
from plugins.members.devices import NOWHERE
from plugins.members.interfaces import Purpose, send_code, sign_in
from plugins.members.models import Member, VerificationCode
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.models import AuditEntry
from sandbox.client import SandboxClient
from tests.members.asking import MOBILE, OTHER, TOKEN, ask, codes_of, read_code, somebody
from tests.orgs import again, person

from .conftest import give, purse_of, sound

pytestmark = pytest.mark.django_db
Org = dict[str, OrgUnit]
RIGHTS = ["points.view", "points.burn"]
ERRORS = "errors { field message hint code }"
BURN = "burn { id number state points purpose memberNumber memberName }"
ASK = f"""mutation($search: String!, $points: Int!, $purpose: String!) {{
  pointsBurnAsk(search: $search, points: $points, purpose: $purpose) {{ sent againAfter {BURN} {ERRORS} }} }}"""
CONFIRM = (
    f"mutation($id: ID!, $code: String!) {{ pointsBurnConfirm(id: $id, code: $code) {{ {BURN} {ERRORS} }} }}"
)
BACK = f"mutation($id: ID!, $reason: String!) {{ pointsBurnTakeBack(id: $id, reason: $reason) {{ {BURN} {ERRORS} }} }}"
SOAP = "兑换洗衣液一瓶"


def token_of(user: Any) -> str:
    found: str = ask(TOKEN, {"email": user.email, "password": "pass-word"})["token"]
    return found


def told(points: int = 100, search: str = MOBILE) -> dict[str, Any]:
    return {"search": search, "points": points, "purpose": SOAP}


def settled() -> list[tuple[str, Decimal]]:
    rows = Line.objects.filter(entry__book=Book.SETTLEMENT).order_by("pk")
    return list(rows.values_list("unit__code", "amount"))


@pytest.fixture
def rich(org: Org, member: Member, rules: dict[str, EarnRule]) -> Member:
    """300 points of B111's, 200 of the city's, the latter expire first."""
    give(member, 300, "b", org["B111"], days=90)
    give(member, 200, "c", org["CQ"], days=10)
    return member


def test_a_member_from_elsewhere_uses_points_and_the_issuers_pay(
    org: Org, rich: Member, sms: SandboxClient
) -> None:
    # given: a clerk of another county
    token = token_of(person(org["O1211"], "clerk", RIGHTS))

    # when
    asked = ask(ASK, told(250), token)
    burn = asked["burn"]
    wrong = ask(CONFIRM, {"id": burn["id"], "code": "000000"}, token)
    code = read_code(sms)
    done = ask(CONFIRM, {"id": burn["id"], "code": code}, token)
    again_ = ask(CONFIRM, {"id": burn["id"], "code": code}, token)

    # then: the city's 200 first, then 50 of B111's, at 0.50 a hundred
    assert (burn["state"], burn["memberName"], burn["memberNumber"]) == ("ASKED", "王**", rich.number)
    assert codes_of(wrong) == ["CODE_WRONG"]
    assert (done["errors"], done["burn"]["state"]) == ([], "DONE")
    assert again_["burn"] == done["burn"]
    assert purse_of(rich) == (250, 0)
    assert settled() == [("CQ", Decimal("-1.00")), ("B111", Decimal("-0.25")), ("O1211", Decimal("1.25"))]
    assert "您在乙县一支局一网点使用了 250 积分，余 250 积分" in sms.texts(MOBILE)[0]["text"]
    assert AuditEntry.objects.filter(action="loyalty.burnt").count() == 1
    sound()

    # when: a mistake
    back = ask(BACK, {"id": burn["id"], "reason": "顾客改用现金"}, token)
    ask(BACK, {"id": burn["id"], "reason": "顾客改用现金"}, token)

    # then: as if nothing had been
    assert back["burn"]["state"] == "TAKEN_BACK" and purse_of(rich) == (500, 0)
    assert sum(amount for _unit, amount in settled()) == 0 and len(settled()) == 6
    assert {unit: sum(a for u, a in settled() if u == unit) for unit, _a in settled()} == {
        "CQ": 0, "B111": 0, "O1211": 0,
    }  # fmt: skip
    sound()


def test_points_of_the_own_unit_cost_nothing(
    org: Org, member: Member, rules: Any, sms: SandboxClient
) -> None:
    # given
    give(member, 100, "b", org["B111"])
    clerk = person(org["B111"], "clerk", RIGHTS)

    # when
    burn = ask_burn(clerk, member.number, 100, SOAP, NOWHERE).burn
    confirm_burn(again(clerk), burn.pk, read_code(sms), NOWHERE)

    # then
    assert settled() == [] and purse_of(member) == (0, 0)


def test_a_code_for_something_else_confirms_nothing(org: Org, rich: Member, sms: SandboxClient) -> None:
    # given: a code that was sent for registering, before
    clerk = person(org["B111"], "clerk", RIGHTS)
    send_code(MOBILE, Purpose.COUNTER, NOWHERE)
    earlier = read_code(sms)
    burn = Burn.objects.create(
        number="JF1", member=rich, points=10, purpose=SOAP, unit=org["B111"], operator=clerk
    )
    VerificationCode.objects.update(asked_at=F("asked_at") - timedelta(seconds=61))

    # then
    with pytest.raises(DomainError) as refusal:
        confirm_burn(clerk, burn.pk, earlier, NOWHERE)
    assert str(refusal.value.code.value) == "CODE_WRONG"
    assert purse_of(rich) == (500, 0)


@pytest.mark.parametrize(
    ("points", "search", "code"),
    [(0, MOBILE, "INVALID"), (-5, MOBILE, "INVALID"), (501, MOBILE, "POINTS_SHORT"), (10, OTHER, "NOT_FOUND"),
     (10, "王", "NOT_FOUND"), (10, "", "NOT_FOUND"), (10**9, MOBILE, "INVALID")],
)  # fmt: skip
def test_what_cannot_be_asked(
    org: Org, rich: Member, sms: SandboxClient, points: int, search: str, code: str
) -> None:
    # given
    token = token_of(person(org["B111"], "clerk", RIGHTS))

    # then
    assert codes_of(ask(ASK, told(points, search), token)) == [code]
    assert Burn.objects.count() == 0 and sms.texts(MOBILE) == []


def test_how_much_a_stranger_s_member_has_is_not_told(org: Org, rich: Member, sms: SandboxClient) -> None:
    # given
    near = token_of(person(org["B111"], "near", [*RIGHTS, "member.view"]))
    far = token_of(person(org["B121"], "far", [*RIGHTS, "member.view"]))

    # then
    assert "现有 500 分" in ask(ASK, told(501), near)["errors"][0]["message"]
    assert "500" not in str(ask(ASK, told(501), far)["errors"])


@pytest.mark.parametrize("who", ["anonymous", "shopper", "viewer", "neighbour"])
def test_who_may_not(org: Org, rich: Member, sms: SandboxClient, who: str) -> None:
    # given: a burn of B111's that waits
    clerk = person(org["B111"], "clerk", RIGHTS)
    burn = ask_burn(clerk, MOBILE, 100, SOAP, NOWHERE).burn
    code = read_code(sms)
    token = {
        "anonymous": lambda: "",
        "shopper": lambda: sign_in(somebody(OTHER)).token,
        "viewer": lambda: token_of(person(org["B111"], "viewer", ["points.view"])),
        "neighbour": lambda: token_of(person(org["B121"], "neighbour", RIGHTS)),
    }[who]()

    # when
    refused = codes_of(ask(CONFIRM, {"id": burn.pk, "code": code}, token))

    # then
    assert refused == (["PERMISSION_DENIED"] if who == "viewer" else ["NOT_FOUND"])
    assert codes_of(ask(BACK, {"id": burn.pk, "reason": "没有理由"}, token)) == refused
    if who != "neighbour":
        assert codes_of(ask(ASK, told(), token)) == ["PERMISSION_DENIED"]
    assert Burn.objects.get(pk=burn.pk).state == BurnState.ASKED and purse_of(rich) == (500, 0)


def test_a_burn_waits_a_quarter_of_an_hour_and_a_mistake_a_day(
    org: Org, rich: Member, sms: SandboxClient
) -> None:
    # given
    clerk = person(org["B111"], "clerk", RIGHTS)
    late = ask_burn(clerk, MOBILE, 100, SOAP, NOWHERE).burn
    with frozen(now() + timedelta(minutes=16)):
        # then
        with pytest.raises(DomainError) as refusal:
            confirm_burn(again(clerk), late.pk, read_code(sms), NOWHERE)
        assert str(refusal.value.code.value) == "BURN_OVER"
        assert (give_up_waiting(), give_up_waiting()) == (1, 0)
    assert Burn.objects.get().state == BurnState.GONE
    Burn.objects.filter(pk=late.pk).update(state=BurnState.DONE, done_at=now() - timedelta(hours=25))
    with pytest.raises(DomainError):
        from plugins.loyalty.services.burning import take_burn_back

        take_burn_back(again(clerk), late.pk, "过了一天才发现")


def test_the_counter_s_pages(org: Org, rich: Member, sms: SandboxClient) -> None:
    # given
    client = Client()
    clerk = person(org["B111"], "clerk", [*RIGHTS, "member.view"])
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    begin = reverse("admin:o2o_loyalty_burn_begin")

    # when: too much keeps what was typed
    much = client.post(begin, {"member": MOBILE, "points": "600", "purpose": SOAP})
    sent = client.post(begin, {"member": MOBILE, "points": "120", "purpose": SOAP})
    page = client.get(sent.url).content.decode()
    bad = client.post(sent.url, {"do": "1", "code": "1"})
    done = client.post(sent.url, {"do": "1", "code": read_code(sms)})
    shown = client.get(done.url).content.decode()

    # then
    assert "积分不足" in much.content.decode() and f'value="{MOBILE}"' in much.content.decode()
    assert sent.status_code == 302 and "王**" in page and MOBILE not in page and "120" in page
    assert "验证码不正确或已过期" in bad.content.decode()
    assert done.status_code == 302 and "已兑扣 120 积分" in shown and purse_of(rich) == (380, 0)
    burn = Burn.objects.get()
    assert client.get(reverse("admin:o2o_loyalty_burn_confirm", args=[burn.pk])).status_code == 302
    back = reverse("admin:o2o_loyalty_burn_take_back", args=[burn.pk])
    assert client.post(back, {"do": "1", "reason": "短"}).status_code == 200
    assert client.post(back, {"do": "1", "reason": "顾客改用现金"}).status_code == 302
    assert purse_of(rich) == (500, 0)
    member_page = client.get(reverse("admin:o2o_members_member_change", args=[rich.pk])).content.decode()
    assert "兑扣积分" in member_page and "积分与等级" in member_page
    looks = Client()
    looks.force_login(
        person(org["B111"], "looks", ["points.view"]), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert looks.get(begin).status_code == 403
    boss = Client()
    boss.force_login(
        User.objects.create_superuser("boss@example.com", "pass-word"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    told = boss.get(begin, follow=True)
    assert told.status_code == 200 and "请用营业员账号登录" in told.content.decode()


def test_what_accountants_ask_at_the_end_of_a_month(org: Org, rich: Member, sms: SandboxClient) -> None:
    # given
    clerk = person(org["O1211"], "clerk", RIGHTS)
    burn = ask_burn(clerk, MOBILE, 250, SOAP, NOWHERE).burn
    confirm_burn(again(clerk), burn.pk, read_code(sms), NOWHERE)
    book = ["points.view", "points.report", "points.export", "org_unit.view"]

    def page(user: Any, name: str, **asked: str) -> Any:
        client = Client()
        client.force_login(again(user), backend="django.contrib.auth.backends.ModelBackend")
        return client.get(reverse(f"admin:o2o_loyalty_entry_{name}"), asked)

    city = person(org["CQ"], "city", book, scope="all")
    county = person(org["C12"], "county", book)

    # when
    liability = page(city, "liability").content.decode()
    owed = page(city, "settlement").content.decode()
    next_door = page(county, "settlement").content.decode()

    # then: 500 issued, 250 used; the city pays 1.00, B111 0.25
    for number in ("300", "200", "250", "¥1.25"):
        assert number in liability, number
    assert "¥1.00" in owed and "¥0.25" in owed and "甲县一支局" in owed
    assert "¥1.25" in next_door and "乙县一支局一网点" in next_door
    assert "¥" not in page(county, "settlement", month="2020-01").content.decode().replace("¥0.00", "")
    assert page(city, "liability", format="xlsx").status_code == 200
    assert page(person(org["CQ"], "looks", ["points.view"], scope="all"), "liability").status_code == 403
    assert (
        page(person(org["CQ"], "reads", book[:2], scope="all"), "liability", format="xlsx").status_code == 403
    )
    assert Entry.objects.filter(book=Book.SETTLEMENT).get().lines.filter(side=Side.UNIT).count() == 3


def test_a_code_sent_a_moment_ago_loses_nothing(org: Org, rich: Member, sms: SandboxClient) -> None:
    # given: a code for registering went out just now
    token = token_of(person(org["B111"], "clerk", RIGHTS))
    send_code(MOBILE, Purpose.COUNTER, NOWHERE)

    # when
    asked = ask(ASK, told(), token)
    send = "mutation($id: ID!) { pointsBurnCode(id: $id) { againAfter errors { code retryAfter } } }"
    soon = ask(send, {"id": asked["burn"]["id"]}, token)
    VerificationCode.objects.update(asked_at=F("asked_at") - timedelta(seconds=61))
    later = ask(send, {"id": asked["burn"]["id"]}, token)

    # then
    assert (asked["errors"], asked["sent"]) == ([], False) and 0 < asked["againAfter"] <= 61
    assert codes_of(soon) == ["TOO_OFTEN"] and later["errors"] == []
    done = ask(CONFIRM, {"id": asked["burn"]["id"], "code": read_code(sms)}, token)
    assert done["burn"]["state"] == "DONE" and purse_of(rich) == (400, 0)
