"""What suppliers pay us for selling: rates by two persons, booked at the issue, given back, matched, counted."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from plugins.ticketing.kernel import trades
from plugins.ticketing.kernel.access import ORDER_VIEW, SETTLE, SUPPLIER_EDIT, SUPPLIER_VIEW
from plugins.ticketing.kernel.choices import AgencyMode, CallKind
from plugins.ticketing.kernel.models import AgencyRate, FeeLine, SupplierAccount, Ticket
from plugins.ticketing.kernel.ports import Line
from plugins.ticketing.kernel.services import agency
from plugins.ticketing.kernel.services.statements import take_in
from plugins.ticketing.kernel.todo import rates
from saleor_o2o.kernel.clock import SHANGHAI, frozen, now, today
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.money import to_yuan
from tests.orgs import person
from tests.ticketing.legs.conftest import Travel, travel  # noqa: F401 - the fixture

from .conftest import Tickets
from .test_refund_pages import browser, text_of

D = Decimal


def refusal(act: Any) -> str:
    with pytest.raises(DomainError) as refused:
        act()
    return str(refused.value.code.value)


def booked(*, reference: str = "") -> list[tuple[str, Decimal]]:
    rows = FeeLine.objects.filter(item__in=("agency", "agency_back")).order_by("pk")
    if reference:
        rows = rows.filter(reference=reference)
    return list(rows.values_list("item", "amount"))


def in_force(account: SupplierAccount, mode: str, value: str, key: str = "") -> AgencyRate:
    """A rate that counts since last week."""
    row = AgencyRate.objects.create(
        supplier=account,
        key=key,
        mode=mode,
        value=D(value),
        valid_from=today() - timedelta(days=7),
        reason="合同",
    )
    AgencyRate.objects.filter(pk=row.pk).update(state="published")
    return row


def test_a_ticket_earns_by_its_leg_and_gives_back_what_it_earned(travel: Travel) -> None:  # noqa: F811
    # given: 5 % of all, 3 yuan a ticket on the way back
    account = travel.till.accounts["first"]
    in_force(account, "percent", "5")
    in_force(account, "fixed", "3", key="coach:2")

    # when
    order = travel.both()
    out, _back = order.tickets.order_by("pk")

    # then: of the fare of 48.00, and by the ticket
    assert booked() == [("agency", D("-2.40")), ("agency", D("-3.00"))]

    # when: the way there goes back, the way back is changed to a line that earns 5 % again
    refund = travel.give_back(Ticket.objects.get(pk=out.pk))
    change = travel.change(order, travel.target("42.00", hours=100, cost="36.00"))

    # then
    assert booked(reference=refund.number) == [("agency_back", D("2.40"))]
    assert booked(reference=change.number) == [("agency_back", D("3.00")), ("agency", D("-2.00"))]

    # and the file of the day says the same, line by line; a fen less is seen
    day = now().astimezone(SHANGHAI).date()
    rows = FeeLine.objects.filter(side="supplier", item__in=("agency", "agency_back")).select_related(
        "ticket"
    )
    kinds = {"agency": CallKind.AGENCY, "agency_back": CallKind.AGENCY_BACK}
    lines = [Line(kinds[one.item], "A1", one.ticket.their_number, one.amount) for one in rows]
    matched = take_in(account, day, lines).lines.filter(kind__in=kinds.values())
    assert sorted(matched.values_list("match", "amount")) == [
        ("same", D("-3.00")), ("same", D("-2.40")), ("same", D("-2.00")), ("same", D("2.40")), ("same", D("3.00")),
    ]  # fmt: skip
    wrong = [Line(one.kind, one.their_number, one.their_ticket, one.amount + D("0.01")) for one in lines]
    assert set(take_in(account, day, wrong).lines.filter(kind="agency").values_list("match", flat=True)) == {
        "amount"
    }


def test_a_rate_that_is_not_in_force_counts_for_nothing(travel: Travel) -> None:  # noqa: F811
    # given: submitted, of another supplier, over, and of nought
    account, other = travel.till.accounts["first"], travel.till.accounts["second"]
    in_force(other, "percent", "5")
    over = in_force(account, "percent", "5")
    AgencyRate.objects.filter(pk=over.pk).update(valid_to=today() - timedelta(days=1))
    AgencyRate.objects.create(
        supplier=account, mode="percent", value=D(9), valid_from=today(), reason="待复核"
    )

    # when
    travel.buy()

    # then
    assert booked() == []


def people(coach: Tickets) -> dict[str, Any]:
    city = coach.org["CQ"]
    return {
        "maker": person(city, "maker", (SUPPLIER_VIEW, SUPPLIER_EDIT, SETTLE)),
        "second": person(city, "second", (SUPPLIER_VIEW, SETTLE)),
        "branch": person(coach.org["B111"], "branch", (SUPPLIER_VIEW, SUPPLIER_EDIT, SETTLE, ORDER_VIEW)),
    }


def test_nobody_pays_us_for_our_own_tickets(coach: Tickets) -> None:
    # given
    maker = people(coach)["maker"]
    own = SupplierAccount.objects.create(code="own", name="本市自有票仓", trade="show", adapter="own")

    # then: it is not offered, and refused where somebody asks for it nevertheless
    page = text_of(browser(maker).get(reverse("admin:o2o_ticketing_agencyrate_new")))
    assert coach.account.name in page and own.name not in page
    told: Any = {
        "key": "",
        "mode": "percent",
        "reason": "合同",
        "value": D(5),
        "valid_from": today() + timedelta(days=1),
    }
    assert refusal(lambda: agency.submit(maker, own, **told)) == "INVALID_INPUT"
    assert not AgencyRate.objects.exists()


def test_a_rate_takes_two_persons_and_ends_the_one_before(coach: Tickets) -> None:
    # given
    who = people(coach)
    first, later = today() + timedelta(days=1), today() + timedelta(days=30)

    def ask(value: str = "5", day: Any = first, **told: Any) -> AgencyRate:
        told = {"key": "", "mode": "percent", "reason": "合同", **told}
        by = told.pop("by", who["maker"])
        return agency.submit(by, coach.account, value=D(value), valid_from=day, **told)

    # when
    row = ask()
    assert [len(rates(who[name])) for name in ("maker", "second", "branch")] == [0, 1, 0]
    agency.publish(who["second"], row, "同意")
    following = ask("6", later)
    agency.publish(who["second"], following)

    # then
    row = AgencyRate.objects.get(pk=row.pk)
    assert (row.state, row.valid_to, following.valid_to) == ("published", later - timedelta(days=1), None)

    # and refused: one's own, by a branch, today, backwards, too much, no reason
    pending = ask("7", later + timedelta(days=9))
    sooner = ask("7", first + timedelta(days=3))
    assert [
        refusal(lambda: agency.publish(who["maker"], pending)), refusal(lambda: ask(by=who["branch"])),
        refusal(lambda: ask(by=who["second"])), refusal(lambda: ask(day=today())),
        refusal(lambda: agency.publish(who["second"], sooner)), refusal(lambda: ask("100.01")),
        refusal(lambda: ask("-1")), refusal(lambda: ask("1.005")), refusal(lambda: ask(reason=" ")),
        refusal(lambda: agency.refuse(who["second"], pending, "")),
        refusal(lambda: agency.withdraw(who["second"], pending)),
    ] == [
        "SAME_PERSON", "NOT_ALLOWED", "NOT_ALLOWED", "TOO_LATE", "OVERLAP", "INVALID_INPUT", "INVALID_INPUT",
        "INVALID_INPUT", "INVALID_INPUT", "INVALID_INPUT", "NOT_ALLOWED",
    ]  # fmt: skip
    with frozen(now() + timedelta(days=60)):
        assert refusal(lambda: agency.publish(who["second"], pending)) == "TOO_LATE"


def test_rates_are_submitted_and_decided_on_their_pages(
    coach: Tickets, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setitem(
        trades._names, "coach", lambda keys: {"coach:1": "重庆 → 武隆"} if "coach:1" in keys else {}
    )
    who = people(coach)
    maker, second = browser(who["maker"]), browser(who["second"])
    address = reverse("admin:o2o_ticketing_agencyrate_new")
    typed = {
        "supplier": coach.account.pk, "key": "coach:1", "mode": "fixed", "value": "1.5",
        "valid_from": str(today() + timedelta(days=1)), "reason": "合同",
    }  # fmt: skip

    # when / then: rubbish is told
    bad = text_of(maker.post(address, {**typed, "supplier": "x", "value": "a", "valid_from": "2020-01-01"}))
    assert "请输入一个数字" in bad or "数字" in bad
    assert "没有这个产品（线路）：coach:9" in text_of(maker.post(address, {**typed, "key": "coach:9"}))
    assert not AgencyRate.objects.exists()

    # when
    assert "已提交（重庆 → 武隆）" in text_of(maker.post(address, typed, follow=True))
    [row] = AgencyRate.objects.all()
    decide = reverse("admin:o2o_ticketing_agencyrate_decide", args=[row.pk])
    assert "每张 1.50 元" in text_of(second.get(decide))
    maker.post(decide, {"publish": "1"})
    assert AgencyRate.objects.get().state == "pending"
    second.post(decide, {"publish": "1", "note": "同意"})

    # then
    assert AgencyRate.objects.get().state == "published"
    assert second.get(decide).status_code == 404
    assert browser(coach.people["seller"]).get(address).status_code in (302, 403)
    # and the line is called by its name, on its own page with its code
    page = text_of(second.get(reverse("admin:o2o_ticketing_agencyrate_changelist")))
    assert "重庆 → 武隆 每张 1.50 元" in page and "coach:1" not in page
    detail = text_of(second.get(reverse("admin:o2o_ticketing_agencyrate_change", args=[row.pk])))
    assert "重庆 → 武隆（coach:1）" in detail


def test_the_report_counts_by_supplier_unit_and_clerk(coach: Tickets) -> None:
    # given: two tickets of 39.90 at 5 %, one goes back
    in_force(coach.account, AgencyMode.PERCENT, "5")
    order = coach.order(count=2)
    FeeLine.objects.bulk_create(agency.earned(order, coach.tickets(order), order.number))
    coach.refund(order)
    client = browser(coach.people["auditor"])
    address = reverse("admin:o2o_ticketing_agencyrate_report")

    # when
    page = text_of(client.get(address))
    book = load_workbook(io.BytesIO(b"".join(client.get(f"{address}?format=xlsx").streaming_content)))
    other = text_of(browser(coach.people["other"]).get(address))
    below, beside = (text_of(client.get(address, {"unit": code})) for code in ("C11", "B112"))

    # then: 2.00 each; of a county, with those below it
    assert "省网2¥79.80¥4.00¥2.00¥2.00" in below and "省网" not in beside
    assert "省网2¥79.80¥4.00¥2.00¥2.00" in page and "客户本人2¥79.80" in page
    assert [cell.value for cell in book["按供应商"][3]][:2] == ["省网", 2]
    assert "省网" not in other
    assert browser(coach.people["seller"]).get(address).status_code in (302, 403)


@given(price=st.integers(0, 100_000), uses=st.integers(1, 9), percent=st.integers(0, 10_000))
def test_what_goes_back_person_by_person_is_what_was_earned(price: int, uses: int, percent: int) -> None:
    # given
    ticket = Ticket(pk=1, face=to_yuan(price), uses=uses)
    rate = AgencyRate(mode=AgencyMode.PERCENT, value=D(percent) / 100)

    # when
    whole, back = agency.amount_of(rate, ticket), D(0)
    for _person in range(uses):
        back += agency.portion(whole, ticket, 1)
        ticket.back += 1

    # then
    assert back == whole
    assert D(0) <= whole <= ticket.face
    assert agency.amount_of(AgencyRate(mode=AgencyMode.FIXED, value=D(5)), ticket) == min(D(5), ticket.face)
