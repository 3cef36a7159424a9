"""Complaint and arbitration: the county handles, the city rules (§2.1)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import format_yuan, split, to_fen
from saleor_o2o.kernel.numbering import next_number, number_kind
from saleor_o2o.kernel.photos import clean_photos
from saleor_o2o.kernel.scope import NotAllowed, OutOfScope, policy_for
from saleor_o2o.kernel.states import move
from saleor_o2o.ordering.interfaces import lock_sub_orders

from ..checking import check_key, clean, for_staff, mine, my_complaint, order_served, serves
from ..choices import (
    COMPLAINT_OVER,
    FOR_SOMEBODY,
    SWAPS,
    Clock,
    ComplaintState,
    Kind,
    Party,
    Phase,
    State,
    Topic,
    Via,
)
from ..clocks import clock
from ..errors import AfterSaleError
from ..errors import AfterSaleErrorCode as Code
from ..events import ComplaintDecided
from ..models import AfterSale, Complaint, Statement
from ..noting import note, note_complaint
from ..permissions import HANDLE, RULE, SPEAK
from ..places import return_address
from ..selectors import unit_of
from .applying import keep_pictures
from .deciding import agree_locked, end, wrong_state
from .exchanging import become_return
from .refunding import settle

NUMBER = number_kind("complaint", "TS")
RULED = audit.action("complaint.ruled", _("投诉裁决"))
_TALKING = (ComplaintState.NEW, ComplaintState.APPEAL, ComplaintState.DIALOGUE, ComplaintState.RULING)


def arbitrate(user: Any, number: str, text: str, *, key: str, photos: Sequence[Any] = ()) -> Complaint:
    """The customer, or a clerk who serves the customer, does not take a refusal: it goes to arbitration by a complaint.

    One transaction. Locks: the after-sale. Raises OutOfScope, AfterSaleError (KEY_INVALID, REQUIRED, TEXT_TOO_LONG,
    WRONG_STATE, PHOTO_*), LockTimeout. The same key again gives the same complaint.
    """
    request = f"{user.pk}:{check_key(key)}"
    said = clean(text, "text", required=_("请说明不同意的理由"))
    pictures = clean_photos(photos)
    with transaction.atomic():
        row = mine(user, number)
        known = Complaint.objects.filter(request_key=request).first()
        if known is not None:
            return _same(known, row.sub_order_id)
        if row.state not in (State.REFUSED, State.GOODS_REFUSED):
            raise wrong_state(row)
        if row.due_at is not None and row.due_at <= now():
            raise AfterSaleError(
                Code.WINDOW_OVER, _("申请仲裁的时限已过"), hint=_("可以重新申请售后，或联系客服")
            )
        _none_open(row.sub_order_id)
        move(row, "arbitrate")
        made = _open(
            row.customer,
            request,
            row.order_id,
            row.sub_order,
            Topic.AFTER_SALE,
            said,
            after_sale=row,
            by=user,
            via=Via.SELF
            if row.customer_id == user.pk
            else Via(row.via)
            if row.via != Via.SELF
            else Via.PHONE,
        )
        keep_pictures(pictures, Party.BUYER, complaint=made)
        note(row, "买家申请仲裁")
        return made


def complain(
    user: Any,
    order_id: int,
    sub_order_id: int,
    topic: str,
    text: str,
    *,
    key: str,
    photos: Sequence[Any] = (),
    via: str = Via.SELF,
) -> Complaint:
    """Complain about a part of an order, within the time kept when it was made. One transaction.

    `via` other than the customer alone: the user is of the staff and writes down what a customer says at the counter
    or on the telephone; the customer may have no login. Locks: the order's sub-orders. Raises OutOfScope,
    AfterSaleError (as `arbitrate`, WINDOW_OVER, ALREADY_OPEN).
    """
    request = f"{user.pk}:{check_key(key)}"
    said = clean(text, "text", required=_("请说明投诉内容"))
    if topic not in Topic.values or topic == Topic.AFTER_SALE:
        raise AfterSaleError(Code.REQUIRED, _("请选择投诉主题"), "topic")
    if via not in Via.values:
        raise AfterSaleError(Code.REQUIRED, _("请选择顾客是到柜台还是来电"), "via")
    customer = order_served(user, order_id).user if via in FOR_SOMEBODY else user
    pictures = clean_photos(photos)
    try:
        with transaction.atomic():
            parts = [one for one in lock_sub_orders(order_id) if one.pk == sub_order_id]
            if not parts:
                raise OutOfScope
            part = parts[0]
            known = Complaint.objects.filter(request_key=request).first()
            if known is not None:
                return _same(known, part.pk)
            if part.paid_at is None or (part.complaint_until is not None and part.complaint_until <= now()):
                raise AfterSaleError(
                    Code.WINDOW_OVER, _("已过投诉期，或订单还没有付款"), hint=_("如有问题请联系客服")
                )
            _none_open(part.pk)
            made = _open(customer, request, order_id, part, Topic(topic), said, by=user, via=Via(via))
            keep_pictures(pictures, Party.BUYER, complaint=made)
            return made
    except IntegrityError as error:
        raise _open_already() from error


def _same(known: Complaint, sub_order_id: int) -> Complaint:
    if known.sub_order_id != sub_order_id:
        raise AfterSaleError(Code.KEY_REUSED, _("该请求号已用于另一份投诉，请刷新后重试"), "key")
    return known


def _none_open(sub_order_id: int) -> None:
    if Complaint.objects.filter(sub_order_id=sub_order_id).exclude(state__in=COMPLAINT_OVER).exists():
        raise _open_already()


def _open_already() -> AfterSaleError:
    return AfterSaleError(
        Code.ALREADY_OPEN, _("这部分订单已有进行中的投诉"), hint=_("可以在原投诉里补充说明")
    )


def _open(
    customer: Any,
    request: str,
    order_id: int,
    part: Any,
    topic: Topic,
    text: str,
    *,
    by: Any,
    via: Via = Via.SELF,
    after_sale: AfterSale | None = None,
) -> Complaint:
    served = via in FOR_SOMEBODY
    made = Complaint.objects.create(
        number=next_number(NUMBER), request_key=request, order_id=order_id, sub_order=part, after_sale=after_sale,
        customer=customer, via=via, recorded_by=by if served else None, topic=topic, text=text,
        due_at=clock(Clock.ACCEPT, part.line).until,
    )  # fmt: skip
    Statement.objects.create(complaint=made, party=Party.BUYER, author=by, text=text)
    how = f"，{made.get_via_display()}，由员工登记" if served else ""
    note_complaint(made, f"买家投诉（{made.get_topic_display()}{how}）")
    return made


def say(user: Any, number: str, text: str, *, photos: Sequence[Any] = ()) -> Complaint:
    """The customer adds a statement while it is open. Raises OutOfScope, AfterSaleError, LockTimeout."""
    said = clean(text, "text", required=_("请填写内容"))
    pictures = clean_photos(photos)
    with transaction.atomic():
        row = my_complaint(user, number)
        _must_be(row, *_TALKING)
        Statement.objects.create(complaint=row, party=Party.BUYER, author=user, text=said)
        keep_pictures(pictures, Party.BUYER, complaint=row)
        note_complaint(row, "买家补充说明" if row.customer_id == user.pk else "员工代买家补充说明")
        return row


@transaction.atomic
def withdraw_complaint(user: Any, number: str) -> Complaint:
    """The customer takes a complaint back, and with it the after-sale it is about. Again: no change.

    Locks: the after-sale, then the complaint. Raises OutOfScope, AfterSaleError WRONG_STATE, LockTimeout.
    """
    about = Complaint.objects.filter(number=(number or "")[:32]).first()
    if about is None or (about.customer_id != user.pk and not serves(user, about)):
        raise OutOfScope
    sale = lock_rows(AfterSale.objects.filter(pk=about.after_sale_id)) if about.after_sale_id else []
    row = my_complaint(user, number)
    if row.state == ComplaintState.WITHDRAWN:
        return row
    _must_be(row, *_TALKING)
    move(row, "withdraw")
    note_complaint(row, "买家撤销投诉")
    if sale and sale[0].state == State.ARBITRATION:
        move(sale[0], "withdraw")
        end(sale[0], "买家撤销仲裁")
    return row


@transaction.atomic
def accept(user: Any, pk: int, *, seen: str = "") -> Complaint:
    """The county takes it on, and the seller is asked. Raises OutOfScope, NotAllowed, AfterSaleError, LockTimeout."""
    row: Complaint = for_staff(user, Complaint, pk, HANDLE, seen)
    _must_be(row, ComplaintState.NEW)
    row.handler = user
    row.save(update_fields=["handler"])
    move(row, "accept", due_at=clock(Clock.APPEAL, row.sub_order.line).until)
    note_complaint(row, "已受理，请商家申诉")
    return row


def answer(user: Any, pk: int, text: str, *, photos: Sequence[Any] = (), seen: str = "") -> Complaint:
    """The seller's side speaks (its staff for it): the first time it is the appeal, later a part of the dialogue."""
    said = clean(text, "text", required=_("请填写申诉内容"))
    pictures = clean_photos(photos)
    with transaction.atomic():
        row: Complaint = for_staff(user, Complaint, pk, SPEAK, seen)
        _must_be(row, ComplaintState.APPEAL, ComplaintState.DIALOGUE, ComplaintState.RULING)
        Statement.objects.create(complaint=row, party=Party.SELLER, author=user, text=said)
        keep_pictures(pictures, Party.SELLER, complaint=row)
        if row.state == ComplaintState.APPEAL:
            move(row, "appeal", due_at=clock(Clock.DIALOGUE, row.sub_order.line).until)
        note_complaint(row, "商家已申诉")
        return row


