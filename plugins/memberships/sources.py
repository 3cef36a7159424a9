"""What memberships take off checkouts: the value of what is left when somebody upgrades."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import format_yuan
from saleor_o2o.ordering.interfaces import (
    Answer,
    Deduction,
    Goods,
    OrderDeduction,
    Source,
    register_deductions,
)

from .errors import MembershipError
from .errors import MembershipErrorCode as Code
from .models import Quote
from .services.upgrading import UPGRADE

#: Before every other source: what is lowered here is a price, not a favour.
RANK = 50


def install() -> None:
    """Register; called once when the app is ready."""
    register_deductions(Source(UPGRADE, _("会员升级"), RANK, _reckon, _keep, _release))


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


def _no(code: Code, message: object) -> Answer:
    hint = _("请重新获取升级报价")
    return Answer((), (MembershipError(code, message, "deductions", hint),))  # type: ignore[arg-type]
