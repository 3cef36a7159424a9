"""What an order remembers: written with the order, in its transaction, with one read and one write.

A draft is no order yet, its lines change: it is remembered when somebody first asks after it was placed, by the rules
of the day it was made. Rules in force are never edited or dated back, so a late answer is the same as an early one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import DecimalField, F, IntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone
from saleor.discount import VoucherType
from saleor.order import OrderStatus
from saleor.order.models import Order, OrderLine
from saleor.product.models import Category

from plugins.channels.interfaces import Channel
from plugins.org_hierarchy.interfaces import OrderAttribution, OrgUnit, Staff
from saleor_o2o.kernel.clock import SHANGHAI
from saleor_o2o.kernel.money import split

from .channel_types import PARTNERS
from .choices import Kind, Rank
from .engine import LineFacts, Place, Rule, compute
from .engine.facts import Result
from .loading import DEFAULT_BUSINESS, base_plan, keys_of
from .models import BusinessCategory, CommissionPlan, CommissionRule, CommissionSnapshot

ZERO = Decimal("0.00")


def order_written(order: Order, _origin: Any) -> None:
    """Remember a new order; drafts and orders without an organisation are left alone. Two statements."""
    attribution = getattr(order, "o2o_attribution", None)
    if attribution is not None and order.status != OrderStatus.DRAFT:
        _take(order, attribution)


def snapshot_of(order: Order) -> CommissionSnapshot | None:
    """What an order remembers, taken now if it was not yet; None for drafts and orders without an organisation."""
    kept = CommissionSnapshot.objects.filter(order=order).first()
    if kept is not None or order.status == OrderStatus.DRAFT:
        return kept
    attribution = OrderAttribution.objects.filter(order=order).first()
    if attribution is None:
        return None
    with transaction.atomic():
        _take(order, attribution)
    return CommissionSnapshot.objects.get(order=order)


def results_of(snapshot: CommissionSnapshot) -> list[tuple[dict[str, Any], Result]]:
    """Each line as it was remembered, with its commission. One statement more where a rule has tiers."""
    found = []
    for line in snapshot.lines:
        rules = [Rule.from_json(rule) for rule in line["rules"]]
        facts = LineFacts.from_json(line["facts"])
        if any(rule.kind == Kind.TIERED for rule in rules):
            amount, quantity = volume_before(snapshot, facts.business)
            facts = replace(facts, volume_amount=amount, volume_quantity=quantity)
        found.append((line, compute(facts, rules, snapshot.on_date)))
    return found


def volume_before(snapshot: CommissionSnapshot, business: str) -> tuple[Decimal, int]:
    """What the seller sold of a business line in the month before this order: yuan and pieces.

    The seller is the channel where there is one, else the unit. Cancelled orders do not count.
    """
    rows = CommissionSnapshot.objects.filter(
        unit_id=snapshot.unit_id,
        channel_code=snapshot.channel_code,
        on_date__gte=snapshot.on_date.replace(day=1),
        on_date__lte=snapshot.on_date,
        order_id__lt=snapshot.order_id,
    ).exclude(order__status=OrderStatus.CANCELED)
    sold = KeyTextTransform(business, "volumes")
    found = rows.aggregate(
        amount=Sum(Cast(KeyTextTransform("amount", sold), DecimalField(max_digits=14, decimal_places=2))),
        quantity=Sum(Cast(KeyTextTransform("quantity", sold), IntegerField())),
    )
    return found["amount"] or ZERO, found["quantity"] or 0


def _take(order: Order, attribution: OrderAttribution) -> None:
    day = timezone.localtime(order.created, SHANGHAI).date()
    lines = list(_lines(order, attribution, day))
    kept = [_remember(line, paid, attribution) for line, paid in zip(lines, _paid(order, lines), strict=True)]
    volumes: dict[str, dict[str, Any]] = defaultdict(lambda: {"amount": ZERO, "quantity": 0})
    for line in kept:
        volume = volumes[line["facts"]["business"]]
        volume["amount"] += Decimal(line["facts"]["paid"])
        volume["quantity"] += line["facts"]["quantity"]
    row = CommissionSnapshot(
        order=order,
        unit_id=attribution.unit_id,
        channel_type=attribution.channel_type,
        channel_code=attribution.channel_code,
        on_date=day,
        lines=kept,
        volumes={name: {**volume, "amount": str(volume["amount"])} for name, volume in volumes.items()},
    )
    # Two people asking for the first time at once: the second one's is the same and is dropped.
    CommissionSnapshot.objects.bulk_create([row], ignore_conflicts=True)


def _remember(line: Any, paid: Decimal, attribution: OrderAttribution) -> dict[str, Any]:
    category_path = tuple(line.category_path)
    cost = line.cost
    facts = LineFacts(
        business=line.business or DEFAULT_BUSINESS,
        paid=paid,
        quantity=line.quantity,
        category_path=category_path,
        channel_type=attribution.channel_type,
        places=_places(line, attribution),
        margin=None if cost is None else paid - cost * line.quantity,
    )
    rules = [Rule.from_json(rule) for rule in _speaking(line)]
    relevant = [rule for rule in rules if rule.business == facts.business]
    return {
        "line": line.pk,
        "name": line.product_name,
        "sku": line.product_sku,
        "facts": facts.to_json(),
        "rules": [rule.to_json() for rule in relevant],
    }


def _speaking(line: Any) -> list[dict[str, Any]]:
    """The rules that may speak for a line, without those of city plans that do not count here."""
    bases = {plan["code"]: plan["is_default"] for plan in line.bases}
    default = next((code for code, is_default in bases.items() if is_default), "")
    wanted = [line.channel_plan or "", *[unit["template"] for unit in reversed(line.units)]]
    base = base_plan(list(bases), default, wanted)
    return [rule for rule in line.rules if rule["plan"] == base or rule["plan"] not in bases]


def _places(line: Any, attribution: OrderAttribution) -> tuple[Place, ...]:
    """The units along the path; at the lowest rank the partner's shop rather than the unit; the operator."""
    places = {unit["level"]: Place(unit["level"], f"unit:{unit['id']}", unit["name"]) for unit in line.units}
    if attribution.channel_code and attribution.channel_type in PARTNERS:
        name = line.channel_name or attribution.channel_code
        places[Rank.OUTLET] = Place(Rank.OUTLET, f"channel:{attribution.channel_code}", name)
    # Somebody without a file is no clerk: an owner who sells at his shop has the shop's share.
    if attribution.operator_id is not None and line.operator_name:
        key = f"user:{attribution.operator_id}"
        places[Rank.OPERATOR] = Place(Rank.OPERATOR, key, line.operator_name)
    return tuple(places[rank] for rank in sorted(places))


