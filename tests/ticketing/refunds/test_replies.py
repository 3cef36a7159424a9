"""A merchant is asked before a refund goes on: yes, no, silence, and whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from saleor.account.models import User

from plugins.members.texts import text_of
from plugins.ticketing.kernel import telling, trades
from plugins.ticketing.kernel.access import REPLY_ANSWER, REPLY_EXPORT, REPLY_VIEW
from plugins.ticketing.kernel.choices import Silence
from plugins.ticketing.kernel.models import DeskTask, RefundReply, RefundRequest, SupplierCall, TicketOrder
from plugins.ticketing.kernel.services import batches, refund_outcomes, replies
from plugins.ticketing.kernel.services.refunding import refund_without_asking
from plugins.ticketing.kernel.services.replies import answer, lapse
from plugins.ticketing.kernel.todo import replies as waiting_replies
from plugins.ticketing.kernel.trades import ReplyTerms
from saleor_o2o.kernel.clock import SHANGHAI, frozen, now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope
from tests.buying.shopper import ask
from tests.orgs import again, person

from .conftest import Tickets

D = Decimal
PREVIEW = """mutation($t: [String!]!) { ticketRefundPreview(tickets: $t) { notice errors { code } } }"""
SEEN = """query($n: String!) { ticketRefunds(order: $n) { state title replyUntil replyWords why } }"""


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What goes by text, as it is read, without our signature."""
    found: list[str] = []

    def keep(_mobile: str, template: str, words: Mapping[str, str]) -> None:
        found.append(text_of(template, words).partition("】")[2])

    monkeypatch.setattr(telling, "send_text", keep)
    return found


@pytest.fixture
def spot(coach: Tickets, monkeypatch: pytest.MonkeyPatch) -> User:
    """Refunds wait two hours for the people of an outlet; one of them, who may do nothing else."""
    monkeypatch.setitem(
        trades._replies, "coach", lambda _order: ReplyTerms(coach.org["O1111"].pk, 2, Silence.AGREE)
    )
    return person(coach.org["O1111"], "spot", (REPLY_VIEW, REPLY_ANSWER))


@pytest.fixture
def strict(coach: Tickets, spot: User, monkeypatch: pytest.MonkeyPatch) -> User:
    """Silence is for the platform to decide about."""
    monkeypatch.setitem(
        trades._replies, "coach", lambda _order: ReplyTerms(coach.org["O1111"].pk, 2, Silence.AUDIT)
    )
    return spot


def states(order: TicketOrder) -> list[str]:
    return list(order.tickets.order_by("pk").values_list("state", flat=True))


def fresh(row: Any) -> Any:
    return type(row)._default_manager.get(pk=row.pk)


def refusal(act: Any) -> str:
    with pytest.raises(DomainError) as refused:
        act()
    return str(refused.value.code.value)


