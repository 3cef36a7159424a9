"""Tickets against another trip: even, dearer, cheaper; then given back; and every step that may fail."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from plugins.ticketing.kernel import ports, trades
from plugins.ticketing.kernel.choices import CallKind
from plugins.ticketing.kernel.models import FeeLine, MoneyBack, SupplierCall, Ticket, TicketOrder
from plugins.ticketing.kernel.services import change_following, expiring
from plugins.ticketing.kernel.services.changing import StaleChange, Wanted, preview_change, submit_change
from plugins.ticketing.kernel.services.goods import ticket_variant
from saleor_o2o.cashier.models import OrderRefund
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.after_sale.conftest import Shop
from tests.members.conftest import sandbox_address, sandbox_folder, sms  # noqa: F401 - fixtures
from tests.threads import kinds, together

from ..fares import RULES
from ..orders.conftest import open_accounts
from ..orders.till import Till
from .changes import Changing, Desk, fresh, states, tickets_of
from .scripted import PlainTrade

D = Decimal


@pytest.fixture
def desk(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Desk:
    suppliers = {"first": Changing(prefix="A"), "second": Changing(prefix="B")}
    for code, supplier in suppliers.items():
        monkeypatch.setitem(ports._adapters, f"test-{code}", supplier)
    trade = PlainTrade()
    monkeypatch.setitem(trades._trades, "coach", trade)  # type: ignore[arg-type]
    line = ticket_variant("coach", "test-line", "甲县—乙县", "full", "全票")
    return Desk(Till(shop, suppliers, open_accounts(suppliers), trade, line))  # type: ignore[arg-type]


def refusal(act: Any) -> str:
    with pytest.raises(DomainError) as refused:
        act()
    return str(refused.value.code.value)


def lines_of(number: str) -> dict[tuple[str, str], Decimal]:
    return {(one.side, one.item): one.amount for one in FeeLine.objects.filter(reference=number)}


def test_an_even_change_costs_nothing_and_the_new_ticket_counts(desk: Desk) -> None:
    # given
    order = desk.buy()
    target = desk.target()

    # when
    change = desk.change(order, target)

    # then
    assert (change.state, change.fee, change.to_pay, change.back) == ("done", D("0.00"), D("0.00"), D("0.00"))
    assert (states(order), states(target)) == (["changed"], ["issued"])
    target = fresh(target)
    [old], [new] = tickets_of(order), tickets_of(target)
    assert (new.changed_from, new.changes, new.their_number, target.state) == (
        old, 1, f"C{target.their_number}-0", "issued",
    )  # fmt: skip
    assert MoneyBack.objects.count() == 0
    assert desk.till.trade.went[-1] == (order.number, {old.pk: 1})
    assert desk.till.trade.came[-1] == target.number
    # and again once more is refused by the rule
    other = desk.target(hours=96)
    [again] = preview_change(tickets_of(target), other)
    assert (again.quote.allowed, again.fee.text) == (False, "每张票最多办理 1 次，已办理过 1 次")


def test_a_changed_ticket_takes_its_passengers_time_no_more(desk: Desk) -> None:
    # given
    desk.change(desk.buy(hours=48), desk.target(hours=72))

    # when
    again = desk.buy(hours=48)

    # then: the old time is free, the new one is taken
    assert again.state == "issued"
    assert refusal(lambda: desk.buy(hours=72)) == "TRIPS_OVERLAP"


def test_a_dearer_trip_that_nobody_can_pay_in_time_changes_nothing(desk: Desk) -> None:
    # given: a minute before the hold ends nothing is sold any more
    order = desk.buy()
    dearer, even = desk.target("62.50", cost="56.00"), desk.target(hours=120)
    assert dearer.held_until is not None
    soon = max(dearer.held_until, even.held_until) - timedelta(seconds=59)  # type: ignore[type-var, operator]
    for one in (dearer, even):
        TicketOrder.objects.filter(pk=one.pk).update(held_until=soon + timedelta(seconds=59))

    # when
    with frozen(soon):
        code = refusal(lambda: desk.change(order, fresh(dearer)))

        # then: the old ticket counts; what costs nothing goes
        assert (code, states(order)) == ("TARGET_WRONG", ["issued"])
        assert desk.change(order, fresh(even)).to_pay == D("0.00")


def test_a_dearer_trip_is_paid_first_and_given_back_from_both_orders(desk: Desk) -> None:
    # given: 50.00 against 62.50
    order = desk.buy()
    target = desk.target("62.50", cost="56.00")

    # when
    change = desk.change(order, target)

    # then: nothing is asked of the supplier before the money is there
    assert (change.state, change.to_pay, states(order)) == ("to_pay", D("12.50"), ["changing"])
    assert desk.supplier.count("change") == 0
    difference = desk.place(change)
    assert difference.total_gross_amount == D("12.50")
    assert [line.product_name for line in difference.lines.all()] == [f"改签差价 {change.number}"]
    with pytest.raises(DomainError):
        desk.place(fresh(change))

    # when
    desk.pay(difference)

    # then
    assert (fresh(change).state, states(order), states(target)) == ("done", ["changed"], ["issued"])
    assert desk.supplier.asks[-1].amount == D("11.00")
    assert lines_of(change.number) == {
        ("customer", "difference"): D("12.50"), ("supplier", "difference"): D("11.00"),
    }  # fmt: skip
    assert [line.quantity_fulfilled for line in difference.lines.all()] == [1]

    # when: given back 10 % of the fare of 60.50; 2.00 of service stays
    refund = desk.refund(fresh(target))

    # then: the difference's order first, the rest of the first order
    assert (refund.due, refund.state) == (D("54.45"), "paying")
    assert dict(MoneyBack.objects.values_list("order_id", "amount")) == {
        difference.pk: D("12.50"), order.order_id: D("41.95"),
    }  # fmt: skip
    for one in MoneyBack.objects.all():
        desk.arrive(one.key)
    assert fresh(refund).state == "done"


def test_a_cheaper_trip_gives_the_difference_back(desk: Desk) -> None:
    # given
    order = desk.buy()
    target = desk.target("38.00", cost="34.00")

    # when
    change = desk.change(order, target)

    # then
    assert (change.state, change.back, change.to_pay) == ("done", D("12.00"), D("0.00"))
    assert OrderRefund.objects.get().amount == D("12.00")
    assert lines_of(change.number) == {
        ("customer", "difference"): D("-12.00"), ("supplier", "difference"): D("-11.00"),
    }  # fmt: skip

    # when: 10 % of 36.00
    refund = desk.refund(fresh(target))

    # then: 50.00 − 12.00 − 3.60 − 2.00 of service
    assert refund.due == D("32.40")
    assert sum(one.amount for one in OrderRefund.objects.all()) == D("44.40")


def test_a_fee_and_a_cheaper_trip_are_netted(desk: Desk) -> None:
    # given: 10 % of the ticket for any change
    from dataclasses import replace

    from plugins.ticketing.kernel.engine import Charge, Tier

    rule = replace(
        RULES["公路客票改签"],
        tiers=(Tier(None, 0, Charge("percent", D(10))), Tier(0, None, Charge("forbidden"))),
    )
    order = desk.buy(change_rule=rule.to_json())
    target = desk.target("38.00", cost="34.00")

    # when
    change = desk.change(order, target)

    # then: 12.00 less 4.80
    assert (change.fee, change.back, change.to_pay) == (D("4.80"), D("7.20"), D("0.00"))
    assert OrderRefund.objects.get().amount == D("7.20")

    # when: nothing more than is left of the ticket
    refund = desk.refund(fresh(target))

    # then: 36.00 less 3.60
    assert refund.due == D("32.40")


def test_the_trap_of_changing_first_and_giving_back_then(desk: Desk) -> None:
    """Given back on its day it costs 20 %; changed to next month first it must not become 10 %."""
    # given: an air-like rule: what the old ticket had come to is not undone
    from dataclasses import replace

    harsh = replace(RULES["公路客票退票（全国）"], after_change="harsher").to_json()
    order = desk.buy(
        hours=1.5,
        change_rule=replace(RULES["公路客票改签"], tiers=RULES["公路客票退票（全国）"].tiers).to_json(),
    )
    target = desk.target(hours=720, refund_rule=harsh)
    change = desk.change(order, target)
    assert change.to_pay == D("9.60")  # 20 % of 48.00 for the change itself
    desk.pay(desk.place(change))
    assert fresh(change).state == "done"

    # when
    refund = desk.refund(fresh(target))

    # then: 20 %, explained
    item = refund.items.get()
    assert (item.fee, refund.due) == (D("9.60"), D("38.40"))
    assert "这张票改签过，原票在改签时已到“收取票面价的 20%" in item.words


def test_a_bus_that_the_carrier_changed_is_no_trap(desk: Desk) -> None:
    # given: 20 % when it is changed, by the carrier's fault; 10 % on the other day
    from dataclasses import replace

    from plugins.ticketing.kernel.access import CARRIERS_FAULT, ORDER_VIEW, REFUND
    from tests.orgs import person as staff

    clerk = staff(desk.till.shop.org["B111"], "seller", (ORDER_VIEW, REFUND, CARRIERS_FAULT))
    harsh = replace(RULES["公路客票退票（全国）"], after_change="harsher").to_json()
    order, target = desk.buy(hours=1.5), desk.target(hours=720, refund_rule=harsh)
    desk.change(order, target, cause="carrier", by=clerk)

    # when
    refund = desk.refund(fresh(target))

    # then: 10 % of 48.00
    assert (refund.items.get().fee, refund.due) == (D("4.80"), D("43.20"))


def test_the_original_fare_counts_for_a_ticket_that_became_cheaper(desk: Desk) -> None:
    # given
    from dataclasses import replace

    rule = replace(RULES["公路客票退票（全国）"], original_fare=True).to_json()
    order = desk.buy("102.00")
    target = desk.target("52.00", cost="40.00", refund_rule=rule)
    desk.change(order, target)

    # when
    refund = desk.refund(fresh(target))

    # then: 10 % of the 100.00 of before, not of 50.00
    assert (refund.items.get().fee, refund.due) == (D("10.00"), D("40.00"))


def test_refused_by_the_supplier_the_old_ticket_counts_and_the_money_goes_back(desk: Desk) -> None:
    # given
    order = desk.buy()
    target = desk.target("62.50")
    desk.supplier.will("change", "CLOSED_FOR_CHANGE")
    change = desk.change(order, target)
    difference = desk.place(change)

    # when
    desk.pay(difference)

    # then
    change, target = fresh(change), fresh(target)
    assert (change.state, change.why) == ("refused", "供应商未改签：供应商拒绝")
    assert (states(order), states(target), target.state) == (["issued"], ["void"], "issue_failed")
    money = MoneyBack.objects.get()
    assert (money.order_id, money.amount, money.change) == (difference.pk, D("12.50"), change)
    assert desk.supplier.count("release") == 1


def test_not_paid_in_time_it_is_closed_and_the_old_ticket_counts(desk: Desk) -> None:
    # given
    order = desk.buy()
    change = desk.change(order, desk.target("62.50"))

    # when
    with frozen(now() + timedelta(minutes=16)):
        expiring.expire_due()
        change_following.follow()

    # then
    assert (fresh(change).state, states(order)) == ("closed", ["issued"])
    assert refusal(lambda: desk.place(fresh(change))) == "HOLD_GONE"


def test_money_that_comes_too_late_goes_back(desk: Desk) -> None:
    # given: the new trip's hold ended while the payer typed
    order = desk.buy()
    target = desk.target("62.50")
    change = desk.change(order, target)
    difference = desk.place(change)
    with frozen(now() + timedelta(minutes=16)):
        expiring.expire_due()
    assert fresh(target).state == "closed"

    # when
    desk.pay(difference)

    # then
    assert (fresh(change).state, states(order)) == ("refused", ["issued"])
    assert MoneyBack.objects.get().amount == D("12.50")


def test_an_unpaid_order_that_is_cancelled_ends_the_change(desk: Desk) -> None:
    # given
    from saleor_o2o.cashier.interfaces import cancel_intent, live_intent

    order = desk.buy()
    change = desk.change(order, desk.target("62.50"))
    difference = desk.place(change)

    # when
    cancel_intent(live_intent(difference.pk), "ORDER_CANCELLED")  # type: ignore[arg-type]

    # then
    assert (fresh(change).state, states(order)) == ("closed", ["issued"])


def test_one_change_that_fails_keeps_no_other_waiting(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: two that nobody paid in time, and something about the first that breaks our own code
    order, other = desk.buy(), desk.buy(hours=240)
    broken = desk.change(order, desk.target("62.50"))
    late = desk.change(other, desk.target("62.50", hours=264), key="change-000002")
    found = change_following._follow

    def follow(pk: int) -> int:
        if pk == broken.pk:
            raise RuntimeError("broken")
        return found(pk)

    monkeypatch.setattr(change_following, "_follow", follow)

    # when
    with frozen(now() + timedelta(minutes=16)):
        expiring.expire_due()
        change_following.follow()

    # then
    assert [fresh(one).state for one in (broken, late)] == ["to_pay", "closed"]


def test_silence_is_asked_about_and_never_sent_twice(desk: Desk) -> None:
    # given: changed, the answer was lost, and asking finds nobody
    order = desk.buy()
    desk.supplier.will("change", "lost")
    desk.supplier.deaf = True
    change = desk.change(order, desk.target())
    assert (change.state, SupplierCall.objects.get(kind=CallKind.CHANGE).state) == ("at_supplier", "unknown")
    assert states(order) == ["changing"]

    # when
    desk.supplier.deaf = False
    with frozen(now() + timedelta(minutes=5)):
        change_following.follow()

    # then
    assert (fresh(change).state, desk.supplier.count("change")) == ("done", 1)


def test_what_never_arrived_is_sent_again_under_another_number(desk: Desk) -> None:
    # given
    order = desk.buy()
    desk.supplier.will("change", "silent")
    change = desk.change(order, desk.target())
    assert change.state == "at_supplier"

    # when
    with frozen(now() + timedelta(minutes=5)):
        change_following.follow()

    # then
    assert (fresh(change).state, states(order)) == ("done", ["changed"])


def test_a_crash_before_asking_is_picked_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    from plugins.ticketing.kernel.services import changing

    order = desk.buy()
    with monkeypatch.context() as dying:
        dying.setattr(changing, "_later", lambda _pk: None)
        change = desk.change(order, desk.target())
    assert change.state == "asked"

    # when
    with frozen(now() + timedelta(minutes=2)):
        change_following.follow()
        change_following.follow()

    # then
    assert (fresh(change).state, desk.supplier.count("change")) == ("done", 1)


def test_a_crash_between_the_money_and_the_supplier_is_picked_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    order = desk.buy()
    change = desk.change(order, desk.target("62.50"))
    difference = desk.place(change)
    with monkeypatch.context() as dying:
        dying.setattr("plugins.ticketing.kernel.services.change_paying.go_on", lambda _request: None)
        desk.pay(difference)
    assert fresh(change).state == "to_pay"

    # when
    with frozen(now() + timedelta(minutes=2)):
        change_following.follow()

    # then
    assert (fresh(change).state, states(order)) == ("done", ["changed"])


def test_our_own_inventory_changes_at_once_and_may_refuse_what_was_paid(desk: Desk) -> None:
    # given
    desk.supplier.local = True
    order = desk.buy()
    even = desk.change(order, desk.target())
    assert (even.state, SupplierCall.objects.filter(kind=CallKind.CHANGE).count()) == ("done", 0)
    other = desk.till.buy(
        wants=desk._wants("50.00", 1), costs={"full": "45.00"}, starts=now() + timedelta(days=20)
    )
    change = desk.change(other, desk.target("62.50", hours=600), key="change-000002")
    difference = desk.place(change)
    desk.supplier.will("change", "CLOSED_FOR_CHANGE")

    # when
    desk.pay(difference)

    # then
    assert (fresh(change).state, states(other)) == ("refused", ["issued"])
    assert MoneyBack.objects.get(change=change).amount == D("12.50")


def test_two_of_three_are_changed_to_the_fen(desk: Desk) -> None:
    # given
    order = desk.buy(people=3)
    target = desk.target("62.50", people=2)

    # when
    change = desk.change(order, target)
    desk.pay(desk.place(change))

    # then
    assert (fresh(change).to_pay, states(order), states(target)) == (
        D("25.00"), ["changed", "changed", "issued"], ["issued", "issued"],
    )  # fmt: skip


def test_other_people_another_seller_or_count_are_refused(desk: Desk) -> None:
    # given
    order = desk.buy(people=2)
    tickets = tickets_of(order)
    stranger = desk.till.hold(people=2)
    elsewhere = desk.till.hold(
        "second", people=2, wants=desk._wants("50.00", 2), starts=now() + timedelta(days=9)
    )
    one = desk.target()

    # then
    assert refusal(lambda: preview_change(tickets, stranger)) == "TARGET_WRONG"
    assert refusal(lambda: preview_change(tickets, one)) == "TARGET_WRONG"
    assert refusal(lambda: preview_change(tickets, elsewhere)) == "TARGET_WRONG"
    assert refusal(lambda: preview_change(tickets, order)) == "TARGET_WRONG"


def test_the_carriers_fault_is_free_even_to_a_dearer_trip(desk: Desk) -> None:
    # given
    from plugins.ticketing.kernel.access import CARRIERS_FAULT, ORDER_VIEW, REFUND
    from tests.orgs import person as staff

    clerk = staff(desk.till.shop.org["B111"], "seller", (ORDER_VIEW, REFUND, CARRIERS_FAULT))
    order = desk.buy()
    target = desk.target("62.50")
    with pytest.raises(NotAllowed):
        desk.change(order, target, cause="carrier")

    # when
    change = desk.change(order, target, cause="carrier", by=clerk)

    # then
    assert (change.state, change.to_pay, change.fee) == ("done", D("0.00"), D("0.00"))
    [item] = change.items.all()
    assert (item.value, item.difference) == (D("48.00"), D("0.00"))


def test_strangers_change_nothing(desk: Desk) -> None:
    order = desk.buy()
    target = desk.target()
    with pytest.raises(OutOfScope):
        desk.change(order, target, by=desk.till.shop.people["stranger"])
    assert states(order) == ["issued"]


def test_two_clicks_with_two_targets_change_a_ticket_once(desk: Desk) -> None:
    # given
    order = desk.buy()
    ticket = tickets_of(order)[0]
    targets = [desk.target(hours=72), desk.target(hours=96)]
    offers = [preview_change([ticket], one)[0] for one in targets]

    def act(at: int) -> Any:
        wanted = [Wanted(ticket.pk, offers[at].quote.token)]
        return lambda: submit_change(desk.till.shop.shopper, f"change-00000{at}", wanted, targets[at].pk)

    # when
    results = together(act(0), act(1))

    # then
    assert kinds(results) == ["ChangeRequest", "TicketError"]
    assert Ticket.objects.filter(changed_from=ticket).count() == 1


def test_an_expired_quote_says_what_is_different(desk: Desk) -> None:
    # given
    order = desk.buy(hours=2.1)
    target = desk.target()
    [offer] = preview_change(tickets_of(order), target)
    wanted = [Wanted(offer.old.pk, offer.quote.token)]

    # when
    with frozen(now() + timedelta(minutes=8)):
        stale = submit_change(desk.till.shop.shopper, "change-000001", wanted, target.pk)

    # then
    assert isinstance(stale, StaleChange)
    assert stale.words.startswith("报价已过 5 分钟，现在不能办理")
    assert (states(order), TicketOrder.objects.get(pk=target.pk).state) == (["issued"], "held")


def test_the_api_previews_changes_and_says_what_is_to_be_paid(desk: Desk) -> None:
    # given
    from tests.buying.shopper import ask

    preview = """mutation($tickets: [String!]!, $target: String!) {
      ticketChangePreview(tickets: $tickets, target: $target) {
        quotes { ticket target token fee toPay back allowed words } fee toPay back errors { code message } } }"""
    submit = """mutation($key: String!, $tickets: [TicketChangeInput!]!, $target: String!) {
      ticketChange(key: $key, tickets: $tickets, target: $target) {
        change { number state toPay back target payBy title } quotes { token } words errors { code message } } }"""
    order, target = desk.buy(), desk.target("62.50")
    number = tickets_of(order)[0].number

    # when
    seen = ask(preview, {"tickets": [number], "target": target.number}, desk.till.shop.shopper)
    quotes = seen["ticketChangePreview"]["quotes"]
    told = {
        "key": "change-000001", "tickets": [{"ticket": number, "token": quotes[0]["token"]}], "target": target.number,
    }  # fmt: skip
    done = ask(submit, told, desk.till.shop.shopper)["ticketChange"]
    nobody = ask(preview, {"tickets": [number], "target": target.number})["ticketChangePreview"]

    # then
    assert seen["ticketChangePreview"]["toPay"] == 12.5
    assert done["errors"] == []
    assert (done["change"]["state"], done["change"]["toPay"], done["change"]["target"]) == (
        "TO_PAY", 12.5, target.number,
    )  # fmt: skip
    assert done["change"]["payBy"] is not None
    assert [one["code"] for one in nobody["errors"]] == ["NOT_FOUND"]

    # and both orders tell of it, to their buyer alone
    changes = (
        "query($n: String!) { ticketChanges(order: $n) { number origin target orderNumber state toPay } }"
    )
    expected = [
        {
            "number": done["change"]["number"], "origin": order.number, "target": target.number, "orderNumber": "",
            "state": "TO_PAY", "toPay": 12.5,
        }
    ]  # fmt: skip
    for one in (order.number, target.number):
        assert ask(changes, {"n": one}, desk.till.shop.shopper)["ticketChanges"] == expected
        assert ask(changes, {"n": one})["ticketChanges"] == []
    assert ask(changes, {"n": "no-such"}, desk.till.shop.shopper)["ticketChanges"] == []
