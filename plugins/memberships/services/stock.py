"""Cards on their way: sent from a unit to another, counted in there by somebody else, sold to a customer."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order

from plugins.org_hierarchy.interfaces import OrgUnit, desk_of
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import next_number, parse_number
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import OutOfScope, get_row, require
from saleor_o2o.kernel.states import move_locked
from saleor_o2o.ordering.interfaces import profile_of

from ..choices import HELD, BatchState, CardState
from ..errors import MembershipError
from ..errors import MembershipErrorCode as Code
from ..locks import lock_cards
from ..models import Card, Handout, Plan
from ..numbers import CARD, HANDOUT
from ..permissions import CARD_MOVE, CARD_SELL

SENT = audit.action("memberships.cards_sent", _("发出会员卡"))
COUNTED = audit.action("memberships.cards_received", _("接收会员卡"))
SOLD = audit.action("memberships.cards_sold", _("售出会员卡"))
MOST = 2000


@transaction.atomic
def send_cards(by: Any, plan: Plan, target: OrgUnit, count: int) -> Handout:
    """Send so many cards of a plan from the own unit's stock to another unit, the lowest numbers first.

    Locks: the cards. Raises NotAllowed, INVALID, CARDS_SHORT.
    """
    source = desk_of(by, CARD_MOVE)
    if target.pk == source.pk or not 1 <= count <= MOST:
        raise MembershipError(
            Code.INVALID, _("请选择另一个机构，一次 1 至 %(most)d 张") % {"most": MOST}, "count"
        )
    keys = list(_stock(source, plan).order_by("number").values_list("pk", flat=True)[:count])
    cards = [one for one in lock_cards(keys) if _is_free(one, source.pk)]
    if len(cards) < count:
        raise MembershipError(
            Code.CARDS_SHORT,
            _("本机构可发出的只有 %(left)d 张") % {"left": len(cards)},
            "count",
            _("请减少张数"),
        )
    numbers = sorted(one.number for one in cards)
    made = Handout.objects.create(
        number=next_number(HANDOUT), plan=plan, source=source, target=target, count=count, first=numbers[0],
        last=numbers[-1], sent_by=by,
    )  # fmt: skip
    Card.objects.filter(pk__in=keys).update(handout=made)
    _audit(SENT, made, by, source.path)
    return made


def _stock(unit: OrgUnit, plan: Plan) -> Any:
    """What a unit has of a plan's cards that nobody else is to have: made, not on the way, not sold."""
    return Card.objects.filter(
        unit=unit, plan=plan, state=CardState.INACTIVE, handout=None, sold_at=None, good_until__gt=now(),
        batch__state=BatchState.PRINTED,
    )  # fmt: skip


def _is_free(card: Card, unit_id: int) -> bool:
    return (
        card.unit_id == unit_id and card.state == CardState.INACTIVE and card.handout_id is None
        and card.sold_at is None
    )  # fmt: skip


def stock_of(cards: QuerySet[Card]) -> list[dict[str, Any]]:
    """Of the cards given, by unit and plan: for sale, on the way, sold and not activated, activated. One statement."""
    fresh = Q(state=CardState.INACTIVE)
    rows = cards.order_by("unit__path", "plan__rank").values("unit__name", "plan__name")
    found: Any = rows.annotate(
        shelf=Count("pk", filter=fresh & Q(handout=None, sold_at=None, batch__state=BatchState.PRINTED)),
        way=Count("pk", filter=Q(handout__isnull=False)),
        sold=Count("pk", filter=fresh & Q(sold_at__isnull=False)),
        used=Count("pk", filter=Q(state__in=HELD)),
    )
    return list(found)


@transaction.atomic
def count_in(by: Any, pk: int, *, all_there: bool, reason: str = "") -> Handout:
    """The other unit counts the cards in, or sends them back. Not the person who sent them.

    Locks: the handout, its cards. Raises OutOfScope, NotAllowed, SAME_PERSON, REQUIRED, IllegalMove.
    """
    found = get_row(by, Handout.objects.select_related("target"), pk=pk)
    require(by, CARD_MOVE, found)
    if desk_of(by, CARD_MOVE).pk != found.target_id:
        raise OutOfScope
    [row] = lock_rows(Handout.objects.select_related("target").filter(pk=pk))
    if row.sent_by_id == by.pk:
        raise MembershipError(Code.SAME_PERSON, _("发出人不能自己接收"), hint=_("请接收机构的同事清点"))
    if not all_there and len(reason.strip()) < 4:
        raise MembershipError(Code.REQUIRED, _("请写明退回原因，例如差哪几张"), "reason")
    row.received_by = by
    move_locked(row, "receive" if all_there else "refuse", actor=actor_label(by), reason=reason.strip()[:200])
    moved = {"handout": None, **({"unit": row.target} if all_there else {})}
    lock_cards(list(row.cards.values_list("pk", flat=True)))
    Card.objects.filter(handout=row).update(**moved)
    _audit(COUNTED, row, by, row.target.path)
    return row


@transaction.atomic
def sell_cards(by: Any, numbers: list[str], order_number: str) -> list[Card]:
    """Note which cards a customer gets for a paid order of cards; all of them or none. Again: the same.

    Locks: the cards. Raises NotAllowed, OutOfScope for an order out of reach, InvalidNumber, CARD_WRONG for cards
    that the own unit has not in stock, ORDER_MISFIT for an order that is not paid, or of fewer cards of the plan.
    """
    unit = desk_of(by, CARD_SELL)
    wanted = {parse_number(CARD, one, "numbers") for one in numbers}
    text = order_number.strip().lstrip("#")
    order = get_row(by, Order.objects.all(), pk=text if text.isascii() and text.isdigit() else 0)
    cards = lock_cards(list(Card.objects.filter(number__in=wanted).values_list("pk", flat=True)))
    if len(cards) < len(wanted) or not wanted:
        raise _wrong()
    slip = str(order.pk)
    fresh = [one for one in cards if one.sold_slip != slip]
    if any(not _is_free(one, unit.pk) for one in fresh):
        raise _wrong()
    profile = profile_of(order.pk)
    for plan_id in {one.plan_id for one in fresh}:
        bought = sum(order.lines.filter(variant__o2o_card_plan=plan_id).values_list("quantity", flat=True))
        given = Card.objects.filter(plan_id=plan_id, sold_slip=slip).count()
        count = sum(one.plan_id == plan_id for one in fresh)
        if (
            profile is None
            or profile.paid_at is None
            or profile.closed_at is not None
            or given + count > bought
        ):
            raise MembershipError(
                Code.ORDER_MISFIT, _("订单没有付款，或订单里的会员卡少于 %(count)d 张") % {"count": given + count},
                "order_number", _("请核对订单号"),
            )  # fmt: skip
    Card.objects.filter(pk__in=[one.pk for one in fresh]).update(sold_at=now(), sold_slip=slip)
    for one in fresh:
        audit.record(SOLD, one, after={"order": slip}, actor=actor_label(by), org_path=unit.path)
    return list(Card.objects.filter(pk__in=[one.pk for one in cards]))


def _wrong() -> MembershipError:
    return MembershipError(Code.CARD_WRONG, _("有卡不在本机构的库存里，或已售出"), "numbers", _("请核对卡号"))


def _audit(action: audit.Action, row: Handout, by: Any, path: str) -> None:
    told = {
        "number": row.number,
        "count": row.count,
        "first": row.first,
        "last": row.last,
        "state": str(row.state),
    }
    audit.record(action, row, after=told, actor=actor_label(by), org_path=path)
