"""A customer asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Deed, is_barred
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.idempotency import fingerprint_of
from saleor_o2o.kernel.money import format_yuan, to_fen
from saleor_o2o.kernel.numbering import next_number, number_kind
from saleor_o2o.kernel.photos import Clean, clean_photos
from saleor_o2o.kernel.scope import OutOfScope
from saleor_o2o.ordering.interfaces import lock_sub_orders, own_ways_of

from ..checking import check_key, clean, order_served
from ..choices import SELLERS_FAULT, SWAPS, Bearer, Clock, Kind, Party, Phase, Reason, Via
from ..clocks import clock
from ..errors import AfterSaleError
from ..errors import AfterSaleErrorCode as Code
from ..events import AfterSaleApplied
from ..models import AfterSale, AfterSaleLine, Picture
from ..noting import note
from ..selectors import LineOffer, PartOffer, may_apply, money_left, offers_of
from ..swapping import chosen_swaps, under_warranty

NUMBER = number_kind("after_sale", "SH")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a customer asks for. `lines`: by sub-order line how many pieces, and yuan (None: what they cost).

    No lines: everything that is left of the part. A quantity of 0 with an amount is a difference in price: the goods
    stay. `swaps`: for an exchange, by line the variant wanted instead of another piece of the same.
    """

    sub_order_id: int
    kind: str
    reason: str
    text: str = ""
    lines: Mapping[int, tuple[int, Decimal | None]] = field(default_factory=dict)
    swaps: Mapping[int, int] = field(default_factory=dict)


def apply(
    user: Any,
    order_id: int,
    wanted: Wanted,
    *,
    key: str,
    photos: Sequence[Any] = (),
    via: str = Via.SELF,
) -> AfterSale:
    """Ask for money back, or to send goods back. The same key with the same wish gives the same after-sale.

    `via` other than the customer alone: the user is of the staff and asks for the customer, who may have no login.

    One transaction. Locks: the order's sub-orders. Raises OutOfScope (another's order), AfterSaleError: KEY_INVALID,
    KEY_REUSED, REQUIRED, TEXT_TOO_LONG, PHOTO_INVALID, PHOTO_TOO_LARGE, NOT_PAID, WINDOW_OVER, ALREADY_OPEN,
    NOTHING_LEFT, OWN_WAY, QUANTITY_INVALID, AMOUNT_INVALID, NOT_SHIPPED, GOODS_GONE, PRICE_DIFFERS, BARRED;
    LockTimeout.
    """
    request = f"{user.pk}:{check_key(key)}"
    print_ = fingerprint_of(
        order_id, wanted.sub_order_id, wanted.kind, wanted.reason, wanted.text, sorted(wanted.lines.items()),
        *([sorted(wanted.swaps.items())] if wanted.swaps else []),
    )  # fmt: skip
    known = _known(request, print_)
    if known is not None:
        return known
    if via == Via.SELF and is_barred(user, Deed.AFTER_SALE):
        raise AfterSaleError(
            Code.BARRED, _("您的账号不能自助申请售后"), hint=_("请带上订单号，到网点或拨打 11185 办理")
        )
    text = clean(wanted.text, "text")
    if wanted.kind not in Kind.values or wanted.reason not in Reason.values:
        raise AfterSaleError(Code.REQUIRED, _("请选择售后类型和原因"), "reason")
    if wanted.reason == Reason.OTHER and not text:
        raise AfterSaleError(Code.REQUIRED, _("请说明原因"), "text")
    if via not in Via.values:
        raise AfterSaleError(Code.REQUIRED, _("请选择顾客是到柜台还是来电"), "via")
    asker = _Asker(user) if via == Via.SELF else _Asker(order_served(user, order_id).user, user, Via(via))
    pictures = clean_photos(photos)  # slow work before the lock
    try:
        with transaction.atomic():
            return _write(asker, order_id, wanted, text, request, print_, pictures)
    except IntegrityError as error:  # the belt: a unique index per key, and per line
        known = _known(request, print_)
        if known is not None:
            return known
        raise _already_open() from error


