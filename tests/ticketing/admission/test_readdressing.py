"""Paper tickets go to another address until they are posted: by the buyer, a guest, a clerk; against who posts."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from saleor.account.models import User

from plugins.members.models import SmsMessage
from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.admission.models import Mailing, TicketClass
from plugins.ticketing.admission.services.mailing import MailTo
from plugins.ticketing.admission.vouchers.errors import VoucherError
from plugins.ticketing.admission.vouchers.services import posting, readdressing
from plugins.ticketing.admission.vouchers.services.posting import print_mailing, send
from plugins.ticketing.admission.vouchers.services.readdressing import readdress
from plugins.ticketing.kernel.access import ORDER_VIEW, REFUND
from plugins.ticketing.kernel.guest_access import pass_for
from plugins.ticketing.kernel.models import TicketOrder
from saleor_o2o.kernel.clock import SHANGHAI
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.orgs import again, person
from tests.scope.graphql import asked
from tests.threads import kinds, meeting, together

from .conftest import Park
from .test_changing import issue
from .test_mailing import WAYBILL, bought, clerk, held, post

__all__ = ["clerk", "post"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("rules")]
CHANGE = """mutation($n: String!, $to: AdmissionMailInput!, $t: String) {
  ticketMailingChange(orderNumber: $n, mailTo: $to, token: $t) { receiver errors { code message hint field } } }"""
SEEN = """query($n: String!, $t: String) { ticketVouchers(orderNumber: $n, token: $t) {
  paper { addressOpen receiver } } }"""
ELSEWHERE = {"name": "王大勇", "mobile": "13900001234", "area": "重庆市 万州区", "street": "高笋塘 1 号"}
TO = MailTo(**ELSEWHERE)


def change(user: User | None, order: TicketOrder, to: Any = ELSEWHERE, **told: Any) -> Any:
    return asked(user, CHANGE, n=order.number, to=to, **told)["ticketMailingChange"]


def refusal(act: Any) -> str:
    with pytest.raises(VoucherError) as refused:
        act()
    return str(refused.value.message)


def test_until_it_is_posted_and_what_was_printed_is_printed_again(
    park: Park, post: TicketClass, fan: User, clerk: User
) -> None:
    # given
    order = bought(fan, park, 1)
    letter = Mailing.objects.get()
    print_mailing(clerk, letter.pk)

    # when: an address that is none, then another one, twice
    [wrong] = change(fan, order, {**ELSEWHERE, "mobile": "12345"})["errors"]
    told, same = change(fan, order), change(fan, order)

    # then: told once, nothing of it in the log, and the label in the clerk's hands is not posted
    assert (wrong["field"], wrong["message"]) == ("mailTo", "收件人手机号不正确")
    assert told == same == {"receiver": "王** 139****1234 重庆市 万州区", "errors": []}
    letter.refresh_from_db()
    assert (letter.name, letter.street, letter.printed_at) == ("王大勇", "高笋塘 1 号", None)
    assert SmsMessage.objects.filter(template="ticket_paper_address").count() == 1
    entry = AuditEntry.objects.get(action="ticketing.mailing_readdressed")
    assert entry.after == {"area": "重庆市 万州区", "printed": True}
    assert refusal(lambda: send(clerk, letter.pk, WAYBILL)) == "收件地址刚刚更改过"
    [seen] = asked(fan, SEEN, n=order.number)["ticketVouchers"]
    assert seen["paper"] == {"addressOpen": True, "receiver": "王** 139****1234 重庆市 万州区"}

    # when
    row, sheets = print_mailing(clerk, letter.pk)
    send(clerk, letter.pk, WAYBILL)

    # then
    assert (row.name, len(sheets)) == ("王大勇", 1)
    [late] = change(fan, order, {**ELSEWHERE, "street": "高笋塘 2 号"})["errors"]
    assert (late["code"], late["message"], late["hint"]) == (
        "STATE", f"纸票已寄出（中国邮政 {WAYBILL}），不能更改地址", "请凭运单号联系承运公司改寄",
    )  # fmt: skip
    [seen] = asked(fan, SEEN, n=order.number)["ticketVouchers"]
    assert seen["paper"]["addressOpen"] is False


def test_who_may(park: Park, post: TicketClass, fan: User, clerk: User, org: dict[str, OrgUnit]) -> None:
    # given: a guest's order, and another guest's
    order = issue(held(None, park, 1)["number"])
    other = issue(held(None, park, 1, key="key-00000002")["number"])
    TicketOrder.objects.filter(pk=other.pk).update(mobile_index="c" * 64)
    stranger = pass_for(TicketOrder.objects.get(pk=other.pk))[0]
    letter = Mailing.objects.get(ticket_order=order)
    desk = person(order.unit, "desk", (ORDER_VIEW, REFUND))
    looks = person(order.unit, "looks", (ORDER_VIEW,))

    # then
    for user, told in ((None, {}), (None, {"t": "x"}), (None, {"t": stranger}), (fan, {})):
        assert [one["code"] for one in change(user, order, **told)["errors"]] == ["NOT_FOUND"]
    with pytest.raises(NotAllowed):
        readdress(looks, order.number, TO)
    with pytest.raises(OutOfScope):
        readdress(person(org["C12"], "abroad", (ORDER_VIEW, REFUND)), order.number, TO)
    assert Mailing.objects.get(pk=letter.pk).name == "李桂英"
    assert change(None, order, t=pass_for(order)[0])["errors"] == []
    assert change(again(desk), order, {**ELSEWHERE, "street": "高笋塘 3 号"})["errors"] == []

    # and who posts, on his page
    client = Client()
    client.force_login(again(clerk), backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("admin:o2o_admission_mailing_address", args=[letter.pk])
    shown = client.get(page).content.decode()
    assert "王**" in shown and "高笋塘" not in shown
    assert "收件人手机号不正确" in client.post(page, {**ELSEWHERE, "mobile": "1"}).content.decode()
    assert client.post(page, {**ELSEWHERE, "name": "赵小明"}).status_code == 302
    assert Mailing.objects.get(pk=letter.pk).name == "赵小明"


def test_the_clerk_posts_while_the_buyer_moves_one_of_them_is_right(
    park: Park, post: TicketClass, fan: User, clerk: User
) -> None:
    # given
    order = bought(fan, park, 1)
    letter = Mailing.objects.get()
    print_mailing(clerk, letter.pk)

    # when
    results = together(lambda: send(clerk, letter.pk, WAYBILL), lambda: readdress(fan, order.number, TO))

    # then: on its way to the address on its label, or not on its way
    assert kinds(results) == ["Mailing", "VoucherError"]
    letter.refresh_from_db()
    assert (letter.state, letter.name) in {("sent", "李桂英"), ("waiting", "王大勇")}


def test_without_the_lock_it_goes_to_the_wrong_address(
    park: Park, post: TicketClass, fan: User, clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above."""
    # given: both look, then both write
    order = bought(fan, park, 1)
    letter = Mailing.objects.get()
    print_mailing(clerk, letter.pk)
    meet = meeting(2)

    def look(rows: Any, **_told: Any) -> list[Any]:
        found = list(rows)
        meet()
        return found

    for module in (posting, readdressing):
        monkeypatch.setattr(module, "lock_rows", look)

    # when
    results = together(lambda: send(clerk, letter.pk, WAYBILL), lambda: readdress(fan, order.number, TO))

    # then
    assert kinds(results) == ["Mailing", "Mailing"]
    letter.refresh_from_db()
    assert (letter.state, letter.name) == ("sent", "王大勇")


