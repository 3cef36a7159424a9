"""Reads: what is offered, to whom, and what a member exchanged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from plugins.coupons.interfaces import Coupon, CouponTemplate, is_given_now
from plugins.loyalty.interfaces import LEVELS, left_out, standing
from plugins.members.interfaces import Member, MemberStatus
from saleor_o2o.kernel.clock import now
from saleor_o2o.ordering.carts import free_units

from .choices import period_begin
from .error_codes import MallErrorCode as Code
from .errors import MallError
from .models import CouponSwap, Exchange, MallOffer

#: Offers of the page; more is no mall that anybody reads.
MOST = 100


def offers_open() -> QuerySet[MallOffer]:
    """What may be exchanged now, goods that are not on sale left out; what costs least first."""
    moment = now()
    rows = MallOffer.objects.filter(
        Q(closes_at__isnull=True) | Q(closes_at__gt=moment), opens_at__lte=moment,
        variant__product__is_published=True, variant__product__o2o_seller__isnull=True,
    )  # fmt: skip
    return rows.select_related("variant__product__product_type", "owner", "level").order_by("points", "pk")


def exchanged(member_id: int, offers: Iterable[MallOffer]) -> dict[int, int]:
    """Pieces that a member has of offers in the period that each one's limit counts; one statement a kind of period."""
    found: dict[int, int] = {}
    by_period: dict[str, list[int]] = {}
    for offer in offers:
        by_period.setdefault(offer.period, []).append(offer.pk)
    for period, keys in sorted(by_period.items()):
        rows = Exchange.objects.filter(member_id=member_id, offer__in=keys)
        begin = period_begin(period)
        if begin is not None:
            rows = rows.filter(at__gte=begin)
        found |= dict(rows.order_by().values_list("offer").annotate(pieces=Sum(F("quantity") - F("back"))))
    return found


def why_not(
    offer: MallOffer, member: Member | None, pieces: int, has: int, free: int | None = None
) -> MallError | None:
    """Why so many pieces cannot be exchanged; None where they can. Points are not looked at.

    `member` (level along) None: as far as anybody may know. `has`: what counts for the member's limit already;
    `free`: pieces in the warehouses, where the caller knows.
    """
    told = {"name": offer.title}
    moment = now()
    if offer.opens_at > moment:
        return MallError(Code.NOT_OPEN, _("“%(name)s”还没开始兑换") % told)
    if offer.closes_at is not None and offer.closes_at <= moment:
        return MallError(Code.OVER, _("“%(name)s”的兑换已经结束") % told)
    left = offer.left if free is None else free if offer.left is None else min(free, offer.left)
    if left is not None and pieces > left:
        if left:
            return MallError(
                Code.SOLD_OUT, _("“%(name)s”只剩 %(left)d 件可兑") % {**told, "left": left}, _("请减少件数")
            )
        return MallError(Code.SOLD_OUT, _("“%(name)s”已兑完") % told)
    if member is None:
        return None
    if offer.own_members and not _belongs(offer, member):
        return MallError(
            Code.NOT_FOR_YOU,
            _("“%(name)s”仅限%(unit)s的会员兑换") % {**told, "unit": offer.owner.name},
        )
    if offer.level is not None and _rank(member) < offer.level.rank:
        return MallError(
            Code.LEVEL_TOO_LOW,
            _("“%(name)s”须%(level)s及以上会员兑换") % {**told, "level": offer.level.name},
        )
    if offer.per_member is not None and has + pieces > offer.per_member:
        limit = {**told, "period": offer.get_period_display(), "most": offer.per_member, "has": has}
        return MallError(
            Code.LIMIT_REACHED,
            _("“%(name)s”%(period)s每人限兑 %(most)d 件，您已兑 %(has)d 件") % limit,
        )
    return None


def member_for(user_id: Any) -> Member | None:
    """The member of a user, with level and home unit. One statement."""
    rows = Member.objects.filter(user_id=user_id).select_related("user", "home_unit", f"{LEVELS}__level")
    return rows.first()


def _belongs(offer: MallOffer, member: Member) -> bool:
    home = member.home_unit
    return home is not None and str(home.path).startswith(str(offer.owner.path))