@transaction.atomic
def escalate(user: Any, pk: int, *, seen: str = "") -> Complaint:
    """The county hands it to the city. Raises as `accept`."""
    row: Complaint = for_staff(user, Complaint, pk, HANDLE, seen)
    _must_be(row, ComplaintState.NEW, ComplaintState.APPEAL, ComplaintState.DIALOGUE)
    move(row, "escalate", due_at=clock(Clock.RULING, row.sub_order.line).until)
    note_complaint(row, "提交市中心仲裁")
    return row


@transaction.atomic
def decide(
    user: Any, pk: int, *, for_buyer: bool, ruling: str, amount: Decimal | None = None, seen: str = ""
) -> Complaint:
    """Rule: for the buyer (with `amount` yuan back, at most what the after-sale asks for) or against.

    While they talk, whoever handles it may find for the buyer in full; anything else is the city's, and final. Who
    refused the after-sale does not rule over it. Locks: the after-sale, the complaint, then as `refunding.start`.
    Raises OutOfScope, NotAllowed, AfterSaleError (SAME_PERSON, AMOUNT_INVALID, REQUIRED, WRONG_STATE …).
    """
    about = Complaint.objects.filter(pk=pk).first()
    sales = (
        lock_rows(AfterSale.objects.filter(pk=about.after_sale_id)) if about and about.after_sale_id else []
    )
    sale = sales[0] if sales else None
    row: Complaint = for_staff(user, Complaint, pk, "complaint.view", seen)
    policy = policy_for(Complaint)
    final = policy.may(user, RULE, row)
    if not final and not policy.may(user, HANDLE, row):
        raise NotAllowed
    _must_be(
        row, *((ComplaintState.DIALOGUE, ComplaintState.RULING) if final else (ComplaintState.DIALOGUE,))
    )
    if sale is not None and sale.decided_by_id == user.pk and not user.is_superuser:
        raise AfterSaleError(Code.SAME_PERSON, _("拒绝这单售后的人不能裁决它"), hint=_("请由其他人员裁决"))
    why = clean(ruling, "ruling", required=_("请填写裁决意见，双方都会看到"))
    back = _sum(sale, for_buyer, amount)
    if not final and not (for_buyer and (sale is None or back == sale.amount)):
        raise AfterSaleError(
            Code.NOT_YOURS, _("区县只能全额支持买家，其他结果由市中心裁决"), hint=_("请点“提交市中心仲裁”")
        )
    row.for_buyer, row.amount, row.ruling, row.handler = for_buyer, back, why, user
    row.save(update_fields=["for_buyer", "amount", "ruling", "handler"])
    Statement.objects.create(complaint=row, party=Party.PLATFORM, author=user, text=why)
    move(row, "decide", reason=why[:200])
    audit.record(
        RULED, row, after={"number": row.number, "for_buyer": for_buyer, "amount": back, "why": why},
        org_path=unit_of(row.order_id).path,
    )  # fmt: skip
    found = (
        f"支持买家，退款 {format_yuan(back)}"
        if for_buyer and back
        else "支持买家"
        if for_buyer
        else "不支持买家"
    )
    note_complaint(row, f"裁决：{found}。{why}")
    publish(
        ComplaintDecided(complaint_id=row.pk, order_id=row.order_id, for_buyer=for_buyer, amount=back),
        key=f"order:{row.order_id}",
    )
    if sale is not None and sale.state == State.ARBITRATION:
        _carry_out(sale, user, back if for_buyer else None, why)
    return row