def test_another_day_is_refused_with_what_to_do(park: Park, post: TicketClass, fan: User) -> None:
    # given
    order = bought(fan, park, 1)
    same = {"ticketClass": "adult", "ticket": order.tickets.get().number}

    # then
    [told] = held(fan, park, key="key-00000002", old=order.number, tickets=[same])["errors"]
    assert (told["code"], told["field"]) == ("INVALID", "tickets")
    assert told["hint"] == "没有寄出的可以退票后重新购买，邮费一并退；已寄出的请带纸票到网点柜台退票"


def test_who_waits_for_a_letter_is_told_where_to_look(park: Park, post: TicketClass, fan: User) -> None:
    # given, when: issued; and his text once more
    order = bought(fan, park, 2)
    again_told = asked(
        fan, "mutation($n: String!) { ticketTextSend(orderNumber: $n) { errors { code } } }", n=order.number
    )

    # then
    assert again_told["ticketTextSend"]["errors"] == []
    texts = SmsMessage.objects.filter(template="ticket_paper_waiting")
    words: Any = texts.latest("pk").parameters
    by = Mailing.objects.get().send_by.astimezone(SHANGHAI)
    assert (texts.count(), words["by"]) == (2, f"{by:%m-%d}")
    assert words["link"].endswith(f"/h5/ticket-orders/{order.number}")
