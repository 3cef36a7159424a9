"""Points that lower a checkout: a source of ordering's seam, after member prices and coupons.

The shopper chooses so many points; they count for as much of what is left of the goods as the rules allow, and no more
are taken than that is worth. In the transaction that writes the order the purse is locked and looked at again.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order

from plugins.members.interfaces import Member, MemberStatus, current, notify
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.money import split_fen, to_fen, to_yuan
from saleor_o2o.ordering.interfaces import (
    POINTS,
    Answer,
    Deduction,
    Goods,
    GoodsLine,
    Offered,
    OrderDeduction,
    Origin,
    Source,
    register_deductions,
    sub_order_lines_of,
    sync_order,
)

from .errors import LoyaltyError, PointsShort
from .errors import LoyaltyErrorCode as Code
from .kinds import Book, ConsentKind, ConsentState, EntryKind
from .models import Consent, DeductRule, Entry
from .pricing import left_out
from .rules import deduct_rules_in_force
from .selectors import standing, unit_of_order
from .services import consenting
from .services.burning import TEXT
from .services.earning import gone_of_lines
from .services.ledger import ZERO, Why, expire_due, give_back, lock_purses, spend
from .services.settling import settle, settle_back

NAME = "points"
_MOST = 10_000_000


def install() -> None:
    """Register; called once when the app is ready."""
    register_deductions(Source(NAME, _("积分抵扣"), POINTS, reckon, _keep, release, offers=offers))


def reckon(goods: Goods, chosen: Sequence[str], final: bool) -> Answer:
    """So many points (`["500"]`) off the goods, as far as the rules go. `final`: under the purse's lock."""
    member = Member.objects.filter(user_id=goods.user_id).first() if goods.user_id is not None else None
    if member is None:
        return _no(LoyaltyError(Code.SIGN_IN_REQUIRED, _("请先登录会员账号，再使用积分"), "deductions"))
    if member.status != MemberStatus.ACTIVE:
        return _no(LoyaltyError(Code.MEMBER_NOT_ACTIVE, _("该会员已停用，不能使用积分"), "deductions"))
    wanted = int(chosen[0]) if len(chosen) == 1 and chosen[0].isascii() and chosen[0].isdigit() else 0
    refusals: list[DomainError] = []
    if goods.teller is not None:
        try:
            wanted = _agreed(goods, member, chosen) or wanted
        except LoyaltyError as refusal:
            if not wanted or final:
                return _no(refusal)
            refusals.append(refusal)  # what so many would take off is shown before the member is asked
    if not 0 < wanted <= _MOST:
        return _no(LoyaltyError(Code.INVALID, _("请填写要使用的积分，须为正整数"), "deductions"))
    if not refusals:
        have = _have(member.pk, final)
        if wanted > have:
            return _no(PointsShort(have, "deductions"))
    caps, per_hundred = caps_of(goods.lines)
    points, fen = worth(wanted, sum(caps), per_hundred)
    if not points:
        return _no(
            LoyaltyError(
                Code.NOT_OFFERED, _("这些商品不能用积分抵扣，或积分太少"), "deductions", _("请取消使用积分")
            )
        )
    shares = split_fen(fen, caps)
    lines = {line.key: to_yuan(share) for line, share in zip(goods.lines, shares, strict=True) if share}
    return Answer(
        [Deduction(str(points), str(_("%(points)s 积分抵扣") % {"points": points}), lines)], refusals
    )


def _agreed(goods: Goods, member: Member, chosen: Sequence[str]) -> int:
    """The points that the member at a counter has agreed to for this basket. Raises CONSENT_NEEDED and its like."""
    assert goods.teller is not None  # noqa: S101 - asked for tellers only
    agreed = consenting.named(chosen[0] if chosen else "", goods.teller.user, ConsentKind.POINTS, None)
    if agreed.member_id != member.pk or (goods.teller.key and agreed.basket != goods.teller.key):
        raise LoyaltyError(
            Code.CONSENT_DIFFERS, _("会员确认的不是这一单"), "deductions", _("请重新发送验证码")
        )
    if agreed.state == ConsentState.USED:
        raise consenting.over(agreed)
    return int(agreed.amount)


def offers(goods: Goods) -> Sequence[Offered]:
    """The most points that may lower these goods; how many the member has is another question."""
    if goods.user_id is None:
        return ()
    caps, per_hundred = caps_of(goods.lines)
    points, fen = worth(_MOST, sum(caps), per_hundred)
    if not points:
        return ()
    return [Offered(str(points), str(_("本单最多可用 %(points)s 积分") % {"points": points}), to_yuan(fen))]