@dataclass(frozen=True, slots=True)
class _Asker:
    """The customer (None without a login), and the clerk who asks for the customer."""

    customer: Any
    clerk: Any = None
    via: Via = Via.SELF

    @property
    def words(self) -> str:
        """Who asks, for the timeline."""
        if self.clerk is None:
            return "买家"
        return "代到柜台的顾客" if self.via == Via.COUNTER else "代来电的顾客"


def _write(
    asker: _Asker, order_id: int, wanted: Wanted, text: str, request: str, print_: str, pictures: list[Clean]
) -> AfterSale:
    parts = [part for part in lock_sub_orders(order_id) if part.pk == wanted.sub_order_id]
    known = _known(request, print_)  # somebody sent the same while we waited
    if known is not None:
        return known
    if not parts:
        raise OutOfScope
    _check_part(parts[0], wanted.kind)
    offer = next(one for one in offers_of(order_id) if one.part.pk == wanted.sub_order_id)
    chosen = _choose(offer, wanted)
    if not may_apply(offer.part) and not under_warranty(offer.part, [one.line.pk for one, _c, _y in chosen]):
        raise _too_late()
    swaps = chosen_swaps(wanted.swaps, [one.line for one, _count, _yuan in chosen], wanted.kind)
    freight = _freight(offer, wanted, chosen)
    amount = sum((yuan for _offer, _count, yuan in chosen), freight)
    # what points or a coupon paid as a whole goes back without money: its points do
    free = any(one.is_free and count for one, count, _yuan in chosen)
    if to_fen(amount) <= 0 and not free:
        raise AfterSaleError(Code.NOTHING_LEFT, _("没有可以退的金额"), "lines")
    left = money_left(order_id)
    if amount > left:
        raise AfterSaleError(
            Code.AMOUNT_INVALID,
            _("订单最多还能退 %(left)s") % {"left": format_yuan(max(left, Decimal(0)))},
            "amount",
        )
    sent = any(one.sent for one, _count, _yuan in chosen)
    length = clock(Clock.ANSWER, offer.part.line)
    row = AfterSale.objects.create(
        number=next_number(NUMBER),
        request_key=request,
        fingerprint=print_,
        order_id=order_id,
        sub_order_id=offer.part.pk,
        customer=asker.customer,
        via=asker.via,
        applied_by=asker.clerk,
        kind=wanted.kind,
        phase=Phase.AFTER if sent else Phase.BEFORE,
        reason=wanted.reason,
        text=text,
        amount=amount,
        freight=freight,
        due_at=length.until,
        bearer=Bearer.SELLER if wanted.reason in SELLERS_FAULT else Bearer.BUYER,
    )
    AfterSaleLine.objects.bulk_create(
        AfterSaleLine(
            after_sale=row, part_line=one.line, quantity=count, amount=yuan, wanted=swaps.get(one.line.pk)
        )
        for one, count, yuan in chosen
    )
    keep_pictures(pictures, Party.BUYER, after_sale=row)
    worth = "" if row.kind in SWAPS else f" {format_yuan(amount)}"
    note(
        row,
        f"{asker.words}申请{row.get_kind_display()}{worth}（{row.get_reason_display()}）",
        amount=amount,
    )
    publish(
        AfterSaleApplied(after_sale_id=row.pk, order_id=order_id, sub_order_id=offer.part.pk, amount=amount),
        key=f"order:{order_id}",
    )
    return row


def keep_pictures(pictures: Sequence[Clean], party: Party, **of: Any) -> None:
    """Store pictures of a party with an after-sale or a complaint (`after_sale=…`, `complaint=…`)."""
    [owner] = of.values()
    Picture.objects.bulk_create(
        Picture(
            order_id=owner.order_id,
            party=party,
            content=one.content,
            width=one.width,
            height=one.height,
            **of,
        )
        for one in pictures
    )


def _check_part(part: Any, kind: str) -> None:
    if part.paid_at is None:
        raise AfterSaleError(Code.NOT_PAID, _("订单还没有付款"), hint=_("未付款的订单可以直接取消"))
    if not may_apply(part) and not (kind == Kind.REPAIR and under_warranty(part)):
        raise _too_late()


