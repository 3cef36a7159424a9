"""Stored value: recharged by an order, spent at the cashier, given back to where it came from; frozen, never twice."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from saleor.order.models import Order
from saleor.product.models import ProductVariant

from plugins.loyalty.kinds import Book
from plugins.loyalty.models import EarnRule, Entry, OrderEarning, Purse, Recharge, RechargePackage
from plugins.loyalty.services.packages import change_package, make_package
from plugins.loyalty.services.recharging import ask_refund, fill, hand_over_again, set_frozen
from plugins.members.interfaces import ensure_member
from plugins.members.models import Member
from plugins.org_hierarchy.interfaces import closing_blockers
from saleor_o2o.cashier.interfaces import Payer, Wish, refund_order
from saleor_o2o.cashier.models import OrderRefund, PaymentIntent
from saleor_o2o.cashier.ports import TradeState
from saleor_o2o.cashier.services.composing import compose
from saleor_o2o.cashier.services.confirming import confirm_paid
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.ordering.models import OrderProfile
from tests.after_sale.conftest import Shop
from tests.buying.books import deadline_passes, run_all_jobs
from tests.buying.shopper import ADDRESS, CREATE, ask, choose_payment, complete, fill_checkout, start
from tests.orgs import again, person
from tests.stock.world import gid
from tests.threads import kinds, together

from .conftest import sound

D = Decimal
RIGHTS = ["balance.view", "balance.freeze", "balance.refund", "points.view", "member.view"]
MINE = """{ myLoyalty { balance { amount isFrozen } balanceLines { kind amount balanceAfter } }
  rechargePackages { variantId amount bonus } }"""


@pytest.fixture
def member(shop: Shop) -> Member:
    return ensure_member(shop.shopper)


@pytest.fixture
def package(shop: Shop) -> RechargePackage:
    """A hundred for a hundred and ten."""
    return make_package(None, D("100.00"), D("10.00"))


def place(shop: Shop, variant: ProductVariant, quantity: int = 1) -> Order:
    """An order of something without a parcel, unpaid."""
    told = {
        "email": "li@example.com", "billingAddress": ADDRESS,
        "lines": [{"variantId": gid("ProductVariant", variant), "quantity": quantity}],
    }  # fmt: skip
    made = ask(CREATE, {"input": told}, shop.shopper)["checkoutCreate"]
    assert made["checkoutErrors"] == [], made
    checkout = made["checkout"]
    total = checkout["totalPrice"]["gross"]["amount"]
    assert choose_payment({**checkout, "total": total})["paymentErrors"] == []
    done = complete(checkout, shop.shopper)
    assert done["checkoutErrors"] == [], done
    return Order.objects.get(token=done["order"]["token"])


def pay(shop: Shop, order: Order) -> None:
    known = set(shop.provider.trades)
    assert start(order)["errors"] == []
    [number] = set(shop.provider.trades) - known
    shop.provider.trades[number].state = TradeState.PAID
    confirm_paid(shop.provider.fact(number))


def recharge(shop: Shop, package: RechargePackage, quantity: int = 1) -> Recharge:
    order = place(shop, package.variant, quantity)
    pay(shop, order)
    return Recharge.objects.get(order=order)


def goods(shop: Shop, quantity: int = 1) -> PaymentIntent:
    """Oranges at 39.90 with freight 10.00, unpaid."""
    checkout = fill_checkout(shop.world, {shop.world.variant: quantity}, shop.shopper)
    assert choose_payment(checkout)["paymentErrors"] == []
    done = complete(checkout, shop.shopper)
    return PaymentIntent.objects.get(order__token=done["order"]["token"])


def use(shop: Shop, intent: PaymentIntent, amount: str | None = None, user: Any = None) -> Any:
    wish = Wish("balance", "", D(amount) if amount else None)
    return compose(PaymentIntent.objects.get(pk=intent.pk), [wish], Payer(user or shop.shopper))


def balance(member: Member) -> tuple[Decimal, Decimal]:
    row = Purse.objects.filter(member=member, book=Book.BALANCE).first()
    return (row.balance, row.owed) if row is not None else (D(0), D(0))


def test_a_paid_recharge_is_there_at_once_and_once(
    shop: Shop, member: Member, package: RechargePackage
) -> None:
    # given
    EarnRule.objects.create(occasion="order", rate=1, valid_from="2026-01-01T00:00:00Z")
    order = place(shop, package.variant, 2)
    assert balance(member) == (0, 0)

    # when
    pay(shop, order)
    again_ = fill(order.pk)

    # then: handed over by itself, and no points for it
    assert balance(member) == (D("220.00"), 0) and again_ == 0
    row = Recharge.objects.get()
    assert (row.paid, row.bonus, row.kept_paid) == (D("200.00"), D("20.00"), D("200.00"))
    assert OrderProfile.objects.get(order=order).state == "received"
    assert OrderEarning.objects.count() == 0
    sound()


def test_one_s_own_balance(shop: Shop, member: Member, package: RechargePackage) -> None:
    # given
    recharge(shop, package)

    # when
    mine = ask(MINE, {}, shop.shopper)
    nobody = ask(MINE, {})

    # then
    assert mine["myLoyalty"]["balance"] == {"amount": 110.0, "isFrozen": False}
    assert [(one["kind"], one["amount"], one["balanceAfter"]) for one in mine["myLoyalty"]["balanceLines"]] == [
        ("BONUS", 10.0, 110.0), ("RECHARGE", 100.0, 100.0),
    ]  # fmt: skip
    assert nobody["myLoyalty"] is None
    assert nobody["rechargePackages"] == [
        {"variantId": gid("ProductVariant", package.variant), "amount": 100.0, "bonus": 10.0}
    ]


def test_whose_balance_it_is_types_nothing_and_a_guest_is_not_shown_it(
    shop: Shop, member: Member, package: RechargePackage
) -> None:
    # given
    recharge(shop, package)
    told = {"token": str(goods(shop).order.token)}
    query = "query($token: String!) { cashier(orderToken: $token) { methods { method offered prompt } } }"

    # when
    hers, guests = (
        {
            one["method"]: (one["offered"], one["prompt"])
            for one in ask(query, told, *who)["cashier"]["methods"]
        }
        for who in ((shop.shopper,), ())
    )

    # then: the number of a consent is asked of clerks alone
    assert hers["balance"] == (True, None)
    assert "balance" not in guests
    assert guests["gift_card"] == hers["gift_card"]


def test_the_balance_pays_and_a_refund_comes_back_to_it(
    shop: Shop, member: Member, package: RechargePackage
) -> None:
    # given
    recharge(shop, package)
    intent = goods(shop)

    # when
    paid = use(shop, intent)

    # then: 49.90 of it, the recharge's own money first
    assert paid.state == "paid" and balance(member) == (D("60.10"), 0)
    sound()

    # when: half goes back, then the rest
    area = again(shop.people["area"])
    refund_order(intent.order_id, D("24.95"), reason="品质差价", key="b1", user=area)
    halfway = balance(member)
    refund_order(intent.order_id, D("24.95"), reason="全部退款", key="b2", user=area)

    # then
    assert halfway == (D("85.05"), 0) and balance(member) == (D("110.00"), 0)
    sound()


def test_what_is_held_comes_back_when_nobody_pays_the_rest(
    shop: Shop, member: Member, package: RechargePackage
) -> None:
    # given
    recharge(shop, package)
    intent = goods(shop, 3)
    held = use(shop, intent)
    assert (held.state, held.remote_due) == ("pending", D("19.70")) and balance(member) == (0, 0)

    # when
    deadline_passes(intent.order)
    run_all_jobs()

    # then
    assert balance(member) == (D("110.00"), 0)
    sound()


@pytest.mark.parametrize("case", ["too much", "empty", "frozen", "inactive", "guest", "recharge"])
def test_what_cannot_be_paid_with_it(shop: Shop, member: Member, package: RechargePackage, case: str) -> None:
    # given
    if case != "empty":
        recharge(shop, package)
    intent, amount, user, code = goods(shop, 3), None, shop.shopper, "BALANCE_SHORT"
    if case == "too much":
        amount = "110.01"
    elif case == "frozen":
        boss = person(shop.org["CQ"], "boss", RIGHTS, scope="all")
        set_frozen(boss, Purse.objects.get(member=member, book=Book.BALANCE).pk, True, "疑似被盗用")
        code = "BALANCE_FROZEN"
    elif case == "inactive":
        Member.objects.filter(pk=member.pk).update(status="frozen")
        code = "MEMBER_NOT_ACTIVE"
    elif case == "guest":
        user, code = None, "SIGN_IN_REQUIRED"
    elif case == "recharge":
        intent, code = PaymentIntent.objects.get(order=place(shop, package.variant)), "NOT_OFFERED"
    before = balance(member)

    # then
    with pytest.raises(DomainError) as refusal:
        compose(intent, [Wish("balance", "", D(amount) if amount else None)], Payer(user))
    assert str(refusal.value.code.value) == code
    assert balance(member) == before
    sound()


def test_nobody_leaves_with_money(shop: Shop, member: Member, package: RechargePackage) -> None:
    # given
    assert [one for one in closing_blockers(shop.shopper) if "储值" in str(one.text)] == []

    # when
    recharge(shop, package)

    # then
    assert "储值余额还有 ¥110.00" in [str(one.text) for one in closing_blockers(shop.shopper)]


def test_two_orders_want_the_last_money(shop: Shop, member: Member, package: RechargePackage) -> None:
    # given: 110.00, and four orders of 49.90
    recharge(shop, package)
    intents = [goods(shop) for _ in range(4)]

    # when
    results = together(*(partial(use, shop, intent, "49.90") for intent in intents))

    # then
    assert kinds(results) == ["LoyaltyError", "LoyaltyError", "PaymentIntent", "PaymentIntent"], results
    assert balance(member) == (D("10.20"), 0)
    sound()


def test_a_refund_to_source_takes_what_is_left(shop: Shop, member: Member, package: RechargePackage) -> None:
    # given: 40 of the hundred are spent
    row = recharge(shop, package)
    use(shop, goods(shop), "40.00")
    clerk = person(shop.org["CQ"], "finance", RIGHTS, scope="all", limits={"refund": "5000.00"})

    # when
    done = ask_refund(clerk, row.pk, "顾客要求退回未用余额")

    # then: 60 go back to the payer, six of the ten bonus with them
    refund = OrderRefund.objects.get(intent__order_id=row.order_id)
    assert (refund.amount, done.kept_paid, done.kept_bonus) == (D("60.00"), D("40.00"), D("4.00"))
    assert balance(member) == (D("4.00"), 0)
    with pytest.raises(DomainError) as refusal:
        ask_refund(again(clerk), row.pk, "再退一次试试看")
    assert str(refusal.value.code.value) == "NOTHING_TO_REFUND"
    assert hand_over_again() == 0
    sound()


def test_money_of_a_recharge_that_went_back_elsewhere_is_owed(
    shop: Shop, member: Member, package: RechargePackage
) -> None:
    # given: spent, then the recharge's order is refunded by the staff
    row = recharge(shop, package)
    use(shop, goods(shop, 2), "89.80")

    # when
    refund_order(row.order_id, D("100.00"), reason="误操作", key="all", user=again(shop.people["area"]))

    # then: 20.20 were there, the rest is owed
    assert balance(member) == (D("0.00"), D("89.80"))
    sound()


def test_a_refund_that_the_cashier_refuses_changes_nothing(
    shop: Shop,
    member: Member,
    package: RechargePackage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given
    from plugins.loyalty.errors import LoyaltyError, LoyaltyErrorCode
    from plugins.loyalty.services import recharging

    row = recharge(shop, package)
    clerk = person(shop.org["CQ"], "finance", RIGHTS, scope="all")

    def refuse(*_args: Any, **_more: Any) -> None:
        raise LoyaltyError(LoyaltyErrorCode.INVALID, "收银台不肯")

    monkeypatch.setattr(recharging, "refund_order", refuse)

    # then
    with pytest.raises(DomainError):
        ask_refund(clerk, row.pk, "顾客要求退回未用余额")
    assert balance(member) == (D("110.00"), 0)
    assert Recharge.objects.get().kept_paid == D("100.00")
    sound()


def test_who_may(shop: Shop, member: Member, package: RechargePackage) -> None:
    # given
    row = recharge(shop, package)
    purse = Purse.objects.get(member=member, book=Book.BALANCE)
    looks = person(shop.org["CQ"], "looks", ["balance.view"], scope="all")
    far = person(shop.org["C21"], "far", RIGHTS)

    # then
    for who in (looks, far):
        with pytest.raises(DomainError):
            ask_refund(again(who), row.pk, "没有权限的人")
        with pytest.raises(DomainError):
            set_frozen(again(who), purse.pk, True, "没有权限的人")
        with pytest.raises(DomainError):
            make_package(again(who), D(50), D(0))
    assert balance(member) == (D("110.00"), 0) and RechargePackage.objects.count() == 1


@pytest.mark.parametrize(
    ("amount", "bonus"), [("0.50", "0"), ("5000.01", "0"), ("100.00", "0"), ("50", "51"), ("50", "-1")]
)
def test_packages_within_the_law(shop: Shop, package: RechargePackage, amount: str, bonus: str) -> None:
    # then
    with pytest.raises(DomainError):
        make_package(None, D(amount), D(bonus))


def test_the_pages(shop: Shop, member: Member, package: RechargePackage) -> None:
    # given
    row = recharge(shop, package)
    rights = [*RIGHTS, "loyalty_rule.view", "loyalty_rule.create", "loyalty_rule.edit"]
    boss = person(shop.org["CQ"], "boss", rights, scope="all")
    client = Client()
    client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    purse = Purse.objects.get(member=member, book=Book.BALANCE)

    def page(name: str, *args: Any) -> str:
        return reverse(f"admin:o2o_loyalty_{name}", args=args)

    # then
    assert "¥110.00" in client.get(page("balance_changelist")).content.decode()
    assert "充值赠送" in client.get(page("balance_change", purse.pk)).content.decode()
    assert "¥100.00" in client.get(page("recharge_change", row.pk)).content.decode()
    assert (
        client.post(page("balance_freeze", purse.pk), {"do": "1", "reason": "疑似被盗用"}).status_code == 302
    )
    assert Purse.objects.get(pk=purse.pk).is_frozen
    kept = client.post(page("recharge_refund", row.pk), {"do": "1", "reason": "顾客要求退款"})
    assert kept.status_code == 200 and "已冻结" in kept.content.decode()
    assert (
        client.post(page("balance_freeze", purse.pk), {"do": "1", "reason": "已核实本人"}).status_code == 302
    )
    assert (
        client.post(page("recharge_refund", row.pk), {"do": "1", "reason": "顾客要求退款"}).status_code == 302
    )
    assert balance(member) == (0, 0)
    bad = client.post(page("rechargepackage_make"), {"do": "1", "amount": "6000", "bonus": "0"})
    assert bad.status_code == 200 and "5000" in bad.content.decode()
    made = client.post(page("rechargepackage_make"), {"do": "1", "amount": "200", "bonus": "30"})
    assert made.status_code == 302
    new = RechargePackage.objects.get(bonus=30)
    change_package(again(boss), new.pk, D(20), False)
    assert client.get(page("rechargepackage_change", new.pk)).status_code == 200
    assert Entry.objects.filter(kind="recharge_back").count() == 1