def caps_of(lines: Sequence[GoodsLine]) -> tuple[list[int], Decimal]:
    """The most that points may take off each line, in fen; yuan for a hundred points. Two statements and one a line's
    category."""
    rules = deduct_rules_in_force()
    general = next((rule for rule in rules if rule.category_id is None), None)
    if general is None:
        return [0] * len(lines), ZERO
    by_category: dict[int, DeductRule] = {}
    for rule in rules:
        if rule.category_id is not None:
            by_category.setdefault(rule.category_id, rule)
    caps = []
    for line in lines:
        rule = general
        if by_category and line.variant.product.category_id is not None:
            above = line.variant.product.category.get_ancestors(ascending=True, include_self=True)
            keys = above.values_list("pk", flat=True)
            rule = next((by_category[key] for key in keys if key in by_category), general)
        stored = left_out(line.variant.product.product_type.slug)
        caps.append(0 if stored else to_fen(line.left) * rule.percent // 100)
    return caps, general.per_hundred


def worth(points: int, cap: int, per_hundred: Decimal) -> tuple[int, int]:
    """How many of `points` are used, and what they take off, in fen: never more than `cap`, no point for nothing."""
    each = Fraction(per_hundred)  # fen for a point: yuan a hundred, times a hundred fen
    if each <= 0 or cap <= 0:
        return 0, 0
    fen = min(int(points * each), cap)
    used = -int(-Fraction(fen) / each // 1)
    return (used, fen) if fen else (0, 0)


def written(order: Order, _origin: Origin) -> None:
    """The order and whose it is are written: use the points, in the same transaction, the purse locked.

    No statement for an order without points.
    """
    if NAME not in (order.private_metadata or {}).get("o2o.deducted_by", ()):
        return
    row = OrderDeduction.objects.filter(order=order, source=NAME).first()
    member = Member.objects.filter(user_id=order.user_id).first()
    if row is None or member is None:
        return
    why = Why(EntryKind.DEDUCT, "deduct", str(order.pk), unit_of_order(order.pk), order.pk)
    purse = lock_purses(member.pk)[member.pk][Book.POINTS]
    settle(spend(purse, Decimal(row.reference), why), why)
    number = next(iter((order.private_metadata or {}).get("o2o.deductions", {}).get(NAME, ())), "")
    agreed = Consent.objects.select_related("unit").filter(number=number).first()
    if agreed is not None:  # a clerk placed it: the member is told
        consenting.take(agreed.pk, order.pk)
        told = {"place": agreed.unit.name, "points": row.reference, "left": str(int(purse.balance))}
        notify(member, TEXT, told)


def release(order: Order) -> None:
    """A locked order ends unpaid: all of its points are the member's again. Again: nothing."""
    _give_back(order.pk, everything=True)


@transaction.atomic
def follow(order_id: Any) -> None:
    """Give back of an order's points what its refunds have a share in: line by line, exactly all when all is gone.

    Locks: the purses, then the order's sub-orders. Raises LockTimeout.
    """
    if Entry.objects.filter(book=Book.POINTS, biz_type="deduct", biz_id=str(order_id)).exists():
        _give_back(order_id, everything=False)


def _give_back(order_id: Any, *, everything: bool) -> None:
    used = Entry.objects.filter(book=Book.POINTS, biz_type="deduct", biz_id=str(order_id)).first()
    if used is None:
        return
    member = current(Member.objects.get(pk=used.member_id))
    purse = lock_purses(member.pk)[member.pk][Book.POINTS]
    points = int(sum((draw.amount for draw in used.draws.all()), ZERO))
    backs = [draw.amount for reversal in used.reversals.all() for draw in reversal.draws.all()]
    done = -int(sum(backs, ZERO))
    target = points if everything else _due(order_id, points)
    if target > done:
        why = Why(EntryKind.DEDUCT_BACK, "deduct_back", f"{order_id}:{done}", used.unit_id, order_id)
        give_back(purse, used, Decimal(target - done), why)
        settle_back(used, why)


def _due(order_id: Any, points: int) -> int:
    """How many of an order's points should be back, by what went back of each line that they lowered."""
    profile = sync_order(order_id)
    if profile is None:
        return 0
    if profile.closed_at is not None:
        return points
    off: dict[int, Decimal] = {}
    for line, amount in OrderDeduction.objects.filter(order_id=order_id, source=NAME).values_list(
        "order_line_id", "amount"
    ):
        if line is not None:
            off[line] = off.get(line, ZERO) + amount
    paid: dict[int, Decimal] = {}
    for part in sub_order_lines_of(order_id):
        paid[part.order_line_id] = paid.get(part.order_line_id, ZERO) + part.total
    keys = sorted(paid)
    gone = gone_of_lines(order_id, [(key, paid[key]) for key in keys], profile.refunded)
    whole = sum(off.values(), ZERO)
    back = sum(
        (
            Fraction(off[key]) * Fraction(back) / Fraction(paid[key])
            for key, back in zip(keys, gone, strict=True)
            if off.get(key) and paid[key]
        ),
        Fraction(0),
    )
    if not whole:
        return 0
    return points - _kept(points, Fraction(whole), back)


def _kept(points: int, whole: Fraction, back: Fraction) -> int:
    return points - int(Fraction(points) * min(back, whole) / whole + Fraction(1, 2))


def _have(member_id: int, final: bool) -> Decimal:
    if not final:
        return Decimal(standing(member_id).points)
    purse = lock_purses(member_id)[member_id][Book.POINTS]
    expire_due(purse)
    return purse.balance


def _keep(_order: Order, _rows: Sequence[OrderDeduction]) -> None:
    """Nothing yet: whose the order is, and so who is paid for the points, is written after it (`written`)."""


def _no(refusal: DomainError) -> Answer:
    return Answer((), (refusal,))
