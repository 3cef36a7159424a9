"""Exchanging as a source of deductions, the first: what points pay of a line is taken off it, and nothing else is.

The shopper chooses offers by their codes (`["DH…"]`); all pieces of an offer's goods in the basket are exchanged. In
the transaction that writes the order the offers are locked, then quotas and limits are looked at; the points are burnt
when the order is attributed (`services.exchanging`).
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order

from plugins.loyalty.interfaces import standing
from plugins.members.interfaces import MemberStatus
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.ordering.interfaces import (
    EXCHANGE,
    VOUCHER,
    Answer,
    Deduction,
    Goods,
    GoodsLine,
    OrderDeduction,
    Source,
    choices_of,
    register_deductions,
)

from .error_codes import MallErrorCode as Code
from .errors import MallError
from .locks import lock_offers
from .models import MallOffer
from .selectors import exchanged, may_be_offered, member_for, not_active, why_not
from .services.exchanging import NAME, release


def install() -> None:
    """Register; called once when the app is ready."""
    register_deductions(Source(NAME, _("积分兑换"), EXCHANGE, reckon, _keep, release))


def reckon(goods: Goods, chosen: Sequence[str], final: bool) -> Answer:
    """What the chosen offers pay. `final`: under the offers' locks. Nine statements at most and one for each offer."""
    if not chosen:
        return Answer()
    member = member_for(goods.user_id) if goods.user_id is not None else None
    if member is None:
        return _no(MallError(Code.SIGN_IN_REQUIRED, _t("请先登录会员账号，再用积分兑换"), None))
    if member.status != MemberStatus.ACTIVE:
        return _no(not_active())
    if final:
        offers = lock_offers(chosen)
    else:
        rows = MallOffer.objects.filter(code__in=list(chosen))
        offers = list(rows.select_related("variant__product", "owner", "level").order_by("pk"))
    refusals: list[DomainError] = []
    if len(offers) < len(chosen):
        refusals.append(MallError(Code.NOT_OFFERED, _t("没有这个兑换商品，可能已经下架")))
    counts = exchanged(member.pk, offers)
    by_variant = {line.variant.pk: line for line in goods.lines}
    deductions: list[Deduction] = []
    need = 0
    for offer in offers:
        line = by_variant.pop(offer.variant_id, None)
        if line is None:
            told = _t("购物车里没有“%(name)s”") % {"name": offer.title}
            refusals.append(MallError(Code.NOT_OFFERED, told, _t("请从积分商城重新兑换")))
            continue
        refusal = why_not(offer, member, line.quantity, counts.get(offer.pk, 0)) or _not_here(offer, line)
        if refusal is not None:
            refusals.append(refusal)
            continue
        points = offer.points * line.quantity
        need += points
        title = _t("%(points)d 积分兑换") % {"points": points}
        off = line.left - offer.yuan * line.quantity
        deductions.append(Deduction(offer.code, title, {line.key: off}, alone=True))
    have = standing(member.pk).points
    if need > have - _deducted(goods):
        refusals.append(_short(need + _deducted(goods), have))
        return Answer((), refusals)
    return Answer(deductions, refusals)


def _not_here(offer: MallOffer, line: GoodsLine) -> MallError | None:
    """Why this line of the basket is not exchanged."""
    told = {"name": offer.title}
    if VOUCHER in line.lowered_by:
        return MallError(
            Code.NOT_COMBINABLE, _t("“%(name)s”用积分兑换，不能再用优惠码") % told, _t("请去掉优惠码")
        )
    reason = may_be_offered(line.variant)
    if reason:
        return MallError(Code.NOT_OFFERED, reason)
    if line.left <= offer.yuan * line.quantity:
        return MallError(
            Code.NOT_COMBINABLE, _t("“%(name)s”现价不高于兑换价，直接购买更划算") % told, _t("请直接购买")
        )
    return None


def _deducted(goods: Goods) -> int:
    """Points that the shopper wants to use for other goods of the basket."""
    wanted = choices_of(goods.checkout).get("points") or ["0"]
    return int(wanted[0]) if wanted[0].isascii() and wanted[0].isdigit() else 0


def _short(need: int, have: int) -> DomainError:
    told = {"need": need, "have": have, "short": need - have}
    return MallError(
        Code.POINTS_SHORT,
        _t("需要 %(need)d 积分，您有 %(have)d 积分，还差 %(short)d 积分") % told,
        _t("签到、购物都能得积分"),
    )


def _no(refusal: DomainError) -> Answer:
    return Answer((), (refusal,))


def _keep(_order: Order, _rows: Sequence[OrderDeduction]) -> None:
    """Nothing yet: whose the order is, and so who is paid for the points, is written after it (`written`)."""