def _rank(member: Member) -> int:
    stands = getattr(member, LEVELS, None)
    return int(stands.level.rank) if stands is not None else 0


@dataclass(frozen=True, slots=True)
class Shown:
    """An offer as somebody sees it: pieces left (None: plenty), own pieces in the period, points that are missing."""

    offer: MallOffer
    left: int | None
    mine: int
    short: int
    refusal: str


def shown(user: Any, offers: Sequence[MallOffer]) -> list[Shown]:
    """Offers with what stands in the user's way. Nine statements at most, whatever the number of offers."""
    member = member_for(user.pk) if getattr(user, "is_authenticated", False) else None
    counts = exchanged(member.pk, offers) if member is not None else {}
    have = standing(member.pk).points if member is not None else 0
    free = free_units(settings.DEFAULT_COUNTRY, [one.variant_id for one in offers])
    found = []
    for offer in offers:
        stock = free.get(offer.variant_id, 0) if offer.variant.track_inventory else None
        refusal = why_not(offer, member, 1, counts.get(offer.pk, 0), stock)
        if refusal is None and member is not None and member.status != MemberStatus.ACTIVE:
            refusal = not_active()
        left = [one for one in (stock, offer.left) if one is not None]
        found.append(
            Shown(
                offer,
                min(left) if left else None,
                counts.get(offer.pk, 0),
                max(offer.points - have, 0) if member is not None else 0,
                str(refusal.message) if refusal is not None else "",
            )
        )
    return found


def swaps_open() -> QuerySet[CouponSwap]:
    """Coupons that may be had for points now; what costs least first."""
    moment = now()
    rows = CouponSwap.objects.filter(
        Q(closes_at__isnull=True) | Q(closes_at__gt=moment), opens_at__lte=moment
    )
    return rows.select_related("template", "owner").order_by("points", "pk")


@dataclass(frozen=True, slots=True)
class ShownSwap:
    """A coupon for points as somebody sees it: how many he has had, points that are missing, why not."""

    offer: CouponSwap
    mine: int
    short: int
    refusal: str


def swaps_shown(user: Any) -> list[ShownSwap]:
    """Coupons for points with what stands in the user's way, what cannot be had last. Five statements at most."""
    member = member_for(user.pk) if getattr(user, "is_authenticated", False) else None
    rows = [one for one in swaps_open()[:MOST] if is_given_now(one.template)]
    has: dict[int, int] = {}
    have = 0
    if member is not None:
        own = Coupon.objects.filter(member=member, template__in=[one.template_id for one in rows])
        has = dict(own.order_by().values_list("template").annotate(Count("pk")))
        have = standing(member.pk).points
    found = []
    for one in rows:
        mine = has.get(one.template_id, 0)
        short = max(one.points - have, 0) if member is not None else 0
        found.append(ShownSwap(one, mine, short, _why_no_coupon(one.template, member, mine)))
    return sorted(found, key=lambda one: bool(one.refusal))


def _why_no_coupon(template: CouponTemplate, member: Member | None, mine: int) -> str:
    if template.quantity is not None and template.given >= template.quantity:
        return str(_("已兑完"))
    if member is None:
        return ""
    if member.status != MemberStatus.ACTIVE:
        return str(not_active().message)
    if mine >= template.per_member:
        return str(
            _("每人限 %(most)d 张，您已有过 %(mine)d 张") % {"most": template.per_member, "mine": mine}
        )
    return ""


def not_active() -> MallError:
    """What a member is told who is frozen, closing, or gone."""
    return MallError(Code.MEMBER_NOT_ACTIVE, _("该会员已停用，不能兑换"), _("请到网点或拨打 11185 咨询"))


def may_be_offered(variant: Any) -> str:
    """Why goods cannot be offered for points at all, in words; empty where they can."""
    if left_out(variant.product.product_type.slug):
        return str(_("充值、会员卡这类商品不能用积分兑换"))
    if getattr(variant.product, "o2o_seller", None) is not None:
        return str(_("商户的商品不能上积分商城，只能上自营商品"))
    return ""


def listed(offer: MallOffer) -> Decimal:
    """What the shop asks for a piece without points, in yuan."""
    amount: Decimal = offer.variant.base_price.amount
    return amount
