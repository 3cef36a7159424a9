"""Coupons as a source of deductions: looked at while shopping, taken under their locks when the order is written."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order

from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.money import to_yuan
from saleor_o2o.kernel.states import move_locked
from saleor_o2o.ordering.interfaces import (
    COUPON,
    Answer,
    Deduction,
    Goods,
    Offered,
    OrderDeduction,
    Source,
    register_deductions,
)

from .error_codes import CouponErrorCode as Code
from .errors import CouponError
from .locks import lock_numbers
from .models import Coupon
from .selectors import WITH_SCOPE, basket_of, offers_for, why_not
from .services.using import SOURCE, release
from .terms import Wanted, apply, clash, terms_of


def reckon(goods: Goods, chosen: Sequence[str], final: bool) -> Answer:
    """What the chosen coupons take. `final`: their rows are locked first, so of two orders one has a coupon."""
    if not chosen:
        return Answer()
    if goods.user_id is None:
        return Answer(refusals=[CouponError(Code.LOGIN_NEEDED, "deductions")])
    if final:
        coupons = lock_numbers(goods.user_id, chosen)
    else:
        rows = Coupon.objects.filter(member__user_id=goods.user_id, number__in=list(chosen))
        coupons = list(rows.select_related("template").order_by("pk"))
    refusals: list[DomainError] = []
    known = {one.number for one in coupons}
    if not set(chosen) <= known:
        refusals.append(CouponError(Code.NOT_YOURS, "deductions"))
    good = []
    for coupon in coupons:
        refusal = why_not(coupon)
        if refusal is None:
            good.append(coupon)
        else:
            refusals.append(refusal)
    prefetch_related_objects(good, *WITH_SCOPE)
    wanted = [Wanted(one.number, one.template.name, terms_of(one.template)) for one in good]
    basket = basket_of(goods, [one.terms for one in wanted])
    problem = clash(wanted, basket)
    if problem is not None:
        return Answer(refusals=[*refusals, problem])
    taken, refused = apply(wanted, basket)
    titles = {one.number: one.title for one in wanted}
    deductions = [
        Deduction(
            number,
            titles[number],
            {key: to_yuan(amount) for key, amount in off.lines.items()},
            to_yuan(off.shipping),
        )
        for number, off in taken.items()
    ]
    return Answer(deductions, [*refusals, *refused])


def offers(goods: Goods) -> Sequence[Offered]:
    """A member's coupons for these goods, the best first, those that cannot be used last with the reason."""
    found = offers_for(goods)
    best = set(found.best)
    return [
        Offered(
            one.coupon.number,
            f"{one.coupon.template.name}（{one.coupon.template.in_words}）",
            to_yuan(one.saves),
            one.refusal,
            one.coupon.number in best,
        )
        for one in (*found.usable, *found.others)
    ]


def keep(order: Order, rows: Sequence[OrderDeduction]) -> None:
    """The order has them, unpaid as yet; they were locked and looked at in this transaction."""
    numbers = sorted({row.reference for row in rows})
    for coupon in Coupon.objects.filter(number__in=numbers).order_by("pk"):
        move_locked(coupon, "hold", order=order)


def install() -> None:
    """Register; called once when the app is ready."""
    register_deductions(Source(SOURCE, _("优惠券"), COUPON, reckon, keep, release, offers=offers))
