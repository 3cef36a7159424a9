"""What buyers are told of their refunds, changes and insurances, when nobody looks at a page any more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from plugins.members.texts import text_of
from plugins.official_account.models import Account, Fan, MessageTemplate, Sending, openid_index
from plugins.official_account.seeds import TEMPLATES
from plugins.official_account.services.sending import THING
from plugins.ticketing.kernel import telling
from plugins.ticketing.kernel.models import Insurance, InsuranceProduct, MoneyBack, Ticket, TicketOrder
from plugins.ticketing.kernel.services import (
    change_following,
    change_paying,
    expiring,
    insuring,
    refund_outcomes,
)
from plugins.ticketing.kernel.services.changing import preview_change
from saleor_o2o.kernel.clock import frozen, now
from saleor_o2o.kernel.errors import DomainError
from sandbox.client import SandboxClient
from tests.buying.shopper import ask

from .changes import Desk, fresh, states, tickets_of
from .conftest import Tickets
from .test_changing import desk, sandbox_address, sandbox_folder, sms  # noqa: F401 - fixtures
from .test_insuring import cover, insured  # noqa: F401 - a fixture

D = Decimal


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What goes by text, as it is read, without our signature."""
    found: list[str] = []

    def keep(_mobile: str, template: str, words: Mapping[str, str]) -> None:
        found.append(text_of(template, words).partition("】")[2])

    monkeypatch.setattr(telling, "send_text", keep)
    return found


def reachable(order: TicketOrder) -> TicketOrder:
    order.mobile = "13800000001"
    order.save(update_fields=["mobile"])
    return order


def follows(coach: Tickets, *occasions: str) -> None:
    """The shopper follows an account that tells of these occasions."""
    account = Account.objects.create(
        code="city",
        name="重庆邮政",
        original_id="gh_city",
        appid="wx1234567890",
        unit=coach.org["CQ"],
        state="active",
    )
    for occasion in occasions:
        template, fields = TEMPLATES[occasion]
        MessageTemplate.objects.create(
            account=account, occasion=occasion, template_id=template, fields=fields
        )
    Fan.objects.create(
        account=account, openid="oTold", openid_index=openid_index("oTold"), user=coach.shopper
    )


def test_refused_hours_later_the_buyer_is_told_once_that_his_ticket_counts(
    coach: Tickets, texts: list[str]
) -> None:
    # given
    coach.supplier.moods = ["working"]
    request = coach.refund(reachable(coach.order()))
    call = request.calls.get()

    # when: the network says no, twice
    for _time in range(2):
        refund_outcomes.refused(call.pk, "OTHER", "该票已检票")

    # then
    assert texts == ["您的主城—万州退票：未退成，票仍有效。供应商拒绝退票：该票已检票。"]


def test_in_part_it_is_told_how_many_still_count(coach: Tickets, texts: list[str]) -> None:
    # given
    coach.supplier.moods = ["partly"]

    # when
    coach.refund(reachable(coach.order()), 2)

    # then
    assert texts == ["您的主城—万州退票：1 张已退，1 张未退成仍有效。应退 ¥35.91，详见订单。"]


def test_the_money_is_told_when_it_is_there(coach: Tickets, texts: list[str]) -> None:
    # given
    request = coach.refund(reachable(coach.order()))
    assert texts == []

    # when
    coach.arrive(request.number)

    # then
    assert texts == ["您的主城—万州退票：已退款 ¥35.91。原路退回，请查收。"]


def test_a_follower_is_told_by_the_account_and_of_the_money_by_its_own_message(
    coach: Tickets, texts: list[str]
) -> None:
    # given
    follows(coach, "ticket_refund", "refunded")
    order = reachable(coach.order())
    coach.supplier.moods = ["partly"]

    # when
    request = coach.refund(order, 2)
    coach.arrive(request.number)

    # then: the result, then the money; no text
    sent = [(one.template.occasion, one.values) for one in Sending.objects.order_by("pk")]
    assert [occasion for occasion, _values in sent] == ["ticket_refund", "refunded"]
    values: Any = sent[0][1]
    assert values["what"] == "1 张已退，1 张未退成仍有效" and values["number"] == order.number
    assert texts == []


