"""What waits on the home page: top-ups to be booked, notices that nobody took, orders that stand still, deposits that
run low."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from saleor_o2o.backoffice.todo import Todo
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.kernel.scope import rows_for

from .access import CONFIRM, EDIT, SEND
from .choices import BuyState, NoticeState, ResellerState, TopUpState
from .models import Reseller, ResellerNotice, ResellerOrder, TopUp
from .services.ordering import STUCK

#: Of each kind at most.
SHOWN = 5


def todo(user: Any) -> list[Todo]:
    """At most five of each kind, the oldest first. A statement for each right that the user has."""
    found = []
    if user.has_perm(CONFIRM):
        waiting = rows_for(user, TopUp, CONFIRM).filter(state=TopUpState.WAITING).exclude(made_by=user.pk)
        found += [
            Todo(
                _("分销商充值待复核：%(name)s %(amount)s")
                % {"name": one.reseller.name, "amount": format_yuan(one.amount)},
                _("核对银行流水 %(number)s") % {"number": one.bank_number},
                reverse("admin:o2o_resale_topup_change", args=[one.pk]), one.made_at,
            )
            for one in waiting.select_related("reseller").order_by("pk")[:SHOWN]
        ]  # fmt: skip
    if user.has_perm(SEND):
        stuck = rows_for(user, ResellerNotice, SEND).filter(state=NoticeState.GIVEN_UP)
        found += [
            Todo(
                _("渠道通知未送达：%(name)s") % {"name": one.reseller.name},
                _("%(kind)s，对方应答 %(answer)s") % {"kind": one.get_kind_display(), "answer": one.answer or "—"},
                reverse("admin:o2o_resale_resellernotice_change", args=[one.pk]), one.made_at,
            )
            for one in stuck.select_related("reseller").order_by("pk")[:SHOWN]
        ]  # fmt: skip
    if user.has_perm(EDIT):
        still = rows_for(user, ResellerOrder, EDIT).filter(state=BuyState.WORKING, made_at__lt=now() - STUCK)
        found += [
            Todo(
                _("分销订单一直没有办成：%(name)s %(number)s")
                % {"name": one.reseller.name, "number": one.their_number},
                one.why or _("系统仍在重试；请核对票务订单和收款，仍不成的联系技术支持"),
                reverse("admin:o2o_resale_resellerorder_change", args=[one.pk]), one.made_at,
            )
            for one in still.select_related("reseller").order_by("made_at", "pk")[:SHOWN]
        ]  # fmt: skip
        low = rows_for(user, Reseller, EDIT).filter(state=ResellerState.ACTIVE, balance__lt=F("low_below"))
        found += [
            Todo(
                _("分销商余额不足：%(name)s") % {"name": one.name},
                _("余额 %(balance)s，请提醒充值") % {"balance": format_yuan(one.balance)},
                reverse("admin:o2o_resale_reseller_change", args=[one.pk]), one.made_at,
            )
            for one in low.order_by("pk")[:SHOWN]
        ]  # fmt: skip
    return found
