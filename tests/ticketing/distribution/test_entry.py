"""A distributor's tickets: what everybody is shown is the code that the spot's gate knows, and no other."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from pypdf import PdfReader

from plugins.ticketing.admission.admin.counter import as_dict
from plugins.ticketing.admission.models import TicketClass, Voucher
from plugins.ticketing.admission.vouchers.codes import in_fours
from plugins.ticketing.admission.vouchers.entry import entry_of
from plugins.ticketing.admission.vouchers.errors import VoucherError
from plugins.ticketing.admission.vouchers.printing import paper_of, pdf_url, print_url
from plugins.ticketing.admission.vouchers.services.making import reissue
from plugins.ticketing.admission.vouchers.services.sending import send_again
from plugins.ticketing.admission.vouchers.telling import MADE
from plugins.ticketing.distribution.downstream.api.methods import _vouchers as for_resellers
from plugins.ticketing.kernel import telling
from plugins.ticketing.kernel.choices import TicketState
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from saleor_o2o.kernel.clock import frozen, now, today
from sandbox.client import SandboxClient
from tests.after_sale.conftest import shop, world  # noqa: F401 - fixtures
from tests.buying.shopper import ask

from .test_whole_way import Counter, counter, fresh, tickets_of  # noqa: F401 - a fixture

MINE = """query($number: String!) { ticketVouchers(orderNumber: $number) {
  code kept { qr } theirCodes { code qr } } ticketOrder(number: $number) { pick { label text } } }"""


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What is said in text messages about vouchers."""
    found: list[dict[str, str]] = []

    def keep(_mobile: str, occasion: str, words: dict[str, str], **_more: Any) -> None:
        if occasion == MADE:
            found.append(dict(words))

    monkeypatch.setattr(telling, "send_text", keep)
    return found


def bought(counter: Counter, code: str, count: int, **more: Any) -> tuple[TicketOrder, list[Voucher]]:  # noqa: F811
    counter.offer(code[:4])
    TicketClass.objects.filter(supplier_code=code).update(exchange_mode="sms")
    order = counter.buy(code, count, today(), **more)
    rows = Voucher.objects.filter(ticket_order=order).select_related("ticket_order__supplier", "product")
    return order, list(rows.order_by("pk"))


def read(answer: Any) -> str:
    return "\n".join(sheet.extract_text() for sheet in PdfReader(BytesIO(answer.content)).pages)


def test_all_that_shows_it_shows_the_code_of_the_gate(
    counter: Counter,  # noqa: F811
    told: list[dict[str, str]],
) -> None:
    # given: three, who go in by one code there
    order, [voucher] = bought(counter, "FJ01-E", 3)
    theirs = {one.their_number for one in tickets_of(order)}
    [code] = theirs
    ours = (voucher.code, in_fours(voucher.code))
    clerk = order.user
    TicketOrder.objects.filter(pk=order.pk).update(made_by=clerk)

    # when
    page = Client().get(urlsplit(print_url(voucher)).path).content.decode()
    file = read(Client().get(urlsplit(pdf_url(voucher)).path))
    desk = as_dict(fresh(order), clerk)["vouchers"]
    phone = ask(MINE, {"number": order.number}, clerk)
    [resold] = for_resellers(fresh(order))

    # then
    assert [one["code"] for one in told] == [code]
    assert code in page and code in file and "入园码" in page
    assert [one.qr for one in paper_of(voucher).codes] == [f"SCENIC:{code}"]
    assert [(one["label"], one["code"]) for one in desk] == [("入园码", code)]
    [shown] = phone["ticketVouchers"]
    assert shown == {"code": code, "kept": None, "theirCodes": [{"code": code, "qr": f"SCENIC:{code}"}]}
    assert [one["label"] for one in phone["ticketOrder"]["pick"]] == ["入园码", "有效期"]
    numbers = [one.number for one in tickets_of(order)]
    assert (resold["code"], resold["qr"], resold["left"]) == (code, f"SCENIC:{code}", 3)
    assert (resold["tickets"], resold["rotating"]) == (numbers, False)
    for one in ours:
        assert one not in page and one not in file and one not in str((desk, phone, resold, told))
    # and the gate there lets in by exactly what was told
    in_ = counter.scenic.call(
        "POST", "/scenic/consume", {"code": shown["theirCodes"][0]["qr"], "quantity": 2}
    )
    assert (in_["code"], in_["left"]) == (code, 1)