def _paid(order: Order, lines: Sequence[Any]) -> list[Decimal]:
    """What was paid for each line: its price less its own deductions (member price, coupon, points) and its share of
    the voucher, which is what else the order was lowered by. Freight is no line."""
    deducted = [line.deducted or ZERO for line in lines]
    left = [
        max(line.unit_price_gross_amount * line.quantity - off, ZERO)
        for line, off in zip(lines, deducted, strict=True)
    ]
    on_goods = lines and lines[0].voucher_type != VoucherType.SHIPPING
    others = order.discount_amount - (lines[0].deducted_of_all or ZERO) if on_goods else ZERO
    voucher = min(max(others, ZERO), sum(left, ZERO))
    shares = split(voucher, left) if voucher else [ZERO] * len(left)
    return [amount - share for amount, share in zip(left, shares, strict=True)]


def _lines(order: Order, attribution: OrderAttribution, day: date) -> Iterable[OrderLine]:
    """The lines with everything that matters, in one statement however many rules and units there are."""
    keys = keys_of(attribution.org_path)
    product = "variant__product__category__"
    above = Category.objects.filter(
        tree_id=OuterRef(f"{product}tree_id"),
        lft__lte=OuterRef(f"{product}lft"),
        rght__gte=OuterRef(f"{product}rght"),
    )
    told = BusinessCategory.objects.filter(
        category__tree_id=OuterRef(f"{product}tree_id"),
        category__lft__lte=OuterRef(f"{product}lft"),
        category__rght__gte=OuterRef(f"{product}rght"),
    ).order_by("-category__lft")
    channel = Channel.objects.filter(code=attribution.channel_code)
    units = OrgUnit.objects.filter(pk__in=keys).order_by("level")
    bases = CommissionPlan.objects.filter(is_active=True, is_base=True, owner_id__in=keys)
    return (
        OrderLine.objects.filter(order=order)
        .order_by("pk")
        .annotate(
            category_path=ArraySubquery(above.order_by("lft").values("pk")),
            business=Subquery(told.values("business")[:1]),
            cost=F("variant__cost_price_amount"),
            voucher_type=F("order__voucher__type"),
            deducted=_deducted(order_line=OuterRef("pk")),
            deducted_of_all=_deducted(order=OuterRef("order_id")),
            channel_plan=Subquery(channel.values("commission_plan")[:1]),
            channel_name=Subquery(channel.values("name")[:1]),
            operator_name=Subquery(
                Staff.objects.filter(user_id=attribution.operator_id or 0).values("name")[:1]
            ),
            units=ArraySubquery(
                units.values(
                    json=JSONObject(id="pk", level="level", name="name", template="commission_template")
                )
            ),
            bases=ArraySubquery(bases.values(json=JSONObject(code="code", is_default="is_default"))),
            rules=ArraySubquery(_candidates(keys, attribution.channel_type, day)),
        )
    )


def _deducted(**of: Any) -> Subquery:
    """What sources of deductions took off a line, or off an order as a whole; ordering is above, so named only."""
    rows = apps.get_model("o2o_ordering", "OrderDeduction")._default_manager.filter(**of).order_by()
    (name,) = of
    return Subquery(rows.values(name).annotate(sum=Sum("amount")).values("sum"))


def _candidates(keys: list[int], channel_type: str, day: date) -> Any:
    """The rules of the plans along a path that are in force and about a line's category or all, as JSON."""
    product = "variant__product__category__"
    above = Category.objects.filter(
        tree_id=OuterRef(OuterRef(f"{product}tree_id")),
        lft__lte=OuterRef(OuterRef(f"{product}lft")),
        rght__gte=OuterRef(OuterRef(f"{product}rght")),
    )
    return (
        CommissionRule.objects.on(day)
        .filter(plan__is_active=True, plan__owner_id__in=keys, channel_type__in=("", channel_type))
        .filter(Q(category_id__isnull=True) | Q(category_id__in=above.values("pk")))
        .order_by("pk")
        .values(
            json=JSONObject(
                id="pk", version="version", plan="plan__code", plan_name="plan__name",
                owner_rank="plan__owner__level", business="business", category_id="category_id",
                category_name="category_name",
                channel_type="channel_type", kind="kind", base="base", tiers="tiers", tier_mode="tier_mode",
                tier_measure="tier_measure", cap="cap", floor="floor", valid_from="valid_from",
                valid_to="valid_to",
            )
        )
    )  # fmt: skip
