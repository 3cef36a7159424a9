"""What people do in a trial, over HTTP; who loses the answer because the process died asks again, or does not."""

from __future__ import annotations

import threading
import time
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from django.db.models import Q, QuerySet
from saleor.giftcard.models import GiftCard
from saleor.order.models import Order
from saleor.product.models import ProductVariant
from saleor.shipping.models import ShippingMethod

from saleor_o2o.cashier.models import PaymentAttempt
from saleor_o2o.ordering.models import OrderProfile
from sandbox.client import SandboxRefused

from .house import House
from .shop import BASKET, CLERK, PASSWORD, SHIPPED
from .stage import WEB

GATEWAY = "o2o.wechat_pay"
ADDRESS = {
    "firstName": "晓江", "lastName": "李", "streetAddress1": "中山四路示例小区 1 栋 2 单元 3-1", "city": "渝中区",
    "countryArea": "重庆市", "postalCode": "400015", "country": "CN", "phone": "+8613800000001",
}  # fmt: skip
LOGIN = "mutation($email: String!, $password: String!) { tokenCreate(email: $email, password: $password) { token } }"
PLACE = """mutation($key: String!, $input: BasketInput!, $gateway: String!) { orderPlace(key: $key, input: $input,
  gateway: $gateway) { order { id token } errors { message code } } }"""
CREATE = """mutation($input: CheckoutCreateInput!) { checkoutCreate(input: $input) { checkout { id }
  errors: checkoutErrors { message code } } }"""
SHIP = """mutation($id: ID!, $method: ID!) { checkoutShippingMethodUpdate(checkoutId: $id, shippingMethodId: $method) {
  checkout { totalPrice { gross { amount } } } errors: checkoutErrors { message code } } }"""
CHOOSE = """mutation($id: ID!, $input: PaymentInput!) { checkoutPaymentCreate(checkoutId: $id, input: $input) {
  errors: paymentErrors { message code } } }"""
COMPLETE = """mutation($id: ID!) { checkoutComplete(checkoutId: $id) {
  order { id token } errors: checkoutErrors { message code } } }"""
COMPOSE = """mutation($token: String!, $parts: [PaymentPartInput!]!) {
  paymentCompose(orderToken: $token, parts: $parts) { errors { message code } } }"""
START = """mutation($token: String!, $method: PayMethod!) { paymentStart(orderToken: $token, method: $method) {
  errors { message code } } }"""
REFUND = """mutation($id: ID!, $amount: Decimal!, $key: String!) { orderRefundRequest(id: $id, amount: $amount,
  reason: "少发一件", key: $key) { errors { message code } } }"""
CANCEL = """mutation($number: String!, $token: String!) { myOrderCancel(number: $number, token: $token) {
  errors { message code } } }"""
REFUND_BY_STOCK = """mutation($id: ID!, $amount: Decimal!) { orderRefund(id: $id, amount: $amount) {
  errors: orderErrors { message code } } }"""
CANCEL_PAID = "mutation($id: ID!) { orderCancel(id: $id) { errors: orderErrors { message code } } }"
#: Seconds after which a step that does not come to rest is a fault of its own.
PATIENCE = 60.0
#: How often somebody asks who gets no answer.
TRIES = 4


class Gone(Exception):
    """The answer was lost, and whoever waited for it does not ask again."""


class Refused(Exception):
    """The platform says no; the text says why."""


