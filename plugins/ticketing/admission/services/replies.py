"""Which products' refunds wait for a merchant's word, set by whoever keeps the product (0139)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit
from plugins.ticketing.kernel.choices import Silence, Trade
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.trades import ReplyTerms, register_reply
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now

from ..access import EDIT
from ..models import AdmissionProduct, ReplyRule
from ..models.replies import LONGEST
from .common import actor, allow, invalid

SET = audit.action("admission.reply_rule_set", _("设置退票答复约定"))


def who_may_answer(product: AdmissionProduct) -> list[OrgUnit]:
    """The units whose people know of a visit: who sells the product, and the places that it opens."""
    places = [product.spot, product.venue, *product.spots.select_related("unit")]
    units = {one.unit_id: one.unit for one in places if one is not None}
    units[product.unit_id] = product.unit
    return sorted(units.values(), key=lambda unit: str(unit.path))


def set_reply_rule(
    by: Any, product: AdmissionProduct, *, needed: bool, unit: OrgUnit, hours: int, silence: str, reason: str
) -> ReplyRule:
    """For refunds asked for from now on. Raises OutOfScope, NotAllowed, INVALID."""
    allow(by, EDIT, product)
    if unit not in who_may_answer(product):
        raise invalid(_("答复机构须是销售机构，或景区、场馆的归口机构"), "unit")
    if not 1 <= hours <= LONGEST:
        raise invalid(_("答复时限为 1 至 %(most)d 小时") % {"most": LONGEST}, "hours")
    if silence not in Silence.values:
        raise invalid(_("请选择逾期未答复怎样处理"), "silence")
    if len(reason.strip()) < 2:
        raise invalid(_("请写明依据"), "reason")
    told = {
        "needed": needed, "unit": unit, "hours": hours, "silence": silence, "reason": reason.strip()[:200],
    }  # fmt: skip
    with transaction.atomic():
        row, _new = ReplyRule.objects.update_or_create(
            product=product, defaults={**told, "made_by": by, "made_at": now()}
        )
        audit.record(SET, row, after={**told, "unit": unit.code}, actor=actor(by), org_path=product.unit.path)
    return row


def reply_terms(order: TicketOrder) -> ReplyTerms | None:
    """What the product of an order says now. One statement."""
    variants = order.tickets.order_by("pk").values("variant")[:1]
    rule = ReplyRule.objects.filter(needed=True, product__classes__variant__in=variants).first()
    return ReplyTerms(rule.unit_id, rule.hours, rule.silence) if rule is not None else None


def install() -> None:
    """Register it for both trades; called once when the app is ready."""
    for trade in (Trade.SCENIC, Trade.SHOW):
        register_reply(trade, reply_terms)
