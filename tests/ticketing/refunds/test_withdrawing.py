"""Tickets are kept while a merchant is asked: by the buyer, a guest, through a clerk, and not too late."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from saleor.account.models import User

from plugins.ticketing.kernel.guest_access import pass_for
from plugins.ticketing.kernel.models import DeskTask, RefundReply, RefundRequest, SupplierCall, TicketOrder
from plugins.ticketing.kernel.services import refund_outcomes, replies, withdrawing
from plugins.ticketing.kernel.services.drafting import mobile_index
from plugins.ticketing.kernel.services.replies import answer
from plugins.ticketing.kernel.services.withdrawing import withdraw
from plugins.ticketing.kernel.todo import replies as waiting_replies
from saleor_o2o.kernel.clock import frozen
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.buying.shopper import ask
from tests.orgs import again, person
from tests.threads import kinds, meeting, together

from .conftest import Tickets
from .test_replies import asked_back, browser, fresh, refusal, spot, states, strict, text, texts

D = Decimal
__all__ = ["spot", "strict", "texts"]
TAKE_BACK = """mutation($n: String!, $t: String) { ticketRefundWithdraw(number: $n, token: $t) {
  refund { number state title withdrawable replyWords why } errors { code message hint } } }"""
SEEN = "query($n: String!) { ticketRefunds(order: $n) { state withdrawable replyUntil replyWords } }"


def test_a_buyer_keeps_his_ticket_and_may_ask_again(coach: Tickets, spot: User, texts: list[str]) -> None:
    # given
    order, request, reply = asked_back(coach)
    [row] = ask(SEEN, {"n": order.number}, coach.shopper)["ticketRefunds"]
    assert (row["state"], row["withdrawable"]) == ("MERCHANT", True)

    # when, and once more after a silent line
    told = ask(TAKE_BACK, {"n": request.number}, coach.shopper)["ticketRefundWithdraw"]
    again_told = ask(TAKE_BACK, {"n": request.number}, coach.shopper)["ticketRefundWithdraw"]

    # then: the ticket counts, nobody is asked, no money moves; it was told once
    assert told["errors"] == again_told["errors"] == []
    assert told["refund"] == {
        "number": request.number, "state": "WITHDRAWN", "title": "已撤回", "withdrawable": False, "replyWords": "",
        "why": "",
    }  # fmt: skip
    assert states(order) == ["issued"] * 3
    assert (fresh(reply).state, fresh(reply).answered_by) == ("recalled", None)
    assert (coach.supplier.asked, SupplierCall.objects.count(), fresh(request).money.count()) == ([], 0, 0)
    assert texts[1:] == ["您的主城—万州退票：已撤回，票恢复有效。不再退款。"]
    assert AuditEntry.objects.filter(action="ticketing.refund_withdrawn").count() == 1
    with frozen(reply.due_at):
        assert replies.lapse() == 0
    assert waiting_replies(again(spot)) == []

    # when: he changes his mind once more, the merchant is asked anew
    second = coach.refund(order, key="key-00000002")
    answer(spot, RefundReply.objects.get(refund=second).pk, agree=True, said="")
    assert states(order) == ["refunded", "issued", "issued"]
    assert [one.amount for one in second.money.all()] == [
        D("35.91")
    ]  # what was taken back took nothing of it


def test_the_merchant_hears_that_it_is_not_asked_any_more(coach: Tickets, spot: User) -> None:
    # given
    _order, request, reply = asked_back(coach)
    client = browser(spot)
    page = reverse("admin:o2o_ticketing_refundreply_answer", args=[reply.pk])
    client.get(page)
    withdraw(coach.shopper, request.number)

    # then: on the page that was open, in the list and in the report
    late = text(client.post(page, {"said": "", "agree": "1"}, follow=True))
    assert "客户已撤回退票，票照常有效" in late and "不用再答复" in late
    assert "客户已撤回" in text(client.get(reverse("admin:o2o_ticketing_refundreply_changelist")))
    assert "客户撤回" in text(client.get(reverse("admin:o2o_ticketing_refundreply_report")))
    assert fresh(request).state == "withdrawn"


def test_after_a_no_it_can_still_be_taken_back_until_the_platform_decides(coach: Tickets, spot: User) -> None:
    # given
    order, request, reply = asked_back(coach)
    answer(spot, reply.pk, agree=False, said="演出当天不退")

    # when
    withdraw(coach.shopper, request.number)

    # then: what the merchant said stays, nobody has to look any more
    assert (fresh(request).state, fresh(reply).state, states(order)[0]) == ("withdrawn", "refused", "issued")
    assert not DeskTask.objects.exclude(state="done").exists()
    assert refusal(
        lambda: refund_outcomes.decide(coach.people["auditor"], request.pk, pay=True, note="可以退")
    )
    # and what was decided, or needs other people, cannot
    second = coach.refund(order, key="key-00000002")
    answer(spot, RefundReply.objects.get(refund=second).pk, agree=True, said="")
    assert refusal(lambda: withdraw(coach.shopper, second.number)) == "CHANGED_MEANWHILE"
    RefundRequest.objects.filter(pk=second.pk).update(
        state="audit"
    )  # the supplier was asked: its amount differs
    assert refusal(lambda: withdraw(coach.shopper, second.number)) == "CHANGED_MEANWHILE"
    assert states(order)[0] == "refunded"


def test_a_guest_takes_back_with_his_pass_and_a_stranger_does_not(coach: Tickets, spot: User) -> None:
    # given
    order, request, _reply = asked_back(coach)
    mobile = "13800000001"
    TicketOrder.objects.filter(pk=order.pk).update(user=None, mobile_index=mobile_index(mobile))
    order = fresh(order)
    other = coach.order(48)
    TicketOrder.objects.filter(pk=other.pk).update(user=None, mobile_index=mobile_index("13900000002"))

    # then
    for bad in ("", "x", pass_for(fresh(other))[0]):
        told = ask(TAKE_BACK, {"n": request.number, "t": bad})["ticketRefundWithdraw"]
        assert [one["code"] for one in told["errors"]] == ["NOT_FOUND"]
    assert fresh(request).state == "merchant"
    told = ask(TAKE_BACK, {"n": request.number, "t": pass_for(order)[0]})["ticketRefundWithdraw"]
    assert (told["errors"], told["refund"]["state"], states(order)[0]) == ([], "WITHDRAWN", "issued")


def test_a_clerk_does_it_for_a_caller_and_says_why(coach: Tickets, spot: User, texts: list[str]) -> None:
    # given
    order, request, _reply = asked_back(coach)
    looks = person(coach.org["B111"], "looks", ("ticket.view",))
    page = reverse("admin:o2o_ticketing_refundrequest_withdraw", args=[request.pk])
    with pytest.raises(OutOfScope):
        withdraw(coach.people["other"], request.number, reason="客户来电")
    with pytest.raises(NotAllowed):
        withdraw(looks, request.number, reason="客户来电")
    assert browser(coach.people["other"]).get(page).status_code == 404
    assert browser(looks).post(page, {"reason": "客户来电"}).status_code == 403
    assert refusal(lambda: withdraw(coach.people["seller"], request.number)) == "INVALID_INPUT"

    # when
    client = browser(coach.people["seller"])
    shown = reverse("admin:o2o_ticketing_refundrequest_change", args=[request.pk])
    assert "代客撤回" in text(client.get(shown))
    done = client.post(page, {"reason": "客户来电要求保留门票"})

    # then: the list says it, the door is closed, the customer hears of it
    assert (done.status_code, fresh(request).state, states(order)[0]) == (302, "withdrawn", "issued")
    assert "代客撤回" not in text(client.get(shown))
    assert "已撤回" in text(client.get(reverse("admin:o2o_ticketing_refundrequest_changelist")))
    assert texts[-1].startswith("您的主城—万州退票：已撤回")
    assert AuditEntry.objects.get(action="ticketing.refund_withdrawn").after == {
        "reason": "客户来电要求保留门票"
    }


def test_the_buyer_and_the_merchant_at_once_one_of_them_wins(coach: Tickets, spot: User) -> None:
    # given
    order, request, reply = asked_back(coach)

    # when
    results = together(
        lambda: withdraw(coach.shopper, request.number),
        lambda: answer(spot, reply.pk, agree=True, said=""),
    )

    # then: kept, or given back and paid; never both
    assert len([one for one in results if not isinstance(one, Exception)]) == 1
    [late] = [one for one in results if isinstance(one, Exception)]
    assert getattr(late, "code", None) == "CHANGED_MEANWHILE"
    found = (fresh(request).state, fresh(reply).state, states(order)[0], fresh(request).money.count())
    assert found in {("withdrawn", "recalled", "issued", 0), ("paying", "agreed", "refunded", 1)}


def test_without_the_locks_both_would_win(
    coach: Tickets, spot: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above."""
    # given: both look, then both write
    _order, request, reply = asked_back(coach)
    meet = meeting(2)

    def look(pk: int) -> Any:
        found = RefundRequest.objects.select_related("ticket_order", "unit").get(pk=pk)
        meet()
        return found

    for module in (withdrawing, replies):
        monkeypatch.setattr(module, "lock_refund", look)
        monkeypatch.setattr(module, "lock_rows", lambda rows, **_told: list(rows))
        monkeypatch.setattr(module, "move_locked", lambda *_told, **_more: None)
    monkeypatch.setattr(withdrawing, "all_count_again", lambda _request: None)
    monkeypatch.setattr(replies, "go_on", lambda _request: None)

    # when
    results = together(
        lambda: withdraw(coach.shopper, request.number),
        lambda: answer(spot, reply.pk, agree=True, said=""),
    )

    # then
    assert kinds(results) == ["RefundReply", "RefundRequest"]