def _choose(offer: PartOffer, wanted: Wanted) -> list[tuple[LineOffer, int, Decimal]]:
    """The lines, pieces and yuan asked for, checked against what is left."""
    by_key = {one.line.pk: one for one in offer.lines}
    asked = dict(wanted.lines)
    # tickets and the like go back in their own way: nothing else may take their money
    elsewhere = own_ways_of([one.line.order_line_id for one in offer.lines])
    if not asked:
        returns = wanted.kind != Kind.REFUND
        mine = [one for one in offer.lines if one.line.order_line_id not in elsewhere]
        if elsewhere and not mine:
            raise _own_way(next(iter(elsewhere.values())))
        for one in mine:
            pieces = min(one.sent, one.left.quantity) if returns else one.left.quantity
            if pieces and (one.left.amount or one.is_free) and not one.is_open:
                asked[one.line.pk] = (pieces, None)
        if not asked:
            raise _already_open() if any(one.is_open for one in mine) else _nothing(returns)
    chosen = []
    for key, (count, yuan) in sorted(asked.items()):
        found = by_key.get(key)
        if found is None:
            raise OutOfScope
        if words := elsewhere.get(found.line.order_line_id):
            raise _own_way(words)
        chosen.append(_one(found, count, yuan, wanted.kind))
    return chosen


def _one(found: LineOffer, count: int, yuan: Decimal | None, kind: str) -> tuple[LineOffer, int, Decimal]:
    name = found.line.order_line.product_name
    if found.is_open:
        raise _already_open(name)
    most = found.left.quantity if kind == Kind.REFUND else min(found.sent, found.left.quantity)
    goods = kind != Kind.REFUND
    if goods and not found.sent:
        raise AfterSaleError(
            Code.NOT_SHIPPED, _("“%(name)s”还没有发出，请申请仅退款") % {"name": name}, "kind"
        )
    if count < 0 or count > most or (goods and count == 0):
        raise AfterSaleError(
            Code.QUANTITY_INVALID,
            _("“%(name)s”最多还能申请 %(most)s 件") % {"name": name, "most": most},
            "quantity",
        )
    limit = found.most(count)
    amount = limit if yuan is None else yuan
    if count == 0 and yuan is None:
        raise AfterSaleError(Code.AMOUNT_INVALID, _("请填写数量或金额"), "amount")
    if to_fen(amount) < 0 or amount > limit or (not amount and limit):
        raise AfterSaleError(
            Code.AMOUNT_INVALID,
            _("“%(name)s”最多可退 %(most)s") % {"name": name, "most": format_yuan(limit)},
            "amount",
        )
    return found, count, amount


def _freight(offer: PartOffer, wanted: Wanted, chosen: list[tuple[LineOffer, int, Decimal]]) -> Decimal:
    """Freight goes back with the last piece when nothing of the part was ever sent."""
    if wanted.kind != Kind.REFUND or any(one.line.shipped for one in offer.lines):
        return Decimal(0)
    taken = {one.line.pk: count for one, count, _yuan in chosen}
    rest = any(one.left.quantity - taken.get(one.line.pk, 0) for one in offer.lines)
    return Decimal(0) if rest else offer.freight


def _known(request: str, print_: str) -> AfterSale | None:
    known = AfterSale.objects.filter(request_key=request).first()
    if known is not None and known.fingerprint != print_:
        raise AfterSaleError(Code.KEY_REUSED, _("该请求号已用于另一份申请，请刷新后重试"), "key")
    return known


def _own_way(words: str) -> AfterSaleError:
    return AfterSaleError(Code.OWN_WAY, words, "lines")


def _already_open(name: str = "") -> AfterSaleError:
    text = _("“%(name)s”已有进行中的售后") % {"name": name} if name else _("这些商品已有进行中的售后")
    return AfterSaleError(Code.ALREADY_OPEN, text, "lines", _("请先处理完，或撤销后重新申请"))


def _too_late() -> AfterSaleError:
    return AfterSaleError(
        Code.WINDOW_OVER, _("已过售后期或订单已关闭，不能再申请售后"), hint=_("如有问题请联系客服")
    )


def _nothing(returns: bool) -> AfterSaleError:
    if returns:
        return AfterSaleError(Code.NOT_SHIPPED, _("没有已发出的商品可退，请申请仅退款"), "kind")
    return AfterSaleError(Code.NOTHING_LEFT, _("没有可以申请售后的商品"), "lines")
