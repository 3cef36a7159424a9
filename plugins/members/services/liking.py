"""Goods that a member wants to find again, or looked at lately; both within a number."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from saleor.product.models import Product

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows

from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..models import Favourite, Footprint, Member

#: A member's favourites at most; of footprints the newest so many stay.
FAVOURITES, FOOTPRINTS = 200, 100


def set_favourite(member: Member, product: int, wanted: bool) -> None:
    """Keep goods, or no longer; again changes nothing.

    Locks: the member. Raises MemberError NOT_FOUND for goods that are not on sale, TOO_MANY.
    """
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        rows = Favourite.objects.filter(member=member)
        if not wanted:
            rows.filter(product_id=product).delete()
            return
        if rows.filter(product_id=product).exists():
            return
        _require_goods(product)
        if rows.count() >= FAVOURITES:
            raise MemberError(
                Code.TOO_MANY, _("最多收藏 %(most)d 件") % {"most": FAVOURITES}, None, _("请先取消一些收藏")
            )
        Favourite.objects.create(member=member, product_id=product)


def note_footprint(member: Member, product: int) -> None:
    """Note that a member looked at goods; the oldest beyond the number go. Locks: the member. Raises NOT_FOUND."""
    _require_goods(product)
    with transaction.atomic():
        lock_rows(Member.objects.filter(pk=member.pk), no_key=True)
        Footprint.objects.update_or_create(member=member, product_id=product, defaults={"at": now()})
        rows = Footprint.objects.filter(member=member).order_by("-at", "-pk")
        beyond = list(rows.values_list("pk", flat=True)[FOOTPRINTS:])
        if beyond:
            Footprint.objects.filter(pk__in=beyond).delete()


def clear_footprints(member: Member) -> int:
    """Forget what a member looked at; returns how many."""
    return Footprint.objects.filter(member=member).delete()[0]


def move_liking(kept: Member, absorbed: Member) -> int:
    """Let a merged member's goods be the kept one's; under both locks."""
    moved = 0
    models: tuple[Any, ...] = (Favourite, Footprint)
    for model in models:
        there = model.objects.filter(member=kept).values("product_id")
        moved += model.objects.filter(member=absorbed).exclude(product_id__in=there).update(member=kept)
        model.objects.filter(member=absorbed).delete()
    return moved


def _require_goods(product: int) -> None:
    if not Product.objects.published().filter(pk=product).exists():
        raise MemberError(Code.NOT_FOUND, _("没有这件商品，或已下架"), "productId")
