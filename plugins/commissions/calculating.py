"""What a sale would give: for the calculator, the preview of a change, and whoever asks before the order is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.money import InvalidAmount, to_fen

from .channel_types import PARTNERS
from .choices import Kind, Rank
from .engine import LineFacts, Place, Result, Rule, compute
from .engine.facts import ZERO
from .engine.soundness import above_parent, projected
from .errors import CommissionError, CommissionErrorCode
from .loading import Categories, keys_of, plans_for, rules_of
from .models import CommissionPlan

#: What the preview of a change shows, in yuan.
EXAMPLES = (Decimal("39.90"), Decimal("100.00"), Decimal("500.00"))


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale that somebody thinks of. `channel` is a channel's row, if there is one; `operator` a person's name."""

    unit: OrgUnit
    business: str
    paid: Decimal
    on_date: date
    quantity: int = 1
    category_id: int | None = None
    channel: Any = None
    channel_type: str = ""
    operator: str = ""
    margin: Decimal | None = None
    fee: Decimal | None = None
    rebate: Decimal | None = None
    volume_amount: Decimal = ZERO
    volume_quantity: int = 0


def calculate(sale: Sale) -> Result:
    """The commission of a sale by the confirmed rules of its day. Raises CommissionError, InvalidAmount."""
    _check(sale)
    channel_type = sale.channel.type if sale.channel is not None else sale.channel_type
    facts = LineFacts(
        business=sale.business,
        paid=sale.paid,
        quantity=sale.quantity,
        category_path=Categories().path(sale.category_id) if sale.category_id is not None else (),
        channel_type=channel_type,
        places=places_at(sale.unit, sale.channel, channel_type, sale.operator),
        margin=sale.margin,
        fee=sale.fee,
        rebate=sale.rebate,
        volume_amount=sale.volume_amount,
        volume_quantity=sale.volume_quantity,
    )
    plans = plans_for(sale.unit, [sale.channel.commission_plan] if sale.channel is not None else ())
    return compute(facts, rules_of(plans, day=sale.on_date), sale.on_date)


def _check(sale: Sale) -> None:
    if not 1 <= sale.quantity <= 1_000_000:
        raise CommissionError(CommissionErrorCode.INVALID_INPUT, _("数量应为 1 至 100 万"), "quantity")
    amounts = {
        "paid": sale.paid, "margin": sale.margin, "fee": sale.fee, "rebate": sale.rebate,
        "volume_amount": sale.volume_amount,
    }  # fmt: skip
    for name, amount in amounts.items():
        if amount is None:
            continue
        try:
            fen = to_fen(amount)
        except InvalidAmount as error:
            raise CommissionError(CommissionErrorCode.INVALID_INPUT, error.message, name) from error
        if fen < 0 and name != "margin":
            raise CommissionError(CommissionErrorCode.INVALID_INPUT, _("金额不能为负数"), name)
    if not 0 <= sale.volume_quantity <= 1_000_000_000:
        raise CommissionError(CommissionErrorCode.INVALID_INPUT, _("销量不正确"), "volume_quantity")


def places_at(unit: OrgUnit, channel: Any, channel_type: str, operator: str) -> tuple[Place, ...]:
    """Who would stand at which rank for a sale at a unit."""
    units = OrgUnit.objects.filter(pk__in=keys_of(unit.path)).order_by("level")
    found = {one.level: Place(one.level, f"unit:{one.pk}", one.name) for one in units}
    if channel is not None and channel_type in PARTNERS:
        found[Rank.OUTLET] = Place(Rank.OUTLET, f"channel:{channel.code}", channel.name)
    if operator:
        found[Rank.OPERATOR] = Place(Rank.OPERATOR, "user:0", operator)
    return tuple(found[rank] for rank in sorted(found))


@dataclass(frozen=True, slots=True)
class Effect:
    """One example of a preview: what each rank gets before and after the change."""

    rule: Rule
    paid: Decimal
    volume: Decimal
    before: Result
    after: Result

    def cells(self) -> list[tuple[Decimal, Decimal, Decimal]]:
        """Before, after and the difference, for the total and then for each rank."""
        old, new = self._by_rank(self.before), self._by_rank(self.after)
        pairs = [(self.before.total, self.after.total)]
        pairs += [(old.get(rank, ZERO), new.get(rank, ZERO)) for rank in Rank]
        return [(before, after, after - before) for before, after in pairs]

    @staticmethod
    def _by_rank(result: Result) -> dict[int, Decimal]:
        return {part.rank: part.amount for part in result.parts}


def effects(
    plan: CommissionPlan, rules: Sequence[Rule], amounts: Sequence[Decimal] = EXAMPLES
) -> list[Effect]:
    """What new rules change, on example sales with somebody at every rank. Every base is the example's amount.

    Tiered rules are shown at the beginning of each tier. Raises CommissionError where versions overlap.
    """
    first = min(rule.valid_from for rule in rules)
    above = []
    if not plan.is_base:
        above = rules_of(
            [one for one in plans_for(plan.owner) if one.owner.level < plan.owner.level], since=first
        )
    before = rules_of([plan], since=first)
    after = projected(before, rules)
    categories = Categories()
    places = tuple(Place(rank, f"unit:{rank.value}", str(rank.label)) for rank in Rank)
    found = []
    for rule in rules:
        facts = LineFacts(
            business=rule.business,
            paid=ZERO,
            category_path=categories.path(rule.category_id) if rule.category_id is not None else (),
            channel_type=rule.channel_type,
            places=places,
        )
        volumes = [tier.start for tier in rule.tiers] if rule.kind == Kind.TIERED else [ZERO]
        for volume in volumes:
            for paid in amounts:
                sale = replace(
                    facts, paid=paid, margin=paid, fee=paid, rebate=paid, volume_amount=volume,
                    volume_quantity=int(volume),
                )  # fmt: skip
                results = [compute(sale, [*above, *those], rule.valid_from) for those in (before, after)]
                found.append(Effect(rule, paid, volume, *results))
    return found


def limited_below(plan: CommissionPlan, rules: Sequence[Rule]) -> list[CommissionPlan]:
    """The lower plans that give more than new rules of this plan would leave them: they would be limited by it."""
    first = min(rule.valid_from for rule in rules)
    lower = (
        CommissionPlan.objects.filter(owner__path__startswith=plan.owner.path, is_base=False, is_active=True)
        .exclude(pk=plan.pk)
        .select_related("owner")
    )
    found = {one.code: one for one in lower}
    after = projected(rules_of([plan], since=first), rules)
    categories = Categories()
    limited = {
        rule.plan
        for rule in rules_of(found.values(), since=first)
        for problem in above_parent(rule, after, categories.path)
        if problem.field != "business"
    }
    return [found[code] for code in sorted(limited)]