def test_what_goes_by_text_instead_has_the_whole_title(coach: Tickets) -> None:
    # given: longer than the twenty characters that WeChat takes of a thing
    follows(coach, "ticket_refund")
    order = reachable(coach.order())
    order.title = "重庆龙头寺汽车站—四川遂宁汽车客运总站 08:00"
    order.save(update_fields=["title"])
    coach.supplier.moods = ["partly"]
    coach.refund(order, 2)
    values: Any = Sending.objects.get().values

    # then: kept whole for the text; WeChat gets its twenty from the official account's own hand
    assert values["title"] == order.title and len(order.title) > THING
    assert f"您的{order.title}退票：" in text_of("ticket_refund", values)


def test_a_change_that_did_not_come_about_is_told_unless_the_buyer_gave_it_up(
    desk: Desk,  # noqa: F811 - the fixture
    texts: list[str],
) -> None:
    # given: refused by the supplier; not paid in time; given up
    refused, late, given_up = (reachable(desk.buy(hours=200 + 24 * day)) for day in range(3))
    desk.supplier.will("change", "CLOSED_FOR_CHANGE")

    # when
    desk.change(refused, desk.target(hours=400), "change-000001")
    change = desk.change(given_up, desk.target("62.50", hours=424), "change-000002")
    change_paying.give_up(change.pk)
    desk.change(late, desk.target("62.50", hours=448), "change-000003")
    with frozen(now() + timedelta(minutes=16)):
        expiring.expire_due()
        change_following.follow()

    # then
    assert texts == [
        "您的甲县—乙县 08:00改签：未改成，原票仍有效。供应商未改签：供应商拒绝。",
        "您的甲县—乙县 08:00改签：未改成，原票仍有效。差价没有及时付清，新行程已释放。",
    ]
    assert [states(one) for one in (refused, late, given_up)] == [["issued"]] * 3


@pytest.mark.parametrize("state", ["used", "expired"])
def test_travelled_before_the_insurer_was_asked_the_premium_comes_back(
    desk: Desk,  # noqa: F811 - the fixture
    cover: InsuranceProduct,  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
    texts: list[str],
    state: str,
) -> None:
    # given: bought, and through the gate before our job came
    with monkeypatch.context() as patched:
        patched.setattr(insuring, "begin", lambda _pk: 0)
        order = reachable(insured(desk))
    Ticket.objects.filter(ticket_order=order).update(state=state)

    # when
    for _time in range(2):
        insuring.follow()

    # then: not asked for, given back once, told once
    row = Insurance.objects.get()
    assert (row.state, row.why) == ("cancelled", "已乘车（使用）或过期，没有投保")
    assert MoneyBack.objects.get().amount == D("3.00")
    assert texts == ["您的甲县—乙县 08:00：已乘车（使用）或过期，没有投保，保费 ¥3.00 将原路退回。"]


CHANGE_PREVIEW = """mutation($tickets: [String!]!, $target: String!) {
  ticketChangePreview(tickets: $tickets, target: $target) { quotes { insurance allowed } errors { code } } }"""


def test_whoever_changes_an_insured_ticket_reads_that_the_insurance_goes_along_or_comes_back(
    desk: Desk,  # noqa: F811 - the fixture
    cover: InsuranceProduct,  # noqa: F811 - the fixture
    sms: SandboxClient,  # noqa: F811 - the fixture
) -> None:
    # given
    order, target = insured(desk), desk.target(hours=96)
    insuring.choose(target, {tickets_of(target)[0].number: ["coach-3"]})
    told = {"tickets": [tickets_of(order)[0].number], "target": target.number}

    # when: before it is confirmed
    seen = ask(CHANGE_PREVIEW, told, desk.till.shop.shopper)["ticketChangePreview"]

    # then
    assert seen["errors"] == []
    assert seen["quotes"] == [
        {
            "insurance": "乘意险随票改签，保费不变；保险公司不能改到新行程的，退保并原路退回保费 ¥3.00，另行通知",
            "allowed": True,
        }
    ]  # fmt: skip

    # when
    change = desk.change(order, target)

    # then: nothing is left that nobody would ever buy
    assert fresh(change).state == "done"
    assert Insurance.objects.get().ticket_id == tickets_of(order)[0].pk
    # and an uninsured ticket has nothing said of it
    [plain] = preview_change(tickets_of(desk.buy()), desk.target(hours=120))
    assert plain.insurance == ""


def test_what_a_change_pays_is_not_insured(desk: Desk, cover: InsuranceProduct) -> None:  # noqa: F811
    # given
    target = desk.target("62.50")
    desk.change(desk.buy(), target)

    # then
    with pytest.raises(DomainError) as refused:
        insuring.choose(target, {tickets_of(target)[0].number: ["coach-3"]})
    assert refused.value.code.value == "HOLD_FOR_CHANGE"
