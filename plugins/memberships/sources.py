"""What memberships take off checkouts: all but the difference of an upgrade, freight so many times a month."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order

from plugins.members.interfaces import Member
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.ordering.interfaces import (
    COUPON,
    Answer,
    Deduction,
    Goods,
    OrderDeduction,
    Source,
    register_deductions,
)

from .benefits import benefit_of, in_force, require_left, require_usable
from .choices import BenefitKind, UseState
from .errors import MembershipError
from .errors import MembershipErrorCode as Code
from .locks import lock_memberships
from .models import BenefitUse, Membership, Quote
from .selectors import running_of
from .services.redeeming import city_id, return_use, write_use
from .services.upgrading import UPGRADE

#: Before every other source: what is lowered here is a price, not a favour.
RANK = 50
FREIGHT = "membership_freight"


def install() -> None:
    """Register; called once when the app is ready."""
    register_deductions(Source(UPGRADE, _("会员升级"), RANK, _reckon, _keep, _release))
    # after coupons: a coupon for the freight that is used anyway leaves the quota alone
    register_deductions(Source(FREIGHT, _("会员免运费"), COUPON + 50, _freight, _keep_freight, _release_uses))


def _reckon(goods: Goods, chosen: Sequence[str], final: bool) -> Answer:
    """The plan's goods lowered to the quoted difference. `final`: under the quote's lock."""
    rows = Quote.objects.select_related("plan", "membership__member").filter(
        number=chosen[0] if len(chosen) == 1 else ""
    )
    found = (lock_rows(rows) if final else list(rows[:1])) or None
    if found is None or goods.user_id is None or found[0].membership.member.user_id != goods.user_id:
        return _no(Code.NOT_FOUND, _("没有这个升级报价"))
    quote = found[0]
    if quote.order_id is not None or quote.expires_at <= now():
        return _no(Code.QUOTE_OVER, _("升级报价已过期或已用过"))
    lines = [line for line in goods.lines if line.variant.pk == quote.plan.variant_id]
    if len(lines) != 1 or lines[0].quantity != quote.quantity or lines[0].lowered_by:
        return _no(Code.QUOTE_MISFIT, _("购物车与升级报价不一致，或用了优惠码"))
    off = lines[0].left - quote.amount
    if off <= 0:
        return _no(Code.QUOTE_MISFIT, _("方案价格已变动，报价不再有效"))
    title = _("升级补差价 %(sum)s（剩余 %(days)s 天）") % {
        "sum": format_yuan(quote.amount),
        "days": quote.days,
    }
    return Answer([Deduction(quote.number, str(title), {lines[0].key: off})])


def _keep(order: Order, rows: Sequence[OrderDeduction]) -> None:
    Quote.objects.filter(number__in={row.reference for row in rows}).update(order=order)


def _release(order: Order) -> None:
    """The order ended unpaid; the quote may be used again while it is good."""
    Quote.objects.filter(order=order).update(order=None)


def _freight(goods: Goods, chosen: Sequence[str], final: bool) -> Answer:
    """The freight, as often as the plan says. `final`: counted under the membership's lock."""
    member = Member.objects.filter(user_id=goods.user_id).first() if goods.user_id is not None else None
    if member is None or list(chosen) != ["freight"]:
        return Answer((), (MembershipError(Code.SIGN_IN_REQUIRED, _("登录会员才能用免运费"), "deductions"),))
    refusal: DomainError = MembershipError(
        Code.NOT_FOUND, _("会员方案没有免运费"), "deductions", _("请取消免运费后下单")
    )
    running = running_of(member.pk)
    locked = lock_memberships([one.pk for one in running]) if final else {}
    for found in running:
        membership = locked.get(found.pk, found)
        for benefit in in_force(membership.plan_id):
            if benefit.kind != BenefitKind.FREIGHT:
                continue
            try:
                require_usable(membership)
                count = require_left(membership, benefit)
            except MembershipError as error:
                refusal = error
                continue
            amount = min(goods.shipping_left, benefit.most or goods.shipping_left)
            if amount <= 0:
                refusal = MembershipError(
                    Code.NO_FREIGHT, _("没有运费可以免"), "deductions", _("请取消免运费后下单，次数不会减少")
                )
                continue
            title = _("%(plan)s免运费（本期第 %(time)d 次）") % {
                "plan": membership.plan.name,
                "time": count + 1,
            }
            return Answer([Deduction(f"{membership.pk}:{benefit.code}", str(title), {}, amount)])
    return Answer((), (refusal,))


def _keep_freight(order: Order, rows: Sequence[OrderDeduction]) -> None:
    """The order is written: that was one time. The membership has been locked by the reckoning."""
    for row in rows:
        key, _colon, code = row.reference.partition(":")
        membership = Membership.objects.select_related("plan", "member").get(pk=key)
        benefit = benefit_of(membership, code, BenefitKind.FREIGHT)
        write_use(
            membership,
            benefit,
            key=f"order:{order.pk}:{code}",
            unit_id=city_id(),
            cost=Decimal(row.amount),
            order=order,
        )


@transaction.atomic
def release(order_id: Any) -> None:
    """The times that an order's freight was free are the member's again. Locks: the uses."""
    for use in lock_rows(BenefitUse.objects.filter(order_id=order_id, state=UseState.USED)):
        return_use(use, actor="system", reason="order")


def _release_uses(order: Order) -> None:
    """An order ended unpaid: its times are the member's again."""
    release(order.pk)


def _no(code: Code, message: object) -> Answer:
    hint = _("请重新获取升级报价")
    return Answer((), (MembershipError(code, message, "deductions", hint),))  # type: ignore[arg-type]
