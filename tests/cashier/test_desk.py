"""The desk in the browser: what waits, what is shown first, who may do it, and what stays when it is refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.org_hierarchy.models import DataScope, OrderAttribution, OrgUnit
from saleor_o2o.backoffice.payment_todo import todo
from saleor_o2o.cashier.models import (
    BlacklistEntry,
    MethodRule,
    OfflineTransfer,
    OrderRefund,
    PaymentIntent,
    RiskRule,
)
from tests.orgs import again, person, small_org

from .conftest import Till, state, with_card
from .test_transfers import promise

D = Decimal
BACKEND = "django.contrib.auth.backends.ModelBackend"
Visit = Callable[..., Any]
LOOK = ("order.view", "payment.view")


@pytest.fixture
def people(till: Till) -> dict[str, User]:
    """Clerks of county C11 with one right each, the city's finance, a stranger in county C12."""
    org = small_org()

    def one(at: str, name: str, *rights: str, **more: Any) -> User:
        return person(org[at], name, [*LOOK, *rights], **more)

    return {
        "looks": one("C11", "looks"),
        "cashier": one("C11", "cashier", "payment.transfer_check"),
        "accountant": one("C11", "accountant", "payment.transfer_confirm"),
        "service": one("C11", "service", "order.refund", "payment.refund", limits={"refund": "50"}),
        "risk": one("C11", "risk", "payment.risk", "payment.configure", "payment.blacklist"),
        "city": one("CQ", "city", "payment.configure", scope=DataScope.ALL),
        "stranger": one(
            "C12", "stranger", "order.refund", "payment.risk", "payment.transfer_check", limits={"refund": "500"}
        ),
    }  # fmt: skip


@pytest.fixture
def visit(people: dict[str, User]) -> Visit:
    """Get or post as somebody."""

    def go(who: str, address: str, data: dict[str, Any] | None = None) -> Any:
        client = Client()
        client.force_login(again(people[who]), backend=BACKEND)
        return client.get(address) if data is None else client.post(address, data)

    return go


def at_b111(intent: PaymentIntent) -> PaymentIntent:
    unit = OrgUnit.objects.get(code="B111")
    OrderAttribution.objects.update_or_create(
        order=intent.order, defaults={"unit": unit, "org_path": unit.path, "basis": "test"}
    )
    return intent


def page(model: str, name: str, *args: Any) -> str:
    return reverse(f"admin:o2o_cashier_{model}_{name}", args=args)


def test_a_transfer_goes_from_desk_to_desk(till: Till, people: dict[str, User], visit: Visit) -> None:
    # given
    intent = at_b111(till.buy())
    pk = promise(intent).pk
    check, confirm = page("offlinetransfer", "check", pk), page("offlinetransfer", "confirm", pk)

    # then: it waits for the cashier only, and nobody else may
    assert [one.title[:6] for one in todo(people["cashier"])] == ["确认转账到账"]
    assert [todo(people[who]) for who in ("looks", "accountant", "stranger")] == [[], [], []]
    money = {"bank_ref": "A1", "received": "89.80"}
    answers = {
        who: visit(who, check, money).status_code for who in ("looks", "accountant", "service", "stranger")
    }
    assert answers == {"looks": 403, "accountant": 403, "service": 403, "stranger": 404}
    assert visit("stranger", page("offlinetransfer", "voucher", pk)).status_code == 404
    picture = visit("looks", page("offlinetransfer", "voucher", pk))
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg")

    # when: another sum than promised; what was typed stays
    refused = visit("cashier", check, {"bank_ref": "A1", "received": "80"}).content.decode()
    assert "¥89.80" in refused and 'value="A1"' in refused
    assert visit("cashier", check, money).status_code == 302

    # then
    assert [one.title[:4] for one in todo(people["accountant"])] == ["复核转账"]
    assert visit("cashier", confirm, {}).status_code == 403
    assert visit("accountant", confirm, {"do": "1"}).status_code == 302
    assert state(intent)[0] == "paid"
    assert OfflineTransfer.objects.get().confirmed_by == people["accountant"]


