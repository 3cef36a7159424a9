"""A merchant (organiser, scenic spot) is asked before tickets that their buyer gives back go on (0139).

Asked, it agrees, or does not: then the platform decides, never the merchant alone. Silence is agreement or a decision
of the platform, as the product says. Meanwhile nobody goes in with the tickets.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import SHANGHAI, now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move_locked

from ..access import REPLY_ANSWER
from ..choices import DeskKind, RefundState, ReplyState, Silence
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..models import RefundReply, RefundRequest, TicketOrder
from ..telling import tell_agreed, tell_asked_merchant, tell_reviewed
from ..trades import reply_needed
from .attention import settled
from .jobs import each
from .refund_outcomes import go_on, lock_refund, not_asked, to_audit, turn_down
from .refunding import NOBODY_ASKED

ANSWERED = audit.action("ticketing.refund_reply", _("商家退票答复"))


def ask(request: RefundRequest, order: TicketOrder) -> bool:
    """Ask the merchant where the product says so; False where nobody is to be asked. Everything is locked."""
    if request.cause in NOBODY_ASKED:
        return False
    terms = reply_needed(order)
    if terms is None:
        return False
    reply = RefundReply.objects.create(
        refund=request, unit_id=terms.unit, silence=terms.silence, due_at=due_at(order, terms.hours)
    )
    move_locked(request, "ask_merchant")
    tell_asked_merchant(request, reply)
    return True


def due_at(order: TicketOrder, hours: int) -> datetime:
    """Until when a merchant may answer: so many hours, but not past what the tickets are for."""
    moment = now()
    ends = [at for at in (order.starts_at, order.ends_at) if at > moment]
    return min([moment + timedelta(hours=hours), *ends[:1]])


def notice_before(order: TicketOrder, cause: str) -> str:
    """What somebody who gives tickets back is told before he does."""
    terms = reply_needed(order) if cause not in NOBODY_ASKED else None
    if terms is None:
        return ""
    until = f"{due_at(order, terms.hours).astimezone(SHANGHAI):%m-%d %H:%M}"
    return _("这种票退票须商家先答复，最迟 %(until)s 有结果；提交后票立即停用。") % {"until": until}


def reply_words(request: RefundRequest) -> str:
    """What a merchant said, or until when it may, for whoever asked for the refund."""
    reply = RefundReply.objects.filter(refund=request).first()
    if reply is None or reply.state in (ReplyState.GONE, ReplyState.WITHDRAWN):
        return ""
    if reply.state == ReplyState.WAITING:
        return _("最迟 %(until)s 有结果") % {"until": f"{reply.due_at.astimezone(SHANGHAI):%m-%d %H:%M}"}
    if reply.state == ReplyState.REFUSED:
        return _("商家不同意：%(words)s") % {"words": reply.said}
    if reply.state == ReplyState.SILENT:
        return _("商家逾期未答复") if reply.silence == Silence.AUDIT else _("商家逾期未答复，视为同意")
    return _("商家已同意")


def answer(by: Any, reply_pk: int, *, agree: bool, said: str) -> RefundReply:
    """What the merchant says. Refused: the platform decides, and the buyer is told that it does.

    Locks: the ticket order, its tickets, the refund, the reply. Raises OutOfScope, NotAllowed; TicketError
    INVALID_INPUT without a reason for a no, CHANGED_MEANWHILE, SAME_PERSON.
    """
    found = get_row(by, RefundReply, pk=reply_pk)
    require(by, REPLY_ANSWER, found)
    words = said.strip()[:200]
    if not agree and len(words) < 2:
        raise TicketError(Code.INVALID_INPUT, _("不同意须写明理由"), "said", _("平台会据此审核"))
    with transaction.atomic():
        locked = _lock(found.refund_id, found.pk)
        if locked is None:
            if RefundRequest.objects.filter(pk=found.refund_id, state=RefundState.WITHDRAWN).exists():
                raise TicketError(
                    Code.CHANGED_MEANWHILE, _("客户已撤回退票，票照常有效"), hint=_("不用再答复")
                )
            raise TicketError(Code.CHANGED_MEANWHILE, _("这笔退票刚刚有了变化"), hint=_("请刷新后查看"))
        request, reply = locked
        if request.asked_by_id is not None and request.asked_by_id == by.pk:
            raise TicketError(Code.SAME_PERSON, _("不能答复自己申请的退票"), hint=_("请由其他人员答复"))
        reply.said, reply.answered_by = words, by
        end(reply, ReplyState.AGREED if agree else ReplyState.REFUSED)
        audit.record(
            ANSWERED, request, after={"agree": agree, "said": words}, actor=actor_label(by), org_path=reply.unit.path,
        )  # fmt: skip
        if agree:
            _agreed(request, actor_label(by))
        else:
            to_audit(request, _("商家不同意：%(words)s") % {"words": words})
            tell_reviewed(request)
    return reply


def lapse() -> int:
    """Go on with refunds whose merchant was silent too long; how many. Each in its own transaction."""
    late = RefundReply.objects.filter(state=ReplyState.WAITING, due_at__lte=now()).order_by("due_at")
    return each(late, _lapse, "reply to refund", also=["refund_id"])


@transaction.atomic
def _lapse(reply_pk: int, refund_pk: int) -> bool:
    locked = _lock(refund_pk, reply_pk)
    if locked is None or locked[1].due_at > now():
        return False
    request, reply = locked
    end(reply, ReplyState.SILENT)
    if reply.silence == Silence.AGREE:
        _agreed(request, None)
    else:
        to_audit(request, _("商家逾期未答复"))
        tell_reviewed(request)
    return True


def waiting(orders: Q) -> QuerySet[RefundRequest]:
    """Refunds of some ticket orders (a condition on refunds) that wait for a merchant, or for people because of it."""
    undecided = Q(state=RefundState.MERCHANT) | Q(
        state=RefundState.AUDIT, supplier_back=None, calls=None,
        reply__state__in=(ReplyState.REFUSED, ReplyState.SILENT),
    )  # fmt: skip
    return RefundRequest.objects.filter(orders & undecided)


def give_way(order: TicketOrder, why: str, tickets: Collection[int] = ()) -> int:
    """The trip does not take place, or the money went back elsewhere: nobody's word is waited for any more.

    What waits is ended without a word to the buyer, who is told of what comes instead; its tickets count again, for
    the caller to give them back. How many refunds. The order is locked. Locks: its tickets, the refunds, the replies.
    """
    touched = Q(ticket_order=order, items__ticket__in=tickets) if tickets else Q(ticket_order=order)
    done = 0
    for pk in sorted(set(waiting(touched).values_list("pk", flat=True))):
        request = lock_refund(pk)
        if request.state == RefundState.AUDIT and not not_asked(request):
            continue
        if request.state not in (RefundState.MERCHANT, RefundState.AUDIT):
            continue
        for reply in lock_rows(RefundReply.objects.filter(refund=request, state=ReplyState.WAITING)):
            end(reply, ReplyState.GONE)
        turn_down(request, why.strip()[:200], tell=False)
        settled(order, DeskKind.REFUND, why)
        done += 1
    return done


def _lock(refund_pk: int, reply_pk: int) -> tuple[RefundRequest, RefundReply] | None:
    """Both, where the word is still waited for."""
    request = lock_refund(refund_pk)
    [reply] = lock_rows(RefundReply.objects.select_related("unit").filter(pk=reply_pk), no_key=True)
    if request.state != RefundState.MERCHANT or reply.state != ReplyState.WAITING:
        return None
    return request, reply


def end(reply: RefundReply, state: ReplyState) -> None:
    """No word is waited for any more. Locked."""
    reply.state, reply.answered_at = state, now()
    reply.save(update_fields=["state", "said", "answered_by", "answered_at"])


def _agreed(request: RefundRequest, actor: str | None) -> None:
    """As if nobody had been asked; where our own inventory does not take the tickets back, people decide."""
    move_locked(request, "go_on", actor=actor)
    tell_agreed(request)
    try:
        with transaction.atomic():
            go_on(request)
    except TicketError as refusal:
        request = lock_refund(request.pk)
        to_audit(request, refusal.in_words)