def asked_back(coach: Tickets, hours: float = 24) -> tuple[TicketOrder, RefundRequest, RefundReply]:
    order = coach.order(hours)
    order.mobile = "13800000001"
    order.save(update_fields=["mobile"])
    request = coach.refund(order)
    return order, request, RefundReply.objects.get(refund=request)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(again(user), backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(response: Any) -> str:
    return " ".join(strip_tags(response.content.decode()).split())


def test_a_refund_waits_for_the_merchant_and_its_yes_lets_it_go_on(
    coach: Tickets, spot: User, texts: list[str]
) -> None:
    # given
    moment = now()
    with frozen(moment):
        order, request, reply = asked_back(coach)

    # then: nothing was asked of the supplier, the ticket is good for nothing meanwhile
    assert (request.state, states(order)[0]) == ("merchant", "refunding")
    assert coach.supplier.asked == [] and not SupplierCall.objects.exists()
    assert (reply.unit, reply.due_at, reply.state) == (
        coach.org["O1111"],
        moment + timedelta(hours=2),
        "waiting",
    )
    assert refund_outcomes.send_waiting() == 0

    # when
    answer(spot, reply.pk, agree=True, said="")

    # then: as if nobody had been asked
    assert (fresh(request).state, fresh(request).due, states(order)[0]) == ("paying", D("35.91"), "refunded")
    assert len(coach.supplier.asked) == 1
    assert (fresh(reply).state, fresh(reply).answered_by) == ("agreed", spot)
    assert [one.partition("：")[2][:8] for one in texts] == ["已申请，待商家答", "商家已同意。正在"]
    assert AuditEntry.objects.filter(action="ticketing.refund_reply").count() == 1
    assert refusal(lambda: answer(spot, reply.pk, agree=False, said="晚了")) == "CHANGED_MEANWHILE"


def test_a_no_is_for_the_platform_to_decide_about_and_a_yes_of_it_asks_the_supplier(
    coach: Tickets, spot: User, texts: list[str]
) -> None:
    # given
    order, request, reply = asked_back(coach)

    # when
    assert refusal(lambda: answer(spot, reply.pk, agree=False, said=" ")) == "INVALID_INPUT"
    answer(spot, reply.pk, agree=False, said="演出当天不退")

    # then: the buyer has no no; he is told who looks at it
    assert (fresh(request).state, states(order)[0]) == ("audit", "refunding")
    assert fresh(request).why == "商家不同意：演出当天不退"
    assert coach.supplier.asked == []
    assert DeskTask.objects.get().kind == "refund"
    assert texts[-1] == "您的主城—万州退票：平台审核中。商家不同意：演出当天不退。"

    # when: the platform decides to pay
    refund_outcomes.decide(coach.people["auditor"], request.pk, pay=True, note="规则允许退")

    # then
    assert len(coach.supplier.asked) == 1
    assert (fresh(request).state, fresh(request).due, states(order)[0]) == ("paying", D("35.91"), "refunded")
    assert fresh(request).supplier_back == D("34.01")


def test_the_platform_agrees_with_the_merchant_and_the_ticket_counts_again(
    coach: Tickets, spot: User, texts: list[str]
) -> None:
    # given
    order, request, reply = asked_back(coach)
    answer(spot, reply.pk, agree=False, said="已取走纸质票")

    # when
    refund_outcomes.decide(coach.people["auditor"], request.pk, pay=False, note="已取走纸质票")

    # then
    assert (fresh(request).state, states(order)[0]) == ("refused", "issued")
    assert coach.supplier.asked == []
    assert texts[-1] == "您的主城—万州退票：未退成，票仍有效。已取走纸质票。"


def test_silence_is_agreement_where_the_product_says_so(coach: Tickets, spot: User) -> None:
    # given
    moment = now()
    with frozen(moment):
        order, request, reply = asked_back(coach)

    # when, then: not a second too early
    with frozen(moment + timedelta(hours=2, seconds=-1)):
        assert lapse() == 0
    with frozen(moment + timedelta(hours=2)):
        assert lapse() == 1
        assert lapse() == 0
    assert (fresh(request).state, fresh(reply).state, states(order)[0]) == ("paying", "silent", "refunded")
    assert fresh(reply).answered_by is None
    assert fresh(request).due == D("35.91")  # what was promised when it was asked for


def test_silence_is_for_the_platform_where_the_product_says_so(
    coach: Tickets, strict: User, texts: list[str]
) -> None:
    # given
    order, request, reply = asked_back(coach)

    # when
    with frozen(reply.due_at):
        lapse()

    # then
    assert (fresh(request).state, fresh(request).why) == ("audit", "商家逾期未答复")
    assert texts[-1] == "您的主城—万州退票：平台审核中。商家逾期未答复。"
    refund_outcomes.decide(coach.people["auditor"], request.pk, pay=True, note="可以退")
    assert (fresh(request).state, states(order)[0]) == ("paying", "refunded")


def test_nobody_is_waited_for_past_the_beginning(coach: Tickets, spot: User) -> None:
    # given, when: it leaves in three quarters of an hour, and one that has left an hour ago
    order = coach.order(0.75)

    # then
    assert replies.due_at(order, 2) == order.starts_at
    gone = coach.order(-1)
    assert replies.due_at(gone, 48) == gone.ends_at


def test_whose_fault_it_is_not_waits_for_nobody(coach: Tickets, spot: User) -> None:
    # given
    order = coach.order()

    # when: a clerk, as the carrier's fault; a buyer's own wish through the counter
    free = coach.refund(order, by=coach.people["faulty"], cause="carrier")
    asked = coach.refund(order, by=coach.people["seller"], key="key-00000002")

    # then
    assert (free.state, free.due) == ("paying", D("39.90"))
    assert asked.state == "merchant"
    assert RefundReply.objects.get().refund == asked


def test_a_cancelled_trip_gives_all_of_it_back_whatever_waits(
    coach: Tickets, spot: User, texts: list[str]
) -> None:
    # given: one ticket waits for the merchant, another one's refund was refused by it, the third counts
    order, waits, reply = asked_back(coach)
    refused = coach.refund(order, key="key-00000002")
    answer(spot, RefundReply.objects.get(refund=refused).pk, agree=False, said="不同意退")

    # when
    batches.refund_all(
        None, "cancel-000001", trade="coach", product=order.key, starts_at=order.starts_at, unit=order.unit,
        reason="大雪封路",
    )  # fmt: skip
    batches.go_on()

    # then: one refund of all three without a fee, and nobody asked any more
    assert [fresh(one).state for one in (waits, refused)] == ["refused", "refused"]
    assert fresh(reply).state == "gone"
    last = RefundRequest.objects.order_by("-pk")[0]
    assert (last.state, last.due, last.items.count()) == ("paying", D("119.70"), 3)
    assert states(order) == ["refunded"] * 3
    assert not DeskTask.objects.exclude(state="done").exists()
    assert not any("未退成" in one for one in texts)


def test_an_order_of_which_only_waiting_tickets_are_left_is_found_by_the_batch(
    coach: Tickets, spot: User
) -> None:
    # given
    order = coach.order(count=1)
    coach.refund(order)

    # when
    batch = batches.refund_all(
        None, "cancel-000001", trade="coach", product=order.key, starts_at=order.starts_at, unit=order.unit,
        reason="大雪封路",
    )  # fmt: skip
    batches.go_on()

    # then
    assert (states(order), fresh(batch).state) == (["refunded"], "done")
    assert RefundRequest.objects.order_by("-pk")[0].due == D("39.90")


def test_money_that_went_back_elsewhere_waits_for_nobody(coach: Tickets, spot: User) -> None:
    # given
    order = coach.order(count=1)
    request = coach.refund(order)

    # when
    done = refund_without_asking(order, "void-00000001", cause="order", reason="订单已退款或取消")

    # then
    assert done is not None and done.due == D("0.00")
    assert (fresh(request).state, states(order)) == ("refused", ["refunded"])


def test_who_may_answer(coach: Tickets, spot: User) -> None:
    # given
    _order, request, reply = asked_back(coach)
    elsewhere = person(coach.org["C12"], "elsewhere", (REPLY_VIEW, REPLY_ANSWER))
    looks = person(coach.org["O1111"], "looks", (REPLY_VIEW,))
    RefundRequest.objects.filter(pk=request.pk).update(asked_by=spot)

    # then
    with pytest.raises(OutOfScope):
        answer(elsewhere, reply.pk, agree=True, said="")
    with pytest.raises(NotAllowed):
        answer(looks, reply.pk, agree=True, said="")
    assert refusal(lambda: answer(spot, reply.pk, agree=True, said="")) == "SAME_PERSON"
    assert fresh(request).state == "merchant"


def test_a_supplier_that_answers_late_and_refuses_comes_after_the_merchant(
    coach: Tickets, spot: User
) -> None:
    # given: the distributor has an audit of its own
    coach.supplier.moods = ["working"]
    order, request, reply = asked_back(coach)
    answer(spot, reply.pk, agree=True, said="")
    assert fresh(request).state == "at_supplier"

    # when: a day later it says no
    call = SupplierCall.objects.get()
    refund_outcomes.refused(call.pk, "REJECTED", "已过退票时间")

    # then
    assert (fresh(request).state, states(order)[0]) == ("refused", "issued")


def test_the_page_of_the_merchant(coach: Tickets, spot: User) -> None:
    # given
    order, request, reply = asked_back(coach)
    counter = reverse("admin:o2o_ticketing_refundrequest_new", args=[order.pk])
    assert "须商家先答复" in text(browser(coach.people["seller"]).get(counter))
    client = browser(spot)
    listed = reverse("admin:o2o_ticketing_refundreply_changelist")
    page = reverse("admin:o2o_ticketing_refundreply_answer", args=[reply.pk])
    [todo] = waiting_replies(again(spot))

    # then: what it is asked, without who the buyer is, and nothing of orders
    assert todo.href == page and "主城—万州" in todo.title
    assert request.number in text(client.get(listed))
    seen = text(client.get(page))
    assert "¥35.91" in seen and "13800000001" not in seen
    assert client.get(reverse("admin:o2o_ticketing_ticketorder_changelist")).status_code == 403

    # when: a no without a reason stays, one with a reason is taken
    assert "不同意须写明理由" in text(client.post(page, {"said": "", "refuse": "1"}))
    done = client.post(page, {"said": "已取走纸质票", "refuse": "1"})

    # then
    assert done.status_code == 302 and fresh(request).state == "audit"
    assert waiting_replies(again(spot)) == []
    report = client.get(reverse("admin:o2o_ticketing_refundreply_report"))
    assert "不同意" in text(report) and report.status_code == 200
    file = reverse("admin:o2o_ticketing_refundreply_report") + "?format=xlsx"
    assert client.get(file).status_code == 403
    boss = person(coach.org["C11"], "boss", (REPLY_VIEW, REPLY_EXPORT))
    book = browser(boss).get(file)
    assert book["Content-Type"].startswith("application/vnd.openxmlformats")
    # the auditor reads that nobody was asked yet, and what the merchant said
    auditor = browser(coach.people["auditor"])
    audit = text(auditor.get(reverse("admin:o2o_ticketing_refundrequest_audit", args=[request.pk])))
    assert "已取走纸质票" in audit and "决定退款后再向供应商退票" in audit
    shown = text(auditor.get(reverse("admin:o2o_ticketing_refundrequest_change", args=[request.pk])))
    assert "商家答复" in shown and "不同意" in shown


def test_the_buyer_reads_it_before_and_after(coach: Tickets, spot: User) -> None:
    # given
    order = coach.order()
    first = coach.tickets(order)[0]

    # when, then: before
    told = ask(PREVIEW, {"t": [first.number]}, coach.shopper)["ticketRefundPreview"]
    assert told["notice"].startswith("这种票退票须商家先答复，最迟 ") and told["errors"] == []

    # after
    request = coach.refund(order)
    [row] = ask(SEEN, {"n": order.number}, coach.shopper)["ticketRefunds"]
    assert (row["state"], row["title"]) == ("MERCHANT", "待商家答复")
    until = f"{RefundReply.objects.get(refund=request).due_at.astimezone(SHANGHAI):%m-%d %H:%M}"
    assert (row["replyUntil"] is not None, row["replyWords"]) == (True, f"最迟 {until} 有结果")
    answer(spot, RefundReply.objects.get(refund=request).pk, agree=False, said="当天不退")
    [row] = ask(SEEN, {"n": order.number}, coach.shopper)["ticketRefunds"]
    assert (row["state"], row["replyUntil"], row["replyWords"], row["why"]) == (
        "AUDIT", None, "商家不同意：当天不退", "",
    )  # fmt: skip


def test_the_page_of_a_reply_that_was_given_says_what_it_was(coach: Tickets, spot: User) -> None:
    # given
    _order, request, reply = asked_back(coach)
    page = reverse("admin:o2o_ticketing_refundreply_answer", args=[reply.pk])
    client = browser(spot)
    assert 'name="said"' in client.get(page).content.decode()
    answer(spot, reply.pk, agree=False, said="已取走纸质票")

    # when: the tab is still open, and the form is sent again
    seen, sent = client.get(page, follow=True), client.post(page, {"said": "", "agree": "1"}, follow=True)

    # then
    for one in (seen, sent):
        told = text(one)
        assert "已答复" in told and "不同意" in told and "已取走纸质票" in told
        assert 'name="said"' not in one.content.decode()
    assert (fresh(reply).state, fresh(request).state) == ("refused", "audit")