def test_a_refund_is_shown_then_made_once(till: Till, people: dict[str, User], visit: Visit) -> None:
    # given
    intent = at_b111(till.buy())
    till.compose(intent, with_card(till.card(20)))
    till.pay(till.scan(intent))
    address = page("paymentintent", "refund", intent.pk)
    typed = {"amount": "10", "reason": "坏果", "key": "k1"}

    # when: looking
    shown = visit("service", address, {**typed, "step": "look"}).content.decode()

    # then
    assert "¥7.77" in shown and "¥2.23" in shown and "确认退款" in shown
    assert OrderRefund.objects.count() == 0
    assert [
        visit(who, address, {**typed, "step": "refund"}).status_code for who in ("looks", "stranger")
    ] == [403, 404]
    too_much = visit("service", address, {**typed, "amount": "90", "step": "look"}).content.decode()
    assert "退款金额超过可退余额" in too_much and "确认退款" not in too_much
    no_reason = visit("service", address, {**typed, "reason": "", "step": "refund"}).content.decode()
    assert "请填写退款原因" in no_reason and 'value="10"' in no_reason
    beyond = visit("service", address, {**typed, "amount": "60", "step": "refund"}).content.decode()
    assert "¥50.00" in beyond
    assert OrderRefund.objects.count() == 0

    # when: a double click
    for _ in range(2):
        assert visit("service", address, {**typed, "step": "refund"}).status_code == 302
    assert OrderRefund.objects.get().amount == 10


def test_what_is_held_waits_for_risk(till: Till, people: dict[str, User], visit: Visit) -> None:
    # given
    RiskRule.objects.create(min_amount=D(50), words="大额")
    intent = at_b111(till.buy())
    till.pay(till.scan(intent))
    address = page("paymentintent", "review", intent.pk)
    assert [one.note for one in todo(people["risk"])] == ["¥89.80 大额"]
    assert todo(people["stranger"]) == []

    # when / then
    assert [visit(who, address).status_code for who in ("looks", "stranger")] == [403, 404]
    kept = visit("risk", address, {"decision": "refuse", "words": ""}).content.decode()
    assert "请填写拒绝原因" in kept
    assert visit("risk", address, {"decision": "refuse", "words": "盗刷"}).status_code == 302
    assert state(intent)[0] == "closed"


def test_a_county_makes_rules_for_itself_only(till: Till, people: dict[str, User], visit: Visit) -> None:
    # given
    address = page("methodrule", "new")
    county, other = OrgUnit.objects.get(code="C11"), OrgUnit.objects.get(code="C12")
    typed = {"method": "gift_card", "max_amount": "100"}

    # when / then
    assert visit("looks", address, typed).status_code == 403
    assert "全市规则由市中心维护" in visit("risk", address, typed).content.decode()
    assert visit("risk", address, {**typed, "unit_key": other.pk}).status_code == 200
    assert not MethodRule.objects.exists()
    assert visit("risk", address, {**typed, "unit_key": county.pk}).status_code == 302
    assert visit("city", address, typed).status_code == 302
    backwards = visit("city", address, {**typed, "min_amount": "200"}).content.decode()
    assert "最高金额不能低于最低金额" in backwards
    assert MethodRule.objects.count() == 2

    # when: stopped; it stays as a record, and whoever is not asked may not
    mine = MethodRule.objects.get(unit_key=county.pk)
    stop = page("methodrule", "stop", mine.pk)
    assert [visit(who, stop, {}).status_code for who in ("looks", "stranger")] == [403, 404]
    assert visit("risk", stop, {"do": "1"}).status_code == 302
    mine.refresh_from_db()
    assert mine.valid_to is not None


def test_the_blacklist_shows_no_number(till: Till, people: dict[str, User], visit: Visit) -> None:
    # given
    address = page("blacklistentry", "new")
    typed = {"kind": "phone", "value": "138 1234 5678", "effect": "refuse"}

    # when / then
    kept = visit("risk", address, {**typed, "reason": ""}).content.decode()
    assert "请填写原因" in kept
    assert visit("risk", address, {**typed, "reason": "盗刷"}).status_code == 302
    assert visit("risk", address, {**typed, "value": "+8613812345678", "reason": "又一次"}).status_code == 302
    entry = BlacklistEntry.objects.get()
    assert entry.label == "138****5678"
    assert "13812345678" not in visit("city", page("blacklistentry", "changelist")).content.decode()
