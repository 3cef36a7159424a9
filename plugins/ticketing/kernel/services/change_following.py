"""The job of changes: what nobody paid is closed, what was not sent is sent, what has no answer is looked up."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from saleor_o2o.kernel.clock import now

from ..choices import CallKind, ChangeState, OrderState
from ..models import ChangeRequest, SupplierCall
from ..ports import supplier_of
from .calls import OPEN, look_up, next_look
from .change_asking import record, send
from .change_ending import deliver, is_paid, locked_change, stay
from .change_paying import proceed
from .changing import MARGIN
from .jobs import each

S = ChangeState


def follow() -> int:
    """Close what nobody paid in time, send what was not sent, ask about what has no answer."""
    late = now() - MARGIN
    waiting = ChangeRequest.objects.filter(state__in=(S.ASKED, S.TO_PAY), asked_at__lt=late)
    done = each(waiting.order_by("pk"), _follow, "change")
    fresh = ChangeRequest.objects.filter(
        state=S.DONE, difference_order__lines__quantity_fulfilled=0, done_at__gt=now() - timedelta(days=1)
    )
    done += each(fresh.order_by("pk").distinct(), deliver, "difference", 100)
    due = SupplierCall.objects.filter(kind=CallKind.CHANGE, state__in=OPEN, ask_at__lte=now())
    return done + each(due.order_by("ask_at"), _look, "call", 100)


def _look(call_pk: int) -> bool:
    """Ask what became of a call; whoever moves its clock first does."""
    call = SupplierCall.objects.select_related("supplier").get(pk=call_pk)
    claimed = SupplierCall.objects.filter(pk=call.pk, ask_at=call.ask_at, state__in=OPEN).update(
        asked_again=call.asked_again + 1, ask_at=next_look(call)
    )
    if claimed:
        record(call, look_up(call))
    return bool(claimed)


def _follow(request_pk: int) -> bool:
    request = ChangeRequest.objects.select_related("target__supplier").get(pk=request_pk)
    target = request.target
    if request.state == S.ASKED or is_paid(request):
        if target is not None and supplier_of(target.supplier.adapter).local:
            with transaction.atomic():
                fresh = locked_change(request_pk)
                if fresh.state in (S.ASKED, S.TO_PAY):
                    proceed(fresh)
        else:
            send(request_pk)
        return True
    if target is None or target.state != OrderState.HELD:
        with transaction.atomic():
            fresh = locked_change(request_pk)
            if fresh.state == S.TO_PAY and not is_paid(fresh):
                stay(fresh, "close", _("差价没有及时付清，新行程已释放"))
                return True
    return False
