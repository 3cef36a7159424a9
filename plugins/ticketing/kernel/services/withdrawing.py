"""A refund that waits for a merchant, or for people because of it, is taken back: its tickets are kept (0147)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import OutOfScope
from saleor_o2o.kernel.states import move_locked

from ..access import REFUND
from ..choices import DeskKind, RefundState, ReplyState
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..models import RefundReply, RefundRequest
from ..telling import tell_withdrawn
from .attention import settled
from .reach import is_buyer, reaches, typed, unit_for
from .refund_outcomes import all_count_again, lock_refund, not_asked
from .replies import end

WITHDRAWN = audit.action("ticketing.refund_withdrawn", _("撤回退票"))


def may_withdraw(request: RefundRequest) -> bool:
    """Whether nobody has taken the tickets back yet: a merchant's word is waited for, or people look because of it."""
    if request.state == RefundState.MERCHANT:
        return True
    return bool(request.state == RefundState.AUDIT and not_asked(request))


def withdraw(by: Any, number: str, *, token: str = "", reason: str = "") -> RefundRequest:
    """The tickets count again, nobody is asked any more; the buyer is told. Again: the same refund.

    By the buyer, by a guest with what opens his order (`token`), or by the staff in reach, who say why. Locks: the
    ticket order, its tickets, the refund, the reply. Raises OutOfScope, NotAllowed; TicketError CHANGED_MEANWHILE where
    the merchant or the platform was faster, INVALID_INPUT without a reason of the staff; LockTimeout.
    """
    related = RefundRequest.objects.select_related("ticket_order__order", "ticket_order__unit")
    found = related.filter(number=typed(number)).first()
    if found is None or not reaches(by, found.ticket_order, token):
        raise OutOfScope
    order = found.ticket_order
    unit_for(by, order, REFUND, token=token)
    why = reason.strip()[:200]
    own = is_buyer(by, order, token)
    if not own and len(why) < 2:
        raise TicketError(Code.INVALID_INPUT, _("请写明谁要求撤回、为什么"), "reason")
    with transaction.atomic():
        request = lock_refund(found.pk)
        replies = lock_rows(RefundReply.objects.filter(refund=request), no_key=True)
        if request.state == RefundState.WITHDRAWN:
            return request
        if not may_withdraw(request):
            raise TicketError(
                Code.CHANGED_MEANWHILE, _("这笔退票已经在办理，不能撤回"), hint=_("请刷新查看退票进度")
            )
        audited = request.state == RefundState.AUDIT
        for reply in replies:
            if reply.state == ReplyState.WAITING:
                end(reply, ReplyState.WITHDRAWN)
        all_count_again(request)
        request.why = why if not own else str(_("客户撤回"))
        request.save(update_fields=["why"])
        move_locked(request, "withdraw", actor=actor_label(by), reason=request.why)
        if audited:
            settled(request.ticket_order, DeskKind.REFUND, request.why)
        audit.record(
            WITHDRAWN,
            request,
            after={"reason": request.why},
            actor=actor_label(by),
            org_path=request.unit.path,
        )
        tell_withdrawn(request)
    return request