def _sum(sale: AfterSale | None, for_buyer: bool, amount: Decimal | None) -> Decimal:
    if sale is None or not for_buyer:
        if amount:
            raise AfterSaleError(
                Code.AMOUNT_INVALID, _("没有售后单的投诉，或不支持买家时，不能填写退款金额"), "amount",
                hint=_("需要退款时，请买家先申请售后"),
            )  # fmt: skip
        return Decimal(0)
    back = sale.amount if amount is None else amount
    if not 0 < to_fen(back) <= to_fen(sale.amount):
        raise AfterSaleError(
            Code.AMOUNT_INVALID,
            _("裁决退款须大于零，最多 %(most)s") % {"most": format_yuan(sale.amount)},
            "amount",
        )
    return back


def _carry_out(sale: AfterSale, user: Any, back: Decimal | None, why: str) -> None:
    """Give the money of a ruling back, divided over the lines in proportion; or close the after-sale."""
    if back is None:
        move(sale, "close")
        end(sale, "裁决不支持买家，售后关闭")
        return
    if sale.kind != Kind.REFUND and not sale.waybill:
        # the goods are still with the customer: first they come, then something goes
        _let_goods_come(sale, why)
        return
    if sale.kind in SWAPS:
        # the goods are here and were refused: the ruling gives money; what is held goes back when that has arrived
        sale.kind, sale.outcome = Kind.RETURN, ""
    lines = list(sale.lines.order_by("pk"))
    shares = split(back, [*(line.amount for line in lines), sale.freight])
    for line, share in zip(lines, shares[:-1], strict=True):
        # goods that were refused at the door go back on no shelf by themselves
        line.accepted, line.agreed, line.damaged = line.quantity, share, line.quantity
        line.save(update_fields=["accepted", "agreed", "damaged"])
    sale.agreed, sale.freight = back, shares[-1]
    # a ruling is carried out whatever has left the house since
    sale.phase = Phase.AFTER
    sale.save(update_fields=["agreed", "freight", "phase", "kind", "outcome"])
    settle(sale, user, why)


def _let_goods_come(sale: AfterSale, why: str) -> None:
    try:
        with transaction.atomic():
            agree_locked(sale, None, return_address(sale), why)
    except AfterSaleError as refusal:
        if refusal.code not in (Code.OUT_OF_STOCK, Code.GOODS_GONE):
            raise
        become_return(sale)
        note(sale, "没有可换的货，按退货退款执行裁决")
        agree_locked(sale, None, return_address(sale), why)


def _must_be(row: Complaint, *states: str) -> None:
    if row.state not in states:
        raise AfterSaleError(
            Code.WRONG_STATE, _("投诉现在是“%(state)s”，不能这样处理") % {"state": row.get_state_display()}
        )