@dataclass
class Buying:
    """One trial's people. `persists`: they ask again when an answer is lost. Amounts in yuan."""

    house: House
    number: int
    random: Random
    persists: bool = True
    cards: list[GiftCard] = field(default_factory=list)
    deaths: list[str] = field(default_factory=list)
    orders: int = 0
    #: Article numbers that are bought.
    goods: tuple[str, ...] = BASKET
    #: Whether a card was charged (then Stripe may have something to tell).
    cards_used: bool = False

    @property
    def email(self) -> str:
        """Names the trial's orders."""
        return f"trial{self.number}@example.com"

    # -- asking ---------------------------------------------------------------------------------

    def ask(
        self, query: str, variables: dict[str, Any], *, staff: bool = False, once: bool = False
    ) -> dict[str, Any]:
        """One operation; its first field. `once`: not to be asked again. Raises Gone, Refused."""
        for _try in range(TRIES):
            headers = {"Authorization": f"JWT {self._token()}"} if staff else {}
            answer = self.house.post({"query": query, "variables": variables}, headers)
            if answer is None:
                self._see_who_died()
                if once or not self.persists:
                    raise Gone
                continue
            if "errors" in answer:
                raise Refused(str(answer["errors"])[:300])
            told: dict[str, Any] = next(iter(answer["data"].values()))
            codes = [error["code"] for error in told.get("errors") or []]
            if "IDEMPOTENCY_IN_PROGRESS" in codes:  # the one who died holds the key for a minute
                self.house.wait(61)
            elif codes:
                raise Refused(f"{codes[0]}: {told['errors'][0]['message']}")
            else:
                return told
        raise Gone

    def _token(self) -> str:
        if "clerk" not in self.house.tokens:
            self.house.tokens["clerk"] = self.ask(LOGIN, {"email": CLERK, "password": PASSWORD})["token"]
        return self.house.tokens["clerk"]

    def _see_who_died(self) -> None:
        """The line broke: its other end is dead, or will be seen to be in a moment."""
        deadline = time.monotonic() + PATIENCE
        while not self.revive() and WEB not in self.deaths:
            if time.monotonic() > deadline:
                raise TimeoutError("the web broke off without dying")
            time.sleep(0.01)

    def revive(self) -> list[str]:
        """Start what is dead; which roles that were."""
        died = self.house.revive()
        self.deaths += died
        return died

    # -- buying ---------------------------------------------------------------------------------

    def place(self) -> dict[str, Any]:
        """A basket of two sellers, ordered in one request; `id` and `token` of the order."""
        self.orders += 1
        basket = {
            "lines": self.lines(),
            "email": self.email,
            "shippingAddress": ADDRESS,
            "shippingMethod": _method(),
        }
        return dict(self.ask(PLACE, {"key": self.key(), "input": basket, "gateway": GATEWAY})["order"])

    def key(self) -> str:
        """Names the newest order's request; every request of the trial begins alike."""
        return f"{self._keys}{self.orders:03d}"

    @property
    def _keys(self) -> str:
        return f"killtest-{self.number:08d}-"

    def own(self) -> QuerySet[Order]:
        """The trial's orders, oldest first: by the buyer's address, or by the request at the counter."""
        mine = Q(user_email=self.email) | Q(o2o_counter_sale__request_key__contains=self._keys)
        return Order.objects.filter(mine).order_by("pk")

    def place_by_steps(self) -> dict[str, Any]:
        """The storefront's way: cart, way to ship, payment, completion."""
        return dict(self.ask(COMPLETE, {"id": self.cart(GATEWAY, "cart")})["order"])

    def cart(self, gateway: str, token: str) -> str:
        """A cart with its way to be sent and its payment chosen, to be completed."""
        given = {
            "email": self.email, "lines": self.lines(), "shippingAddress": ADDRESS, "billingAddress": ADDRESS,
        }  # fmt: skip
        cart = str(self.ask(CREATE, {"input": given})["checkout"]["id"])
        total = self.ask(SHIP, {"id": cart, "method": _method()})["checkout"]["totalPrice"]["gross"]["amount"]
        self.ask(CHOOSE, {"id": cart, "input": {"gateway": gateway, "token": token, "amount": total}})
        return cart

    def lines(self) -> list[dict[str, Any]]:
        """What is in the basket: some of each."""
        variants = ProductVariant.objects.filter(sku__in=self.goods).order_by("pk")
        return [
            {"variantId": _gid("ProductVariant", one.pk), "quantity": self.random.randint(1, 3)}
            for one in variants
        ]

    def card(self, balance: str) -> GiftCard:
        """A stored-value card."""
        made = GiftCard.objects.create(
            code=f"KILL{self.number:08d}{len(self.cards):02d}",
            initial_balance_amount=Decimal(balance),
            current_balance_amount=Decimal(balance),
        )
        self.cards.append(made)
        return made

    def compose(self, order: dict[str, Any], card: GiftCard, amount: str | None) -> None:
        """Pay so much with a card (None: all it can)."""
        part = {"method": "gift_card", "code": card.code, "amount": amount}
        self.ask(COMPOSE, {"token": order["token"], "parts": [part]})

    def start(self, order: dict[str, Any], method: str = "WECHAT_NATIVE") -> None:
        """See the code to scan."""
        self.ask(START, {"token": order["token"], "method": method})

    def trades(self) -> list[str]:
        """Numbers of ours at the provider, oldest first."""
        mine = PaymentAttempt.objects.filter(intent__order__in=self.own())
        return list(mine.order_by("pk").values_list("number", flat=True))

    def pay(self, which: int = -1, **how: Any) -> bool:
        """The payer pays the newest code (or another); False when there is none that can be paid."""
        trades = self.trades()
        try:
            self.house.sandbox.pay(trades[which], **how)
        except (IndexError, SandboxRefused):
            return False
        return True

    def cancel(self, order: dict[str, Any]) -> None:
        """The buyer changes his mind; the payment may be quicker, and the answer may be lost."""
        number = OrderProfile.objects.get(order__token=order["token"]).number
        with suppress(Gone, Refused):
            self.ask(CANCEL, {"number": number, "token": order["token"]})

    # -- the staff ------------------------------------------------------------------------------

    def refund(self, order: dict[str, Any], amount: Decimal, key: str) -> None:
        """A clerk gives money back; asked again, under the same key."""
        self.ask(REFUND, {"id": order["id"], "amount": str(amount), "key": key}, staff=True)

    def refund_by_stock(self, order: dict[str, Any], amount: Decimal) -> None:
        """A clerk refunds in stock's dashboard, which knows no key: who loses the answer looks before asking again."""
        with suppress(Gone):
            self.ask(REFUND_BY_STOCK, {"id": order["id"], "amount": str(amount)}, staff=True, once=True)

    def cancel_by_staff(self, order: dict[str, Any]) -> None:
        """A clerk cancels in stock's dashboard, whether it is paid or not; twice is refused there."""
        with suppress(Gone, Refused):
            self.ask(CANCEL_PAID, {"id": order["id"]}, staff=True)

    def total(self, order: dict[str, Any]) -> Decimal:
        """What the order costs."""
        return Decimal(Order.objects.get(token=order["token"]).total_gross_amount)

    # -- time -----------------------------------------------------------------------------------

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.house.wait(seconds)

    def run(self, *tasks: str) -> None:
        """What beat sends."""
        for task in tasks:
            self.house.tasks.send_task(task)

    def at_once(self, *deeds: Any) -> None:
        """Do several things at the same moment."""
        threads = [threading.Thread(target=deed) for deed in deeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def settle(self) -> None:
        """Wait until nothing is on its way; who died meanwhile is started again. Raises TimeoutError.

        Asks less and less often while there is work: asking takes the processor from those who are asked about.
        """
        deadline = time.monotonic() + PATIENCE
        quiet, pause = 0, 0.01
        while quiet < 2:
            self.revive()
            quiet = 0 if self.house.has_work() or self._awaited() else quiet + 1
            if time.monotonic() > deadline:
                raise TimeoutError("the platform does not come to rest")
            time.sleep(pause)
            pause = 0.01 if quiet else min(pause * 1.5, 0.05)

    def _awaited(self) -> bool:
        """True while a provider tries to tell us something, or works on a refund."""
        if self.cards_used and any(one["state"] == "pending" for one in self.house.stripe_events()):
            return True
        for number in self.trades():
            try:
                seen = self.house.sandbox.order(number)
            except SandboxRefused:
                continue
            told = list(seen["notifications"])
            for part in seen.get("sub_orders", ()):  # refunds of a combined trade are told under its parts
                told += self.house.sandbox.notifications(out_trade_no=part["out_trade_no"])
            if any(one["state"] in ("pending", "sending", "held") for one in told):
                return True
            if any(one["status"] == "PROCESSING" for one in seen["refunds"]):
                return True
        return False


def _method() -> str:
    return _gid("ShippingMethod", ShippingMethod.objects.get(name=SHIPPED).pk)


def _gid(kind: str, key: int) -> str:
    return b64encode(f"{kind}:{key}".encode()).decode()