def test_who_went_back_has_no_code(counter: Counter, told: list[dict[str, str]]) -> None:  # noqa: F811
    # given: three with names, a code each
    order, vouchers = bought(counter, "WL01-A", 3, people=3)
    codes = [one.their_number for one in tickets_of(order)]
    Ticket.objects.filter(their_number=codes[1]).update(state=TicketState.REFUNDED)

    # when
    shown = [one.code for voucher in vouchers for one in entry_of(voucher).codes]

    # then
    assert len(set(codes)) == 3 and shown == [codes[0], codes[2]]
    assert "、".join(codes) in ("、".join(one["code"] for one in told), entry_of(vouchers[0]).told)


def test_sent_again_by_the_spot_and_not_too_often(counter: Counter, told: list[dict[str, str]]) -> None:  # noqa: F811
    # given: our own message went out when it was made
    _order, [voucher] = bought(counter, "FJ01-E", 1)
    messages = len(told)

    # when
    with frozen(now() + timedelta(minutes=2)):
        sent = send_again(voucher)
        with pytest.raises(VoucherError) as at_once:
            send_again(voucher)
    with frozen(now() + timedelta(minutes=4)):
        counter.scenic.fault("order.resend", "error", system="scenic", code="TOO_OFTEN")
        with pytest.raises(VoucherError) as refused:
            send_again(voucher)
    with frozen(now() + timedelta(minutes=6)):
        counter.scenic.fault("order.resend", "down", system="scenic")
        with pytest.raises(VoucherError) as silent:
            send_again(voucher)

    # then: the spot sent it, we did not; each try counts
    assert (sent.sent_count, len(told)) == (messages + 1, messages)
    assert (at_once.value.code, refused.value.code, silent.value.code) == (
        "TOO_OFTEN",
        "NOT_SENT",
        "NOT_SENT",
    )
    assert "没有答复" in str(silent.value.message)
    assert Voucher.objects.get(pk=voucher.pk).sent_count == messages + 3


def test_a_code_of_the_spot_is_not_made_anew_here(counter: Counter, told: list[dict[str, str]]) -> None:  # noqa: F811
    # given
    _order, [voucher] = bought(counter, "FJ01-E", 1)
    chief = voucher.ticket_order.user
    assert chief is not None
    chief.is_superuser = chief.is_staff = True
    chief.save()

    # when
    with pytest.raises(VoucherError) as refusal:
        reissue(chief, voucher.pk, "截图外传")

    # then
    assert refusal.value.code == "STATE"
    assert Voucher.objects.get(pk=voucher.pk).code == voucher.code


def test_typed_by_hand_is_shown_too(counter: Counter, told: list[dict[str, str]]) -> None:  # noqa: F811
    # given: somebody at the issue desk typed numbers, and how they are fetched
    order, [voucher] = bought(counter, "FJ01-E", 1)
    TicketOrder.objects.filter(pk=order.pk).update(pick_code='{"number": "QP88", "password": "4321"}')
    Ticket.objects.filter(ticket_order=order).update(their_number="")

    # when
    row = Voucher.objects.select_related("ticket_order__supplier").get(pk=voucher.pk)
    entry = entry_of(row)

    # then
    assert (entry.theirs, entry.codes, entry.told) == (True, (), "取票号 QP88，取票密码 4321")
    page = Client().get(urlsplit(print_url(row)).path).content.decode()
    assert "QP88" in page and in_fours(row.code) not in page


def test_after_the_day_was_changed_the_codes_are_still_shown(scenic: SandboxClient, buy: Any) -> None:
    # given: an answer of the distributor to another day, as it tells it when it is asked
    from plugins.ticketing.admission.suppliers.distributor import issued_found

    there = buy("FJ01-E", 1, today())
    told_ = scenic.call("GET", f"/scenic/orders/{there.lock_own}")

    # when
    answer = issued_found({**told_, "slot": ""})

    # then
    assert answer.pick["入园码"] == there.code and f"SCENIC:{there.code}" in answer.pick["qr"]
