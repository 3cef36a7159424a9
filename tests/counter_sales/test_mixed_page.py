"""The one form for a sale paid in several ways: what is refused stays typed, what is held can be let go."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from saleor.giftcard.models import GiftCard

from plugins.counter_sales.models import CounterSale, PosReceipt
from saleor_o2o.cashier.models import PartRefund, PaymentPart
from saleor_o2o.kernel.scope import OutOfScope
from tests.orgs import again

from .conftest import Counter, Wechat
from .looking import D, fresh
from .test_pages import client_of

ASK = "/admin/o2o_counter_sales/countersale/ask/"
CARD = {"method": "gift_card", "code": "CARD1", "amount": ""}
CASH = {"method": "cash", "amount": "10"}
POS = {"method": "pos", "code": "30010001/000123", "amount": "19.80"}


@pytest.fixture
def card(counter: Counter) -> GiftCard:
    return GiftCard.objects.create(code="CARD1", initial_balance_amount=D(20), current_balance_amount=D(20))


def ask(client: Client, name: str, **body: Any) -> Any:
    return client.post(f"{ASK}{name}/", json.dumps(body), content_type="application/json").json()


def test_card_cash_terminal_and_phone_in_one_form(counter: Counter, wechat: Wechat, card: GiftCard) -> None:
    # given
    sale, clerk = counter.place(2), client_of(counter.clerk)

    # when: 79.80, and the rest of 30 on the phone
    told = ask(clerk, "mixed", sale=sale.pk, parts=[CARD, CASH, POS], code="134567890123456789")

    # then
    assert "error" not in told, told
    paid = told["sale"]
    assert (paid["state"], paid["due"], paid["toReturn"]) == ("paid", "30.00", [])
    assert [one["amount"] for one in paid["parts"]] == ["20.00", "10.00", "19.80"]
    assert [one.fen for one in wechat.trades.values()] == [3000]
    slip = clerk.post(f"/admin/o2o_counter_sales/countersale/{sale.pk}/slip/", {"paper": "80mm"})
    text = slip.content.decode()
    assert all(f"<dd>¥{one}</dd>" in text for one in ("20.00", "10.00", "19.80", "30.00"))
    assert "组合支付" in text and "找零" not in text


def test_a_phone_that_does_not_pay_leaves_the_parts_to_be_let_go(
    counter: Counter, wechat: Wechat, card: GiftCard
) -> None:
    # given
    sale, clerk = counter.place(2), client_of(counter.clerk)
    wechat.charges = "NOTENOUGH"

    # when
    refused = ask(clerk, "mixed", sale=sale.pk, parts=[CARD, CASH, POS], code="134567890123456789")
    held = ask(clerk, "status", sale=sale.pk)["sale"]

    # then: nothing is lost, nothing is taken twice
    assert refused["error"]["code"] == "PAYER_SHORT"
    assert (held["state"], held["due"], len(held["parts"])) == ("placed", "30.00", 3)
    assert counter.balance() == D("490.00")
    again_ = ask(clerk, "mixed", sale=sale.pk, parts=[{**CARD, "amount": "20"}, CASH, POS])
    assert (len(again_["sale"]["parts"]), counter.balance()) == (3, D("490.00"))

    # when: they give it up
    back = ask(clerk, "release", sale=sale.pk)["sale"]
    card.refresh_from_db()

    # then: the card at once; notes and terminal when the clerk says so
    assert (back["parts"], card.current_balance_amount, counter.balance()) == ([], D(20), D("490.00"))
    by_kind = {one["kind"]: one["id"] for one in back["toReturn"]}
    assert set(by_kind) == {"cash", "pos"}
    for _click in range(2):
        ask(clerk, "returned", sale=sale.pk, share=by_kind["cash"])
    assert counter.balance() == D("500.00")
    wrong = ask(clerk, "returned", sale=sale.pk, share=by_kind["pos"], reference="30010001/000123")
    assert wrong["error"]["code"] == "POS_SLIP_USED"
    right = ask(clerk, "returned", sale=sale.pk, share=by_kind["pos"], reference="30010001/000124")["sale"]
    assert (right["toReturn"], right["state"]) == ([], "placed")
    assert list(PosReceipt.objects.order_by("pk").values_list("kind", "amount")) == [
        ("taken", D("19.80")),
        ("given_back", D("19.80")),
    ]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([], "AMOUNT_INVALID"),
        ("nonsense", "AMOUNT_INVALID"),
        ([{"method": "cash", "amount": "一百"}], "INVALID_AMOUNT"),
        ([{"method": "cash", "amount": "-1"}], "INVALID_AMOUNT"),
        ([{"method": "cash", "amount": "100"}], "NOTHING_LEFT"),
        ([CASH, CASH], "PART_TWICE"),
        ([{**POS, "code": "/"}], "POS_INVALID"),
        ([{**POS, "amount": ""}], "AMOUNT_INVALID"),
        ([{"method": "gift_card", "code": "NOSUCH"}], "CARD_UNUSABLE"),
        ([{"method": "gold", "amount": "1"}], "METHOD_NOT_OFFERED"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_words(
    counter: Counter, wechat: Wechat, parts: Any, code: str
) -> None:
    # given
    sale = counter.place(2)

    # when
    told = ask(client_of(counter.clerk), "mixed", sale=sale.pk, parts=parts)

    # then
    assert told["error"]["code"] == code, told
    assert told["error"]["message"]
    assert (fresh(sale).state, PaymentPart.objects.count(), counter.balance()) == ("placed", 0, D("500.00"))


def test_others_cannot_take_or_give_back(counter: Counter, wechat: Wechat, colleague: Any) -> None:
    # given
    sale, other = counter.place(2), counter.place(1)
    clerk = client_of(counter.clerk)
    ask(clerk, "mixed", sale=sale.pk, parts=[CASH])
    ask(clerk, "release", sale=sale.pk)
    share = PartRefund.objects.get().pk
    stranger = client_of(colleague("B121", "stranger"))
    looker = client_of(colleague("B111", "looker", ("counter_order.view",)))

    # then
    for name, body in (("mixed", {"parts": [CASH]}), ("release", {}), ("returned", {"share": share})):
        assert ask(stranger, name, sale=sale.pk, **body)["error"]["code"] == OutOfScope().code
        assert "error" in ask(looker, name, sale=sale.pk, **body)
    assert ask(clerk, "returned", sale=other.pk, share=share)["error"]["code"] == "NOT_FOUND"
    assert ask(clerk, "returned", sale=sale.pk, share="x")["error"]["code"] == "NOT_FOUND"
    assert (PartRefund.objects.get().state, counter.balance()) == ("waiting", D("490.00"))
    assert CounterSale.objects.filter(pk=sale.pk, state="placed").exists()
    assert again(counter.clerk).is_active
